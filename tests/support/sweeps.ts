import type { StoredRecord, Sweep, SweepResult, SweepStore } from "heavyball";
import { task } from "./storedTrials.js";

/** A trial of some milliseconds; what a grid sets is left out. */
export const tinyTrial = { task, optimizer: { method: "nesterov", momentum: 0.9 }, batchSize: 4, updates: 6, seed: 7 };

/** Two momenta, each with three rates, one of which diverges at once, from two seeds. */
export const tinySweep: Sweep = {
  trial: tinyTrial,
  grid: { "optimizer.momentum": [0.5, 0.9], "optimizer.learningRate": [1e30, 0.01, 0.003], seed: [1, 2] },
  choose: { path: "optimizer.learningRate", by: "heldOutLoss", over: "seed" },
};

/** A record without times and the machine, which are not the spec's. */
export const comparableRecord = ({ seconds: _seconds, machine: _machine, ...rest }: StoredRecord) => rest;

/** What came of a sweep, by key, apart from times. */
export const outcomes = ({ rows }: Pick<SweepResult, "rows">) =>
  Object.fromEntries(rows.map(({ key, record }) => [key, record && comparableRecord(record)]));

/** The parameters that each trial ended with, as text, by key. */
export async function models(store: SweepStore, { rows }: Pick<SweepResult, "rows">): Promise<Record<string, string>> {
  const entries = rows.map(async ({ key }) => [key, String(await store.run(key).read("model.safetensors"))] as const);
  return Object.fromEntries(await Promise.all(entries));
}
