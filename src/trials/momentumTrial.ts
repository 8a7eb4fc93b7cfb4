import type { MomentumState } from "../optimizers/momentum/momentumOptimizer.js";
import { reportUpdates } from "./reportUpdates.js";
import type { MomentumTrialSpec } from "./spec.js";
import { type Slice, type TrialParts, type TrialState, type Updates, watch } from "./updates.js";

/** The updates of a trial of SGD, classical or Nesterov momentum: each is one slice. */
export function momentumUpdates(parts: TrialParts<MomentumTrialSpec>, from?: TrialState): Updates {
  const { runtime, network, spec, task, clock } = parts;
  const { updates, batchSize } = spec;
  const optimizer = runtime.optimizer(network, spec.optimizer, { updates });
  if (from !== undefined) optimizer.setState(from.optimizer as MomentumState);

  function* slices(): Generator<Slice, void, undefined> {
    const measured = new Set(reportUpdates(updates));
    const remedy = (t: number): string => `lower the learning rate (${optimizer.rate(t)} here)`;
    const first = optimizer.updates;
    if (first === 0) yield { report: { update: 0, updates, ...watch(parts, 0, remedy(0)), casesProcessed: 0, seconds: clock.finished } };
    for (const batch of task.minibatches(spec, first)) {
      const { loss, update: t } = clock.time(() => optimizer.step(batch));
      const seconds = clock.settle();
      yield {
        report: {
          update: t + 1,
          updates,
          loss,
          ...(measured.has(t + 1) ? watch(parts, t, remedy(t), loss) : {}),
          learningRate: optimizer.rate(t),
          momentum: optimizer.mu(t),
          casesProcessed: (t + 1) * batchSize,
          seconds,
        },
      };
    }
  }

  return { slices: slices(), state: () => ({ update: optimizer.updates, optimizer: optimizer.getState() }) };
}
