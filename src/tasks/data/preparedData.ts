import { allocate } from "../../boundary/allocate.js";
import type { Batch } from "../../networks/batch.js";
import type { FeedForwardDescription } from "../../networks/describe.js";
import { formatCount } from "../../report/text/format.js";
import type { Measured, PreparedTask, TaskNetwork } from "../task.js";
import type { DataArrays, HeldOut } from "./arrays.js";

/** Data of one's own made ready. */
export interface PreparedData extends PreparedTask {
  readonly held: DataArrays;
  /** What the classes are called; undefined where numbers are predicted. */
  readonly classes: readonly string[] | undefined;
  readonly outputs: number;
}

/** Measures of data of one's own, on the cases held out and on those trained on. */
export const dataMeasures = [
  { key: "heldOutWrong", title: "Held-out share wrong" },
  { key: "trainingWrong", title: "Training share wrong" },
  { key: "heldOutError", title: "Held-out squared error" },
  { key: "trainingError", title: "Training squared error" },
  { key: "heldOutLoss", title: "Held-out loss" },
  { key: "trainingLoss", title: "Training loss" },
] as const;

export type DataMeasure = (typeof dataMeasures)[number]["key"];

/** Training cases on which the training error is watched. */
const watchedTraining = 2000;

export function prepareData(network: FeedForwardDescription, { train, held }: HeldOut): PreparedData {
  const { classes } = train;
  const isClasses = classes !== undefined;
  const watchedPart = first(train, Math.min(train.cases, watchedTraining));
  const heldBatch = batchOf(held);
  const measured = (trained: TaskNetwork, training: DataArrays): Measured => {
    const onTraining = trained.evaluate(batchOf(training));
    const onHeld = trained.evaluate(heldBatch);
    const errors: Measured = isClasses
      ? { heldOutWrong: onHeld.zeroOne, trainingWrong: onTraining.zeroOne }
      : { heldOutError: onHeld.squaredError, trainingError: onTraining.squaredError };
    return { ...errors, heldOutLoss: onHeld.loss, trainingLoss: onTraining.loss };
  };
  const columns = dataMeasures.filter(({ key }) => key.endsWith(isClasses ? "Wrong" : "Error") || key.endsWith("Loss"));
  return {
    network,
    held,
    classes,
    outputs: network.sizes[network.sizes.length - 1],
    source: { kind: "cases", train: batchOf(train) },
    watched: columns[0],
    watchedCases: held.cases,
    watch: (trained) => measured(trained, watchedPart),
    columns,
    measure: (trained) => measured(trained, train),
    baseline: isClasses
      ? {
          name: "most frequent class",
          measures: { heldOutWrong: mostFrequentWrong(train, held), trainingWrong: mostFrequentWrong(train, train) },
        }
      : { name: "mean of the targets", measures: { heldOutError: meanError(train, held), trainingError: meanError(train, train) } },
    remarks: [`${formatCount(held.cases)} cases held out, ${formatCount(train.cases)} to train on`],
    facts: {},
    summary: () => [],
  };
}

function batchOf({ inputs, targets, cases }: DataArrays): Batch {
  return { inputs, targets, cases };
}

/** The first cases, as views. */
function first(data: DataArrays, cases: number): DataArrays {
  const part = (values: Float32Array) => values.subarray(0, (values.length / data.cases) * cases);
  return { ...data, inputs: part(data.inputs), targets: part(data.targets), cases };
}

/** The share of `data` that is wrong when every case is said to be of the class that is most frequent in `train`. */
function mostFrequentWrong(train: DataArrays, data: DataArrays): number {
  const counts = countClasses(train);
  const most = counts.indexOf(Math.max(...counts));
  return 1 - countClasses(data)[most] / data.cases;
}

function countClasses({ targets, cases }: DataArrays): number[] {
  const outputs = targets.length / cases;
  const counts = new Array<number>(outputs).fill(0);
  for (let at = 0; at < targets.length; at++) counts[at % outputs] += targets[at];
  return counts;
}

/** Squared error, summed over outputs and averaged over the cases of `data`, of answering with the mean of `train`. */
function meanError(train: DataArrays, data: DataArrays): number {
  const outputs = train.targets.length / train.cases;
  const means = allocate(Float64Array, outputs, "the means of the targets");
  for (let at = 0; at < train.targets.length; at++) means[at % outputs] += train.targets[at] / train.cases;
  let sum = 0;
  for (let at = 0; at < data.targets.length; at++) sum += (data.targets[at] - means[at % outputs]) ** 2;
  return sum / data.cases;
}
