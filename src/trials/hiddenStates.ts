import type { Runtime } from "../machines.js";
import type { Batch } from "../networks/batch.js";
import type { PreparedTask } from "./preparedTask.js";
import type { MomentumTrialSpec, TrialSpec } from "./spec.js";

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
export function hiddenStatesAfter(runtime: Runtime, spec: MomentumTrialSpec, task: PreparedTask, updates: number, batch: Batch): Float32Array {
  if (updates === 0) return hiddenStatesAtStart(runtime, spec, task, batch);
  const network = runtime.network(task.network);
  const optimizer = runtime.optimizer(network, spec.optimizer, { updates: spec.updates });
  try {
    network.initialize(spec.initialization, spec.seed);
    for (const minibatch of task.minibatches(spec, 0)) {
      optimizer.step(minibatch);
      if (optimizer.updates >= updates) break;
    }
    return network.activations(batch, 1);
  } finally {
    optimizer.dispose();
    network.dispose();
  }
}
