import { checkObject, checkOneOf } from "../../validate.js";
import { addition } from "../addition/addition.js";
import { memory5, memory20 } from "../memory/memory.js";
import { multiplication } from "../multiplication/multiplication.js";
import type { SequenceTask } from "./sequenceTask.js";

/** The task that a description names, as `{ "name": "addition", "length": 80 }` in a trial's spec. Throws `InvalidOptionError`. */
export function createSequenceTask(description: unknown): SequenceTask {
  const given = checkObject("task", description);
  switch (checkOneOf("task.name", given.name, ["addition", "multiplication", "memory5", "memory20"])) {
    case "addition":
      return addition(given);
    case "multiplication":
      return multiplication(given);
    case "memory5":
      return memory5(given);
    case "memory20":
      return memory20(given);
  }
}
