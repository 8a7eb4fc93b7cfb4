import type { Runtime } from "../../createRuntime.js";
import type { Batch } from "../../networks/batch.js";
import type { PreparedTask } from "../../tasks/task.js";
import { batchesFrom } from "../../trials/minibatchUpdates.js";
import type { MinibatchTrialSpec, TrialSpec } from "../../trials/spec.js";

/** The hidden states, steps x cases x hidden, of the recurrent network of a spec on `batch` before the first update. */
export function hiddenStatesAtStart(runtime: Runtime, spec: TrialSpec, task: PreparedTask, batch: Batch): Float32Array {
  const network = runtime.network(task.network);
  try {
    network.initialize(spec.initialization, spec.seed);
    return network.activations(batch, 1);
  } finally {
    network.dispose();
  }
}

/** The same after the first `updates` updates of its trial: those that the trial had then, made anew. Throws DivergedError. */
export function hiddenStatesAfter(
  runtime: Runtime,
  spec: MinibatchTrialSpec,
  task: PreparedTask,
  updates: number,
  batch: Batch,
): Float32Array {
  if (updates === 0) return hiddenStatesAtStart(runtime, spec, task, batch);
  const network = runtime.network(task.network);
  const optimizer = runtime.optimizer(network, spec.optimizer, { updates: spec.updates });
  try {
    network.initialize(spec.initialization, spec.seed);
    for (const minibatch of batchesFrom(task.source, spec, 0)) {
      optimizer.step(minibatch);
      if (optimizer.updates >= updates) break;
    }
    return network.activations(batch, 1);
  } finally {
    optimizer.dispose();
    network.dispose();
  }
}

/** Steps and cases of hidden states, and the units that lie side by side. */
interface StatesShape {
  readonly steps: number;
  readonly cases: number;
  readonly hidden: number;
}

/**
 * How much of the hidden states (steps x cases x hidden) tells sequences apart: the root mean square, over the first `steps` steps, of each
 * state less the mean of all sequences at that step and unit. What was read is in this part; what the biases and marks in common do is not.
 */
export function spreadOverSequences(values: Float32Array, { steps, cases, hidden }: StatesShape): number {
  let sum = 0;
  for (let t = 0; t < steps; t++) {
    for (let unit = 0; unit < hidden; unit++) {
      const at = (sequence: number): number => values[(t * cases + sequence) * hidden + unit];
      let mean = 0;
      for (let sequence = 0; sequence < cases; sequence++) mean += at(sequence) / cases;
      for (let sequence = 0; sequence < cases; sequence++) sum += (at(sequence) - mean) ** 2;
    }
  }
  return Math.sqrt(sum / (steps * cases * hidden));
}
