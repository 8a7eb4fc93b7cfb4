import { InvalidOptionError } from "../errors.js";
import { dataFiles } from "../node/dataFiles.js";
import type { DataFiles } from "../tasks/dataFiles.js";
import { kindOf, type TaskSpec } from "../tasks/index.js";
import { wordsFor } from "../tasks/published.js";
import { UsageError } from "./terminal/options.js";

/** What a task whose data come from files needs, in a sentence, and the command that fetches it; undefined for others. */
export function neededData(task: TaskSpec): string | undefined {
  const { files, name } = kindOf(task);
  if (files === undefined) return undefined;
  const needed = files.published?.filter(({ isNeeded }) => isNeeded);
  const where = needed === undefined ? files.wanted : `${wordsFor(needed)}; ${commandFor(name, "DIR")}`;
  return `${name} needs data: --data PATH, where there is ${where}`;
}

/** Throws UsageError for a task whose data come from files, of which the command line says nothing. */
export function requireNoData(task: TaskSpec): void {
  const needed = neededData(task);
  if (needed !== undefined) throw new UsageError(needed);
}

/**
 * The data of a task from the files at a path, that of `--data`. Throws InvalidOptionError, which says of files that are missing by which
 * command they are fetched, and FormatError.
 */
export async function readTaskData(task: TaskSpec, path: string): Promise<unknown> {
  const { files, name } = kindOf(task);
  try {
    return await files!.read(dataFiles(path), task);
  } catch (error) {
    const isMissing = error instanceof InvalidOptionError && error.option === "data" && error.value === path;
    if (!isMissing || files!.published === undefined) throw error;
    throw new InvalidOptionError("data", path, `${error.allowed}; ${commandFor(name, path)}`);
  }
}

/**
 * The files at the path of `--data` for tasks that take data from outside, each of which was read once, so that what is missing or damaged
 * is told before a trial begins; undefined where no task takes any. Throws UsageError where there is no path, and as `readTaskData`.
 */
export async function filesFor(tasks: readonly TaskSpec[], path: string | undefined): Promise<DataFiles | undefined> {
  const takers = tasks.filter((task) => kindOf(task).files !== undefined);
  if (path === undefined) {
    for (const task of takers) requireNoData(task);
    return undefined;
  }
  for (const task of takers) await readTaskData(task, path);
  return takers.length === 0 ? undefined : dataFiles(path);
}

function commandFor(name: string, out: string): string {
  return `heavyball data ${name} --from DIR|URL --out ${out} fetches it`;
}
