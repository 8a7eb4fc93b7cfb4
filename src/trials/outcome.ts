import type { ReadyTask } from "./curvesTask.js";
import type { TrialSpec } from "./spec.js";
import type { Report, Trial } from "./trial.js";

/** What a trial leaves when it has ended, been stopped or failed. */
export interface Outcome {
  /** What the trial is called beside others, e.g. "NAG". */
  readonly name: string;
  readonly spec: TrialSpec;
  /** The reports at which the error was measured. */
  readonly reports: readonly Report[];
  /** Updates made. */
  readonly update: number;
  /** Seconds spent inside updates. */
  readonly seconds: number;
  /** Squared error, summed over outputs, mean over all training and all test cases; none when the trial failed. */
  readonly trainingError?: number;
  readonly testError?: number;
  /** Reconstructions of the first test cases, `samples` x features. */
  readonly reconstructions?: Float32Array;
  /** Why the trial failed, in a sentence. */
  readonly failure?: string;
}

/** Test cases whose reconstructions an outcome holds. */
export const samples = 10;

/** The first test cases as a batch. */
export function sampleCases({ test }: ReadyTask): { inputs: Float32Array; cases: number } {
  const cases = Math.min(samples, test.cases);
  return { inputs: test.inputs.subarray(0, cases * test.features), cases };
}

/** Measures a trial on all of its data, at the parameters it has now. `last` is its last report. */
export function measureOutcome(name: string, trial: Trial, task: ReadyTask, reports: readonly Report[], last: Report, failure?: string): Outcome {
  const made = { name, spec: trial.spec, reports, update: last.update, seconds: last.seconds };
  if (failure !== undefined) return { ...made, failure };
  return {
    ...made,
    trainingError: trial.network.evaluate(task.train).squaredError,
    testError: trial.network.evaluate(task.test).squaredError,
    reconstructions: trial.network.predict(sampleCases(task)),
  };
}
