import type { Measures, PreparedTask } from "./preparedTask.js";
import { isHessianFree, type TrialSpec } from "./spec.js";
import type { Report, Trial } from "./trial.js";

/** What a trial leaves when it has ended, been stopped or failed. */
export interface Outcome {
  /** What the trial is called beside others, e.g. "NAG". */
  readonly name: string;
  readonly spec: TrialSpec;
  /** The reports at which the errors were measured. */
  readonly reports: readonly Report[];
  /** Updates made. */
  readonly update: number;
  /** Cases carried through the network by the updates, as reports count them. */
  readonly casesProcessed: number;
  /** Hessian-free: steps of conjugate gradient in all updates together. */
  readonly conjugateGradientSteps?: number;
  /** Seconds spent inside updates. */
  readonly seconds: number;
  /** The task's measures on all of its data; none when the trial failed. */
  readonly measures?: Measures;
  /** The lowest of the watched errors, and after how many updates it was first seen. */
  readonly best?: { readonly update: number; readonly error: number };
  /** Why the trial failed, in a sentence. */
  readonly failure?: string;
}

/** Measures a trial on all of its data, at the parameters it has now. `last` is its last report. */
export function measureOutcome(
  name: string,
  trial: Trial,
  task: PreparedTask,
  reports: readonly Report[],
  last: Report,
  failure?: string,
): Outcome {
  const best = bestReport(reports, task);
  const { update, casesProcessed, totalConjugateGradientSteps: steps, seconds } = last;
  const made = {
    name,
    spec: trial.spec,
    reports,
    update,
    casesProcessed,
    ...(isHessianFree(trial.spec) ? { conjugateGradientSteps: steps ?? 0 } : {}),
    seconds,
    ...(best === undefined ? {} : { best }),
  };
  return failure === undefined ? { ...made, measures: task.measure(trial.network) } : { ...made, failure };
}

/** Whether a trial has come to its end: all of its updates, or of its steps of conjugate gradient. */
export function hasMadeAll({
  spec,
  update,
  conjugateGradientSteps = 0,
}: Pick<Outcome, "spec" | "update" | "conjugateGradientSteps">): boolean {
  return update >= spec.updates || (isHessianFree(spec) && conjugateGradientSteps >= (spec.conjugateGradientSteps ?? Infinity));
}

function bestReport(reports: readonly Report[], { watched }: PreparedTask): Outcome["best"] {
  let best: Outcome["best"];
  for (const { update, [watched.key]: error } of reports) {
    if (error !== undefined && (best === undefined || error < best.error)) best = { update, error };
  }
  return best;
}
