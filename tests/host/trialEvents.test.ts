/** What is changed while a trial runs: as exact as a schedule that said so from the start, and repeated from its record. */
import {
  adam,
  classicalMomentum,
  createRuntime,
  hessianFree,
  htmlPage,
  memoryStore,
  nesterov,
  type RaceOptions,
  type RunTrialOptions,
  type Runtime,
  raceTrials,
  runTrial,
  type Schedule,
  sgd,
  type TrialChange,
  type TrialEvent,
  trialPage,
  UnsupportedError,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { falling, outcome, rising, runnerOn, since, specOf, stopAt, updates } from "../support/changedTrials.js";
import { rejection } from "../support/failures.js";
import { comparable, hessianFreeSpec, tick, withoutSeconds } from "../support/storedTrials.js";

let runtime: Runtime;
const run = runnerOn(() => runtime);
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

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
    await run(spec, asked, { store, ...stopAt(from + later) });
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
