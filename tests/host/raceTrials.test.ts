import {
  checkTrialSpec,
  createRuntime,
  DisposedError,
  type EndedTrial,
  type Entrant,
  InvalidOptionError,
  type RaceOptions,
  type Report,
  type Runtime,
  raceTrials,
  runTrial,
  type TrialProgress,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { rejection } from "../support/failures.js";
import { comparable, hessianFreeSpec, momentumSpec, task, tick, withoutSeconds } from "../support/storedTrials.js";

const nesterov = checkTrialSpec(momentumSpec);
const sgd = checkTrialSpec({ ...momentumSpec, optimizer: { method: "sgd", learningRate: 0.1 } });
const diverging = checkTrialSpec({ ...momentumSpec, optimizer: { method: "sgd", learningRate: 1e25 } });
const hessianFree = checkTrialSpec(hessianFreeSpec);
const endless = checkTrialSpec({ ...hessianFreeSpec, updates: 1_000_000 });

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

describe("trials beside each other", () => {
  it("come to the same as each alone, under their names", async () => {
    tick();
    const reports = new Map<string, Report[]>();
    const progress: (readonly TrialProgress[])[] = [];
    const order: string[] = [];
    let ended: readonly EndedTrial[] = [];
    let parameters: Float32Array[] = [];
    const records = await raceTrials([{ spec: nesterov }, { spec: hessianFree }, { spec: sgd, name: "plain" }], {
      runtime,
      onStart: (started) => {
        expect(started.runtime).toBe(runtime);
        expect(started.task.network.kind).toBe("recurrent");
        order.push("start");
      },
      onReport: (name, report) => void reports.set(name, [...(reports.get(name) ?? []), report]),
      onProgress: (all) => void progress.push(all),
      onMeasure: () => void order.push("measure"),
      onEnd: (all) => {
        order.push("end");
        ended = all;
        parameters = all.map(({ network }) => network.getParameters());
      },
    });
    expect(order).toEqual(["start", "measure", "end"]);
    expect(ended.map(({ name }) => name)).toEqual(["NAG", "HF", "plain"]);
    expect(ended.map(({ record }) => record)).toEqual(records);
    for (const [at, spec] of [nesterov, hessianFree, sgd].entries()) {
      let alone: Float32Array | undefined;
      const record = await runTrial(spec, { runtime, onEnd: ({ network }) => void (alone = network.getParameters()) });
      expect(comparable(records[at])).toEqual(comparable(record));
      expect(parameters[at]).toEqual(alone);
      expect(withoutSeconds(reports.get(ended[at].name)!)).toEqual(withoutSeconds(record.reports));
      expect(() => ended[at].network.getParameters()).toThrow(DisposedError);
    }
    // They took turns: each was under way while another was.
    for (const all of progress) expect(all).toHaveLength(3);
    const [first, last] = [0, 2].map((at) => progress.findIndex((all) => all[at].share > 0 && all[at].share < 1));
    expect(progress.slice(Math.max(first, last)).some((all) => [all[0], all[2]].every(({ share }) => share > 0 && share < 1))).toBe(true);
    expect(progress.at(-1)!.map(({ share }) => share)).toEqual([1, 1, 1]);
  });

  it("go on where one diverges", async () => {
    const records = await raceTrials([{ spec: diverging }, { spec: sgd }], { runtime });
    expect(records.map(({ end }) => end.code)).toEqual(["diverged", "finished"]);
    expect(records.map(({ final }) => final === undefined)).toEqual([true, false]);
    expect(records[1].update).toBe(6);
  });

  it("end with the update in which their seconds are over, with the spec that repeats what was made", async () => {
    tick();
    const [record, other] = await raceTrials([{ spec: endless, seconds: 2 }, { spec: sgd }], { runtime });
    expect(record.end).toEqual({ code: "finished", message: "its 2 seconds were over" });
    expect(record.update).toBeGreaterThan(0);
    expect(record.seconds).toBeGreaterThanOrEqual(2);
    expect(record.reports.at(-2)!.seconds).toBeLessThan(2);
    expect(record.spec).toEqual({ ...endless, updates: record.update });
    expect(other.spec).toBe(sgd);
    const again = await runTrial(record.spec, { runtime });
    expect(again.final).toEqual(record.final);
    expect(again.update).toBe(record.update);
  });

  it("end with their updates where these are made before the seconds are over", async () => {
    const [record] = await raceTrials([{ spec: sgd, seconds: 1e6 }], { runtime });
    expect(record.end).toEqual({ code: "finished", message: "all 6 updates were made" });
    expect(record.spec).toEqual(sgd);
  });

  it("stop together, and the host has its turns until then", async () => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 20);
    const slow = checkTrialSpec({ ...momentumSpec, updates: 100_000_000 });
    const records = await raceTrials([{ spec: slow }, { spec: endless }], { runtime, signal: controller.signal });
    clearTimeout(timer);
    for (const { end, update, final } of records) {
      expect(end).toEqual({ code: "stopped", message: expect.stringMatching(new RegExp(`^stopped after ${update} of 1\\d+ updates$`)) });
      expect(final?.heldOutLoss).toBeGreaterThan(0);
    }
  });

  it("leave a runtime that was given as it was, whatever happens", async () => {
    const place = () => {
      const start = runtime.memory.allocate(64, "a place");
      runtime.memory.release(start, 64);
      return start;
    };
    const before = place();
    await raceTrials([{ spec: sgd }, { spec: hessianFree }], { runtime });
    const onReport = () => {
      throw new Error("out of the callback");
    };
    expect((await rejection(raceTrials([{ spec: sgd }, { spec: sgd }], { runtime, onReport }))).message).toBe("out of the callback");
    expect(place()).toBe(before);
    let own: Runtime | undefined;
    await raceTrials([{ spec: sgd }], { runtime: { threads: 1 }, onEnd: ([{ runtime: made }]) => void (own = made) });
    expect(() => own!.network({ kind: "recurrent", inputs: 1, hidden: 1, outputs: 1, output: "linear", loss: "squared" })).toThrow(
      DisposedError,
    );
  });
});

describe("entrants and options that are wrong", () => {
  const counted = { schedule: "constant", value: 0.5, final: { updates: 2, value: 0.1 } };
  const final = { ...momentumSpec, optimizer: { method: "nesterov", learningRate: 0.1, momentum: counted } };
  it.each<[string, unknown]>([
    ["entrants", undefined],
    ["entrants", []],
    ["entrants", { spec: sgd }],
    ["entrants[1]", [{ spec: sgd }, null]],
    ["entrants[0].second", [{ spec: sgd, second: 3 }]],
    ["entrants[0].name", [{ spec: sgd, name: 7 }]],
    ["entrants[0].name", [{ spec: sgd, name: null }]],
    ["entrants[0].seconds", [{ spec: sgd, seconds: 0 }]],
    ["entrants[0].seconds", [{ spec: sgd, seconds: null }]],
    ["entrants[1].spec.optimizer.momentum.final", [{ spec: sgd }, { spec: final, seconds: 3 }]],
    ["spec", [{}]],
    ["updates", [{ spec: { ...momentumSpec, updates: 0 } }]],
    ["entrants[1].spec.task", [{ spec: sgd }, { spec: { ...momentumSpec, task: { ...task, length: 12 } } }]],
    ["entrants[1].spec.task", [{ spec: sgd }, { spec: { ...momentumSpec, seed: 8 } }]],
    ["entrants[2].spec.task", [{ spec: sgd }, { spec: sgd }, { spec: { ...momentumSpec, task: { ...task, seed: 1 } } }]],
  ])("are refused by name: %s", async (name, entrants) => {
    const error = await rejection(raceTrials(entrants as Entrant[], { runtime }));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).option).toBe(name);
  });

  it.each<[string, unknown]>([
    ["options of raceTrials", null],
    ["raceTrials.store", { store: {} }],
    ["runtime", { runtime: null }],
    ["threads", { runtime: { threads: 1.5 } }],
    ["data", { data: 3 }],
    ["signal", { signal: null }],
    ["onReport", { onReport: 1 }],
    ["onEnd", { onEnd: null }],
  ])("so are options: %s", async (name, options) => {
    const error = await rejection(raceTrials([{ spec: sgd }], options as RaceOptions));
    expect((error as InvalidOptionError).option).toBe(name);
  });

  it("are not: tasks with a seed of their own may have roots that differ", async () => {
    const seeded = (seed: number) => ({ spec: checkTrialSpec({ ...momentumSpec, task: { ...task, seed: 3 }, seed }) });
    expect(await raceTrials([seeded(1), seeded(2)], { runtime })).toHaveLength(2);
  });
});
