import { type MethodName, methodNames, networkMethodOf } from "../optimizers/index.js";
import { kindOf, type TaskName, taskNames } from "../tasks/index.js";
import { checkOneOf } from "../validate.js";

/** What a trial of a task needs beyond the defaults of `checkTrialSpec`, as an unchecked spec. */
export interface TrialDefaults {
  readonly task: { readonly name: TaskName };
  readonly optimizer: Record<string, unknown>;
  readonly updates: number;
  readonly seed: number;
}

/**
 * The trial that `heavyball train <task>` makes when no option but the method is given: Nesterov momentum at a rate that suits the task,
 * unless another method is asked for.
 *
 * @throws InvalidOptionError for a task or a method that there is not, and a method that does not run on networks
 */
export function trialDefaults(name: TaskName, method: MethodName = "nesterov"): TrialDefaults {
  const kind = kindOf({ name: checkOneOf("task", name, taskNames) });
  const { learningRate, updates, seed } = kind.defaults;
  const network = networkMethodOf({ method: checkOneOf("method", method, methodNames) });
  return {
    task: { name },
    optimizer: network.start({ learningRate, momentum: kind.momentum() }),
    updates: network.updates ?? updates,
    seed,
  };
}
