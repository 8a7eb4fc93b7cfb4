import type { Evaluation } from "../networks/evaluation.js";

/** What a running training says after some of its updates. */
export interface TrainingReport {
  /** Updates made so far, of this training. */
  readonly update: number;
  /** Updates of the whole training, at most. */
  readonly updates: number;
  /** How often the training data have been gone through, in updates over updates an epoch; left out where the batches come as they like. */
  readonly epoch?: number;
  /** Mean of the updates' losses since the last report, each the mean over its batch at the point where the gradient was taken. */
  readonly loss: number;
  /** Learning rate and momentum of the update just made; for hessianFree the momentum is the decay of conjugate gradient's start. */
  readonly learningRate: number;
  readonly momentum: number;
  /** Of the held-out data, where there are any: `zeroOne` for a classifier. */
  readonly held?: Evaluation;
  /** Seconds since the training began, and those left at this pace. */
  readonly seconds: number;
  readonly secondsLeft: number;
}

/** Why a training ended. */
export interface TrainingReason {
  /** All updates made; no better report for as many as `patience` says; the signal; a number f32 cannot hold; no more batches. */
  readonly code: "updates" | "patience" | "aborted" | "diverged" | "dataEnded";
  /** The same in a sentence. */
  readonly message: string;
}

/** What `train` came to. */
export interface TrainingResult {
  readonly reason: TrainingReason;
  /** Updates made. */
  readonly updates: number;
  /** The update after which parameters and optimizer were as they are now: the best report's, where there are held-out data. */
  readonly kept: number;
  /** The report of the lowest held-out error. */
  readonly best?: TrainingReport;
  readonly last?: TrainingReport;
  readonly reports: readonly TrainingReport[];
  readonly seconds: number;
}

/** Whether a held-out error is lower than another: the zero-one error, where there is one, and the loss between equals. */
export function isBetter(error: Evaluation, than: Evaluation): boolean {
  const [a, b] = [error.zeroOne ?? 0, than.zeroOne ?? 0];
  return a === b ? error.loss < than.loss : a < b;
}
