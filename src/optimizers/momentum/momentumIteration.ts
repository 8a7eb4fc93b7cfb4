import type { Objective } from "../../objectives/objective.js";
import { scheduleValue } from "../../schedules/index.js";
import { createState, type Evaluated, type Iteration } from "../iteration.js";
import type { MomentumDescription } from "./momentumDescriptions.js";
import { momentumGradient, momentumUpdate } from "./recurrence.js";

/** Eq. 1-4 on an objective, with mu_t and eps_t from their schedules; one gradient an update. */
export function momentumIteration(
  objective: Objective,
  theta: Float64Array,
  description: MomentumDescription,
  total: number,
  evaluated: Evaluated,
): Iteration {
  const state = createState(theta);
  return {
    state,
    advance(t) {
      const momentum = description.method === "sgd" ? 0 : scheduleValue(description.momentum, t, total);
      const learningRate = scheduleValue(description.learningRate, t, total);
      const step = { lookAhead: description.method === "nesterov", momentum, learningRate, weightDecay: description.weightDecay };
      const value = momentumGradient(objective, state, step);
      evaluated(t, value, state.gradient);
      momentumUpdate(state, step);
      return { value, learningRate, momentum };
    },
  };
}
