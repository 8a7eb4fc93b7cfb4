import type { Batch } from "../networks/batch.js";
import type { OptimizerDescription } from "./descriptions.js";
import type { HessianFreeState } from "./hessianFree/hessianFreeOptimizer.js";
import type { MomentumState } from "./momentum/momentumOptimizer.js";

export interface OptimizerOptions {
  /** Updates the whole run will make: what a schedule's `final: { updates }` counts back from. */
  updates?: number;
}

export interface StepResult {
  /** Index t of the update just made, from 0. */
  readonly update: number;
  /** Mean loss over the batch at the point where the gradient was taken: theta_t, and theta_t + mu_t v_t for NAG. */
  readonly loss: number;
}

export type OptimizerState = MomentumState | HessianFreeState;

/** What every optimizer on a network can do. */
export interface Optimizer {
  readonly description: OptimizerDescription;
  /** Updates made so far: the t of the next one. */
  readonly updates: number;
  /** Learning rate eps_t of update t. */
  rate(t: number): number;
  /** One update from one batch. */
  step(batch: Batch): StepResult;
  /** Everything a resume needs besides the parameters. */
  getState(): OptimizerState;
  /** Goes on from a state that an optimizer of the same method gave. */
  setState(state: OptimizerState): void;
  /** Back to update 0; the parameters stay. */
  reset(): void;
  dispose(): void;
}
