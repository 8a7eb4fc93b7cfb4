import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { noRoomIn, noRoomOf } from "../trials/noRoom.js";
import { StoreError } from "../trials/store.js";
import { remedyInPlace, type SystemError } from "../trials/systemTrouble.js";
import { temporaryName } from "./temporaryNames.js";

/**
 * Makes the directory of a store, with those above it that are missing, and tries whether files can be made in it: better to know now than
 * after the work whose results they are to hold. Returns the directories it made, the highest first. When it fails it leaves nothing behind
 * and throws StoreError.
 *
 * It goes one level at a time, because Node's `mkdirSync(path, { recursive: true })` never returns where the system answers ENOENT under a
 * directory that exists, as /proc does.
 */
export function makeDirectory(path: string): string[] {
  const made: string[] = [];
  try {
    for (const level of missingLevels(path)) if (makeLevel(level)) made.push(level);
    tryToWrite(path);
    return made;
  } catch (error) {
    removeMade(made);
    if (!(error instanceof Error && "syscall" in error)) throw error;
    if (noRoomOf(error) !== undefined) throw noRoomIn(path, error);
    const mend = remedyInPlace((error as SystemError).code, "");
    const remedies = `${mend === "" ? "" : `${mend}, or `}give another directory`;
    const message = `store is ${JSON.stringify(path)}, where nothing can be written (${error.message}); ${remedies}`;
    throw new StoreError("unusable", path, message, { cause: error });
  }
}

/** Tries whether a directory can be made and written, and leaves nothing behind. Throws StoreError. */
export function tryDirectory(path: string): void {
  removeMade(makeDirectory(path));
}

/** Removes the directories that `makeDirectory` made, as far as they are empty: what others have put there meanwhile stays. */
export function removeMade(made: readonly string[]): void {
  for (const level of [...made].reverse()) removeEmpty(level);
}

function tryToWrite(path: string): void {
  const probe = temporaryName(join(path, "probe"));
  mkdirSync(probe);
  try {
    rmdirSync(probe);
  } catch (error) {
    // A disk that failed once may do it now; what went wrong first is what there is to tell.
    removeEmpty(probe);
    throw error;
  }
}

/** The directories to make, the highest first. */
function missingLevels(path: string): string[] {
  const missing: string[] = [];
  for (let level = resolve(path); ; level = dirname(level)) {
    const kind = kindOf(level);
    if (kind === "directory") return missing;
    if (kind === "other")
      throw new StoreError(
        "unusable",
        path,
        `store is ${JSON.stringify(path)}, and ${level} is not a directory; give the path of one, or one that does not exist yet`,
      );
    missing.unshift(level);
    if (dirname(level) === level) return missing;
  }
}

/** "missing" too for what lies below a file: the file itself is found further up. */
function kindOf(path: string): "directory" | "other" | "missing" {
  try {
    return statSync(path).isDirectory() ? "directory" : "other";
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "missing";
    throw error;
  }
}

/** False when another process, such as a second run beside this one, was quicker. */
function makeLevel(level: string): boolean {
  try {
    mkdirSync(level);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && kindOf(level) === "directory") return false;
    throw error;
  }
}

function removeEmpty(level: string): void {
  try {
    rmdirSync(level);
  } catch {
    // What matters is the failure that led here.
  }
}
