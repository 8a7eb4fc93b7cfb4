import { DivergedError } from "../errors.js";
import type { Runtime } from "../machines.js";
import type { FeedForwardNetwork } from "../networks/feedForwardNetwork.js";
import { minibatches } from "../tasks/index.js";
import type { ReadyTask } from "./curvesTask.js";
import { reportUpdates } from "./reportUpdates.js";
import type { TrialSpec } from "./spec.js";

/** What a running trial says after an update. */
export interface Report {
  /** Updates made so far; 0 is the report of the starting point. */
  readonly update: number;
  /** Updates of the whole trial. */
  readonly updates: number;
  /** Mean loss of the minibatch of the update just made (for Nesterov momentum at its look-ahead point); none at the start. */
  readonly loss?: number;
  /** Squared error on the watched training cases, at `reportUpdates` only. */
  readonly trainingError?: number;
  /** Learning rate and momentum of the update just made; none at the start. */
  readonly learningRate?: number;
  readonly momentum?: number;
  /** Seconds spent inside updates so far. */
  readonly seconds: number;
}

/** A trial under way: its network, and a generator that makes one update each time it is asked for the next report. */
export interface Trial {
  readonly spec: TrialSpec;
  readonly network: FeedForwardNetwork;
  readonly reports: Generator<Report, void, undefined>;
}

/**
 * Makes network and optimizer of a trial. The first report is that of the starting point; the trial ends when the generator does, and can be
 * left at any report. Several trials of one runtime may be advanced in turns: none disturbs another.
 *
 * The generator throws DivergedError when a loss or parameter is no longer finite.
 */
export function startTrial(runtime: Runtime, spec: TrialSpec, task: ReadyTask): Trial {
  const network = runtime.network(task.network);
  network.initialize(spec.initialization, spec.seed);
  return { spec, network, reports: train(runtime, network, spec, task) };
}

function* train(runtime: Runtime, network: FeedForwardNetwork, spec: TrialSpec, task: ReadyTask): Generator<Report, void, undefined> {
  const { updates, batchSize, seed } = spec;
  const optimizer = runtime.optimizer(network, spec.optimizer, { updates });
  const measured = new Set(reportUpdates(updates));
  const watch = (t: number, lastLoss?: number): number => {
    try {
      return network.evaluate(task.watched).squaredError;
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      throw new DivergedError(t, lastLoss, "the training error after it", `lower the learning rate (${optimizer.rate(t)} here)`);
    }
  };

  let seconds = 0;
  yield { update: 0, updates, trainingError: watch(0), seconds };
  for (const batch of minibatches(task.train, { size: batchSize, updates, seed })) {
    const begun = performance.now();
    const { loss, update: t } = optimizer.step(batch);
    seconds += (performance.now() - begun) / 1000;
    yield {
      update: t + 1,
      updates,
      loss,
      ...(measured.has(t + 1) ? { trainingError: watch(t, loss) } : {}),
      learningRate: optimizer.rate(t),
      momentum: optimizer.mu(t),
      seconds,
    };
  }
}
