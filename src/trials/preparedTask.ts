import type { Batch } from "../networks/batch.js";
import type { NetworkDescription } from "../networks/describe.js";
import type { FeedForwardNetwork } from "../networks/feedForward/feedForwardNetwork.js";
import type { RecurrentNetwork } from "../networks/recurrent/recurrentNetwork.js";
import type { HessianFreeTrialBatches } from "./hessianFreeBatches.js";
import type { HessianFreeTrialSpec, MomentumTrialSpec } from "./spec.js";

export type TrialNetwork = FeedForwardNetwork | RecurrentNetwork;

/** What is measured of a network, while a trial runs or when it has ended; each task has some of these. */
export interface Measures {
  /** CURVES: squared error, summed over outputs, mean over training cases (all of them, or those watched). */
  readonly trainingError?: number;
  /** CURVES: the same over all test cases. */
  readonly testError?: number;
  /** Recurrent problems: the zero-one error on held-out sequences; the task's `zeroOneMeaning` says what it counts. */
  readonly zeroOne?: number;
  /** Recurrent problems: the mean loss on the same sequences. */
  readonly heldOutLoss?: number;
  /** Recurrent problems: the largest modulus among the eigenvalues of the hidden-to-hidden weights; of large networks only at the end. */
  readonly spectralRadius?: number;
}

/** One of the measures, and what it is called in tables and figures. */
export interface Measure {
  readonly key: keyof Measures;
  readonly title: string;
}

/**
 * A task made ready: everything a trial needs to know of it. Trials that differ in nothing but optimizer and starting point share one.
 */
export interface PreparedTask {
  readonly network: NetworkDescription;
  /** The minibatches of the updates `from`, `from` + 1, ... of a trial, to its last. */
  minibatches(spec: MomentumTrialSpec, from: number): Iterable<Batch>;
  /** The batches of one update of a Hessian-free trial, a function of spec and update alone. */
  hessianFreeBatches(spec: HessianFreeTrialSpec, update: number): HessianFreeTrialBatches;
  /** The measure that is watched, one of those that `watch` takes; the smaller the better. */
  readonly watched: Measure;
  /** Measured while a trial runs, on data little enough for it. Throws DivergedError. */
  watch(network: TrialNetwork): Measures;
  /** The columns of the outcome's table, all taken by `measure`. */
  readonly columns: readonly Measure[];
  /** Measured when a trial has ended, on all data. Throws DivergedError. */
  measure(network: TrialNetwork): Measures;
  /** What answering without looking at the inputs costs. */
  readonly baseline: Measures & { readonly name: string };
}
