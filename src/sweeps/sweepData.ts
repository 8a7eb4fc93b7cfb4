import { isRecord } from "../boundary/realm.js";
import type { DataFiles } from "../tasks/dataFiles.js";
import { kindOf, type TaskSpec } from "../tasks/index.js";

/** Data of so many tasks are kept in memory at a time. */
const MOST_KEPT = 2;

/** Which data a task takes from files: tasks for which it is the same have the same. */
export function readingOf(task: TaskSpec): string {
  return JSON.stringify([task.name, kindOf(task).files?.reading?.(task)]);
}

/** The data of a sweep's tasks, each read once where they come from files. */
export class SweepData {
  private readonly kept = new Map<string, Promise<unknown>>();

  /** `given`: files, or data as `runTrial` takes them. */
  constructor(private readonly given: unknown) {}

  /** What a trial of a task takes; undefined for a task that makes its data itself. Throws FormatError, InvalidOptionError. */
  of(task: TaskSpec): Promise<unknown> {
    const { files } = kindOf(task);
    if (files === undefined) return Promise.resolve(undefined);
    const { given } = this;
    if (!isDataFiles(given)) return Promise.resolve(given);
    const key = readingOf(task);
    const known = this.kept.get(key) ?? files.read(given, task);
    // The one that was asked for last is the last to go.
    this.kept.delete(key);
    this.kept.set(key, known);
    for (const old of [...this.kept.keys()].slice(0, -MOST_KEPT)) this.kept.delete(old);
    known.catch(() => this.kept.delete(key));
    return known;
  }

  /** Whether a task can have what it asks for of them. Throws FormatError, InvalidOptionError, ShapeError. */
  async check(task: TaskSpec): Promise<void> {
    const { files } = kindOf(task);
    if (files === undefined) return;
    const data = await this.of(task);
    files.checkEnough?.(task, isDataFiles(this.given) ? data : files.check(data));
  }
}

/** Whether data are files by name, such as `dataFiles(path)` of heavyball/node gives. */
export function isDataFiles(data: unknown): data is DataFiles {
  return isRecord(data) && typeof data.place === "string" && typeof data.names === "function" && typeof data.read === "function";
}
