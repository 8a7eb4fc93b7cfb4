import { enumerate } from "../report/text/words.js";
import type { TaskSpec } from "../tasks/index.js";
import type { CheckedPart } from "./checkedSweep.js";
import { checkSweep } from "./checkSweep.js";
import { checkedAt, countOf, taskPlaces } from "./places.js";
import type { Sweep } from "./sweep.js";

/** How many trials a sweep has, and their tasks. Throws InvalidSweepError. */
export function outlineOf(sweep: Sweep): { readonly total: number; readonly tasks: TaskSpec[] } {
  const { parts } = checkSweep(sweep);
  return { total: countOf(parts), tasks: tasksOf(parts) };
}

/** The tasks of parts that were checked, as far as their values show them singly, each once. */
export function tasksOf(parts: readonly CheckedPart[]): TaskSpec[] {
  const tasks = new Map<string, TaskSpec>();
  for (const part of parts) {
    for (const place of taskPlaces(part)) {
      const { task } = checkedAt(part, place);
      tasks.set(JSON.stringify(task), task);
    }
  }
  return [...tasks.values()];
}

/** Tasks in words, each once. */
export function namesOf(tasks: readonly TaskSpec[]): string {
  return enumerate([...new Set(tasks.map(({ name }) => name as string))]);
}

/** What is said of tasks that take no data from outside. */
export function makesItself(tasks: readonly TaskSpec[]): string {
  return new Set(tasks.map(({ name }) => name)).size === 1 ? "makes its data itself" : "make their data themselves";
}
