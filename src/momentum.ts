/**
 * Feed-forward networks and momentum alone (`heavyball/momentum`): what a page needs that trains or runs a network, without recurrent
 * networks, Hessian-free optimization, tasks, trials and studies. The same classes, numbers and bits as the main entry's, in less code.
 *
 * @module heavyball/momentum
 */
export * from "./errors.js";
export { dense } from "./initialize/dense.js";
export { sparse } from "./initialize/sparse.js";
export type { DenseInitialization, DenseOptions, SparseInitialization, SparseOptions } from "./initialize/types.js";
export { createRuntime, MomentumRuntime } from "./momentumRuntime.js";
export type { Batch } from "./networks/batch.js";
export type { FeedForwardDescription, NetworkDescription } from "./networks/describe.js";
export { autoencoder, feedForward } from "./networks/describe.js";
export type { Evaluation } from "./networks/evaluation.js";
export type { FeedForwardNetwork } from "./networks/feedForward/feedForwardNetwork.js";
export { loadModel, saveModel } from "./networks/model.js";
export type { MomentumDescription } from "./optimizers/momentum/momentumDescriptions.js";
export { classicalMomentum, nesterov, sgd } from "./optimizers/momentum/momentumDescriptions.js";
export type { MomentumOptimizer } from "./optimizers/momentum/momentumOptimizer.js";
export type { StepResult } from "./optimizers/optimizer.js";
export type { RuntimeOptions } from "./runtime/loadEngine.js";
export { schedules } from "./schedules/index.js";
export { minibatches } from "./tasks/minibatches.js";
export { train } from "./training/train.js";
