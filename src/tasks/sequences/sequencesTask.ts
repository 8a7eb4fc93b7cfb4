import { DivergedError, UnsupportedError } from "../../errors.js";
import { spectralRadius } from "../../initialize/index.js";
import type { Batch } from "../../networks/batch.js";
import { recurrent } from "../../networks/describe.js";
import { sequenceBatches } from "../../trials/hessianFreeBatches.js";
import type { Measures, PreparedTask, TrialNetwork } from "../../trials/preparedTask.js";
import type { MomentumTrialSpec } from "../../trials/spec.js";
import { type SequencesTask, sequenceOptions } from "../../trials/taskSpec.js";
import { createSequenceTask, type SequenceTask, WATCH_CASES } from "../index.js";

export interface PreparedSequences extends PreparedTask {
  readonly sequences: SequenceTask;
  /** The first `cases` of the held-out sequences; all of them without a number. */
  heldOut(cases?: number): Batch;
  /** Sequences on which the error is watched: neither held out nor in any minibatch. */
  readonly watchedCases: number;
}

/** Hidden units up to which the spectral radius is watched: at 300 it takes a third of a second, and the time grows with the cube. */
const watchedUnits = 300;

/** A recurrent problem made ready, `seed` being the trial's. Every minibatch is drawn afresh from it and the index of its update. */
export function prepareSequences(task: SequencesTask, seed: number): PreparedSequences {
  const sequences = createSequenceTask(sequenceOptions(task));
  const { inputs, outputs, output, loss } = sequences;
  const root = task.seed ?? seed;
  const watchedBatch = sequences.watchBatch(root, Math.min(WATCH_CASES, task.testCases));
  return {
    network: recurrent({ inputs, hidden: task.hidden, outputs, output, loss }),
    sequences,
    heldOut: (cases = task.testCases) => sequences.testBatch(root, cases),
    watchedCases: watchedBatch.cases,
    minibatches: (spec, from) => freshBatches(sequences, root, spec, from),
    hessianFreeBatches: (spec, update) => sequenceBatches(sequences, root, spec, update),
    watched: { key: "zeroOne", title: "Zero-one error" },
    watch: (network) => ({
      ...errorsOn(network, sequences, watchedBatch),
      ...(task.hidden <= watchedUnits ? radius(network, task.hidden) : {}),
    }),
    columns: [
      { key: "zeroOne", title: "Zero-one error" },
      { key: "heldOutLoss", title: "Loss" },
    ],
    measure: (network) => ({ ...errorsOn(network, sequences, sequences.testBatch(root, task.testCases)), ...radius(network, task.hidden) }),
    baseline: { name: "biases only", zeroOne: sequences.biasesOnly.zeroOne, heldOutLoss: sequences.biasesOnly.loss },
  };
}

function* freshBatches(
  sequences: SequenceTask,
  seed: number,
  { updates, batchSize }: MomentumTrialSpec,
  from: number,
): Generator<Batch, void, undefined> {
  for (let update = from; update < updates; update++) yield sequences.batch(seed, update, batchSize);
}

function errorsOn(network: TrialNetwork, sequences: SequenceTask, batch: Batch): Measures {
  const { loss } = network.evaluate(batch);
  return { zeroOne: sequences.zeroOne(network.predict(batch), batch), heldOutLoss: loss };
}

/**
 * The spectral radius of the hidden-to-hidden weights; left out in the rare case that it cannot be found, since no trial should end for
 * that.
 */
function radius(network: TrialNetwork, hidden: number): Measures {
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
