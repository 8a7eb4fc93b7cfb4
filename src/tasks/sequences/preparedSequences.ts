import { DivergedError, UnsupportedError } from "../../errors.js";
import { spectralRadius } from "../../math/spectralRadius.js";
import type { Batch } from "../../networks/batch.js";
import type { RecurrentDescription } from "../../networks/describe.js";
import { formatCount, formatError } from "../../report/text/format.js";
import type { Measured, PreparedTask, TaskNetwork } from "../task.js";
import { type SequenceTask, WATCH_CASES } from "./sequenceTask.js";

/** A recurrent problem made ready. */
export interface PreparedSequences extends PreparedTask {
  readonly network: RecurrentDescription;
  readonly sequences: SequenceTask;
  /** Held-out sequences that the outcome is measured on. */
  readonly testCases: number;
  /** The first `cases` of the held-out sequences; all of them without a number. */
  heldOut(cases?: number): Batch;
}

/** The measures of a recurrent problem, on held-out sequences; the task's `zeroOneMeaning` says what the first counts. */
export const sequenceMeasures = [
  { key: "zeroOne", title: "Zero-one error" },
  { key: "heldOutLoss", title: "Loss" },
  // The largest modulus among the eigenvalues of the hidden-to-hidden weights; of large networks only at the end.
  { key: "spectralRadius", title: "Spectral radius" },
] as const;

export type SequenceMeasure = (typeof sequenceMeasures)[number]["key"];

/** Hidden units up to which the spectral radius is watched: at 300 it takes a third of a second, and the time grows with the cube. */
const watchedUnits = 300;

/**
 * A recurrent problem made ready for trials whose sequences are drawn from the seed `root`: every minibatch afresh, from it and the index
 * of its update.
 */
export function prepareSequences(
  network: RecurrentDescription,
  sequences: SequenceTask,
  testCases: number,
  root: number,
): PreparedSequences {
  const { hidden } = network;
  const watchedBatch = sequences.watchBatch(root, Math.min(WATCH_CASES, testCases));
  const baseline = { name: "biases only", measures: { zeroOne: sequences.biasesOnly.zeroOne, heldOutLoss: sequences.biasesOnly.loss } };
  return {
    network,
    sequences,
    testCases,
    heldOut: (cases = testCases) => sequences.testBatch(root, cases),
    source: { kind: "drawn", draw: (update, cases) => sequences.batch(root, update, cases) },
    watched: sequenceMeasures[0],
    watchedCases: watchedBatch.cases,
    watch: (trained) => ({ ...errorsOn(trained, sequences, watchedBatch), ...(hidden <= watchedUnits ? radius(trained, hidden) : {}) }),
    columns: sequenceMeasures.slice(0, 2),
    measure: (trained) => ({ ...errorsOn(trained, sequences, sequences.testBatch(root, testCases)), ...radius(trained, hidden) }),
    baseline,
    remarks: [
      `zero-one error: ${sequences.zeroOneMeaning}; the biases alone reach ${formatError(baseline.measures.zeroOne)}`,
      `(progress shows it on ${formatCount(watchedBatch.cases)} sequences of its own)`,
    ],
    facts: { zeroOneMeaning: sequences.zeroOneMeaning },
    summary: ({ update, error }) => [
      `Zero-one error: ${sequences.zeroOneMeaning}, over ${formatCount(testCases)} held-out sequences.`,
      `The lowest seen while training, on ${formatCount(watchedBatch.cases)} others, was ${formatError(error)} after ` +
        `${formatCount(update)} updates.`,
    ],
  };
}

function errorsOn(network: TaskNetwork, sequences: SequenceTask, batch: Batch): Measured {
  // The error reads only the outputs that the loss is taken of: no second pass is needed.
  const { evaluation, outputs } = network.evaluateWithOutputs(batch);
  return { zeroOne: sequences.zeroOne(outputs, batch), heldOutLoss: evaluation.loss };
}

/**
 * The spectral radius of the hidden-to-hidden weights; left out in the rare case that it cannot be found, since no trial should end for
 * that.
 */
function radius(network: TaskNetwork, hidden: number): Measured {
  const { offset } = network.layout.find(({ name }) => name === "hiddenToHidden")!;
  const weights = network.getParameters().subarray(offset, offset + hidden * hidden);
  if (!weights.every(Number.isFinite))
    throw new DivergedError(undefined, undefined, "a hidden-to-hidden weight", "lower the learning rate");
  try {
    return { spectralRadius: spectralRadius(weights, hidden) };
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return {};
  }
}
