import type { Runtime } from "../machines.js";
import { ProgressBars } from "../report/progressBars.js";
import type { ReadyTask } from "../trials/curvesTask.js";
import { measureOutcome, type Outcome } from "../trials/outcome.js";
import type { TrialSpec } from "../trials/spec.js";
import { startTrial, type Report, type Trial } from "../trials/trial.js";
import { Interrupt } from "./interrupt.js";
import { sayJson, standardOutput } from "./output.js";
import { race, racer } from "./race.js";

/** What came of trials that ran beside each other. */
export interface Results {
  readonly outcomes: readonly Outcome[];
  readonly trials: readonly Trial[];
  /** The exit code for a signal that stopped the trials early; undefined when they ran to their ends. */
  readonly interrupted: number | undefined;
}

export interface RunOptions {
  readonly runtime: Runtime;
  readonly task: ReadyTask;
  readonly trials: readonly { readonly name: string; readonly spec: TrialSpec }[];
  /** JSON lines instead of progress bars. */
  readonly json: boolean;
  /** Gets every report that carries an error, as it comes. */
  readonly onReport?: (name: string, report: Report) => void;
}

/**
 * Runs trials side by side on one runtime and one set of data, showing their progress, until they end or a signal comes; then measures each on
 * all of the data.
 */
export async function runTrials({ runtime, task, trials, json, onReport }: RunOptions): Promise<Results> {
  const racers = trials.map(({ name, spec }) => racer(name, startTrial(runtime, spec, task)));
  const bars = json ? undefined : new ProgressBars(standardOutput(), trials.map(({ name, spec }) => ({ name, total: spec.updates })));
  const interrupt = new Interrupt(() => bars?.finish());
  try {
    try {
      await race(racers, bars, interrupt, ({ name }, report) => {
        if (json) sayJson("report", { name, ...report });
        onReport?.(name, report);
      });
    } finally {
      bars?.finish();
    }
    const outcomes = racers.map(({ name, trial, measured, last, failure }) => measureOutcome(name, trial, task, measured, last, failure));
    if (json) {
      for (const { name, update, seconds, trainingError, testError, failure } of outcomes) {
        sayJson("outcome", { name, update, updates: outcomes[0].spec.updates, seconds, trainingError, testError, failure });
      }
    }
    return { outcomes, trials: racers.map(({ trial }) => trial), interrupted: interrupt.exitCode };
  } finally {
    interrupt.dispose();
  }
}
