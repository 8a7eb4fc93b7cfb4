import type { TaskSpec } from "../tasks/index.js";
import type { CheckedPart } from "./checkedSweep.js";
import { checkSweep } from "./checkSweep.js";
import { checkedAt, representatives } from "./places.js";
import type { Sweep } from "./sweep.js";

/** The tasks of a sweep's trials, as far as its values show them singly, each once. Throws InvalidSweepError. */
export function sweepTasks(sweep: Sweep): TaskSpec[] {
  return tasksOf(checkSweep(sweep).parts);
}

/** The same of parts that were checked. */
export function tasksOf(parts: readonly CheckedPart[]): TaskSpec[] {
  const tasks = new Map<string, TaskSpec>();
  for (const part of parts) {
    for (const place of representatives(part)) {
      const { task } = checkedAt(part, place);
      tasks.set(JSON.stringify(task), task);
    }
  }
  return [...tasks.values()];
}
