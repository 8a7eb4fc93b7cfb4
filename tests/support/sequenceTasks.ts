import type { TaskSpec } from "heavyball";
import { createAddition } from "#internal/tasks/addition/addition";
import { createMemory } from "#internal/tasks/memory/memory";
import { createMultiplication } from "#internal/tasks/multiplication/multiplication";
import type { SequenceTask } from "#internal/tasks/sequences/sequenceTask";

/** The names of the recurrent problems. */
export const sequenceNames = ["addition", "multiplication", "memory5", "memory20"] as const;

export type SequenceName = Extract<TaskSpec["name"], (typeof sequenceNames)[number]>;

/** The sequences of a description by its name, its other options as anybody may have typed them. */
export function createSequences(description: { readonly name: SequenceName; readonly [option: string]: unknown }): SequenceTask {
  switch (description.name) {
    case "addition":
      return createAddition(description);
    case "multiplication":
      return createMultiplication(description);
    default:
      return createMemory(description.name, description);
  }
}
