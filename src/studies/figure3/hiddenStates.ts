import type { Runtime } from "../../createRuntime.js";
import type { Batch } from "../../networks/batch.js";
import type { PreparedTask } from "../../tasks/task.js";
import { batchesFrom } from "../../trials/minibatchUpdates.js";
import type { MinibatchTrialSpec } from "../../trials/spec.js";

/**
 * The hidden states, steps x cases x hidden, of the recurrent network of a trial on `batch` after its first `updates` updates, which are
 * made without its measurements. Yields after every update how many are made. Throws DivergedError.
 */
export function* hiddenStatesAfter(
  runtime: Runtime,
  spec: MinibatchTrialSpec,
  task: PreparedTask,
  updates: number,
  batch: Batch,
): Generator<number, Float32Array, void> {
  const network = runtime.network(task.network);
  const optimizer = runtime.optimizer(network, spec.optimizer, { updates: spec.updates });
  try {
    network.initialize(spec.initialization, spec.seed);
    if (updates > 0) {
      for (const minibatch of batchesFrom(task.source, spec, 0)) {
        optimizer.step(minibatch);
        yield optimizer.updates;
        if (optimizer.updates >= updates) break;
      }
    }
    return network.activations(batch, 1);
  } finally {
    optimizer.dispose();
    network.dispose();
  }
}
