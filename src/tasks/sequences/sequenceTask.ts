import { InvalidOptionError, ShapeError } from "../../errors.js";
import { type Batch, checkMembers } from "../../networks/batch.js";
import { checkFloat32Array, checkInteger } from "../../validate.js";

/** What every description of sequences has, beside options of its own. */
export interface SequencesDescription {
  readonly name: string;
  readonly length: number;
  readonly initialHidden: "zero" | "learned";
  /** In place of the trial's. */
  readonly seed?: number;
}

/**
 * A problem with long-term dependencies for a recurrent network: sequences drawn afresh for every minibatch, the shape and loss of the
 * network that reads them, and the error measure. Made by `addition`, `multiplication`, `memory5` and `memory20`.
 */
export interface SequenceTask<Description = SequencesDescription> {
  /**
   * The task as plain data, defaults filled in: what goes into a trial's spec. Its `seed`, if any, is for the caller to draw batches by.
   */
  readonly description: Description;
  readonly inputs: number;
  readonly outputs: number;
  readonly output: "linear" | "softmax";
  readonly loss: "squared" | "crossEntropy";
  /** Time steps of every batch: the longest sequence. */
  readonly steps: number;
  /** Standard deviation of the input-to-hidden weights in Table 4. */
  readonly inputScale: number;
  /** Output biases that center the outputs: the mean target, or for softmax the log frequency of the scored targets. */
  readonly outputBiases: readonly number[];
  /** Expected loss and zero-one error of a network that puts out these biases whatever its input. */
  readonly biasesOnly: { readonly loss: number; readonly zeroOne: number };
  /** What `zeroOne` counts, for the caption of a table. */
  readonly zeroOneMeaning: string;
  /** The minibatch of an update: substream `update` of the stream "data" of `seed`. Case i is the same whatever `cases` is. */
  batch(seed: number, update: number, cases: number): Batch;
  /** Held-out sequences, from the stream "data/test" of `seed`; 10,000 unless given. */
  testBatch(seed: number, cases?: number): Batch;
  /**
   * Sequences to watch a run by, from the stream "data/watch" of `seed`, so that a choice made while it goes on has seen none of
   * `testBatch`; 1,000 unless given.
   */
  watchBatch(seed: number, cases?: number): Batch;
  /**
   * The zero-one error of `predictions` (steps x cases x outputs, as `network.predict` gives them), a mean over cases. NaN counts as wrong.
   * It reads only those whose mask is not 0.
   */
  zeroOne(predictions: Float32Array, batch: Batch): number;
}

/** Test sequences when their number is not given. */
export const TEST_CASES = 10_000;
/** Sequences to watch a run by, likewise. */
export const WATCH_CASES = 1000;

/** Checks what `batch`, `testBatch` and `watchBatch` are called with; `floatsPerCase` is the size of the largest array for one case. */
export function checkBatchRequest(seed: number, update: number, cases: number, floatsPerCase: number): void {
  checkInteger("seed", seed, 0);
  checkInteger("update", update, 0);
  checkInteger("cases", cases, 1, Math.floor(1073741824 / floatsPerCase));
}

/** Checks that predictions and batch are of this task, before they are compared. Throws InvalidOptionError, ShapeError. */
export function checkPredictions(task: { steps: number; outputs: number }, predictions: Float32Array, batch: Batch): void {
  checkMembers("batch", batch);
  const { targets, mask, steps } = batch;
  const cases = checkInteger("batch.cases", batch.cases, 1);
  if (steps !== task.steps || targets === undefined || mask === undefined) {
    throw new InvalidOptionError("batch", { cases, steps }, `one of this task's own, of ${task.steps} steps, with targets and mask`);
  }
  for (const [name, values, width] of [
    ["batch.targets", targets, task.outputs],
    ["batch.mask", mask, 1],
  ] as const) {
    const wanted = task.steps * cases * width;
    if (checkFloat32Array(name, values).length !== wanted) {
      throw new ShapeError(`the length of ${name}`, values.length, `${wanted}, for ${task.steps} steps of ${cases} cases`);
    }
  }
  const expected = task.steps * cases * task.outputs;
  if (checkFloat32Array("predictions", predictions).length !== expected) {
    throw new ShapeError(
      "the length of predictions",
      predictions.length,
      `steps x cases x outputs = ${task.steps} x ${batch.cases} x ${task.outputs} = ${expected}`,
    );
  }
}
