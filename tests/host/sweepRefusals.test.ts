import { createRuntime, InvalidOptionError, inlineExecutor, memorySweepStore, type Runtime, runSweep, type SweepStore } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rejection } from "../support/failures.js";
import { tinySweep } from "../support/sweeps.js";
import { watcherOf } from "../support/watchedExecutor.js";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

const watched = watcherOf(() => runtime);

describe("what cannot be run", () => {
  it.each<[object, string]>([
    [{ executor: {} }, "executor"],
    [{ store: {} }, "store"],
    [{ kernels: "fast" }, "kernels"],
    [{ kernels: "relaxed" }, "kernels"],
    [{ only: "XYZ" }, "only"],
    [{ repair: 1 }, "repair"],
    [{ keep: "nothing" }, "keep"],
    [{ checkpointSeconds: 0 }, "checkpointSeconds"],
    [{ jobs: 2 }, "runSweep.jobs"],
  ])("%j", async (options, option) => {
    const all = { executor: inlineExecutor(runtime), store: memorySweepStore(), ...options };
    const error = await rejection(runSweep(tinySweep, all));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).option).toBe(option);
  });

  it("is told of an only that fits no trial before anything is made, short trials being some", async () => {
    const { executor, count } = watched();
    const pilot = { ...tinySweep, pilot: { share: 0.5 } };
    const short = await runSweep(pilot, { executor: inlineExecutor(runtime), store: memorySweepStore() });
    const keys = new Set(
      (await runSweep(tinySweep, { executor: inlineExecutor(runtime), store: memorySweepStore() })).rows.map((row) => row.key),
    );
    const { key } = short.rows.find((row) => !keys.has(row.key))!;
    const never: SweepStore = { ...memorySweepStore(), open: () => Promise.reject(new Error("opened")) };
    for (const [sweep, only] of [
      [tinySweep, key],
      [pilot, "0123456789abcdef"],
    ] as const)
      expect(await rejection(runSweep(sweep, { executor, store: never, only }))).toMatchObject({ option: "only", value: only });
    expect(count()).toBe(0);
    const { rows } = await runSweep(pilot, { executor, store: memorySweepStore(), only: key });
    expect([count(), rows.map((row) => row.key)]).toEqual([1, [key]]);
  });

  it("is told of data that no task takes", async () => {
    const error = await rejection(runSweep(tinySweep, { executor: inlineExecutor(runtime), store: memorySweepStore(), data: {} }));
    expect(error.message).toMatch(/^data is \{\}; data must be left out: \w+ makes its data itself$/);
  });

  it("is told of data that are missing before the first trial", async () => {
    const trial = { task: { name: "data" }, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 3 };
    const { executor, count } = watched();
    const error = await rejection(runSweep({ trial }, { executor, store: memorySweepStore() }));
    expect([error.message, count()]).toEqual([expect.stringMatching(/^data is undefined; data must be given: data takes a table/), 0]);
  });
});
