import { InvalidOptionError, UnsupportedError } from "../errors.js";
import type { Batch } from "../networks/batch.js";
import type { Network } from "../networks/network.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import { BatchQueue, isIterable } from "./batchQueue.js";
import { checkNetwork, checkOptimizerOf, isLong } from "./trainedOptimizer.js";
import { Training, type TrainingPlan } from "./training.js";
import { casesOf, shuffledBatches, splitCases } from "./trainingData.js";
import { checkTrainingOptions, type TrainingData, type TrainingOptions } from "./trainingOptions.js";
import type { TrainingResult } from "./trainingResult.js";

/** Cases of a batch, where nothing else is said. */
const BATCH_SIZE = 100;

/** Reports of a training whose length is given in updates. */
const REPORTS = 20;

/** Networks that are being trained: two trainings of one would each move what the other measures. */
const busy = new WeakSet<Network>();

/**
 * Trains a network on data of one's own, and lets the host live meanwhile: timers, messages and a page's frames get their turn every some
 * tens of milliseconds.
 *
 * `data` is a data set, gone through in an order that is reshuffled every epoch, or batches as they come from any iterable or async
 * iterable. Update t of the optimizer takes batch t of `minibatches(data, { size: batchSize, seed })`, so that parameters and losses are to
 * the bit those of calling `optimizer.step` by hand, and a second call goes on where the first one ended.
 *
 * With `held`, the held-out error is measured at every report, and at the end the network (and its optimizer) are given back as they were
 * at the lowest: the zero-one error where there is one, the loss between equals. Whatever ends the training is said by `reason`: it is no
 * error that it was aborted or that it diverged, after which network and optimizer are as they were at the best report, without `held` at
 * the last one, and before any at the start.
 *
 * @throws (rejects with) InvalidOptionError and ShapeError for options and data that cannot be, before anything changes; UnsupportedError
 *   where the network is being trained by another call, or its parameters are changed by somebody else; DisposedError; and whatever
 *   `onReport` or the iterable throws
 */
export async function train(network: Network, optimizer: Optimizer, data: TrainingData, options: TrainingOptions): Promise<TrainingResult> {
  const own = checkNetwork(network);
  const ownOptimizer = checkOptimizerOf(own, optimizer);
  const checked = checkTrainingOptions(options, !isIterable(data));
  if (busy.has(own)) {
    throw new UnsupportedError(
      "this network is being trained by another call of train(); wait for its promise, or abort it, before the next",
    );
  }
  const plan = isIterable(data) ? planBatches(own, ownOptimizer, data, checked) : planDataSet(own, ownOptimizer, data, checked);
  busy.add(own);
  try {
    return await new Training(plan).run();
  } finally {
    busy.delete(own);
    plan.batches.close();
  }
}

function planBatches(network: Network, optimizer: Optimizer, data: Exclude<TrainingData, Batch>, options: TrainingOptions): TrainingPlan {
  const { every, patience = Infinity, signal, onReport } = options;
  const updates = options.updates!;
  // A share of it is refused.
  const held = options.held as Batch | undefined;
  if (held !== undefined) network.check(held, "needed", "held");
  return {
    network,
    optimizer,
    batches: new BatchQueue(data),
    updates,
    every: every ?? Math.ceil(updates / REPORTS),
    perEpoch: undefined,
    held,
    unseen: held === undefined ? {} : { held },
    patience,
    signal,
    onReport,
  };
}

function planDataSet(network: Network, optimizer: Optimizer, data: Batch, options: TrainingOptions): TrainingPlan {
  const { epochs, seed = 1, held, every, patience = Infinity, signal, onReport } = options;
  network.check(data, "needed", "data");
  if (typeof held === "object") network.check(held, "needed", "held");
  const split = typeof held === "number" ? splitCases(data.cases, held, seed) : undefined;
  const cases = split?.trained.length ?? data.cases;
  const size = options.batchSize ?? (isLong(optimizer) ? cases : Math.min(BATCH_SIZE, cases));
  if (size > cases) throw new InvalidOptionError("batchSize", size, `at most the number of cases to train on, ${cases}`);
  const perEpoch = Math.floor(cases / size);
  const updates = options.updates ?? epochs! * perEpoch;
  return {
    network,
    optimizer,
    batches: new BatchQueue(shuffledBatches(data, split?.trained, size, seed, optimizer.updates)),
    updates,
    every: every ?? (epochs === undefined ? Math.ceil(updates / REPORTS) : perEpoch),
    perEpoch,
    held: split === undefined ? (held as Batch | undefined) : casesOf(data, split.held),
    unseen: typeof held === "object" ? { data, held } : { data },
    patience,
    signal,
    onReport,
  };
}
