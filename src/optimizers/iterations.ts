import type { Objective } from "../objectives/objective.js";
import { adamIteration } from "./adam/adamIteration.js";
import { hessianFreeIteration } from "./hessianFree/hessianFreeIteration.js";
import type { MethodName, OptimizerDescription } from "./index.js";
import type { Evaluated, Iteration } from "./iteration.js";
import { momentumIteration } from "./momentum/momentumIteration.js";
import { nesterov1983Iteration } from "./nesterov1983/nesterov1983Iteration.js";

/**
 * Starts a method on an objective in f64, from theta, which it changes; `total` updates are to come. Throws InvalidOptionError for an
 * objective that does not suit.
 */
type StartIteration<D> = (objective: Objective, theta: Float64Array, description: D, total: number, evaluated: Evaluated) => Iteration;

/**
 * Every method at work on an objective. They are beside the registry (index.ts) and not in it, so that programs that only train networks
 * are bundled without them.
 */
const iterations: { readonly [M in MethodName]: StartIteration<Extract<OptimizerDescription, { readonly method: M }>> } = {
  sgd: momentumIteration,
  classicalMomentum: momentumIteration,
  nesterov: momentumIteration,
  nesterov1983: nesterov1983Iteration,
  hessianFree: hessianFreeIteration,
  adam: adamIteration,
};

/** How the method of a description starts: each is only ever given its own. */
export function iterationOf({ method }: OptimizerDescription): StartIteration<OptimizerDescription> {
  return iterations[method] as StartIteration<OptimizerDescription>;
}
