import { InvalidOptionError } from "../errors.js";
import { checkOptimizer, type MinibatchDescription, methodOf, networkMethodOf, type OptimizerDescription } from "../optimizers/index.js";
import { needsTotalUpdates, type Schedule } from "../schedules/index.js";
import { kindOf, type TaskName, type TaskSpec, taskKinds, taskNames } from "../tasks/index.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf, orDefault } from "../validate.js";
import { checkFinalsOfBudget, checkHessianFreeTrial, type HessianFreeTrialSpec } from "./hessianFree/hessianFreeSpec.js";
import type { SharedSpec } from "./sharedSpec.js";

export type { HessianFreeTrialSpec };

/**
 * A trial as plain data: what is trained, from where, how and for how long. The same spec gives the same bits whatever the number of
 * threads.
 *
 * `seed` is the root of every random stream (data, initialization, order of minibatches); `task.seed` and `initialization.seed` override
 * their own. A `final` phase that counts `updates` counts them from the end of the trial.
 */
export type TrialSpec = MinibatchTrialSpec | HessianFreeTrialSpec;

/** A trial whose every update is made from one minibatch. */
export interface MinibatchTrialSpec extends SharedSpec {
  readonly optimizer: MinibatchDescription;
  /** Cases of a minibatch; all there are, where these are fewer. Default: the paper's, 200 for images, 100 for sequences; 100 for data. */
  readonly batchSize: number;
}

export function isHessianFree(spec: TrialSpec): spec is HessianFreeTrialSpec {
  return spec.optimizer.method === "hessianFree";
}

/** Specs that this file has checked: they are frozen, and need no second look. */
const known = new WeakSet<object>();

/**
 * Validates a spec typed by hand or read from a file and fills in the defaults; returns new plain data, frozen.
 *
 * @throws InvalidOptionError naming the part, its value and what is allowed; ShapeError for output biases that are not one for each output
 */
export function checkTrialSpec(value: unknown): TrialSpec {
  const given = checkObject("spec", value);
  if (known.has(given)) return given as unknown as TrialSpec;
  const spec = freeze(checkGiven(given));
  known.add(spec);
  return spec;
}

function checkGiven(given: Record<string, unknown>): TrialSpec {
  checkKnownOptions("spec", given, ["task", "initialization", "optimizer", "batchSize", "updates", "conjugateGradientSteps", "seed"]);
  const task = checkTask(given.task);
  const kind = kindOf(task);
  const optimizer = checkOptimizer("optimizer", kind.optimizer(task, given.optimizer));
  networkMethodOf(optimizer).checkSinglePrecision(optimizer);
  const updates = checkInteger("updates", given.updates, 1);
  checkFinals(optimizer, updates);
  const seed = checkInteger("seed", orDefault(given.seed, 1), 0);
  const initialization = kind.checkInitialization(task, given.initialization);
  if (optimizer.method === "hessianFree") return checkHessianFreeTrial({ task, initialization, optimizer, updates, seed }, given);
  if (given.conjugateGradientSteps !== undefined) {
    const allowed = `left out: ${optimizer.method} makes no steps of conjugate gradient`;
    throw new InvalidOptionError("conjugateGradientSteps", given.conjugateGradientSteps, allowed);
  }
  const { standard, largest } = kind.batchSize(task);
  const batchSize = checkInteger("batchSize", orDefault(given.batchSize, standard), 1, largest);
  return { task, initialization, optimizer: optimizer as MinibatchDescription, batchSize, updates, seed };
}

/**
 * Validates the task of a spec and fills in its defaults.
 *
 * @throws InvalidOptionError naming the part as "task.<option>"
 */
export function checkTask(value: unknown): TaskSpec {
  const given = checkObject("task", value);
  const name: TaskName = checkOneOf("task.name", given.name, taskNames);
  return taskKinds[name].check(given);
}

/**
 * Validates another optimizer of a checked spec whose schedules alone are others: nothing else of a spec depends on these.
 *
 * @throws InvalidOptionError as `checkTrialSpec` does
 */
export function checkSchedulesOf(spec: TrialSpec, changed: object): OptimizerDescription {
  const optimizer = checkOptimizer("optimizer", changed);
  networkMethodOf(optimizer).checkSinglePrecision(optimizer);
  checkFinals(optimizer, spec.updates);
  if (isHessianFree(spec)) checkFinalsOfBudget(optimizer, spec.conjugateGradientSteps);
  return optimizer;
}

function checkFinals(optimizer: OptimizerDescription, updates: number): void {
  for (const [option, schedule] of Object.entries(methodOf(optimizer).schedules(optimizer))) checkFinal(option, schedule, updates);
}

/** A final phase cannot be longer than the trial. */
function checkFinal(option: string, schedule: Schedule, updates: number): void {
  if (typeof schedule !== "number" && needsTotalUpdates(schedule)) {
    checkInteger(`${option}.final.updates`, (schedule.final as { updates: number }).updates, 0, updates);
  }
}

/** Plain data that nobody changes any more. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
