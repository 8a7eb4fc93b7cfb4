import { autoencoder } from "../../networks/describe.js";
import { dataBatches } from "../../trials/hessianFreeBatches.js";
import type { PreparedTask } from "../../trials/preparedTask.js";
import type { CurvesTask } from "../../trials/taskSpec.js";
import { curves, type DataSet, minibatches } from "../index.js";

export interface PreparedCurves extends PreparedTask {
  readonly train: DataSet;
  readonly test: DataSet;
  /**
   * The first of the training cases, on which the error is watched while a trial runs: measuring it on all of them would take longer than
   * training.
   */
  readonly watchedCases: DataSet;
}

/** Cases on which the training error is watched. */
const watchedCases = 2000;

/** Draws the images of a CURVES trial, `seed` being the trial's. Test images come from a random stream of their own. */
export function prepareCurves(task: CurvesTask, seed: number): PreparedCurves {
  const train = curves({ cases: task.cases, seed: task.seed ?? seed });
  const test = curves({ cases: task.testCases, seed: task.seed ?? seed, set: "test" });
  const cases = Math.min(watchedCases, train.cases);
  const watched: DataSet = { inputs: train.inputs.subarray(0, cases * train.features), cases, features: train.features };
  return {
    network: autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }),
    train,
    test,
    watchedCases: watched,
    minibatches: ({ batchSize: size, updates, seed: order }, from) => minibatches(train, { size, updates, seed: order, from }),
    hessianFreeBatches: (spec, update) => dataBatches(train, spec, update),
    watched: { key: "trainingError", title: "Training error" },
    watch: (network) => ({ trainingError: network.evaluate(watched).squaredError }),
    columns: [
      { key: "trainingError", title: "Training error" },
      { key: "testError", title: "Test error" },
    ],
    measure: (network) => ({ trainingError: network.evaluate(train).squaredError, testError: network.evaluate(test).squaredError }),
    baseline: { name: "mean image", trainingError: meanPredictorError(train) },
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
