import { InvalidOptionError } from "../errors.js";
import { isDataFiles } from "../sweeps/sweepData.js";
import type { DataFiles } from "../tasks/dataFiles.js";
import { kindOf, type TaskName, type TaskSpec } from "../tasks/index.js";

/**
 * Which of some tasks cannot have their data, and why, by their names: all that take data where there are none, and those whose files are
 * not among the others. Files are read once for it; data that a program gives are looked at when they are used.
 *
 * @throws FormatError for files that are there but damaged
 */
export async function lackingData(tasks: readonly TaskSpec[], data: unknown): Promise<ReadonlyMap<TaskName, InvalidOptionError>> {
  const lacking = new Map<TaskName, InvalidOptionError>();
  for (const task of tasks) {
    const why = await lackOf(task, data);
    if (why !== undefined) lacking.set(task.name, why);
  }
  return lacking;
}

async function lackOf(task: TaskSpec, data: unknown): Promise<InvalidOptionError | undefined> {
  const { files } = kindOf(task);
  if (files === undefined) return undefined;
  if (data === undefined) return new InvalidOptionError("data", data, `given: ${task.name} takes ${files.wanted}`);
  if (!isDataFiles(data)) return undefined;
  try {
    await files.read(data, task);
    return undefined;
  } catch (error) {
    if (isMissing(error, data)) return error;
    throw error;
  }
}

/** Whether an error of reading files says that some are not there; others are of files that are damaged, or cannot be read. */
export function isMissing(error: unknown, { place }: Pick<DataFiles, "place">): error is InvalidOptionError {
  return error instanceof InvalidOptionError && error.option === "data" && error.value === place;
}
