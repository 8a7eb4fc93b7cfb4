import {
  createRuntime,
  type Executor,
  type ExecutorSweep,
  inlineExecutor,
  memorySweepStore,
  OutOfMemoryError,
  type Runtime,
  runSweep,
  runTrial,
  type SweepProgress,
  type SweepRow,
  type SweepStore,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trialsCsv } from "#internal/sweeps/page/tables";
import { rejection } from "../support/failures.js";
import { comparableRecord, models, outcomes, tinySweep, tinyTrial } from "../support/sweeps.js";
import { watcherOf } from "../support/watchedExecutor.js";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

const states = (rows: readonly SweepRow[]) => rows.map(({ state, isFound }) => `${state}${isFound ? ", found" : ""}`);

const watched = watcherOf(() => runtime);

describe("a sweep that is run", () => {
  it("leaves the records of its trials, a diverged one being a result, and chooses the best of every cell", async () => {
    const store = memorySweepStore();
    const progress: SweepProgress[] = [];
    const result = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store, onProgress: (at) => progress.push(at) });
    expect(states(result.rows)).toEqual(Array(12).fill("ended"));
    expect(result.rows.map(({ record }) => record?.end.code === "diverged")).toEqual(
      [0, 1].flatMap(() => [true, true, false, false, false, false]),
    );
    const alone = await runTrial(result.rows[2].spec, { runtime });
    const { reports: _, ...record } = alone;
    expect(comparableRecord(result.rows[2].record!)).toEqual(comparableRecord(record));
    expect(result.cells.map(({ name, measure, isComplete }) => [name, measure, isComplete])).toEqual([
      ["optimizer.momentum 0.5", "heldOutLoss", true],
      ["optimizer.momentum 0.9", "heldOutLoss", true],
    ]);
    for (const { candidates, best } of result.cells) {
      expect(candidates[0].error).toBe(Infinity);
      const losses = (candidate: (typeof candidates)[number]) => candidate.rows.map((row) => row.record!.final!.heldOutLoss!);
      for (const candidate of candidates.slice(1)) {
        const [a, b] = losses(candidate);
        expect(candidate.error).toBe((a + b) / 2);
      }
      expect(best!.error).toBe(Math.min(...candidates.map(({ error }) => error!)));
    }
    expect(progress.at(-1)).toMatchObject({ total: 12, done: 12, found: 0, diverged: 4, failed: 0, running: [] });
    expect(progress.some(({ running }) => running.length === 1)).toBe(true);
  });

  it("that is extended runs what is missing alone, and one that is run again nothing", async () => {
    const store = memorySweepStore();
    const first = watched();
    await runSweep({ ...tinySweep, grid: { ...tinySweep.grid, seed: [1] } }, { executor: first.executor, store });
    expect(first.count()).toBe(6);
    const second = watched();
    const rows: SweepRow[] = [];
    const result = await runSweep(tinySweep, { executor: second.executor, store, onRow: (row) => rows.push(row) });
    expect([second.count(), rows.length, result.rows.filter(({ isFound }) => isFound).length]).toEqual([6, 12, 6]);
    const third = watched();
    expect(outcomes(await runSweep(tinySweep, { executor: third.executor, store }))).toEqual(outcomes(result));
    expect(third.count()).toBe(0);
  });

  it.each([
    ["in full", {}],
    ["choosing", { choose: { path: "optimizer.learningRate" } }],
    ["by successive halving", { choose: { path: "optimizer.learningRate" }, pilot: {} }],
  ])("of a million trials, %s, plans those alone that it comes to", async (_, more) => {
    const rates = Array.from({ length: 4 }, (_value, at) => 0.001 * (at + 1));
    const numbers = Array.from({ length: 500 }, (_value, at) => at + 1);
    const { executor, signal, count } = watched((at, controller) => void (at === 5 && controller.abort()));
    const sweep = { trial: tinyTrial, grid: { seed: numbers, updates: numbers, "optimizer.learningRate": rates }, ...more };
    const result = await runSweep(sweep, { executor, store: memorySweepStore(), signal });
    expect(result.total).toBeGreaterThanOrEqual(1_000_000);
    // Of very few updates a share is often that of another trial: one run, several rows.
    expect(count()).toBe(6);
    expect(result.rows.length).toBeLessThan(100);
  });

  it("of a million trials in one cell, by successive halving, plans those alone that it comes to", async () => {
    const rates = Array.from({ length: 1000 }, (_value, at) => 0.001 * (at + 1));
    const seeds = Array.from({ length: 1000 }, (_value, at) => at + 1);
    const { executor, signal, count } = watched((at, controller) => void (at === 5 && controller.abort()));
    const choose = { path: "optimizer.learningRate", over: "seed" };
    const sweep = { trial: tinyTrial, grid: { seed: seeds, "optimizer.learningRate": rates }, choose, pilot: { share: 0.5 } };
    const result = await runSweep(sweep, { executor, store: memorySweepStore(), signal });
    expect(result.total).toBeGreaterThanOrEqual(1_000_000);
    expect(count()).toBe(6);
    expect(result.rows.length).toBeLessThan(100);
  });

  it("runs a trial that occurs twice once", async () => {
    const { executor, count } = watched();
    const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } };
    const trials = [
      { name: "one", trial },
      { name: "other", trial: { ...trial, seed: 7 } },
    ];
    const { rows } = await runSweep({ trials }, { executor, store: memorySweepStore() });
    expect([count(), rows.length, rows[0].key === rows[1].key]).toEqual([1, 2, true]);
  });

  it("stops with checkpoints and goes on to the same bits", async () => {
    const whole = memorySweepStore();
    const uninterrupted = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store: whole });
    const store = memorySweepStore();
    const { executor, signal } = watched((at, controller) => void (at === 3 && controller.abort()));
    const stopped = await runSweep(tinySweep, { executor, store, signal });
    expect(stopped).toMatchObject({ isStopped: true, total: 12 });
    expect(states(stopped.rows)).toEqual(["ended", "ended", "ended", "stopped"]);
    expect(stopped.cells.map(({ isComplete }) => isComplete)).toEqual([false]);
    const rest = watched();
    const result = await runSweep(tinySweep, { executor: rest.executor, store });
    expect([rest.count(), result.isStopped]).toEqual([9, false]);
    expect(outcomes(result)).toEqual(outcomes(uninterrupted));
    expect(await models(store, result)).toEqual(await models(whole, uninterrupted));
  });

  it("finds what is there also where it is stopped, before its first trial or later", async () => {
    const store = memorySweepStore();
    const whole = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store });
    const { executor, count } = watched();
    const early = await runSweep(tinySweep, { executor, store, signal: AbortSignal.abort() });
    expect(outcomes(early)).toEqual(outcomes(whole));
    expect([early.isStopped, early.cells.map(({ isComplete }) => isComplete), count()]).toEqual([true, [true, true], 0]);
    // What was extended begins with new trials, in the first of which it is stopped.
    const more = { ...tinySweep, grid: { ...tinySweep.grid, seed: [3, 1, 2] } };
    const later = watched((at, controller) => void (at === 0 && controller.abort()));
    const { rows } = await runSweep(more, { executor: later.executor, store, signal: later.signal });
    expect(rows.filter(({ isFound }) => isFound)).toHaveLength(12);
    expect(later.count()).toBe(1);
    const halved = { ...tinySweep, pilot: { share: 0.5 } };
    const short = await runSweep(halved, { executor: inlineExecutor(runtime), store });
    const again = await runSweep(halved, { executor, store, signal: AbortSignal.abort() });
    expect(outcomes(again)).toEqual(outcomes(short));
  });

  it("has no mean where one of the trials that it is over is missing, and nothing is chosen by those that are there", async () => {
    const store = memorySweepStore();
    const one = { ...tinySweep, grid: { ...tinySweep.grid, seed: [1] } };
    const made = await runSweep(one, { executor: inlineExecutor(runtime), store });
    const { rows, cells } = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store, only: made.rows[0].key });
    expect(rows).toHaveLength(6);
    for (const { candidates, best, isComplete } of cells) {
      expect([candidates.map(({ error }) => error), best, isComplete]).toEqual([[undefined, undefined, undefined], undefined, false]);
    }
  });

  it("keeps a failure with its sentence, goes on with the rest, and tries it again the next time", async () => {
    const store = memorySweepStore();
    const { executor } = watched((at) => {
      if (at === 2) throw new OutOfMemoryError("this network", 8e9, 4e9);
    });
    const failed = await runSweep(tinySweep, { executor, store });
    expect(failed.rows.map(({ state }) => state).filter((state) => state !== "ended")).toEqual(["failed"]);
    expect(failed.rows[2].failure).toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringMatching(/^this network needs 8000000000 bytes/),
    });
    expect(failed.cells[0]).toMatchObject({ isComplete: false });
    expect([...(await store.list()).trials.values()].filter(({ state }) => state === "failed")).toHaveLength(1);
    const again = watched();
    const mended = await runSweep(tinySweep, { executor: again.executor, store });
    expect([again.count(), mended.cells[0].isComplete]).toEqual([1, true]);
  });

  it("ends with what made it impossible to keep anything, and has what was finished", async () => {
    const store = memorySweepStore();
    const full: SweepStore = {
      ...store,
      open: async () => ({ ...(await store.open()), keepFailure: () => Promise.reject(new Error("ENOSPC: no space left on device")) }),
    };
    const { executor, count } = watched((at) => {
      if (at === 4) throw new Error("ENOSPC: no space left on device");
    });
    expect((await rejection(runSweep(tinySweep, { executor, store: full }))).message).toBe("ENOSPC: no space left on device");
    expect([count(), (await store.list()).trials.size]).toEqual([5, 4]);
    expect((await runSweep(tinySweep, { executor: inlineExecutor(runtime), store })).rows).toHaveLength(12);
  });

  it.each([
    [
      "all",
      ["best.safetensors", "checkpoint.bin", "checkpoint.previous.bin", "model.safetensors", "record.json", "reports.jsonl", "spec.json"],
    ],
    ["models", ["best.safetensors", "model.safetensors", "record.json", "reports.jsonl", "spec.json"]],
    ["records", ["record.json", "reports.jsonl", "spec.json"]],
  ] as const)("keeps of a trial that has ended what is asked for: %s", async (keep, names) => {
    const store = memorySweepStore();
    const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } };
    const { rows } = await runSweep({ trial }, { executor: inlineExecutor(runtime), store, keep });
    expect([...(await store.run(rows[0].key).names())].sort()).toEqual(names);
    expect((await runSweep({ trial }, { executor: inlineExecutor(runtime), store })).rows[0].isFound).toBe(true);
  });

  it("runs those trials alone that were asked for", async () => {
    const store = memorySweepStore();
    const all = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store });
    const { key } = all.rows[5];
    const { executor, count } = watched();
    const one = await runSweep(tinySweep, { executor, store: memorySweepStore(), only: key.slice(0, 16) });
    expect([count(), one.rows.map((row) => row.key)]).toEqual([1, [key]]);
  });

  it("runs the parts alone that were asked for, counts those, and tells of others as far as they are there", async () => {
    const store = memorySweepStore();
    const part = (name: string, momentum: number) => ({ name, trial: { ...tinySweep.trial, optimizer: { method: "nesterov", momentum } } });
    const grid = { "optimizer.learningRate": [0.01, 0.003] };
    const parts = { trials: [part("slow", 0.5), part("fast", 0.9), part("none", 0)].map((one) => ({ ...one, grid })) };
    await runSweep({ trials: parts.trials.slice(0, 1) }, { executor: inlineExecutor(runtime), store });
    const { executor, count } = watched();
    const progress: SweepProgress[] = [];
    const only = (name: string) => name === "fast";
    const result = await runSweep(parts, { executor, store, onlyParts: only, onProgress: (one) => progress.push(one) });
    expect([count(), result.total, progress.at(-1)]).toMatchObject([2, 6, { total: 2, done: 2, found: 0 }]);
    expect(result.rows.map((row) => `${row.part} ${row.isFound}`)).toEqual(["slow true", "slow true", "fast false", "fast false"]);
  });

  it("runs a trial that is asked for also where a part before it has the same and is not", async () => {
    const trial = { ...tinySweep.trial, optimizer: { method: "nesterov", momentum: 0.5 } };
    const grid = { "optimizer.learningRate": [0.01, 0.003] };
    for (const more of [{}, { choose: { path: "optimizer.learningRate" }, pilot: { share: 0.5 } }]) {
      const sweep = { trials: ["first", "asked", "last"].map((name) => ({ name, trial, grid })), ...more };
      const { executor, count } = watched();
      const store = memorySweepStore();
      const onlyParts = (name: string) => name === "asked";
      const { rows } = await runSweep(sweep, { executor, store, onlyParts });
      const asked = rows.filter(({ part }) => part === "asked");
      expect(asked.length).toBe("pilot" in more ? 3 : 2);
      expect([count(), asked.every(({ state }) => state === "ended")]).toEqual([asked.length, true]);
    }
  });

  it("of a product too large to be looked at whole tells of combinations that are no trials, and runs the rest", async () => {
    const momentum = { schedule: "constant", value: 0.9, final: { value: 0.5 } };
    const seeds = Array.from({ length: 300 }, (_value, at) => at + 1);
    const base = { trial: { ...tinyTrial, optimizer: { method: "nesterov", momentum, learningRate: 0.01 } } };
    // A final phase of 5 of 2 updates is none.
    const grid = { seed: seeds, updates: [6, 2], "optimizer.momentum.final.updates": [1, 5] };
    const choose = { path: "updates", over: "optimizer.momentum.final.updates" };
    for (const [more, stopAt] of [
      [{}, 6],
      [{ choose, pilot: { share: 0.5 } }, 12],
    ] as const) {
      const { executor, signal } = watched((at, controller) => void (at === stopAt && controller.abort()));
      const { rows, cells } = await runSweep({ ...base, grid, ...more }, { executor, store: memorySweepStore(), signal });
      const failed = rows.filter(({ state }) => state === "failed");
      expect(failed.length).toBeGreaterThan(0);
      expect(failed[0]).toMatchObject({ key: "", failure: { code: "INVALID_OPTION", message: expect.stringContaining("final.updates") } });
      expect(rows.filter(({ state }) => state === "ended").length).toBeGreaterThanOrEqual(stopAt - 2);
      expect(trialsCsv(rows)).toContain("final.updates");
      expect(cells.every(({ isComplete }) => !isComplete)).toBe(true);
    }
  });

  it("counts a trial that diverged for what the biases alone reach, where that is asked for", async () => {
    const choose = { ...tinySweep.choose!, by: "zeroOne", diverged: "baseline" } as const;
    for (const pilot of [undefined, { share: 0.9 }]) {
      const sweep = { ...tinySweep, choose, ...(pilot === undefined ? {} : { pilot }) };
      const { cells } = await runSweep(sweep, { executor: inlineExecutor(runtime), store: memorySweepStore() });
      expect(cells.map(({ candidates }) => candidates[0].error)).toEqual([0.8464, 0.8464]);
      for (const { best } of cells) expect(best!.error).toBeLessThanOrEqual(1);
    }
  });

  it("takes wide kernels for a way to compute the numbers of relaxed", async () => {
    const opened: ExecutorSweep[] = [];
    const executor: Executor = {
      async open(sweep) {
        opened.push(sweep);
        return { jobs: 1, run: async () => ({ code: "stopped", message: "not run here" }), close: async () => {} };
      },
    };
    const run = (kernels: "wide" | "relaxed" | "simd") => runSweep(tinySweep, { executor, store: memorySweepStore(), kernels });
    const [wide, relaxed, simd] = [await run("wide"), await run("relaxed"), await run("simd")];
    expect(opened.map((sweep) => [sweep.kernels, sweep.wide])).toEqual([
      ["relaxed", true],
      ["relaxed", false],
      ["simd", false],
    ]);
    expect(wide.kernels).toBe("relaxed");
    expect(wide.rows.map(({ key }) => key)).toEqual(relaxed.rows.map(({ key }) => key));
    expect(wide.rows[0].key).not.toBe(simd.rows[0].key);
    const inline = { executor: inlineExecutor(runtime), store: memorySweepStore(), kernels: "wide" } as const;
    expect(await rejection(runSweep(tinySweep, inline))).toMatchObject({ option: "kernels", value: "wide" });
  });
});
