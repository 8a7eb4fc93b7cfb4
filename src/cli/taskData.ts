import { existsSync } from "node:fs";
import { InvalidOptionError } from "../errors.js";
import { dataFiles } from "../node/dataFiles.js";
import { isMissing, lackingData } from "../studies/lackingData.js";
import { SweepData } from "../sweeps/sweepData.js";
import { makesItself, namesOf } from "../sweeps/sweepOutline.js";
import type { DataFiles } from "../tasks/dataFiles.js";
import { kindOf, type TaskName, type TaskSpec } from "../tasks/index.js";
import { wordsFor } from "../tasks/published.js";
import { UsageError } from "./terminal/options.js";
import { optionOfPath } from "./trainOptions.js";

/** What a task whose data come from files needs, in a sentence, and the command that fetches it; undefined for others. */
export function neededData(task: Pick<TaskSpec, "name">): string | undefined {
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

/** Throws UsageError for a path of `--data` that no task has a use for. */
export function requireTakers(tasks: readonly TaskSpec[], path: string | undefined): void {
  if (path === undefined || tasks.some((task) => kindOf(task).files !== undefined)) return;
  throw new UsageError(`--data does not apply to ${namesOf(tasks)}, which ${makesItself(tasks)}`);
}

/**
 * The data of a task from the files at a path, that of `--data`. Throws InvalidOptionError, which says of files that are missing by which
 * command they are fetched, UsageError where they have less than the task asks for, and FormatError.
 */
export async function readTaskData(task: TaskSpec, path: string): Promise<unknown> {
  const data = new SweepData(dataFiles(path));
  const read = await told(task, path, () => data.of(task));
  await withPath(
    path,
    () => data.check(task),
    (part) => optionOfPath(task.name, part) ?? part,
  );
  return read;
}

/** Does what reads the data of a task from a path; of files that are missing it is said by which command they are fetched. */
async function told<T>(task: TaskSpec, path: string, read: () => Promise<T>): Promise<T> {
  const { files, name } = kindOf(task);
  try {
    return await read();
  } catch (error) {
    if (!isMissing(error, { place: path }) || files!.published === undefined) throw error;
    throw new InvalidOptionError("data", path, `${error.allowed}; ${commandFor(name, path)}`);
  }
}

/**
 * The files at the path of `--data` for tasks that take data from outside, each of which was read once, so that what is missing, damaged or
 * less than a task asks for is told before a trial begins; undefined where no task takes any. Throws UsageError where there is no path, and
 * as `readTaskData`.
 */
export async function filesFor(tasks: readonly TaskSpec[], path: string | undefined): Promise<DataFiles | undefined> {
  const takers = tasks.filter((task) => kindOf(task).files !== undefined);
  if (path === undefined) {
    for (const task of takers) requireNoData(task);
    return undefined;
  }
  if (takers.length === 0) return undefined;
  const files = dataFiles(path);
  const data = new SweepData(files);
  for (const task of takers) await withPath(path, () => told(task, path, () => data.check(task)));
  return files;
}

/** What files have less of than a task asks for, perhaps by its defaults, is said with where they are: no option was typed for it. */
async function withPath(path: string, check: () => Promise<void>, optionOf = (part: string) => part): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof InvalidOptionError && error.option.startsWith("task."))) throw error;
    throw new UsageError(`--data ${path}: ${error.renamed(optionOf).message}`);
  }
}

/**
 * Of tasks that cannot have their data why not, by their names, in sentences that say which command fetches them. Throws FormatError for
 * files that are damaged, and as `filesFor` for a path at which there is nothing: that is a mistake, and no lack of files.
 */
export async function lackingFiles(tasks: readonly TaskSpec[], path: string | undefined): Promise<ReadonlyMap<TaskName, string>> {
  if (path !== undefined && !existsSync(path)) await filesFor(tasks, path);
  const lacking = await lackingData(tasks, path === undefined ? undefined : dataFiles(path));
  const sentences = [...lacking].map(([name, { allowed }]): [TaskName, string] => {
    const sentence = path === undefined ? neededData({ name }) : undefined;
    return [name, sentence ?? `${name} needs data: --data PATH, ${allowed}, which ${path} lacks; ${commandFor(name, path!)}`];
  });
  return new Map(sentences);
}

function commandFor(name: string, out: string): string {
  return `heavyball data ${name} --from DIR|URL --out ${out} fetches it`;
}
