import type { Objective } from "../../objectives/objective.js";
import { valueAndGradient } from "../../objectives/valueAndGradient.js";
import { scheduleValue } from "../../schedules/index.js";
import { createState, type Evaluated, type Iteration } from "../iteration.js";
import type { AdamDescription } from "./adamDescription.js";
import { moveByMoments, updateMoments } from "./recurrence.js";

/** Adam on an objective in f64; one gradient an update. */
export function adamIteration(
  objective: Objective,
  start: Float64Array,
  description: AdamDescription,
  total: number,
  evaluated: Evaluated,
): Iteration {
  const { weightDecay, decoupled, beta1 } = description;
  const { length } = start;
  const state = { ...createState(start), firstMoment: new Float64Array(length), secondMoment: new Float64Array(length) };
  return {
    state,
    advance(t) {
      const { theta, point, gradient } = state;
      point.set(theta);
      const value = valueAndGradient(objective, point, gradient);
      if (!decoupled) for (let i = 0; i < length; i++) gradient[i] += weightDecay * theta[i];
      evaluated(t, value, gradient);
      const learningRate = scheduleValue(description.learningRate, t, total);
      const step = { ...description, learningRate, shrink: decoupled ? learningRate * weightDecay : 0 };
      updateMoments(state, step);
      // An infinite moment would stand still for good.
      evaluated(t, value, state.secondMoment, "the square of the gradient");
      moveByMoments(state, t, step);
      return { value, learningRate, momentum: beta1 };
    },
  };
}
