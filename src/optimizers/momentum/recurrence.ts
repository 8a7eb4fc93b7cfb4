import type { Objective } from "../../objectives/objective.js";
import { valueAndGradient } from "../../objectives/valueAndGradient.js";
import type { IterationState } from "../iteration.js";

/** One update of Eq. 1-4 in f64, in two halves. A step changes `theta` and `velocity` of its state in place. */

/** What one update uses: mu_t, eps_t, and where the gradient is taken (false: Eq. 1-2 at theta_t; true: Eq. 3-4 at theta_t + mu_t v_t). */
export interface MomentumStep {
  readonly lookAhead: boolean;
  readonly momentum: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/**
 * First half of an update: takes the gradient at `point`, with the gradient w point of the weight decay added.
 *
 *     point = theta_t                  (Eq. 1)
 *     point = theta_t + mu_t v_t       (Eq. 3)
 *
 * @returns f(point), without the weight decay's (w/2)|point|^2
 */
export function momentumGradient(objective: Objective, state: IterationState, step: MomentumStep): number {
  const { theta, velocity, point, gradient } = state;
  const ahead = step.lookAhead ? step.momentum : 0;
  for (let i = 0; i < theta.length; i++) point[i] = theta[i] + ahead * velocity[i];
  const value = valueAndGradient(objective, point, gradient);
  for (let i = 0; i < theta.length; i++) gradient[i] += step.weightDecay * point[i];
  return value;
}

/**
 * Second half of an update:
 *
 *     v_{t+1} = mu_t v_t - eps_t gradient
 *     theta_{t+1} = theta_t + v_{t+1}
 */
export function momentumUpdate(state: IterationState, step: MomentumStep): void {
  const { theta, velocity, gradient } = state;
  for (let i = 0; i < theta.length; i++) {
    velocity[i] = step.momentum * velocity[i] - step.learningRate * gradient[i];
    theta[i] += velocity[i];
  }
}
