import { ProgressBars } from "../report/text/progressBars.js";
import { measureOutcome, type Outcome } from "../trials/outcome.js";
import type { PreparedTask } from "../trials/preparedTask.js";
import type { Report, Trial } from "../trials/trial.js";
import { type Racer, race, racer } from "./race.js";
import { Interrupt } from "./terminal/interrupt.js";
import { sayJson, standardOutput } from "./terminal/output.js";

/** What came of trials that ran beside each other. */
export interface Results {
  readonly outcomes: readonly Outcome[];
  readonly trials: readonly Trial[];
  /** The exit code for a signal that stopped the trials early; undefined when they ran to their ends. */
  readonly interrupted: number | undefined;
}

export interface RunOptions {
  readonly task: PreparedTask;
  /**
   * The trials, and the reports of those that go on; with `seconds` a trial ends with the first update that is finished after so many
   * seconds of updates.
   */
  readonly trials: readonly {
    readonly name: string;
    readonly trial: Trial;
    readonly reports?: readonly Report[];
    readonly seconds?: number;
  }[];
  /** JSON lines instead of progress bars. */
  readonly json: boolean;
  /** Gets every report that carries an error, as it comes. */
  readonly onReport?: (racer: Racer, report: Report) => void;
  /**
   * Called before the first update, between two updates every now and then, and after the last one of trials that did not fail; waited for.
   */
  readonly onPause?: (racers: readonly Racer[], moment: "start" | "between" | "end") => Promise<void>;
}

/**
 * Runs trials side by side on one runtime and one set of data, showing their progress, until they end or a signal comes; then measures each
 * on all of the data.
 */
export async function runTrials({ task, trials, json, onReport, onPause }: RunOptions): Promise<Results> {
  const racers = trials.map(({ name, trial, reports, seconds }) => racer(name, trial, reports, seconds));
  const bars = json
    ? undefined
    : new ProgressBars(
        standardOutput(),
        racers.map(({ name, trial, last, share }) => ({ name, total: trial.spec.updates, update: last.update, share })),
      );
  const interrupt = new Interrupt(() => bars?.finish());
  try {
    try {
      await onPause?.(racers, "start");
      await race({
        racers,
        watched: task.watched,
        bars,
        interrupt,
        onMeasured: (one, report) => {
          if (json) sayJson("report", { name: one.name, ...report });
          onReport?.(one, report);
        },
        onBreath: () => onPause?.(racers, "between") ?? Promise.resolve(),
      });
    } finally {
      bars?.finish();
    }
    if (racers.every(({ failure }) => failure === undefined)) await onPause?.(racers, "end");
    // Measuring is one long piece of work with no pause in which a signal could be heard: from here on signals end the process, as they do
    // by default.
    await interrupt.settle();
    interrupt.dispose();
    const outcomes = racers.map((one) => outcomeOf(one, task));
    if (json) {
      for (const { name, spec, update, seconds, casesProcessed, conjugateGradientSteps, measures, best, failure } of outcomes) {
        sayJson("outcome", {
          name,
          update,
          updates: spec.updates,
          seconds,
          casesProcessed,
          conjugateGradientSteps,
          ...measures,
          best,
          baseline: task.baseline,
          failure,
        });
      }
    }
    return { outcomes, trials: racers.map(({ trial }) => trial), interrupted: interrupt.exitCode };
  } finally {
    interrupt.dispose();
  }
}

/** A trial that time has ended leaves the spec of the updates it made, which repeats it. */
function outcomeOf({ name, trial, measured, last, failure, seconds }: Racer, task: PreparedTask): Outcome {
  const outcome = measureOutcome(name, trial, task, measured, last, failure);
  const isShort = seconds !== undefined && failure === undefined && last.update > 0;
  return isShort ? { ...outcome, spec: { ...outcome.spec, updates: last.update } } : outcome;
}
