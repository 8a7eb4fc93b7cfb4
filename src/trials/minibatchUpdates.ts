import type { Batch } from "../networks/batch.js";
import type { MinibatchDescription, OptimizerState } from "../optimizers/index.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import type { Measures } from "../tasks/index.js";
import { minibatches } from "../tasks/minibatches.js";
import type { Source } from "../tasks/task.js";
import { finalStart, optimizerAt } from "./finalPhase.js";
import { reportUpdates } from "./reportUpdates.js";
import type { MinibatchTrialSpec } from "./spec.js";
import { measureAll, type Slice, type TrialState, type UpdateParts, type Updates, watch } from "./updates.js";

/** The updates of a trial whose every update is made from one minibatch: each is one slice. */
export function minibatchUpdates(parts: UpdateParts<MinibatchTrialSpec>, from?: TrialState): Updates {
  const { runtime, network, spec, task, clock } = parts;
  const { updates, batchSize } = spec;
  const optimizer: Optimizer<MinibatchDescription, OptimizerState> = runtime.optimizer(network, spec.optimizer, { updates });
  if (from !== undefined) optimizer.setState(from.optimizer);

  function* slices(): Generator<Slice, void, undefined> {
    const measured = new Set(reportUpdates(updates));
    const remedy = (t: number): string => `lower the learning rate (${optimizer.rate(t)} here)`;
    const first = optimizer.updates;
    if (first === 0) yield { report: { update: 0, updates, ...watch(parts, 0, remedy(0)), casesProcessed: 0, seconds: clock.finished } };
    // As the trial was before its next update: what that one changes was not known when the report before it was made.
    let lastPhase = finalStart(optimizerAt(spec, parts.changes.before(first), first), updates);
    for (const batch of batchesFrom(task.source, spec, first)) {
      const changed = parts.changes.begin(optimizer.updates);
      let beforeFinal: Measures | undefined;
      if (changed !== undefined) {
        const planned = lastPhase;
        const description = { ...spec.optimizer, ...changed } as MinibatchDescription;
        optimizer.adopt(description);
        lastPhase = finalStart(description, updates);
        const now = optimizer.updates;
        if (lastPhase === now && planned !== now) beforeFinal = measureAll(parts, now, remedy(now));
      }
      const { loss, update: t } = clock.time(() => optimizer.step(batch));
      const seconds = clock.settle();
      const isBefore = t + 1 === lastPhase;
      yield {
        report: {
          update: t + 1,
          updates,
          loss,
          ...(measured.has(t + 1) || isBefore || beforeFinal !== undefined ? watch(parts, t, remedy(t), loss) : {}),
          learningRate: optimizer.rate(t),
          momentum: optimizer.momentum(t),
          casesProcessed: (t + 1) * batchSize,
          seconds,
          ...(isBefore ? { beforeFinal: measureAll(parts, t, remedy(t), loss) } : beforeFinal && { beforeFinal }),
        },
      };
    }
  }

  return { slices: slices(), state: () => ({ update: optimizer.updates, optimizer: optimizer.getState() }) };
}

/** The minibatches of the updates `from`, `from` + 1, ... of a trial, to its last. */
export function* batchesFrom(
  source: Source,
  { batchSize, updates, seed }: MinibatchTrialSpec,
  from: number,
): Generator<Batch, void, undefined> {
  if (source.kind === "cases") yield* minibatches(source.train, { size: batchSize, updates, seed, from });
  else for (let update = from; update < updates; update++) yield source.draw(update, batchSize);
}
