export { addition } from "./addition.js";
export { createSequenceTask } from "./createSequenceTask.js";
export { curves } from "./curves.js";
export type { DataSet } from "./dataSet.js";
export { gatherCases } from "./gatherCases.js";
export { memory20, memory5 } from "./memory.js";
export { minibatches, type MinibatchOptions } from "./minibatches.js";
export { multiplication } from "./multiplication.js";
export type { AdditionDescription, MemoryDescription, MultiplicationDescription, SequenceTask, SequenceTaskDescription } from "./sequenceTask.js";
