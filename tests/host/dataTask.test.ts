import {
  checkTrialSpec,
  createRuntime,
  type HeavyballError,
  type InvalidOptionError,
  memoryStore,
  type RunTrialOptions,
  type Runtime,
  runTrial,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import type { DataArrays } from "#internal/tasks/data/arrays";
import { rejection } from "../support/failures.js";
import { clusters, line, prepare, spec } from "../support/ownData.js";
import { comparable, leavings, oftenSaved, tick, uninterrupted } from "../support/storedTrials.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

describe("a trial on data of one's own", () => {
  it.each(["tanh", "relu", "logistic"])("tells classes apart, with %s units, named or not", async (activation) => {
    const data = clusters();
    const given = spec({ activation }, { updates: 150 });
    const record = await runTrial(given, { runtime, data });
    expect(record.end.code).toBe("finished");
    expect(record.final).toEqual({
      heldOutWrong: 0,
      trainingWrong: 0,
      heldOutLoss: expect.any(Number),
      trainingLoss: expect.any(Number),
    });
    expect(record.final!.heldOutLoss).toBeLessThan(0.1);
    expect(record.best).toMatchObject({ measure: "heldOutWrong", error: 0 });
    for (const report of record.reports) expect(Object.keys(report)).toEqual(expect.arrayContaining(Object.keys(record.final!)));
    // 18 are held out; the most frequent class is that of the training part.
    const { held, source } = prepare(data, { activation });
    const count = ({ targets }: { targets?: Float32Array }) =>
      [0, 1, 2].map((k) => targets!.filter((v, at) => at % 3 === k && v === 1).length);
    const train = source.kind === "cases" ? count(source.train) : [];
    const most = train.indexOf(Math.max(...train));
    expect(record.baseline.name).toBe("most frequent class");
    expect(record.baseline.heldOutWrong).toBeCloseTo(1 - count(held)[most] / 18, 12);
    expect(record.baseline.trainingWrong).toBeCloseTo(1 - train[most] / 72, 12);
    const { classes: _, ...unnamed } = data;
    expect(comparable(await runTrial(given, { runtime, data: unnamed }))).toEqual(comparable(record));
  });

  it("measures what was held out, and nothing of it is trained on", async () => {
    // Labels of chance: what is trained on can be learned by heart, and what is held out cannot.
    const stream = new RandomStream(8, "chance");
    const cases = 100;
    const inputs = Float32Array.from({ length: 20 * cases }, () => stream.normal());
    const targets = new Float32Array(2 * cases);
    for (let row = 0; row < cases; row++) targets[2 * row + stream.integer(2)] = 1;
    const { final } = await runTrial(spec({ hidden: [40] }, { updates: 300 }), { runtime, data: { inputs, targets, cases } });
    expect(final!.trainingWrong).toBe(0);
    expect(final!.heldOutWrong).toBeGreaterThan(0.15);
  });

  it("learns a linear function, beside the mean of the targets", async () => {
    const data = line();
    // Names of classes mean nothing where numbers are predicted.
    for (const given of [data, { ...data, classes: ["a", "b"] }]) {
      const task = { predict: "numbers", hidden: [], scaling: "standard" };
      const record = await runTrial(spec(task, { updates: 300 }), { runtime, data: given });
      expect(Object.keys(record.final!).sort()).toEqual(["heldOutError", "heldOutLoss", "trainingError", "trainingLoss"]);
      expect(record.final!.heldOutError).toBeLessThan(1e-8);
      expect(record.best!.measure).toBe("heldOutError");
      const { held, source } = prepare(data, task);
      const { targets } = (source as { train: DataArrays }).train;
      const mean = [0, 1].map((k) => targets.reduce((sum, value, at) => sum + (at % 2 === k ? value : 0), 0) / 64);
      const error = (of: Float32Array) => of.reduce((sum, value, at) => sum + (value - mean[at % 2]) ** 2, 0) / (of.length / 2);
      expect(record.baseline.name).toBe("mean of the targets");
      expect(record.baseline.heldOutError).toBeCloseTo(error(held.targets), 9);
      expect(record.baseline.trainingError).toBeCloseTo(error(targets), 9);
    }
  });

  it.each([
    ["adam", { optimizer: { method: "adam", learningRate: 0.02 }, batchSize: 12, updates: 150 }],
    ["sgd", { optimizer: { method: "sgd", learningRate: 0.5 }, batchSize: 12, updates: 150 }],
    ["hessianFree", { optimizer: { method: "hessianFree" }, updates: 8, batchSize: undefined }],
    [
      "hessianFree with momentum",
      { optimizer: { method: "hessianFree", variant: "momentum", gradientCases: 36 }, updates: 20, batchSize: undefined },
    ],
  ])("is one with %s too", async (_, parts) => {
    const record = await runTrial(spec({}, parts), { runtime, data: clusters() });
    expect(record.end.code).toBe("finished");
    expect(record.final).toMatchObject({ heldOutWrong: 0, trainingWrong: 0 });
  });

  it.each(variants)("has the same bits on teams of 1 and 2: %s", async (kernels) => {
    const run = async (threads: number) => {
      const team = await createRuntime({ threads: teamOf(threads), kernels });
      try {
        return await uninterrupted(spec({ hidden: [30, 20] }), team, { data: clusters() });
      } finally {
        await team.dispose();
      }
    };
    const [one, two] = [await run(1), await run(2)];
    expect(two.parameters).toEqual(one.parameters);
    expect(comparable(two.record)).toEqual(comparable(one.record));
    expect(two.left).toEqual(one.left);
  });

  it.each<[string, object, object, DataArrays]>([
    ["classes", {}, {}, clusters()],
    [
      "numbers, by Hessian-free",
      { predict: "numbers" },
      { optimizer: { method: "hessianFree" }, updates: 4, batchSize: undefined },
      line(),
    ],
  ])("goes on to the same bits: %s", async (_, task, parts, data) => {
    const given = spec(task, { updates: 8, ...parts });
    const whole = await uninterrupted(given, runtime, { data });
    tick();
    const store = memoryStore();
    const controller = new AbortController();
    const options: RunTrialOptions = { runtime, store, data, ...oftenSaved };
    const stopped = await runTrial(given, {
      ...options,
      signal: controller.signal,
      onReport: ({ update }) => (update === 2 ? controller.abort() : undefined),
    });
    expect(stopped.end.code).toBe("stopped");
    expect((await rejection(runTrial(given, { runtime, store, resume: true }))) as InvalidOptionError).toMatchObject({ option: "data" });
    // Other data of the same shape are other data, be it by one number.
    for (const part of ["inputs", "targets"] as const) {
      const other = { ...data, [part]: data[part].slice() };
      const width = data[part].length / data.cases;
      other[part].copyWithin(0, width, 2 * width);
      const failure = (await rejection(runTrial(given, { ...options, data: other, resume: true }))) as HeavyballError;
      expect(failure.code).toBe("CHECKPOINT_MISMATCH");
      expect(failure.message).toMatch(/^the SHA-256 of the data of the saved state is .*; go on with the data it was begun with$/);
    }
    const record = await runTrial(given, { ...options, resume: true });
    expect(record.data).toMatch(/^[0-9a-f]{64}$/);
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(leavings(store)).toEqual(whole.left);
    // The data stay where they are: the run has the description alone.
    expect((whole.left.spec as { task: object }).task).toEqual(checkTrialSpec(given).task);
  });
});
