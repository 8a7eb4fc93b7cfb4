import { allocate } from "../../boundary/allocate.js";
import type { Batch } from "../../networks/batch.js";
import { checkOneOf, orDefault } from "../../validate.js";
import { checkBatchRequest, checkPredictions, type SequenceTask, TEST_CASES, WATCH_CASES } from "./sequenceTask.js";

/** What the extra step changes of a task. */
type Sequences = Pick<SequenceTask, "inputs" | "outputs" | "steps" | "batch" | "testBatch" | "watchBatch" | "zeroOne">;

/** The option `initialHidden` of a task, "zero" unless given. */
export function checkInitialHidden(where: string, value: unknown): "zero" | "learned" {
  return checkOneOf(`${where}.initialHidden`, orDefault(value, "zero"), ["zero", "learned"]);
}

/**
 * The same task with a learned initial hidden state, made by the sequences alone: one more input channel, the last, and one more step
 * before the others, at which that channel is 1 and everything else 0. The hidden state starts at 0, so after that step it is
 *
 *     h_0 = tanh(w_start + b_h)
 *
 * where w_start is the channel's row of inputToHidden, which acts at no other step: any state a tanh network can be in. Nothing is scored
 * at the extra step, and `steps` counts it.
 */
export function withLearnedInitialHidden<T extends Sequences>(task: T): T {
  const { inputs, outputs } = task;
  const shape = { steps: task.steps + 1, outputs };
  const floatsPerCase = shape.steps * (inputs + 1);
  return {
    ...task,
    inputs: inputs + 1,
    steps: shape.steps,
    batch(seed, update, cases) {
      checkBatchRequest(seed, update, cases, floatsPerCase);
      return prepend(task.batch(seed, update, cases) as Required<Batch>, inputs, outputs);
    },
    testBatch(seed, cases = TEST_CASES) {
      checkBatchRequest(seed, 0, cases, floatsPerCase);
      return prepend(task.testBatch(seed, cases) as Required<Batch>, inputs, outputs);
    },
    watchBatch(seed, cases = WATCH_CASES) {
      checkBatchRequest(seed, 0, cases, floatsPerCase);
      return prepend(task.watchBatch(seed, cases) as Required<Batch>, inputs, outputs);
    },
    zeroOne(predictions, batch) {
      checkPredictions(shape, predictions, batch);
      const { targets, mask, cases } = batch as Required<Batch>;
      const rest = {
        inputs: batch.inputs,
        targets: targets.subarray(cases * outputs),
        mask: mask.subarray(cases),
        cases,
        steps: task.steps,
      };
      return task.zeroOne(predictions.subarray(cases * outputs), rest);
    },
  };
}

/** The batch with the channel after its `inputs` channels and the step before its steps. */
function prepend({ inputs: values, targets, mask, cases, steps }: Required<Batch>, inputs: number, outputs: number): Batch {
  const width = inputs + 1;
  const wider = allocate(Float32Array, (steps + 1) * cases * width, "the sequences");
  for (let c = 0; c < cases; c++) wider[c * width + inputs] = 1;
  for (let row = 0; row < steps * cases; row++) {
    for (let k = 0; k < inputs; k++) wider[(cases + row) * width + k] = values[row * inputs + k];
  }
  const after = (count: number, rows: Float32Array): Float32Array => {
    const out = allocate(Float32Array, count + rows.length, "the sequences");
    out.set(rows, count);
    return out;
  };
  return { inputs: wider, targets: after(cases * outputs, targets), mask: after(cases, mask), cases, steps: steps + 1 };
}
