export { addition } from "./addition.js";
export { createSequenceTask } from "./createSequenceTask.js";
export { curves } from "./curves.js";
export type { DataSet } from "./dataSet.js";
export { gatherCases } from "./gatherCases.js";
export { memory5, memory20 } from "./memory.js";
export { type MinibatchOptions, minibatches } from "./minibatches.js";
export { multiplication } from "./multiplication.js";
export type {
  AdditionDescription,
  MemoryDescription,
  MultiplicationDescription,
  SequenceTask,
  SequenceTaskDescription,
} from "./sequenceTask.js";
export { WATCH_CASES } from "./sequenceTask.js";
