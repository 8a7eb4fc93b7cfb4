import { maximumReachedAt } from "../schedules/maximumReachedAt.js";
import type { CurvesTask } from "../tasks/curves/curvesKind.js";
import { checkTrialSpec, type TrialSpec } from "./spec.js";

/** Updates of each of the three trials of the demonstration: together about a minute and a half on two cores. */
export const demonstrationUpdates = 1800;

/** Seconds of updates that Hessian-free has beside them. */
export const demonstrationSeconds = 25;

/** The size of the data set is the paper's. */
export const demonstrationTask: CurvesTask = { name: "curves", cases: 20_000, testCases: 10_000 };

/**
 * The learning rates of the demonstration, from the paper's six (0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001). Training errors they left after
 * 5,000 updates from seed 1, `simd` kernels (the three lowest rates were not run: the trend is clear):
 *
 *             0.05    0.01    0.005
 *     SGD     8.78   13.70        -
 *     CM     16.83    0.98     1.24
 *     NAG    16.83    0.86     1.15
 */
const learningRates = { sgd: 0.05, classicalMomentum: 0.01, nesterov: 0.01 };

/** Highest momentum, and the share of the updates after which the schedule of Eq. 5 reaches it. */
const momentumMaximum = 0.99;
const shareUntilMaximum = 0.5;

/** Share of the updates that belongs to the final phase, and its momentum. The paper: the last 1,000 of 750,000 updates, at 0.9. */
const finalShare = 0.1;
const finalMomentum = 0.9;

/**
 * Hessian-free within less than half a minute: gradients of a twentieth of the data and curvature of a quarter of these, where Martens'
 * published run takes all and a quarter of all. Its updates are then short enough that it leaves the mean image before its time is up.
 */
const hessianFreeBatches = { gradientCases: 1000, curvatureCases: 250 };

/** More updates than any machine makes in that time. */
const mostHessianFreeUpdates = 100_000;

/** One of the demonstration's trials; `seconds` is the budget of a trial that is ended by time. */
export interface Demonstrated {
  readonly name: string;
  readonly spec: TrialSpec;
  readonly seconds?: number;
}

/**
 * Three trials that differ in nothing but the optimizer: one starting point, the same minibatches in the same order, the momentum schedule
 * of Eq. 5 with its period shortened so that the highest momentum is reached within the run. And Hessian-free from the same starting point,
 * which has a budget of time instead of updates, since an update of it is as long as many of theirs; how far it comes depends on the
 * machine.
 */
export function demonstration(updates = demonstrationUpdates, seed = 1): Demonstrated[] {
  const periodsUntilMaximum = maximumReachedAt({ max: momentumMaximum, period: 1 });
  const period = Math.max(1, Math.floor((updates * shareUntilMaximum) / periodsUntilMaximum));
  const momentum = {
    schedule: "sutskever",
    max: momentumMaximum,
    period,
    final: { updates: Math.floor(updates * finalShare), value: finalMomentum },
  };
  const spec = (optimizer: object): TrialSpec => checkTrialSpec({ task: demonstrationTask, optimizer, batchSize: 200, updates, seed });
  return [
    { name: "SGD", spec: spec({ method: "sgd", learningRate: learningRates.sgd }) },
    { name: "CM", spec: spec({ method: "classicalMomentum", learningRate: learningRates.classicalMomentum, momentum }) },
    { name: "NAG", spec: spec({ method: "nesterov", learningRate: learningRates.nesterov, momentum }) },
    {
      name: "HF",
      spec: checkTrialSpec({
        task: demonstrationTask,
        optimizer: { method: "hessianFree", ...hessianFreeBatches },
        updates: mostHessianFreeUpdates,
        seed,
      }),
      seconds: (demonstrationSeconds * updates) / demonstrationUpdates,
    },
  ];
}
