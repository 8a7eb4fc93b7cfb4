import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { withPath } from "./onFile.js";
import { isRunning, ownIdentity, ownPlace, type Place, type ProcessIdentity } from "./processIdentity.js";
import { readRegularTextSync } from "./regularFile.js";
import { takeoverName, temporaryName } from "./temporaryNames.js";

const mostTries = 1000;

/** What a lock file says: who holds it. */
export interface LockHolder extends ProcessIdentity, Place {
  /** When it was taken. */
  readonly since: string;
  /** Tells one taking from another. */
  readonly token: string;
}

/** A lock is held by another writer, or by somebody of whom this machine cannot tell whether he is gone. */
export class LockedError extends Error {
  override readonly name = "LockedError";
  constructor(
    readonly path: string,
    /** Undefined when the file does not say. */
    readonly holder: LockHolder | undefined,
    /** Whether the holder is known to run. */
    readonly runs: boolean,
  ) {
    super(`${path} is held${holder === undefined ? "" : ` by process ${holder.pid} on ${holder.host}`}`);
  }
}

/**
 * A file that says that one process writes what it stands for. It appears whole or not at all, under one name that only one can give it
 * (`link`). A lock whose process is gone is taken over. Two threads of one process are two writers.
 */
export class RunLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {}

  /** Those of this process. */
  private static readonly held = new Set<RunLock>();

  /** Throws LockedError when another holds it. */
  static take(path: string): RunLock {
    const holder: LockHolder = { ...ownIdentity(), ...ownPlace(), since: new Date().toISOString(), token: randomUUID() };
    for (let tries = 0; ; tries++) {
      if (create(path, holder)) {
        const lock = new RunLock(path, holder.token);
        // A second Ctrl-C ends the process from within. One listener for all: Node takes more than ten for a mistake, and says so.
        if (RunLock.held.size === 0) process.on("exit", RunLock.releaseAll);
        RunLock.held.add(lock);
        return lock;
      }
      const other = readHolder(path);
      // Released meanwhile; again and again only where the name leads nowhere, as a symbolic link may.
      if (other === "none" && tries < mostTries) continue;
      if (other === "none" || other === "unreadable") throw new LockedError(path, undefined, false);
      const state = stateOf(other);
      if (state !== "gone") throw new LockedError(path, other, state === "runs");
      removeLeftLock(path, other);
    }
  }

  private static readonly releaseAll = (): void => {
    for (const lock of [...RunLock.held]) lock.release();
  };

  /** Once released, or taken away by hand, it is not touched again. */
  release(): void {
    if (RunLock.held.delete(this) && RunLock.held.size === 0) process.off("exit", RunLock.releaseAll);
    const holder = readHolder(this.path);
    if (typeof holder === "object" && holder.token === this.token) rmSync(this.path, { force: true });
  }
}

/**
 * Removes the lock of a process that is gone. Of all who find it only one may, or the second would remove the lock that the first then
 * made: whoever does holds meanwhile a lock of its own, named by that one lock's token, and looks once more whether that is still the one.
 */
function removeLeftLock(path: string, left: LockHolder): void {
  const right = RunLock.take(takeoverName(path, left.token));
  try {
    const present = readHolder(path);
    if (typeof present === "object" && present.token === left.token) rmSync(path, { force: true });
  } finally {
    right.release();
  }
}

/** False when there is one already. */
function create(path: string, holder: LockHolder): boolean {
  const text = `${JSON.stringify(holder, null, 2)}\n`;
  const temporary = temporaryName(path);
  try {
    writeNew(temporary, text);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) throw withPath(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
  return createWithoutLinks(path, text);
}

/** For file systems without hard links: as exclusive, but a reader may see it before it is written. */
function createWithoutLinks(path: string, text: string): boolean {
  try {
    writeNew(path, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function writeNew(path: string, text: string): void {
  const file = openSync(path, "wx");
  try {
    writeSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function readHolder(path: string): LockHolder | "none" | "unreadable" {
  let text: string;
  try {
    text = readRegularTextSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "none";
    // A directory, a pipe or a device in its place.
    if (code === "EISDIR" || code === "ENXIO") return "unreadable";
    throw withPath(path, error);
  }
  try {
    const { pid, began, host, boot, numbers, since, token } = JSON.parse(text) as LockHolder;
    const isWhole =
      Number.isSafeInteger(pid) &&
      pid > 0 &&
      /^[0-9a-f-]{36}$/.test(token) &&
      [began, host, boot, numbers, since].every((member) => typeof member === "string");
    return isWhole ? { pid, began, host, boot, numbers, since, token } : "unreadable";
  } catch {
    return "unreadable";
  }
}

/** "unknown": of another machine, or of another container on this one. */
function stateOf(holder: LockHolder): "runs" | "gone" | "unknown" {
  const here = ownPlace();
  if (holder.host !== here.host) return "unknown";
  if (holder.boot !== here.boot) return "gone";
  if (holder.numbers !== here.numbers) return "unknown";
  return isRunning(holder) ? "runs" : "gone";
}
