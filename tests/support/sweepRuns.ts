import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runSweep, type Sweep } from "heavyball";
import { localExecutor, sweepDirectory } from "heavyball/node";
import { expect } from "vitest";
import { digestOf } from "#internal/node/sweepIndex";
import { contents, leftovers } from "./runFiles.js";
import { tinyTrial } from "./sweeps.js";

/** Seconds between two checkpoints of a sweep that is disturbed, and deaths of a trial after which it is given up: not for what is lost. */
export const checkpointSeconds = 0.02;
export const attempts = 1000;

/** A sweep to be disturbed: trials of some tenths of a second. */
export const disturbedSweep = (learningRates: readonly number[]): Sweep => ({
  trial: { ...tinyTrial, updates: 12_000 },
  grid: { "optimizer.learningRate": learningRates, seed: [1, 2] },
});

/** What that sweep leaves where nothing happens to it. */
export async function runUndisturbed(sweep: Sweep, directory: string): Promise<Record<string, unknown>> {
  const store = sweepDirectory(directory);
  const executor = localExecutor({ jobs: 2, threads: 1 });
  await runSweep(sweep, { executor, store, kernels: "simd", checkpointSeconds });
  return runsOf(directory);
}

/** What the trials of a sweep's directory left, by key, without what is not their specs'. */
export function runsOf(directory: string): Record<string, unknown> {
  const trials = join(directory, "trials");
  return Object.fromEntries(readdirSync(trials).map((key) => [key, left(join(trials, key))]));
}

/** Long contents as digests, which are compared, and shown where they differ, in no time. One that diverged has no model. */
function left(run: string): unknown {
  const record = JSON.parse(readFileSync(join(run, "record.json"), "utf8"));
  expect(leftovers(run)).toEqual([]);
  if (record.end.code === "diverged") return [record.spec, record.end, record.update];
  const { files, record: whole, ...rest } = contents(run);
  const digests = Object.entries(rest).map(([name, content]) => [name, digestOf(JSON.stringify(content))]);
  return { files, record: whole, ...Object.fromEntries(digests) };
}
