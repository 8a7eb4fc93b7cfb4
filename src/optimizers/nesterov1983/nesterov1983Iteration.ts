import type { Objective } from "../../objectives/objective.js";
import { createState, type Evaluated, type Iteration } from "../iteration.js";
import { momentumGradient } from "../momentum/recurrence.js";
import type { Nesterov1983Description } from "./nesterov1983Description.js";
import { automaticRate, type Nesterov1983State, nesterov1983Update, searchRate } from "./recurrence.js";

/** Eq. 6-14 on an objective: one gradient an update, and values for the search of its rate. */
export function nesterov1983Iteration(
  objective: Objective,
  theta: Float64Array,
  description: Nesterov1983Description,
  _total: number,
  evaluated: Evaluated,
): Iteration {
  const state: Nesterov1983State = { ...createState(theta), a: 1, momentum: 0, learningRate: 0, largestValue: 0, trial: theta.slice() };
  return {
    state,
    advance(t) {
      if (t === 0) state.learningRate = description.initialRate === "auto" ? automaticRate(objective, theta) : description.initialRate;
      const { momentum } = state;
      const value = momentumGradient(objective, state, { lookAhead: true, momentum, learningRate: 0, weightDecay: 0 });
      evaluated(t, value, state.gradient);
      const learningRate = searchRate(objective, state, value, description.maximumHalvings);
      if (learningRate === undefined) return undefined;
      nesterov1983Update(state, learningRate);
      return { value, learningRate, momentum };
    },
  };
}
