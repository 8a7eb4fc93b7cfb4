/** What is no change to a trial, and when there is nothing to change any more: refused by name, and the trial is none the worse for it. */
import {
  adam,
  createRuntime,
  InvalidOptionError,
  memoryStore,
  nesterov,
  type OpenStore,
  type Report,
  type RunTrialOptions,
  type Runtime,
  raceTrials,
  runTrial,
  type Store,
  sgd,
  type TrialChange,
  type TrialEvent,
  UnsupportedError,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runnerOn, specOf, updates } from "../support/changedTrials.js";
import { rejection } from "../support/failures.js";
import { comparable, Fault, hessianFreeSpec } from "../support/storedTrials.js";

let runtime: Runtime;
const run = runnerOn(() => runtime);
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

describe("what cannot be", () => {
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
  const junk: readonly (readonly [unknown, string])[] = [
    [undefined, "change"],
    [null, "change"],
    [0.9, "change"],
    [[], "change"],
    [{}, "change"],
    [{ momentum: undefined }, "change"],
    [{ momentum: 1.1 }, "change.momentum"],
    [{ momentum: -0.1 }, "change.momentum"],
    [{ momentum: Number.NaN }, "change.momentum"],
    [{ momentum: "0.9" }, "change.momentum"],
    [{ momentum: null }, "change.momentum"],
    [{ momentum: { schedule: "sutskever", max: 2 } }, "change.momentum.max"],
    [{ momentum: { schedule: "constant", value: 0.5, final: { updates: 7, value: 0.1 } } }, "change.momentum.final.updates"],
    [{ momentum: 1e-40 }, "change.momentum"],
    [{ learningRate: 0 }, "change.learningRate"],
    [{ learningRate: -1 }, "change.learningRate"],
    [{ learningRate: Number.POSITIVE_INFINITY }, "change.learningRate"],
    [{ learningRate: { schedule: "piecewise", values: [0.1, 0], at: [1] } }, "change.learningRate.values[1]"],
    [{ learningRate: 0.1, rate: 3 }, "change.rate"],
    [{ update: 3, learningRate: 0.1 }, "change.update"],
    [{ weightDecay: 0.1 }, "change.weightDecay"],
    [{ learningRate: 0.1, momentum: 7 }, "change.momentum"],
  ];

  it.each(junk)("is refused by name, and the run goes on unharmed: %j", async (bad, option) => {
    const plain = await run(spec);
    let error: unknown;
    let change!: (change: TrialChange) => Promise<TrialEvent>;
    let parameters: Float32Array | undefined;
    const record = await runTrial(spec, {
      runtime,
      onStart: (started) => void ({ change } = started),
      onReport: async ({ update }) => void (update === 2 && (error = await rejection(change(bad as TrialChange)))),
      onEnd: ({ network }) => void (parameters = network.getParameters()),
    });
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).option).toBe(option);
    expect(comparable(record)).toEqual(comparable(plain.record));
    expect(parameters).toEqual(plain.parameters);
  });

  it.each([
    [sgd({ learningRate: 0.1 }), { momentum: 0.9 }, "sgd has no momentum"],
    [adam(), { momentum: 0.9 }, "adam has no momentum"],
  ])("%j has not everything", async (optimizer, event, words) => {
    const error = await rejection(runTrial(specOf(optimizer), { runtime, events: [{ update: 1, ...event }] }));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ option: "events[0].momentum" });
    expect(error.message).toContain(words);
  });

  it.each([
    [3, "events"],
    [{}, "events"],
    [[3], "events[0]"],
    [[{ update: 1 }], "events[0]"],
    [[{ momentum: 0.5 }], "events[0].update"],
    [[{ update: -1, momentum: 0.5 }], "events[0].update"],
    [[{ update: 0.5, momentum: 0.5 }], "events[0].update"],
    [[{ update: updates, momentum: 0.5 }], "events[0].update"],
    [
      [
        { update: 2, momentum: 0.5 },
        { update: 2, momentum: 0.6 },
      ],
      "events[1].update",
    ],
    [
      [
        { update: 2, momentum: 0.5 },
        { update: 1, momentum: 0.6 },
      ],
      "events[1].update",
    ],
    [
      [
        { update: 2, momentum: 0.5 },
        { update: 3, momentum: 2 },
      ],
      "events[1].momentum",
    ],
    [[{ update: 2, momentum: 0.5, by: "me" }], "events[0].by"],
  ] as readonly (readonly [unknown, string])[])("are such events, before anything is in the store: %j", async (events, option) => {
    const store = memoryStore();
    expect(await rejection(runTrial(spec, { runtime, store, events: events as never }))).toMatchObject({ code: "INVALID_OPTION", option });
    expect(await rejection(raceTrials([{ spec, events: events as never }], { runtime }))).toMatchObject({
      option: `entrants[0].${option}`,
    });
    expect(await store.names()).toEqual([]);
  });

  it("is a change after the last update has begun, or after the end", async () => {
    const late: unknown[] = [];
    let change!: (change: TrialChange) => Promise<TrialEvent>;
    const onStart: RunTrialOptions["onStart"] = (started) => void ({ change } = started);
    const ask = async () => void late.push(await rejection(change({ momentum: 0.5 })));
    await runTrial(spec, { runtime, onStart, onReport: async ({ update }) => void (update === updates && (await ask())), onEnd: ask });
    await ask();
    const controller = new AbortController();
    await runTrial(spec, {
      runtime,
      onStart,
      signal: controller.signal,
      onReport: ({ update }) => void (update === 2 && controller.abort()),
      onEnd: ask,
    });
    expect(late).toHaveLength(4);
    for (const error of late) expect(error).toBeInstanceOf(UnsupportedError);
  });
});

describe("a trial that ends before its last update", () => {
  it("by its steps of conjugate gradient has no change from its last report on, nor when it goes on", async () => {
    const spec = { ...hessianFreeSpec, conjugateGradientSteps: 5 };
    const store = memoryStore();
    let change!: (change: TrialChange) => Promise<TrialEvent>;
    const late: unknown[] = [];
    const ask = async () => void late.push(await rejection(change({ learningRate: 0.5 })));
    const onStart: RunTrialOptions["onStart"] = (started) => void ({ change } = started);
    const onReport = async ({ totalConjugateGradientSteps: steps = 0 }: Report) => void (steps >= 5 && (await ask()));
    const record = await runTrial(spec, { runtime, store, onStart, onReport });
    expect([record.end.code, record.update < record.spec.updates]).toEqual(["finished", true]);
    expect(late).toHaveLength(1);
    await runTrial(spec, { runtime, store, resume: true, onStart: (started) => (onStart(started), ask()) });
    expect(late).toHaveLength(2);
    for (const error of late) expect(error).toBeInstanceOf(UnsupportedError);
    expect(await store.names()).not.toContain("events.jsonl");
  });

  it("by its seconds has no change from its last report on", async () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => (now += 40));
    const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
    const late: unknown[] = [];
    let change!: (change: TrialChange) => Promise<TrialEvent>;
    const [record] = await raceTrials([{ spec, seconds: 0.1 }], {
      runtime,
      onStart: ({ trials }) => void ({ change } = trials[0]),
      onReport: async (_, { seconds }) => void (seconds >= 0.1 && late.push(await rejection(change({ momentum: 0.5 })))),
    });
    expect(record.update).toBeLessThan(updates);
    expect(late).toHaveLength(1);
    expect(late[0]).toBeInstanceOf(UnsupportedError);
  });
});

describe("a trial that fails", () => {
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
  const failing: readonly (readonly [string, (fail: () => never) => RunTrialOptions])[] = [
    ["in onStart", (fail) => ({ onStart: fail })],
    ["in its first report", (fail) => ({ onReport: fail })],
    ["at its first checkpoint", (fail) => ({ onCheckpoint: fail })],
    ["in a later report", (fail) => ({ onReport: ({ update }) => (update === 2 ? fail() : undefined) })],
  ];

  it.each(failing)("%s is not changed any more: nothing is written into the store that it has closed", async (_, optionsOf) => {
    let change!: (change: TrialChange) => Promise<TrialEvent>;
    const inner = memoryStore();
    const closing: unknown[] = [];
    const afterClosing: string[] = [];
    let isClosed = false;
    const store: Store = {
      ...inner,
      async open() {
        const open = await inner.open();
        const close = (how: "close" | "discard") => async () => {
          closing.push(await rejection(change({ momentum: 0.5 })));
          await open[how]();
          isClosed = true;
        };
        const write: OpenStore["write"] = async (name, content) => {
          if (isClosed) afterClosing.push(name);
          await open.write(name, content);
        };
        return { ...open, write, close: close("close"), discard: close("discard") };
      },
    };
    const fault = new Fault("mine");
    const given = optionsOf(() => {
      throw fault;
    });
    const onStart: RunTrialOptions["onStart"] = (started) => {
      ({ change } = started);
      return given.onStart?.(started);
    };
    expect(await rejection(runTrial(spec, { runtime, store, ...given, onStart }))).toBe(fault);
    const left = await inner.names();
    expect(await rejection(change({ momentum: 0.5 }))).toBeInstanceOf(UnsupportedError);
    expect(closing.length).toBeGreaterThan(0);
    for (const error of closing) expect(error).toBeInstanceOf(UnsupportedError);
    expect([afterClosing, await inner.names()]).toEqual([[], left]);
  });
});
