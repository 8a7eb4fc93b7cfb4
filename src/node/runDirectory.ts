import { appendFileSync, existsSync, statSync, unlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../cli/terminal/options.js";
import type { Report } from "../trials/trial.js";
import { checkpointFiles } from "./checkpointFiles.js";
import { makeDirectory, removeMade } from "./makeDirectory.js";
import { LockedError, RunLock } from "./runLock.js";
import { removeLeftTemporaries } from "./temporaryNames.js";
import { flushDirectory, writeWholeFile } from "./wholeFile.js";

/** Files of a run, in the order in which they appear; `checkpointFiles.ts` has the rest. */
const files = ["spec.json", "reports.jsonl", "best.safetensors", "model.safetensors", "record.json", "report.html"] as const;

/**
 * The directory a trial writes to, one process at a time:
 *
 *     lock.json           while one does: which, and where it runs
 *     spec.json           makes it repeatable
 *     reports.jsonl       one report a line, as they come
 *     checkpoint.bin      the state, every so many seconds; checkpoint.previous.bin is the one before
 *     best.safetensors    the network of the lowest watched error so far (bestModel.ts)
 *     model.safetensors   the network, when the trial has ended or been stopped
 *     record.json         when it has ended: spec, versions, errors
 *     report.html         for people
 */
export class RunDirectory {
  private constructor(
    readonly path: string,
    private readonly lock: RunLock,
    /** Directories that were made for it. */
    private readonly made: readonly string[],
  ) {}

  /** Throws UsageError when a directory holds a run already. */
  static requireNoRun(path: string): void {
    const present = files.find((file) => existsSync(join(path, file))) ?? checkpointFiles.find((file) => isFile(join(path, file)));
    if (present === undefined) return;
    throw new UsageError(
      `${path} holds a run already (${present}); give another directory, remove it, or go on with it: heavyball train --resume --out ` +
        `${path}`,
    );
  }

  /** A directory for a new run, made if need be. Throws UsageError when it cannot be, or holds a run already: nothing is overwritten. */
  static create(path: string): RunDirectory {
    RunDirectory.requireNoRun(path);
    const made = makeDirectory(path);
    let lock: RunLock | undefined;
    try {
      lock = takeLock(path);
      // Another may have begun and ended meanwhile.
      RunDirectory.requireNoRun(path);
      removeLeftTemporaries(path);
      return new RunDirectory(path, lock, made);
    } catch (error) {
      lock?.release();
      removeMade(made);
      throw error;
    }
  }

  /** The directory of a run that was begun, or undefined. Throws UsageError when another process writes it. */
  static open(path: string): RunDirectory | undefined {
    if (!holdsRun(path)) return undefined;
    const lock = takeLock(path);
    try {
      if (holdsRun(path)) {
        removeLeftTemporaries(path);
        return new RunDirectory(path, lock, []);
      }
    } catch (error) {
      lock.release();
      throw error;
    }
    lock.release();
    return undefined;
  }

  file(name: (typeof files)[number]): string {
    return join(this.path, name);
  }

  /** Writes one of the files whole, and returns its path. */
  async write(name: (typeof files)[number], content: string | Uint8Array): Promise<string> {
    const path = this.file(name);
    await writeWholeFile(path, content);
    return path;
  }

  /** Removes files that no longer say the truth about the run. */
  async remove(...names: (typeof files)[number][]): Promise<void> {
    const present = names.filter((name) => existsSync(this.file(name)));
    if (present.length === 0) return;
    for (const name of present) await rm(this.file(name), { force: true });
    await flushDirectory(this.path);
  }

  addReport(report: Report): void {
    appendFileSync(this.file("reports.jsonl"), reportLine(report));
  }

  /** Cuts the reports back to these. */
  async setReports(reports: readonly Report[]): Promise<void> {
    await this.write("reports.jsonl", reports.map(reportLine).join(""));
  }

  /** Others may write it from now on. */
  close(): void {
    this.lock.release();
  }

  /** Takes back a run that came to nothing: the corrected command finds the place as this one did. */
  discard(): void {
    for (const name of [...files, ...checkpointFiles]) {
      try {
        unlinkSync(join(this.path, name));
      } catch {
        // Not there, or nothing of this run's. What matters is the failure that led here.
      }
    }
    this.close();
    removeMade(this.made);
  }
}

function holdsRun(path: string): boolean {
  return existsSync(join(path, "spec.json"));
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function takeLock(directory: string): RunLock {
  const path = join(directory, "lock.json");
  try {
    return RunLock.take(path);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    const { holder, runs } = error;
    if (holder === undefined)
      throw new UsageError(`${directory} has a lock that does not say whose it is; if no process writes this run, remove ${path}`);
    const who = `${directory} is being written by process ${holder.pid} on ${holder.host}`;
    if (runs)
      throw new UsageError(`${who}, and one process at a time writes a run; wait until that one has ended, or give another directory`);
    throw new UsageError(
      `${who}, or was when that stopped: from here it cannot be seen whether it still runs. If it does not, remove ${path}`,
    );
  }
}

function reportLine(report: Report): string {
  return `${JSON.stringify(report)}\n`;
}
