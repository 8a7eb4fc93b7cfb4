import { InvalidOptionError } from "../errors.js";
import { dataFiles } from "../node/dataFiles.js";
import { kindOf, type TaskSpec } from "../tasks/index.js";
import { wordsFor } from "../tasks/published.js";
import { UsageError } from "./terminal/options.js";

/** Throws UsageError for a task whose data come from files, of which the command line says nothing. */
export function requireNoData(task: TaskSpec): void {
  const { files, name } = kindOf(task);
  if (files === undefined) return;
  const needed = files.published?.filter(({ isNeeded }) => isNeeded);
  const where = needed === undefined ? files.wanted : `${wordsFor(needed)}; ${commandFor(name, "DIR")}`;
  throw new UsageError(`${name} needs data: --data PATH, where there is ${where}`);
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

function commandFor(name: string, out: string): string {
  return `heavyball data ${name} --from DIR|URL --out ${out} fetches it`;
}
