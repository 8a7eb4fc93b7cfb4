import { existsSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { InvalidOptionError } from "../errors.js";
import { type OpenStore, type Store, StoreError } from "../trials/store.js";
import { makeDirectory, removeMade } from "./makeDirectory.js";
import { appendRegular, readRegular } from "./regularFile.js";
import { LockedError, RunLock } from "./runLock.js";
import { removeLeftTemporaries } from "./temporaryNames.js";
import { flushDirectory, writeWholeFile } from "./wholeFile.js";

/** The file that says which process writes a directory. */
const lockName = "lock.json";

/**
 * A store that is a directory; contents are its files. It is made when a run is opened in it, with those above it that are missing, and
 * lock.json in it says which process writes it while one does. Nothing a process leaves behind when it is killed keeps the next one out.
 *
 * @throws InvalidOptionError for a path that is not text
 */
export function fileStore(directory: string): Store {
  if (typeof directory !== "string" || directory === "" || directory.includes("\0")) {
    throw new InvalidOptionError("directory", directory, "the path of a directory, as text");
  }
  return reading(directory);
}

function reading(directory: string): Store {
  return {
    place: directory,
    async names() {
      try {
        const entries = await readdir(directory, { withFileTypes: true });
        return entries.filter((entry) => !entry.isDirectory() && entry.name !== lockName).map(({ name }) => name);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    async read(name) {
      try {
        return await readRegular(join(directory, name));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    open: () => openDirectory(directory),
  };
}

async function openDirectory(directory: string): Promise<OpenStore> {
  const isThere = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const made = isThere ? [] : makeDirectory(directory);
  let lock: RunLock | undefined;
  try {
    if (isThere) makeDirectory(directory);
    lock = takeLock(directory);
    removeLeftTemporaries(directory);
  } catch (error) {
    lock?.release();
    removeMade(made);
    throw error;
  }
  return writing(directory, lock, made);
}

/** Removes the lock that a killed writer left in a directory, and what it had half written; touches nothing where a writer is at work. */
export async function removeLeft(directory: string): Promise<void> {
  if (!existsSync(join(directory, lockName))) return;
  try {
    await (await openDirectory(directory)).close();
  } catch (error) {
    if (!(error instanceof StoreError && error.trouble === "busy")) throw error;
  }
}

function writing(directory: string, lock: RunLock, made: readonly string[]): OpenStore {
  const path = (name: string): string => join(directory, name);
  return {
    ...reading(directory),
    write: (name, content) => writeWholeFile(path(name), content),
    append: (name, text) => appendRegular(path(name), text),
    async rename(from, to) {
      await rename(path(from), path(to));
      await flushDirectory(directory);
    },
    async remove(...names) {
      const present = (await reading(directory).names()).filter((name) => names.includes(name));
      if (present.length === 0) return;
      for (const name of present) await rm(path(name), { force: true });
      await flushDirectory(directory);
    },
    async close() {
      lock.release();
    },
    async discard() {
      lock.release();
      removeMade(made);
    },
  };
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function takeLock(directory: string): RunLock {
  const path = join(directory, lockName);
  try {
    return RunLock.take(path);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new StoreError("busy", directory, describeLock(directory, path, error), { cause: error });
  }
}

function describeLock(directory: string, path: string, { holder, runs }: LockedError): string {
  if (holder === undefined) return `${directory} has a lock that does not say whose it is; if no process writes this run, remove ${path}`;
  const who = `${directory} is being written by process ${holder.pid} on ${holder.host}`;
  if (runs) return `${who}, and one process at a time writes a run; wait until that one has ended, or give another directory`;
  return `${who}, or was when that stopped: from here it cannot be seen whether it still runs. If it does not, remove ${path}`;
}
