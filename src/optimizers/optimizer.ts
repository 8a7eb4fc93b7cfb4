import type { Batch } from "../networks/batch.js";

/** What every description of an optimizer has. */
export interface MethodDescription {
  readonly method: string;
}

/** Options of `runtime.optimizer`. */
export interface OptimizerOptions {
  /** Updates the whole run will make: what a schedule's `final: { updates }` counts back from. */
  updates?: number;
}

/** What one update tells. */
export interface StepResult {
  /** Index t of the update just made, from 0. */
  readonly update: number;
  /** Mean loss over the batch at the point where the gradient was taken: theta_t, and theta_t + mu_t v_t for NAG. */
  readonly loss: number;
}

/** What every optimizer's saved state has; the vectors and numbers of its method stand beside it. */
export interface SavedState {
  readonly method: string;
  /** Updates made so far: the t of the next one. */
  readonly update: number;
  /** Mean loss of the last update, for what is said when the next one diverges; left out before the first. */
  readonly lastLoss?: number;
}

/** What every optimizer on a network can do; D is its description, S its saved state. */
export interface Optimizer<D extends MethodDescription = MethodDescription, S extends SavedState = SavedState> {
  readonly description: D;
  /** Updates made so far: the t of the next one. */
  readonly updates: number;
  /** Learning rate eps_t of update t. */
  rate(t: number): number;
  /** Momentum of update t: mu_t; for hessianFree, the decay of conjugate gradient's start; 0 for sgd. */
  momentum(t: number): number;
  /** One update from one batch. */
  step(batch: Batch): StepResult;
  /**
   * @internal From the next update on another description of its method, which has passed the checks: its vectors stay, and a look-ahead
   * point is packed anew.
   */
  adopt(description: D): void;
  /** Everything a resume needs besides the parameters. */
  getState(): S;
  /** Goes on from a state that an optimizer of the same method gave. */
  setState(state: S): void;
  /** Back to update 0; the parameters stay. */
  reset(): void;
  /** Frees its vectors; the network stays. */
  dispose(): void;
}
