import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidOptionError, memorySweepStore, runSweep, type Sweep } from "heavyball";
import { dataFiles, localExecutor, sweepDirectory } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shareCores } from "#internal/node/localExecutor";
import { rejection } from "../support/failures.js";
import { runsOf } from "../support/sweepRuns.js";
import { outcomes, tinySweep, tinyTrial } from "../support/sweeps.js";

const program = fileURLToPath(new URL("../support/sweepProcess.mjs", import.meta.url));

/** Trials of about a second, with a checkpoint every 50 ms, beside one that diverges. */
const sweep: Sweep = {
  trial: { ...tinyTrial, updates: 30_000 },
  grid: { "optimizer.learningRate": [1e30, 0.01, 0.003], seed: [1, 2] },
};

let directory: string;
let file: string;
let whole: Record<string, unknown>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-sweep-"));
  file = join(directory, "sweep.json");
  writeFileSync(file, JSON.stringify(sweep));
  expect((await begin("whole").ended).output).toMatch(/done 6 6\n$/);
  whole = runs("whole");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const runs = (name: string) => runsOf(join(directory, name));

/** Begins the sweep, or goes on with it. */
function begin(name: string) {
  const child = spawn(process.execPath, [program, file, join(directory, name)], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<{ output: string; signal: NodeJS.Signals | null }>((resolve) =>
    child.once("close", (_, signal) => resolve({ output, signal })),
  );
  return { child, ended };
}

const children = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
};
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Moments that differ from run to run: whenever it is, the bits are the same. */
const moment = (most: number) => pause(Math.random() * most);

const onLinux = process.platform === "linux";

describe("a sweep in processes", () => {
  it.runIf(onLinux)("whose processes are killed at random moments ends in the same bits", async () => {
    const { child, ended } = begin("children-killed");
    let kills = 0;
    while (child.exitCode === null && kills < 15) {
      await moment(700);
      const [first, second] = children(child.pid!);
      const one = Math.random() < 0.5 ? (second ?? first) : first;
      if (one === undefined) continue;
      process.kill(one, kills % 4 === 3 ? "SIGTERM" : "SIGKILL");
      kills++;
    }
    const { output } = await ended;
    expect(output).toMatch(/done 6 6\n$/);
    expect(output).toMatch(/trouble the process of trial [0-9a-f]{12} was ended by SIGKILL; another goes on from its last checkpoint\n/);
    expect(kills).toBeGreaterThan(3);
    expect(runs("children-killed")).toEqual(whole);
  });

  it.runIf(onLinux)("that is killed itself, its processes stopping without it, goes on to the same bits", async () => {
    let output = "";
    for (let kills = 0; kills < 40 && !output.includes("done"); kills++) {
      const { child, ended } = begin("parent-killed");
      if (kills < 5) {
        await pause(250);
        await moment(700);
        child.kill("SIGKILL");
      }
      ({ output } = await ended);
    }
    expect(output).toMatch(/done 6 6\n$/);
    expect(runs("parent-killed")).toEqual(whole);
  });

  it("that is extended runs what is missing alone", async () => {
    const { rows } = await runSweep(
      { ...sweep, grid: { ...sweep.grid, seed: [1, 2, 3] } },
      { executor: localExecutor({ jobs: 2 }), store: sweepDirectory(join(directory, "whole")), kernels: "simd" },
    );
    expect(rows.map(({ isFound }) => isFound)).toEqual([true, true, false, true, true, false, true, true, false]);
    expect(rows.every(({ state }) => state === "ended")).toBe(true);
  });

  it("comes to what the inline executor comes to", async () => {
    const { createRuntime, inlineExecutor } = await import("heavyball");
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const inline = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store: memorySweepStore() });
    await runtime.dispose();
    const store = sweepDirectory(join(directory, "both"));
    expect(outcomes(await runSweep(tinySweep, { executor: localExecutor(), store, kernels: "simd" }))).toEqual(outcomes(inline));
  });

  it("stops when its signal says so, with checkpoints", async () => {
    const controller = new AbortController();
    const store = sweepDirectory(join(directory, "stopped"));
    const long = { trial: { ...tinyTrial, updates: 100_000_000 }, grid: { "optimizer.learningRate": [0.01, 0.003] } };
    const result = await runSweep(long, {
      executor: localExecutor({ jobs: 2 }),
      store,
      signal: controller.signal,
      onProgress: ({ running }) => {
        if (running.length === 2 && running.every(({ progress }) => (progress?.update ?? 0) > 0)) controller.abort();
      },
    });
    expect(result.rows.map(({ state }) => state)).toEqual(["stopped", "stopped"]);
    for (const { key } of result.rows) expect(await store.run(key).names()).toContain("checkpoint.bin");
    expect([...(await store.list()).trials.values()].map(({ state }) => state)).toEqual(["begun", "begun"]);
  });

  it("reads data from files, and says what is wrong with them of every trial", async () => {
    const table = join(directory, "table.csv");
    writeFileSync(table, `a,b,kind\n${Array.from({ length: 40 }, (_, i) => `${i},${i * i},${i % 2 ? "odd" : "even"}\n`).join("")}`);
    const trial = { task: { name: "data", hidden: [4] }, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 5, batchSize: 8 };
    const options = (name: string, path: string) => ({
      executor: localExecutor({ jobs: 1 }),
      store: sweepDirectory(join(directory, name)),
      data: dataFiles(path),
    });
    const good = await runSweep({ trial, grid: { seed: [1, 2] } }, options("data", table));
    expect(good.rows.map(({ record }) => record?.data)).toEqual(Array(2).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));
    const bad = await runSweep({ trial, grid: { seed: [1, 2] } }, options("no-data", join(directory, "nothing.csv")));
    expect(bad.rows.map(({ state, failure }) => [state, failure?.code])).toEqual(Array(2).fill(["failed", "INVALID_OPTION"]));
    const mended = await runSweep({ trial, grid: { seed: [1, 2] } }, options("no-data", table));
    expect(mended.rows.map(({ state }) => state)).toEqual(["ended", "ended"]);
    expect(readdirSync(join(directory, "no-data", "trials", mended.rows[0].key))).not.toContain("failure.json");
  });

  it("gives up a trial whose process dies again and again, and says how it died", async () => {
    const troubles: string[] = [];
    const before = process.execArgv;
    process.execArgv = [...before, "--no-such-flag-of-node"];
    try {
      const trial = { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } };
      const { rows } = await runSweep(
        { trial, grid: { seed: [1, 2] } },
        {
          executor: localExecutor({ jobs: 1, attempts: 2 }),
          store: sweepDirectory(join(directory, "dying")),
          onTrouble: (sentence) => troubles.push(sentence),
        },
      );
      expect(rows.map(({ state, failure }) => [state, failure?.code])).toEqual(Array(2).fill(["failed", "PROCESS_LOST"]));
      expect(troubles).toHaveLength(2);
      expect(troubles[0]).toMatch(/^the process of trial [0-9a-f]{12} ended with exit code 9 \(.*no-such-flag-of-node\); another goes on/);
    } finally {
      process.execArgv = before;
    }
  });
});

describe("the executor of processes", () => {
  it("shares the cores: a trial a core, unless told otherwise", () => {
    expect(shareCores({}, 8)).toEqual({ jobs: 8, threads: 1 });
    expect(shareCores({ threads: 4 }, 8)).toEqual({ jobs: 2, threads: 4 });
    expect(shareCores({ jobs: 3 }, 8)).toEqual({ jobs: 3, threads: 2 });
    expect(shareCores({ jobs: 16 }, 8)).toEqual({ jobs: 16, threads: 1 });
    expect(shareCores({ jobs: 1, threads: 1 }, 8)).toEqual({ jobs: 1, threads: 1 });
  });

  it("refuses what processes cannot share", async () => {
    const executor = localExecutor({ jobs: 1 });
    const inMemory = await rejection(runSweep(tinySweep, { executor, store: memorySweepStore() }));
    expect(inMemory).toBeInstanceOf(InvalidOptionError);
    expect(inMemory.message).toMatch(/^store is .* must be one that other processes find: sweepDirectory\(path\)$/);
    const store = sweepDirectory(join(directory, "refused"));
    const trial = { task: { name: "data" }, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 5 };
    const error = await rejection(runSweep({ trial }, { executor, store, data: { inputs: new Float32Array(3) } }));
    expect(error.message).toMatch(/must be files that other processes can read: dataFiles\(path\)$/);
    expect(() => localExecutor({ jobs: 0 })).toThrow(/^jobs is 0/);
    expect(() => localExecutor({ cores: 2 } as never)).toThrow(/^localExecutor\.cores is 2/);
  });
});
