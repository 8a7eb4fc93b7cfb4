import { allocate } from "../../boundary/allocate.js";
import type { Batch } from "../../networks/batch.js";
import { RandomStream } from "../../random/stream.js";
import { withLearnedInitialHidden } from "./learnedInitialHidden.js";
import { checkBatchRequest, checkPredictions, type SequenceTask, TEST_CASES, WATCH_CASES } from "./sequenceTask.js";

/**
 * What the addition and multiplication problems share (Hochreiter and Schmidhuber 1997, as Martens and Sutskever set them in 2011): pairs
 * of a value and a marker, two of them marked, and one target at the end.
 *
 *     value    uniform on [0, 1), of which 0.5 is taken away if `centered`
 *     marker   1 at the first marked step, in [f(1), f(10)), and at the second, in [f(10), f(50)), where f(k) = floor(k length / 100);
 *              if `flags`, -1 at step 0 (unless that is marked) and at the fourth step from the end, a sign that the answer is due
 *     steps    L, a whole number uniform on length .. floor(1.1 length); after its last step a sequence is padded with zeros
 *     target   combine(x1, x2), x1 and x2 being the values at the marked steps before centering; scored, mask 1, at step L - 1 only
 */
export interface MarkedSequences {
  readonly length: number;
  readonly flags: boolean;
  readonly centered: boolean;
  readonly initialHidden: "zero" | "learned";
  readonly combine: (x1: number, x2: number) => number;
}

/** An answer further than this from its target is wrong. */
const TOLERANCE = 0.04;

type Shared =
  | "inputs"
  | "outputs"
  | "output"
  | "loss"
  | "steps"
  | "inputScale"
  | "zeroOneMeaning"
  | "batch"
  | "testBatch"
  | "watchBatch"
  | "zeroOne";

/** Everything of the task but its name, its mean and what the mean achieves. */
export function markedSequenceTask(sequences: MarkedSequences): Pick<SequenceTask, Shared> {
  const task = fromZero(sequences);
  return sequences.initialHidden === "learned" ? withLearnedInitialHidden(task) : task;
}

function fromZero(sequences: MarkedSequences): Pick<SequenceTask, Shared> {
  const steps = Math.floor((sequences.length * 11) / 10);
  const shape = { inputs: 2, outputs: 1, steps } as const;
  const generate = (stream: RandomStream, cases: number): Batch => {
    const inputs = allocate(Float32Array, steps * cases * 2, "the sequences");
    const targets = allocate(Float32Array, steps * cases, "the sequences");
    const mask = allocate(Float32Array, steps * cases, "the sequences");
    for (let c = 0; c < cases; c++) fillCase(sequences, steps, stream, cases, c, inputs, targets, mask);
    return { inputs, targets, mask, cases, steps };
  };
  return {
    ...shape,
    output: "linear",
    loss: "squared",
    inputScale: 0.001,
    zeroOneMeaning: `fraction of sequences answered wrong by more than ${TOLERANCE}`,
    batch(seed, update, cases) {
      checkBatchRequest(seed, update, cases, steps * 2);
      return generate(new RandomStream(seed, "data", update), cases);
    },
    testBatch(seed, cases = TEST_CASES) {
      checkBatchRequest(seed, 0, cases, steps * 2);
      return generate(new RandomStream(seed, "data/test"), cases);
    },
    watchBatch(seed, cases = WATCH_CASES) {
      checkBatchRequest(seed, 0, cases, steps * 2);
      return generate(new RandomStream(seed, "data/watch"), cases);
    },
    zeroOne(predictions, batch) {
      checkPredictions(shape, predictions, batch);
      const { targets, mask, cases } = batch as Required<Batch>;
      let wrong = 0;
      for (let i = 0; i < mask.length; i++) {
        // Not `> TOLERANCE`, which NaN would pass.
        if (mask[i] > 0 && !(Math.abs(predictions[i] - targets[i]) <= TOLERANCE)) wrong++;
      }
      return wrong / cases;
    },
  };
}

function fillCase(
  sequences: MarkedSequences,
  steps: number,
  stream: RandomStream,
  cases: number,
  c: number,
  inputs: Float32Array,
  targets: Float32Array,
  mask: Float32Array,
): void {
  const { length, flags, centered, combine } = sequences;
  const f = (k: number): number => Math.floor((k * length) / 100);
  const last = length + stream.integer(steps - length + 1) - 1;
  const first = f(1) + stream.integer(f(10) - f(1));
  const second = f(10) + stream.integer(f(50) - f(10));
  let x1 = 0;
  let x2 = 0;
  for (let t = 0; t <= last; t++) {
    // One word each: 32 bits are more than an f32 keeps.
    const value = stream.uint32() / 4294967296;
    if (t === first) x1 = value;
    if (t === second) x2 = value;
    inputs[(t * cases + c) * 2] = centered ? value - 0.5 : value;
  }
  const mark = (t: number, marker: number): void => {
    inputs[(t * cases + c) * 2 + 1] = marker;
  };
  if (flags) {
    mark(0, -1);
    mark(last - 3, -1);
  }
  mark(first, 1);
  mark(second, 1);
  targets[last * cases + c] = combine(x1, x2);
  mask[last * cases + c] = 1;
}
