import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { isTrialKey } from "../sweeps/trialKey.js";
import { isReadOnly, noRoomOf } from "../trials/noRoom.js";
import { StoreError } from "../trials/store.js";
import { isOfSystem, remedyInPlace, type SystemError } from "../trials/systemTrouble.js";
import { tryDirectory } from "./makeDirectory.js";

/** The directory of all trials in that of a sweep, and that of one. */
export const trialsPlace = (directory: string): string => join(directory, "trials");
export const trialPlace = (directory: string, key: string): string => join(trialsPlace(directory), key);

/** The keys of what is there. Throws StoreError where something else has the place of all trials. */
export async function trialsIn(directory: string): Promise<string[]> {
  const place = trialsPlace(directory);
  try {
    return (await readdir(place)).filter(isTrialKey);
  } catch (error) {
    // The disk that a link leads to may not be mounted: no trials are then no answer.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw noTrials(directory, error);
    if (leadsNowhere(place)) throw noTrials(directory, undefined, nowhere);
    return [];
  }
}

/** Tries whether trials can be kept in a directory, and leaves nothing behind. Throws StoreError. */
export function tryTrials(directory: string): void {
  try {
    tryDirectory(trialsPlace(directory));
  } catch (error) {
    throw noRoomOf(error) === undefined ? noTrials(directory, error) : error;
  }
}

/**
 * Does something with the run of a trial. What stands in its place, or keeps it from being written, is that trial's trouble alone, and told
 * as such by a StoreError of its place; where no trial can be kept it is one of the whole directory.
 */
export async function inTrial<T>(directory: string, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isBusy = error instanceof StoreError && error.trouble === "busy";
    const none = noRoomOf(error);
    // A trial may be on a disk of its own, which can only be read; one that is full is taken for that of all.
    if (isBusy || (none !== undefined && !isReadOnly(none)) || !(error instanceof StoreError || isOfSystem(error))) throw error;
    tryTrials(directory);
    const place = trialPlace(directory, key);
    const what =
      troubleWithin(place, error, "cannot be written") ??
      `${place} is no directory in which a run can be kept (${reasonOf(error)}): ${remedyOf(error)}`;
    // A cause that can only be read would be taken for the disk of all trials.
    throw new StoreError("unusable", place, what, none === undefined ? { cause: error } : undefined);
  }
}

/** What is said of a place that leads nowhere. */
export const nowhere = "it is a link that leads nowhere";

/** Whether something has the name of a path and leads nowhere. */
export function leadsNowhere(path: string): boolean {
  const isThere = { throwIfNoEntry: false } as const;
  return statSync(path, isThere) === undefined && lstatSync(path, isThere) !== undefined;
}

/**
 * What is wrong with something in the place of a run, as a sentence that names it, so that nobody moves away a run that is good; undefined
 * where the place itself is what is wrong: it is no directory, or one that this user may not use.
 */
export function troubleWithin(place: string, error: unknown, cannot: "cannot be read" | "cannot be written"): string | undefined {
  if (error instanceof StoreError && error.place.startsWith(place + sep)) return error.message;
  const system = systemErrorOf(error);
  const file = system?.dest ?? system?.path;
  if (system === undefined || file === undefined || !file.startsWith(place + sep)) return undefined;
  const isThere = { throwIfNoEntry: false } as const;
  try {
    if (!statSync(place).isDirectory() || lstatSync(file, isThere) === undefined) return undefined;
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return undefined;
  }
  return `${file} ${cannot} (${system.message}): ${remedyInPlace(system.code, "move it away")}`;
}

/** What can be done about a place that cannot be used. */
export function remedyOf(error: unknown): string {
  return remedyInPlace(systemErrorOf(error)?.code, "move away what is in its place");
}

function noTrials(directory: string, error: unknown, reason = reasonOf(error)): StoreError {
  const remedy = `${remedyOf(error)}, or give the sweep another directory`;
  const what = `${trialsPlace(directory)} is no directory in which trials can be kept (${reason}): ${remedy}`;
  return new StoreError("unusable", directory, what, { cause: error });
}

/** What the system said of a place; where it was not asked, the place is something else. */
function reasonOf(error: unknown): string {
  return systemErrorOf(error)?.message ?? "it is not a directory";
}

function systemErrorOf(error: unknown): SystemError | undefined {
  if (isOfSystem(error)) return error;
  return error instanceof StoreError ? systemErrorOf(error.cause) : undefined;
}
