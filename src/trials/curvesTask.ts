import { autoencoder, type FeedForwardDescription } from "../networks/describe.js";
import { curves, type DataSet } from "../tasks/index.js";
import type { TrialSpec } from "./spec.js";

/** A task made ready: what is trained, on what, and on what it is tested. */
export interface ReadyTask {
  readonly network: FeedForwardDescription;
  readonly train: DataSet;
  readonly test: DataSet;
  /** The first of the training cases, on which the error is watched while a trial runs: measuring it on all of them would take longer than training. */
  readonly watched: DataSet;
}

/** Cases on which the training error is watched. */
const watchedCases = 2000;

/** Draws the images of a CURVES trial. Test images come from a random stream of their own. */
export function readyCurves({ task, seed }: TrialSpec): ReadyTask {
  const train = curves({ cases: task.cases, seed: task.seed ?? seed });
  const cases = Math.min(watchedCases, train.cases);
  return {
    network: autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }),
    train,
    test: curves({ cases: task.testCases, seed: task.seed ?? seed, set: "test" }),
    watched: { inputs: train.inputs.subarray(0, cases * train.features), cases, features: train.features },
  };
}

/** Squared error, summed over features and averaged over cases, of answering every case with the mean of all: the total variance. */
export function meanPredictorError({ inputs, cases, features }: DataSet): number {
  const sums = new Float64Array(features);
  let squares = 0;
  for (let at = 0; at < cases * features; at++) {
    sums[at % features] += inputs[at];
    squares += inputs[at] * inputs[at];
  }
  return (squares - sums.reduce((total, sum) => total + (sum * sum) / cases, 0)) / cases;
}
