/** What is changed while a trial runs: as exact as a schedule that said so from the start, and repeated from its record. */
import {
  adam,
  CheckpointMismatchError,
  checkTrialSpec,
  classicalMomentum,
  createRuntime,
  FormatError,
  hessianFree,
  htmlPage,
  InvalidOptionError,
  inlineExecutor,
  memoryStore,
  memorySweepStore,
  nesterov,
  type OpenStore,
  type RaceOptions,
  type Report,
  type RunTrialOptions,
  type Runtime,
  raceTrials,
  runSweep,
  runTrial,
  type Schedule,
  type Store,
  schedules,
  sgd,
  type TrialChange,
  type TrialEvent,
  type TrialRecord,
  trialKey,
  trialPage,
  UnsupportedError,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { carryRun } from "#internal/trials/carriedRun";
import { decodeCheckpoint } from "#internal/trials/checkpoint";
import { checkEvents } from "#internal/trials/trialEvent";
import { rejection } from "../support/failures.js";
import {
  comparable,
  Fault,
  faulty,
  hessianFreeSpec,
  momentumSpec,
  oftenSaved,
  task,
  tick,
  withoutSeconds,
} from "../support/storedTrials.js";

let runtime: Runtime;
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

const { batchSize, updates, seed } = momentumSpec;
const specOf = (optimizer: object) => checkTrialSpec({ task, optimizer, batchSize, updates, seed });
const rising = schedules.sutskever({ max: 0.95, period: 1 });
const falling = schedules.inverse({ numerator: 0.05, offset: -2, max: 0.1 });

interface Run {
  readonly record: TrialRecord;
  readonly parameters: Float32Array;
  readonly made: readonly TrialEvent[];
}

/** Runs a trial; `asked` are changes by the number of updates after which they are asked for. Its reports come after every update. */
async function run(
  spec: object,
  asked: Readonly<Record<number, readonly TrialChange[]>> = {},
  options: RunTrialOptions = {},
): Promise<Run> {
  let change!: (change: TrialChange) => Promise<TrialEvent>;
  let parameters!: Float32Array;
  const made: TrialEvent[] = [];
  const record = await runTrial(spec, {
    runtime,
    ...options,
    onStart: (started) => void ({ change } = started),
    async onReport(report) {
      for (const one of asked[report.update] ?? []) made.push(await change(one));
      await options.onReport?.(report);
    },
    onEnd: ({ network }) => void (parameters = network.getParameters()),
  });
  return { record, parameters, made };
}

/** What a run came to, without what it was asked for. */
const outcome = ({ record: { spec: _, events: __, ...record }, parameters }: Run) => [comparable(record as TrialRecord), parameters];
const since = (before: Schedule, after: Schedule, at: number): Schedule => schedules.piecewise({ values: [before, after], at: [at] });

describe.each([
  ["NAG, its momentum", nesterov({ learningRate: 0.02, momentum: rising }), { momentum: 0.3 }],
  ["NAG, its momentum to 0", nesterov({ learningRate: 0.02, momentum: 0.9 }), { momentum: 0 }],
  ["NAG, its momentum to a schedule", nesterov({ learningRate: 0.02, momentum: 0.2 }), { momentum: rising }],
  ["NAG, both", nesterov({ learningRate: 0.02, momentum: 0.9 }), { learningRate: falling, momentum: 0.99 }],
  ["CM, both", classicalMomentum({ learningRate: 0.02, momentum: rising }), { learningRate: 0.005, momentum: 0.5 }],
  ["SGD, its rate", sgd({ learningRate: 0.02 }), { learningRate: 0.2 }],
  ["Adam, its rate", adam({ learningRate: falling, weightDecay: 0.01, decoupled: true }), { learningRate: 0.003 }],
] as readonly (readonly [string, object, TrialChange])[])("a change to %s", (_, optimizer, change) => {
  const spec = specOf(optimizer);

  it.each([0, 1, 3, updates - 1])("after %i updates is a schedule that changes there, to the bit, live and repeated", async (at) => {
    const changed = Object.entries(change).map(([name, after]) => [name, since((optimizer as Record<string, Schedule>)[name], after, at)]);
    const planned = await run(specOf({ ...optimizer, ...Object.fromEntries(changed) }));
    const live = await run(spec, { [at]: [change] });
    expect(live.made).toEqual([{ update: at, ...change }]);
    expect(live.record.events).toEqual(live.made);
    expect(live.record.spec).toEqual(spec);
    expect(outcome(live)).toEqual(outcome(planned));
    const repeated = await run(live.record.spec, {}, { events: JSON.parse(JSON.stringify(live.record.events)) });
    expect(comparable(repeated.record)).toEqual(comparable(live.record));
    expect(repeated.parameters).toEqual(live.parameters);
    expect(live.parameters).not.toEqual((await run(spec)).parameters);
  });
});

it("changes the rate of Hessian-free from the next update on, also within one that is under way", async () => {
  tick();
  const planned = await run({ ...hessianFreeSpec, optimizer: { ...hessianFreeSpec.optimizer, learningRate: since(1, 0.5, 2) } });
  let change!: (change: TrialChange) => Promise<TrialEvent>;
  let asked: Promise<TrialEvent> | undefined;
  const live = await run(hessianFreeSpec, {}, {});
  expect(live.record.events).toBeUndefined();
  let parameters!: Float32Array;
  const record = await runTrial(hessianFreeSpec, {
    runtime,
    onStart: (started) => void ({ change } = started),
    // Between two slices of update 1.
    onProgress: ({ update, within }) => void (update === 1 && within > 0 && (asked ??= change({ learningRate: 0.5 }))),
    onEnd: ({ network }) => void (parameters = network.getParameters()),
  });
  expect(await asked).toEqual({ update: 2, learningRate: 0.5 });
  expect(parameters).toEqual(planned.parameters);
  expect(withoutSeconds(record.reports)).toEqual(withoutSeconds(planned.record.reports));
  expect(hessianFree(record.spec.optimizer as never).learningRate).toBe(1);
});

it("makes one event of changes before the same update, the later ones first; others follow in their order", async () => {
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
  const asked = { 1: [{ momentum: 0.1 }, { learningRate: 0.01 }, { momentum: 0.5 }], 4: [{ learningRate: 0.3 }] };
  const given: TrialEvent[] = [
    { update: 1, momentum: 0.8 },
    { update: 3, momentum: 0.7 },
  ];
  const { record } = await run(spec, asked, { events: given });
  expect(record.events).toEqual([
    { update: 1, momentum: 0.5, learningRate: 0.01 },
    { update: 3, momentum: 0.7 },
    { update: 4, learningRate: 0.3 },
  ]);
  const used = record.reports.slice(1).map(({ learningRate, momentum }) => [learningRate, momentum]);
  expect(used).toEqual([
    [0.02, 0.9],
    [0.01, 0.5],
    [0.01, 0.5],
    [0.01, 0.7],
    [0.3, 0.7],
    [0.3, 0.7],
  ]);
});

it("shows what was changed on its page, and nothing where nothing was", async () => {
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
  const pages: string[] = [];
  const onEnd: RunTrialOptions["onEnd"] = (ended) => void pages.push(htmlPage(trialPage([ended])));
  await runTrial(spec, { runtime, onEnd });
  const events = [
    { update: 2, momentum: 0.25 },
    { update: 4, learningRate: 0.005 },
  ];
  await runTrial(spec, { runtime, events, onEnd });
  const [plain, changed] = pages;
  expect(plain).not.toMatch(/Changes|<circle|changed by hand/i);
  expect(changed).toMatch(/<h2>Changes<\/h2>[\s\S]+momentum 0\.25[\s\S]+learning rate 0\.005/);
  // The three plots are of the zero-one error, the loss and the spectral radius.
  expect(changed.match(/<circle class="line2"/g)).toHaveLength(2 * (changed.match(/<svg [^>]*class="plot"/g) ?? []).length);
  expect(changed).toContain("&quot;events&quot;");
});

it("measures all data before a final phase that a change brings, and not before one that it takes away", async () => {
  const final = { updates: 2, value: 0.1 };
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
  expect((await run(spec, { 2: [{ momentum: { schedule: "constant", value: 0.8, final } }] })).record.beforeFinal).toBeDefined();
  const finalSpec = specOf({ ...spec.optimizer, momentum: { schedule: "constant", value: 0.9, final } });
  expect((await run(finalSpec)).record.beforeFinal).toBeDefined();
  expect((await run(finalSpec, { 2: [{ momentum: 0.9 }] })).record.beforeFinal).toBeUndefined();
});

describe("a final phase that an event touches as it begins", () => {
  const final = { updates: 2, value: 0.1 };
  const from = updates - 2;
  const phase: Schedule = { schedule: "constant", value: 0.9, final };
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
  const finalSpec = specOf({ ...spec.optimizer, momentum: phase });

  it.each([0, 1])("is measured before it where the event brings it, live, repeated and gone on with %i updates later", async (later) => {
    const planned = await run(finalSpec);
    const asked = { [from]: [{ momentum: phase }] };
    const live = await run(spec, asked);
    expect(live.record.beforeFinal).toEqual(planned.record.beforeFinal);
    expect(live.parameters).toEqual(planned.parameters);
    const repeated = await run(spec, {}, { events: live.record.events ?? [] });
    expect(comparable(repeated.record)).toEqual(comparable(live.record));
    const store = memoryStore();
    const controller = new AbortController();
    const onReport = ({ update }: Report) => void (update === from + later && controller.abort());
    await run(spec, asked, { store, signal: controller.signal, onReport });
    const ended = await run(spec, {}, { store, resume: true });
    expect(comparable(ended.record)).toEqual(comparable(live.record));
  });

  it("is not there where the event takes it away, and is measured once where the event only changes the rate", async () => {
    const without = await run(finalSpec, { [from]: [{ momentum: 0.9 }] });
    expect(without.record.beforeFinal).toBeUndefined();
    const repeated = await run(finalSpec, {}, { events: without.record.events ?? [] });
    expect(comparable(repeated.record)).toEqual(comparable(without.record));
    const { record } = await run(finalSpec, { [from]: [{ learningRate: 0.01 }] });
    expect(record.beforeFinal).toEqual((await run(finalSpec)).record.beforeFinal);
    expect(record.reports.filter(({ beforeFinal }) => beforeFinal !== undefined)).toHaveLength(1);
  });
});

describe("a run that a checkpoint from elsewhere is laid into", () => {
  it("can be gone on with whenever that is cut short", async () => {
    const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
    const stopped = async (update: number, asked: Readonly<Record<number, readonly TrialChange[]>>) => {
      const store = memoryStore();
      const controller = new AbortController();
      const onReport = (report: Report) => void (report.update === update && controller.abort());
      await run(spec, asked, { store, signal: controller.signal, onReport });
      return store;
    };
    const there = await stopped(3, { 1: [{ momentum: 0.2 }] });
    const carried = (await (await stopped(4, { 2: [{ momentum: 0.5 }] })).read("checkpoint.bin"))!;
    let isCut = true;
    for (let at = 1; isCut; at++) {
      const inner = memoryStore(there.entries());
      isCut = await carryRun(faulty(inner, { at, lasts: "forever" }).store, spec, carried).then(
        () => false,
        (error) => error instanceof Fault,
      );
      const { record } = await run(spec, {}, { store: memoryStore(inner.entries()), resume: true });
      expect(record.end.code, `cut short at ${at}`).toBe("finished");
      if (!isCut) expect(record.events).toEqual([{ update: 2, momentum: 0.5 }]);
    }
  });
});

describe("events by the thousand", () => {
  const long = checkTrialSpec({ ...specOf(nesterov({ learningRate: 0.02, momentum: 0.9 })), updates: 20_000 });
  const events = Array.from({ length: 10_000 }, (_, update) => ({ update: update + 5, momentum: 0.5 }));
  const stopAt = (update: number): RunTrialOptions => {
    const controller = new AbortController();
    return { signal: controller.signal, onReport: (report) => void (report.update === update && controller.abort()) };
  };

  it("are a run's as long as they are 10,000, which goes on with them", async () => {
    const store = memoryStore();
    await run(long, {}, { ...stopAt(2), store, events });
    const late: Error[] = [];
    await runTrial(long, {
      runtime,
      store,
      resume: true,
      ...stopAt(3),
      async onStart(started) {
        expect(started.events).toEqual(events);
        late.push(await rejection(started.change({ momentum: 0.1 })));
      },
    });
    expect(late[0]).toBeInstanceOf(UnsupportedError);
    expect(late[0].message).toMatch(/10000 events, as many as it may have/);
    const { made } = await run(long, { 5: [{ learningRate: 0.01 }] }, { ...stopAt(6), events });
    expect(made).toEqual([{ update: 5, momentum: 0.5, learningRate: 0.01 }]);
  });

  it("are refused where they are more", async () => {
    const more = [...events, { update: 19_000, momentum: 0.5 }];
    const error = await rejection(runTrial(long, { runtime, events: more }));
    expect(error).toMatchObject({ code: "INVALID_OPTION", option: "events.length", value: 10_001 });
  });

  it("are checked once, as schedules of the spec they are for", () => {
    const checked = checkEvents("events", long, events);
    expect(checked).toEqual(events);
    expect(checkEvents("events", long, checked)).toBe(checked);
    expect(Object.isFrozen(checked)).toBe(true);
    const other = checkTrialSpec({ ...long, updates: 30 });
    expect(() => checkEvents("events", other, checked)).toThrow(InvalidOptionError);
  });

  it("made while another is written are written as one", async () => {
    const inner = memoryStore();
    const written: string[] = [];
    const store: Store = {
      ...inner,
      async open() {
        const open = await inner.open();
        return { ...open, write: async (name, content) => (written.push(name), open.write(name, content)) };
      },
    };
    const onStart: RunTrialOptions["onStart"] = async ({ change }) => {
      await Promise.all(Array.from({ length: 50 }, (_, at) => change({ momentum: at / 100 })));
    };
    const record = await runTrial(specOf(nesterov({ learningRate: 0.02, momentum: 0.9 })), { runtime, store, onStart });
    expect(record.events).toEqual([{ update: 0, momentum: 0.49 }]);
    expect(written.filter((name) => name === "events.jsonl")).toHaveLength(1);
  });
});

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

describe("a run in a store", () => {
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: rising }));
  const change = { learningRate: 0.05, momentum: 0.4 };
  const text = async (store: ReturnType<typeof memoryStore>, name: string) => new TextDecoder().decode(await store.read(name));

  it("has its events there, and none where there are none", async () => {
    const [plain, changed] = [memoryStore(), memoryStore()];
    const { record } = await run(spec, {}, { store: plain });
    expect(Object.keys(record)).not.toContain("events");
    expect(await plain.names()).not.toContain("events.jsonl");
    expect(await text(plain, "record.json")).not.toContain("events");
    expect(new TextDecoder("latin1").decode(await plain.read("checkpoint.bin"))).not.toContain("events");
    await run(spec, { 3: [change] }, { store: changed });
    expect(await text(changed, "events.jsonl")).toBe('{"update":3,"learningRate":0.05,"momentum":0.4}\n');
    expect(JSON.parse(await text(changed, "record.json")).events).toEqual([{ update: 3, ...change }]);
    expect((await decodeCheckpoint((await changed.read("checkpoint.bin"))!, "it")).events).toEqual([{ update: 3, ...change }]);
    expect(JSON.parse(await text(changed, "spec.json"))).toEqual(JSON.parse(await text(plain, "spec.json")));
  });

  it.each([1, 2, 3, 4, 5])("goes on with them, stopped after %i updates, where update 3 was changed", async (until) => {
    const whole = await run(spec, { 3: [change] });
    const store = memoryStore();
    const stopAt = (update: number): RunTrialOptions => {
      const controller = new AbortController();
      return { store, signal: controller.signal, onReport: (report) => void (report.update === update && controller.abort()) };
    };
    // Stopped before it, the event is known beforehand, as when a record is repeated.
    const events = until < 3 ? [{ update: 3, ...change }] : undefined;
    const stopped = await run(spec, until < 3 ? {} : { 3: [change] }, { ...stopAt(until), events });
    expect(stopped.record.end.code).toBe("stopped");
    expect(stopped.record.events).toEqual(until > 3 ? [{ update: 3, ...change }] : undefined);
    const ended = await run(spec, {}, { store, resume: true });
    expect(comparable(ended.record)).toEqual(comparable(whole.record));
    expect(ended.parameters).toEqual(whole.parameters);
  });

  it("is changed again when it goes on, before its first update", async () => {
    const planned = await run(spec, { 2: [change], 4: [{ momentum: 0.9 }] });
    const store = memoryStore();
    const controller = new AbortController();
    await run(
      spec,
      { 2: [change] },
      {
        store,
        signal: controller.signal,
        onReport: ({ update }) => void (update === 4 && controller.abort()),
      },
    );
    let parameters!: Float32Array;
    const record = await runTrial(spec, {
      runtime,
      store,
      resume: true,
      async onStart({ events, change }) {
        expect(events).toHaveLength(1);
        expect(await change({ momentum: 0.9 })).toEqual({ update: 4, momentum: 0.9 });
      },
      onEnd: ({ network }) => void (parameters = network.getParameters()),
    });
    expect(comparable(record)).toEqual(comparable(planned.record));
    expect(parameters).toEqual(planned.parameters);
  });

  it("does not go on with others", async () => {
    const stopped = memoryStore();
    const controller = new AbortController();
    const onReport = ({ update }: Report) => void (update === 4 && controller.abort());
    const { made } = await run(spec, { 2: [change] }, { store: stopped, signal: controller.signal, onReport });
    const before = stopped.entries();
    for (const events of [[], [{ update: 2, momentum: 0.4 }], [...made, { update: 5, momentum: 0.1 }]])
      expect(await rejection(runTrial(spec, { runtime, store: stopped, resume: true, events }))).toBeInstanceOf(CheckpointMismatchError);
    expect(stopped.entries()).toEqual(before);
    const { record } = await run(spec, {}, { store: stopped, resume: true, events: made });
    expect(record.events).toEqual(made);
  });

  it.each([
    ["that are none", "{]\n"],
    ["of another trial", '{"update":2,"momentum":3}\n'],
    ["with which its updates were not made", '{"update":1,"momentum":0.1}\n'],
    ["that are no text", "\ud800".repeat(3)],
  ])("refuses a file of events %s, and goes on with the checkpoint's where it is removed", async (_, content) => {
    const whole = await run(spec, { 2: [change] });
    const store = memoryStore();
    const controller = new AbortController();
    const onReport = ({ update }: Report) => void (update === 4 && controller.abort());
    await run(spec, { 2: [change] }, { store, signal: controller.signal, onReport });
    const entries = new Map(store.entries());
    const damaged = memoryStore([...entries, ["events.jsonl", new TextEncoder().encode(content)]]);
    const error = await rejection(runTrial(spec, { runtime, store: damaged, resume: true }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/events\.jsonl: .+remove the file to go on with the changes of the checkpoint$/);
    entries.delete("events.jsonl");
    const rest = memoryStore(entries);
    const { record } = await run(spec, {}, { store: rest, resume: true });
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(await rest.names()).toContain("events.jsonl");
  });

  it("keeps what was asked for and confirmed, whenever it is killed", async () => {
    for (const lasts of ["forever", "halfway"] as const) {
      for (let at = 1, isKilled = true; isKilled; at++) {
        tick();
        const inner = memoryStore();
        const confirmed: TrialEvent[] = [];
        try {
          let ask!: (change: TrialChange) => Promise<TrialEvent>;
          await runTrial(spec, {
            runtime,
            store: faulty(inner, { at, lasts }).store,
            ...oftenSaved,
            onStart: (started) => void (ask = started.change),
            onReport: async ({ update }) => void (update === 3 && confirmed.push(await ask(change))),
          });
          isKilled = false;
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
        vi.restoreAllMocks();
        const whole = memoryStore(inner.entries());
        if ((await whole.names()).includes("record.json")) continue;
        const ended = await run(spec, {}, { store: whole, resume: true });
        if (confirmed.length > 0) expect(ended.record.events, `${lasts} ${at}`).toEqual(confirmed);
        const repeated = await run(spec, {}, { events: ended.record.events ?? [] });
        expect(comparable(ended.record), `${lasts} ${at}`).toEqual(comparable(repeated.record));
        expect(ended.parameters).toEqual(repeated.parameters);
      }
    }
  });

  it("that somebody has changed by hand is not the trial of its key", async () => {
    const key = await trialKey(spec, { kernels: "simd" });
    const sweepOf = async (fill: (store: ReturnType<typeof memorySweepStore>) => Promise<unknown>) => {
      const store = memorySweepStore();
      const open = await store.open();
      await fill(store);
      await open.close();
      return runSweep({ trial: spec } as never, { executor: inlineExecutor(runtime), store });
    };
    const ended = await sweepOf((store) => run(spec, { 3: [change] }, { store: store.run(key) }));
    expect(ended.rows.map(({ state }) => state)).toEqual(["damaged"]);
    expect(ended.rows[0].failure?.message).toContain("it has events");
    const controller = new AbortController();
    const onReport = ({ update }: Report) => void (update === 4 && controller.abort());
    const begun = await sweepOf((store) => run(spec, { 3: [change] }, { store: store.run(key), signal: controller.signal, onReport }));
    expect(begun.rows.map(({ state, failure }) => [state, failure?.code])).toEqual([["failed", "CHECKPOINT_MISMATCH"]]);
  });
});

describe("a race", () => {
  it("takes events and changes, each for its own trial, and comes to what each comes to alone", async () => {
    tick();
    const nag = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
    const plain = specOf(sgd({ learningRate: 0.05 }));
    const given = [{ update: 4, learningRate: 0.01 }];
    let started!: Parameters<NonNullable<RaceOptions["onStart"]>>[0];
    const records = await raceTrials([{ spec: nag }, { spec: plain, events: given }, { spec: plain, name: "other" }], {
      runtime,
      onStart: (all) => void (started = all),
      onReport: async (name, { update }) => {
        if (name === "NAG" && update === 2) await started.trials[0].change({ momentum: 0.2 });
      },
    });
    expect(started.trials.map(({ name }) => name)).toEqual(["NAG", "SGD", "other"]);
    expect(records.map(({ events }) => events)).toEqual([[{ update: 2, momentum: 0.2 }], given, undefined]);
    const alone = await Promise.all([run(nag, { 2: [{ momentum: 0.2 }] }), run(plain, {}, { events: given }), run(plain)]);
    expect(records.map(comparable)).toEqual(alone.map(({ record }) => comparable(record)));
    expect(await rejection(started.trials[2].change({ learningRate: 1 }))).toBeInstanceOf(UnsupportedError);
  });

  it("that time ends has no change that counts from its end", async () => {
    const spec = { ...specOf(nesterov({ learningRate: 0.02, momentum: 0.9 })), updates: 1_000_000 };
    const momentum = { schedule: "constant", value: 0.5, final: { updates: 2, value: 0.1 } } as const;
    let error: unknown;
    let junk: unknown;
    const [record] = await raceTrials([{ spec, seconds: 0.05 }], {
      runtime,
      onStart: async ({ trials: [{ change }] }) => {
        error = await rejection(change({ momentum }));
        junk = await rejection(change(null as never));
        await change({ momentum: 0.5 });
      },
    });
    expect(error).toMatchObject({ option: "change.momentum.final" });
    expect(junk).toMatchObject({ option: "change" });
    expect(record.events).toEqual([{ update: 0, momentum: 0.5 }]);
    const repeated = await run(record.spec, {}, { events: record.events });
    expect(repeated.record.final).toEqual(record.final);
    const events = [{ update: 3, momentum }];
    const wrong = await rejection(raceTrials([{ spec, seconds: 1, events }], { runtime }));
    expect(wrong).toMatchObject({ option: "entrants[0].events[0].momentum.final" });
  });
});
