import type { ConjugateGradientReason } from "../optimizers/conjugateGradient/conjugateGradientReason.js";
import type { Measures } from "../tasks/index.js";

/** What a running trial says after an update; the measures of the task are there at some updates only. */
export interface Report extends Measures, Partial<HessianFreeFacts> {
  /** Updates made so far; 0 is the report of the starting point. */
  readonly update: number;
  /** Updates of the whole trial, at most. */
  readonly updates: number;
  /**
   * Mean loss of the batch of the update just made: at the point before it (for Nesterov momentum at its look-ahead point); none at the
   * start.
   */
  readonly loss?: number;
  /**
   * Learning rate and momentum of the update just made; none at the start. For Hessian-free the momentum is the decay of the last solution
   * of conjugate gradient.
   */
  readonly learningRate?: number;
  readonly momentum?: number;
  /**
   * Cases carried through the network by the updates so far, measuring errors not included: a minibatch counts once; Hessian-free's cases
   * count once for the gradient and once for each curvature product, the preconditioner and each point at which a step is judged. What
   * costs more than another of these is not weighed.
   */
  readonly casesProcessed: number;
  /** Seconds spent inside updates so far. */
  readonly seconds: number;
  /**
   * Measured on all data, where a final phase of the trial begins after this update; where an event has brought one that began with this
   * update, before it.
   */
  readonly beforeFinal?: Measures;
}

/** What Hessian-free adds about the update just made. Numbers that are not finite are null, since JSON has none. */
export interface HessianFreeFacts {
  /** Damping of the system that was solved. */
  readonly lambda: number;
  /**
   * Reduction ratio: the change of the objective over the change that the quadratic model predicts; null where the objective rose or no
   * step was taken.
   */
  readonly rho: number | null;
  /** Steps of conjugate gradient in this update, and in all so far. */
  readonly conjugateGradientSteps: number;
  readonly totalConjugateGradientSteps: number;
  /** Why conjugate gradient ended. */
  readonly conjugateGradientEnd: ConjugateGradientReason["code"];
  /** Step of conjugate gradient whose iterate was taken. */
  readonly chosenStep: number;
  /** What the line search shortened the step to; 0 where no step was taken. */
  readonly lineSearchRate: number;
}

/** One of the measures of a report, or another number in it; undefined where it was not measured. */
export function measureOf(report: Report, key: string): number | undefined {
  const value = (report as unknown as Readonly<Record<string, unknown>>)[key];
  return typeof value === "number" ? value : undefined;
}
