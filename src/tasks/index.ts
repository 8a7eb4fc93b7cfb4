export { addition } from "./addition/addition.js";
export { curves } from "./curves/curves.js";
export type { DataSet } from "./dataSet.js";
export { gatherCases } from "./gatherCases.js";
export { memory5, memory20 } from "./memory/memory.js";
export { type MinibatchOptions, minibatches } from "./minibatches.js";
export { multiplication } from "./multiplication/multiplication.js";
export { createSequenceTask } from "./sequences/createSequenceTask.js";
export type {
  AdditionDescription,
  MemoryDescription,
  MultiplicationDescription,
  SequenceTask,
  SequenceTaskDescription,
} from "./sequences/sequenceTask.js";
export { WATCH_CASES } from "./sequences/sequenceTask.js";
