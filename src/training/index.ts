export { train } from "./train.js";
export type { TrainingData, TrainingOptions } from "./trainingOptions.js";
export type { TrainingReason, TrainingReport, TrainingResult } from "./trainingResult.js";
