import type { NetworkDescription } from "../../networks/describe.js";
import type { DataSet } from "../dataSet.js";
import type { PreparedTask } from "../task.js";

/** An autoencoder's images made ready. */
export interface PreparedImages extends PreparedTask {
  readonly train: DataSet;
  readonly test: DataSet;
  /** Pixels across and down, for pictures. */
  readonly width: number;
  readonly height: number;
  /** The gray levels, from 0 (black) to 1, that values of cases or outputs stand for; whole cases, one after another. */
  grayLevels(values: Float32Array): Float32Array;
}

/** The measures of an autoencoder, squared errors: summed over outputs, mean over cases. */
export const imageMeasures = [
  { key: "trainingError", title: "Training error" },
  { key: "testError", title: "Test error" },
] as const;

export type ImageMeasure = (typeof imageMeasures)[number]["key"];

/** Cases on which the training error is watched: measuring it on all of them would take longer than training. */
const watchedCases = 2000;

/** An autoencoder and its images made ready for trials; values are gray levels from 0 to 1 unless `grayLevels` says otherwise. */
export function prepareImages(
  network: NetworkDescription,
  train: DataSet,
  test: DataSet,
  width: number,
  height: number,
  grayLevels: PreparedImages["grayLevels"] = (values) => values,
): PreparedImages {
  const cases = Math.min(watchedCases, train.cases);
  const watched: DataSet = { inputs: train.inputs.subarray(0, cases * train.features), cases, features: train.features };
  return {
    network,
    train,
    test,
    width,
    height,
    grayLevels,
    source: { kind: "cases", train },
    watched: imageMeasures[0],
    watchedCases: cases,
    watch: (trained) => ({ trainingError: trained.evaluate(watched).squaredError }),
    columns: imageMeasures,
    measure: (trained) => ({ trainingError: trained.evaluate(train).squaredError, testError: trained.evaluate(test).squaredError }),
    baseline: { name: "mean image", measures: { trainingError: meanPredictorError(train) } },
    remarks: [],
    facts: {},
    summary: () => [],
  };
}

/** Squared error, summed over features and averaged over cases, of answering every case with the mean of all: the total variance. */
export function meanPredictorError({ inputs, cases, features }: DataSet): number {
  const sums = new Float64Array(features);
  let squares = 0;
  for (let at = 0; at < cases * features; at += features) {
    for (let feature = 0; feature < features; feature++) {
      const value = inputs[at + feature];
      sums[feature] += value;
      squares += value * value;
    }
  }
  return (squares - sums.reduce((total, sum) => total + (sum * sum) / cases, 0)) / cases;
}
