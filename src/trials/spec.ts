import { InvalidOptionError, ShapeError } from "../errors.js";
import { checkInitialization, type Initialization } from "../initialize/index.js";
import { checkOptimizer, type MomentumDescription } from "../optimizers/descriptions.js";
import type { HessianFreeDescription } from "../optimizers/hessianFree/hessianFreeDescription.js";
import { checkSinglePrecisionOptimizer } from "../optimizers/singlePrecisionOptimizer.js";
import { needsTotalUpdates, type Schedule } from "../schedules/index.js";
import { createSequenceTask } from "../tasks/index.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../validate.js";
import { checkHessianFreeTrial, withTaskDefaults } from "./hessianFreeSpec.js";
import { checkTaskSpec, isSequencesTask, largestSequenceBatch, sequenceOptions, type TaskSpec } from "./taskSpec.js";

/**
 * A trial as plain data: what is trained, from where, how and for how long. The same spec gives the same bits whatever the number of
 * threads.
 *
 * `seed` is the root of every random stream (data, initialization, order of minibatches); `task.seed` and `initialization.seed` override
 * their own. A `final` phase that counts `updates` counts them from the end of the trial.
 */
export type TrialSpec = MomentumTrialSpec | HessianFreeTrialSpec;

interface TrialParts {
  readonly task: TaskSpec;
  /**
   * Default for curves: `sparse` with 15 incoming connections a unit and scale 1. Default for the recurrent problems: `echoState` as in
   * Table 4; `inputScale` and `outputBiases`, where left out, are the task's.
   */
  readonly initialization: Initialization;
  readonly updates: number;
  /** Default 1. */
  readonly seed: number;
}

export interface MomentumTrialSpec extends TrialParts {
  readonly optimizer: MomentumDescription;
  /** Cases of a minibatch. Default 200 for curves and 100 for the recurrent problems, the paper's. */
  readonly batchSize: number;
}

/** `gradientCases` and `curvatureCases` of the optimizer are its batch sizes. */
export interface HessianFreeTrialSpec extends TrialParts {
  /** What is left out of it is the task's: see `hessianFreeDefaults`. */
  readonly optimizer: HessianFreeDescription;
  /**
   * If given, the trial ends with the update in which the steps of conjugate gradient, of all updates together, reach this number; or after
   * `updates`, if that is sooner.
   */
  readonly conjugateGradientSteps?: number;
}

export function isHessianFree(spec: TrialSpec): spec is HessianFreeTrialSpec {
  return spec.optimizer.method === "hessianFree";
}

/**
 * Validates a spec typed by hand or read from a file and fills in the defaults; returns new plain data.
 *
 * @throws InvalidOptionError naming the part, its value and what is allowed; ShapeError for output biases that are not one for each output
 */
export function checkTrialSpec(value: unknown): TrialSpec {
  const given = checkObject("spec", value);
  checkKnownOptions("spec", given, ["task", "initialization", "optimizer", "batchSize", "updates", "conjugateGradientSteps", "seed"]);
  const task = checkTaskSpec(given.task);
  const optimizer = checkOptimizer("optimizer", withTaskDefaults(task, given.optimizer));
  if (optimizer.method === "nesterov1983") {
    throw new InvalidOptionError(
      "optimizer.method",
      optimizer.method,
      'one of "sgd", "classicalMomentum", "nesterov", "hessianFree"; the method of 1983 needs exact gradients, see minimize',
    );
  }
  checkSinglePrecisionOptimizer(optimizer);
  const updates = checkInteger("updates", given.updates, 1);
  checkFinal("learningRate", optimizer.learningRate, updates);
  const seed = checkInteger("seed", orDefault(given.seed, 1), 0);
  const parts = { task, initialization: checkStart(task, given.initialization) };
  if (optimizer.method === "hessianFree") return checkHessianFreeTrial({ ...parts, optimizer, updates, seed }, given, checkFinal);
  if (given.conjugateGradientSteps !== undefined) {
    throw new InvalidOptionError(
      "conjugateGradientSteps",
      given.conjugateGradientSteps,
      `left out: ${optimizer.method} makes no steps of conjugate gradient`,
    );
  }
  if (optimizer.method !== "sgd") checkFinal("momentum", optimizer.momentum, updates);
  const [defaultSize, largestSize] = isSequencesTask(task) ? [100, largestSequenceBatch(task)] : [200, task.cases];
  return {
    ...parts,
    optimizer,
    batchSize: checkInteger("batchSize", orDefault(given.batchSize, defaultSize), 1, largestSize),
    updates,
    seed,
  };
}

function checkStart(task: TaskSpec, value: unknown): Initialization {
  const option = "initialization";
  if (!isSequencesTask(task)) {
    const checked = checkInitialization(option, orDefault(value, { method: "sparse" }));
    if (checked.method === "echoState") {
      throw new InvalidOptionError(
        `${option}.method`,
        checked.method,
        `one of "sparse", "dense": ${task.name} trains a feed-forward network`,
      );
    }
    return checked;
  }
  const { inputScale, outputBiases, outputs } = createSequenceTask(sequenceOptions(task));
  const given = checkObject(option, orDefault(value, { method: "echoState" }));
  if (given.method === "sparse" || given.method === "dense") {
    throw new InvalidOptionError(`${option}.method`, given.method, `"echoState": ${task.name} trains a recurrent network`);
  }
  const drawn = { inputScale: orDefault(given.inputScale, inputScale), outputBiases: orDefault(given.outputBiases, outputBiases) };
  const checked = checkInitialization(option, { ...given, ...drawn });
  if (checked.method === "echoState" && checked.outputBiases?.length !== outputs) {
    throw new ShapeError(`the length of ${option}.outputBiases`, checked.outputBiases!.length, `the number of outputs, ${outputs}`);
  }
  return checked;
}

/** A final phase cannot be longer than the trial. */
function checkFinal(option: string, schedule: Schedule, updates: number): void {
  if (typeof schedule !== "number" && needsTotalUpdates(schedule)) {
    checkInteger(`${option}.final.updates`, (schedule.final as { updates: number }).updates, 0, updates);
  }
}
