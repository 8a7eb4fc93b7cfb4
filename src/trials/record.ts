import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import type { Outcome } from "./outcome.js";
import type { Measures, PreparedTask } from "./preparedTask.js";
import type { TrialSpec } from "./spec.js";

/**
 * What a finished trial leaves, as plain data. Apart from times and facts about the machine it is the same wherever the spec is run with
 * the same kernels.
 */
export interface TrialRecord {
  readonly spec: TrialSpec;
  /** Numerics version of the code. */
  readonly numerics: number;
  /** Versions, kernel variant, threads, engine. */
  readonly machine: object;
  /** Updates made, and seconds spent inside them. */
  readonly update: number;
  readonly seconds: number;
  /** Cases carried through the network by the updates, and Hessian-free's steps of conjugate gradient, as reports count them. */
  readonly casesProcessed: number;
  readonly conjugateGradientSteps?: number;
  /** Measured on all data at the end; none when the trial diverged. */
  readonly final?: Measures;
  /** The lowest watched error, which one that is, and when it was first seen. */
  readonly best?: {
    readonly update: number;
    readonly error: number;
    readonly measure: keyof Measures;
    /** False where the parameters of that moment were kept and have been lost since; otherwise left out. */
    readonly kept?: false;
  };
  /** What answering without looking at the inputs costs. */
  readonly baseline: Measures & { readonly name: string };
  /** Why the trial failed, in a sentence. */
  readonly failure?: string;
}

export function trialRecord(
  { spec, update, seconds, casesProcessed, conjugateGradientSteps, measures, best, failure }: Outcome,
  task: PreparedTask,
  machine: object,
  bestIsLost = false,
): TrialRecord {
  return {
    spec,
    numerics: NUMERICS_VERSION,
    machine,
    update,
    seconds,
    casesProcessed,
    ...(conjugateGradientSteps === undefined ? {} : { conjugateGradientSteps }),
    ...(measures === undefined ? {} : { final: measures }),
    ...(best === undefined ? {} : { best: { ...best, measure: task.watched.key, ...(bestIsLost ? { kept: false as const } : {}) } }),
    baseline: task.baseline,
    ...(failure === undefined ? {} : { failure }),
  };
}
