/** The public face of heavyball: re-exports only. */

export { createRuntime, type Runtime } from "./createRuntime.js";
export * from "./errors.js";
export type { IdxArray } from "./formats/idx.js";
export { readIdx } from "./formats/idx.js";
export type { NpyArray } from "./formats/npy.js";
export { readNpy, writeNpy } from "./formats/npy.js";
export type { Initialization } from "./initialize/index.js";
export { dense, echoState, sparse } from "./initialize/index.js";
export type { Batch } from "./networks/batch.js";
export type { Activation, FeedForwardDescription, Loss, NetworkDescription, RecurrentDescription } from "./networks/describe.js";
export { autoencoder, feedForward, recurrent } from "./networks/describe.js";
export type { FeedForwardNetwork } from "./networks/feedForward/feedForwardNetwork.js";
export type { MemoryEstimate, MemoryUse } from "./networks/memoryEstimate.js";
export { loadModel, saveModel } from "./networks/model.js";
export type { Evaluation, Network } from "./networks/network.js";
export type { ParameterTensor } from "./networks/parameterLayout.js";
export type { RecurrentNetwork } from "./networks/recurrent/recurrentNetwork.js";
export type { Objective } from "./objectives/objective.js";
export type { Quadratic } from "./objectives/quadratic.js";
export { quadratic } from "./objectives/quadratic.js";
export type {
  ConjugateGradientIterate,
  ConjugateGradientOptions,
  ConjugateGradientResult,
  ConjugateGradientStep,
  LinearProduct,
  Preconditioner,
} from "./optimizers/conjugateGradient/conjugateGradient.js";
export { conjugateGradient } from "./optimizers/conjugateGradient/conjugateGradient.js";
export type { ConjugateGradientReason } from "./optimizers/conjugateGradient/conjugateGradientReason.js";
export type { MomentumDescription, OptimizerDescription } from "./optimizers/descriptions.js";
export { classicalMomentum, nesterov, nesterov1983, sgd } from "./optimizers/descriptions.js";
export type { HessianFreeDescription, HessianFreeOptions } from "./optimizers/hessianFree/hessianFreeDescription.js";
export { hessianFree } from "./optimizers/hessianFree/hessianFreeDescription.js";
export type {
  HessianFreeOptimizer,
  HessianFreeState,
  HessianFreeStepOptions,
  HessianFreeStepResult,
} from "./optimizers/hessianFree/hessianFreeOptimizer.js";
export type { HessianFreeProgress, HessianFreeReport } from "./optimizers/hessianFree/hessianFreeUpdate.js";
export type { MinimizeOptions, MinimizeReason, MinimizeResult, MinimizeUpdate } from "./optimizers/minimize.js";
export { minimize } from "./optimizers/minimize.js";
export type { MomentumOptimizer, MomentumState } from "./optimizers/momentum/momentumOptimizer.js";
export type { Optimizer, OptimizerOptions, OptimizerState, StepResult } from "./optimizers/optimizer.js";
export type { KernelVariant } from "./runtime/kernels.js";
export type { RuntimeOptions } from "./runtime/loadEngine.js";
export type { Schedule } from "./schedules/index.js";
export { schedules, scheduleValueOf as scheduleValue } from "./schedules/index.js";
export type { DataSet, SequenceTask } from "./tasks/index.js";
export { addition, curves, memory5, memory20, minibatches, multiplication } from "./tasks/index.js";
