import { Breath } from "../breath.js";
import { HeavyballError, InvalidOptionError } from "../errors.js";
import { formatCountOf } from "../report/text/format.js";
import type { KernelVariant } from "../runtime/kernels.js";
import type { TaskSpec } from "../tasks/index.js";
import { findCheckpoint } from "../trials/checkpoints.js";
import { dataDigest } from "../trials/dataDigest.js";
import type { Store } from "../trials/store.js";
import { cellsOf } from "./cells.js";
import type { CheckedSweep } from "./checkedSweep.js";
import { plannedTrials } from "./expandSweep.js";
import { trialsOfRounds } from "./halve.js";
import type { StoredTrial } from "./storedTrial.js";
import type { PlannedTrial } from "./sweep.js";
import { isDataFiles, readingOf, SweepData } from "./sweepData.js";
import type { SweepStore } from "./sweepStore.js";
import { trialKey } from "./trialKey.js";

/** Data that are given to a sweep, and the store in which its trials are. */
export interface GivenData {
  /** Files, or data as `runTrial` takes them. */
  readonly data: unknown;
  /** Those that are to be run and take data from outside. */
  readonly tasks: readonly TaskSpec[];
  readonly store: Pick<SweepStore, "place" | "run">;
  /** What the store holds. */
  readonly found: ReadonlyMap<string, StoredTrial>;
  readonly kernels: KernelVariant;
  /** Ends the search: nothing will be run. */
  readonly signal?: AbortSignal | undefined;
}

/** Keys that a message gives. */
const mostNamed = 3;

/**
 * Trials of a sweep that have ended, or were begun, were trained on the data that are given to it now: data are no part of a trial's key,
 * and results on others would be given as those on these. Trials that no SHA-256 of data is known of are as they were.
 *
 * @throws InvalidOptionError that counts the others and names them
 */
export async function refuseOtherData(checked: CheckedSweep, given: GivenData): Promise<void> {
  const { data, found, store, kernels, signal } = given;
  const digests = await givenDigests(given);
  const suspects = new Set<string>();
  for (const trial of found.values()) if (await isOfOthers(trial, digests, store)) suspects.add(trial.key);
  const others: string[] = [];
  const breath = new Breath();
  for (const { spec, failure } of everyTrial(checked)) {
    // The data of few are in doubt, and a sweep may have a million.
    if (suspects.size === 0 || signal?.aborted) break;
    if (breath.isDue) await breath.take();
    const digest = failure === undefined ? digests.get(readingOf(spec.task)) : undefined;
    if (digest === undefined) continue;
    const key = await trialKey(spec, { kernels });
    if (suspects.delete(key)) others.push(key);
  }
  if (others.length === 0) return;
  const names = others.slice(0, mostNamed).map((key) => key.slice(0, 12));
  const more = others.length > mostNamed ? ` and ${others.length - mostNamed} more` : "";
  const what = `${formatCountOf(others.length, "trial")} of this sweep in ${store.place}`;
  const [were, them] = others.length === 1 ? ["was", "it"] : ["were", "them"];
  throw new InvalidOptionError(
    "data",
    isDataFiles(data) ? data.place : data,
    (name) => `what ${what} ${were} trained on (${names.join(", ")}${more}): give that, another ${name("store")}, or move ${them} away`,
  );
}

/**
 * The SHA-256 of what each of the tasks takes of the data: none where no trial is there with which they could be compared, nor of data that
 * cannot be read or are not the task's, which its trials tell.
 */
async function givenDigests({ data, tasks, found }: GivenData): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  if (![...found.values()].some((trial) => trial.state !== "ended" || trial.record.data !== undefined)) return digests;
  const read = new SweepData(data);
  for (const task of tasks) {
    if (digests.has(readingOf(task))) continue;
    const digest = await unlessUnreadable(async () => dataDigest({ task }, await read.of(task)));
    if (digest !== undefined) digests.set(readingOf(task), digest);
  }
  return digests;
}

/**
 * Whether a trial was trained on other data than those that are given. Of one that has not ended its run tells, but not what its task was:
 * it is of others where they are none of those given.
 */
async function isOfOthers(trial: StoredTrial, digests: ReadonlyMap<string, string>, store: GivenData["store"]): Promise<boolean> {
  if (digests.size === 0) return false;
  if (trial.state !== "ended") {
    const trained = await dataOfRun(store.run(trial.key));
    return trained !== undefined && ![...digests.values()].includes(trained);
  }
  const { spec, data } = trial.record;
  const digest = digests.get(readingOf(spec.task));
  return data !== undefined && digest !== undefined && data !== digest;
}

/** Every trial that a sweep may run, those of successive halving included. */
function* everyTrial(checked: CheckedSweep): Generator<PlannedTrial, void, undefined> {
  const { pilot } = checked;
  if (pilot === undefined) yield* plannedTrials(checked);
  else for (const cell of cellsOf(checked)) yield* trialsOfRounds(cell, pilot);
}

/** The SHA-256 of the data with which a run was begun; undefined where it tells none. What is wrong with it is told when it goes on. */
function dataOfRun(run: Store): Promise<string | undefined> {
  return unlessUnreadable(async () => (await findCheckpoint(run)).found?.checkpoint.data);
}

async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof HeavyballError || (error instanceof Error && "syscall" in error)) return undefined;
    throw error;
  }
}
