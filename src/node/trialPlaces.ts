import { lstatSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isTrialKey } from "../sweeps/trialKey.js";
import { noRoomOf } from "../trials/noRoom.js";
import { StoreError } from "../trials/store.js";
import { tryDirectory } from "./makeDirectory.js";

/** The directory of all trials in that of a sweep, and that of one. */
export const trialsPlace = (directory: string): string => join(directory, "trials");
export const trialPlace = (directory: string, key: string): string => join(trialsPlace(directory), key);

/** The keys of what is there. Throws StoreError where something else has the place of all trials. */
export async function trialsIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(trialsPlace(directory))).filter(isTrialKey);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw noTrials(directory, error);
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
    if (isBusy || noRoomOf(error) !== undefined || !(error instanceof StoreError || isOfSystem(error))) throw error;
    tryTrials(directory);
    const place = trialPlace(directory, key);
    const what = `${place} is no directory in which a run can be kept (${reasonOf(error)}): move away what is in its place`;
    throw new StoreError("unusable", place, what, { cause: error });
  }
}

/** Whether something has the name of a path and leads nowhere. */
export function leadsNowhere(path: string): boolean {
  const isThere = { throwIfNoEntry: false } as const;
  return statSync(path, isThere) === undefined && lstatSync(path, isThere) !== undefined;
}

/** Whether an error is the system's. */
export function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

function noTrials(directory: string, error: unknown): StoreError {
  const remedy = "move away what is in its place, or give the sweep another directory";
  const what = `${trialsPlace(directory)} is no directory in which trials can be kept (${reasonOf(error)}): ${remedy}`;
  return new StoreError("unusable", directory, what, { cause: error });
}

/** What the system said of a place; where it was not asked, the place is something else. */
function reasonOf(error: unknown): string {
  const said = isOfSystem(error) ? error : (error as Error).cause;
  return said instanceof Error ? said.message : "it is not a directory";
}
