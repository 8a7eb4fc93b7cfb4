import { type MethodName, networkMethodOf } from "../optimizers/index.js";
import { kindOf, type TaskName } from "../tasks/index.js";

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
 * @throws InvalidOptionError for a method that does not run on networks
 */
export function trialDefaults(name: TaskName, method: MethodName = "nesterov"): TrialDefaults {
  const kind = kindOf({ name });
  const { learningRate, updates, seed } = kind.defaults;
  const network = networkMethodOf({ method });
  return {
    task: { name },
    optimizer: network.start({ learningRate, momentum: kind.momentum() }),
    updates: network.updates ?? updates,
    seed,
  };
}
