import { InvalidOptionError } from "../errors.js";
import { checkInitialization, type Initialization } from "../initialize/index.js";
import { checkOptimizer, type MomentumDescription } from "../optimizers/descriptions.js";
import { needsTotalUpdates, type Schedule } from "../schedules/index.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf } from "../validate.js";

/** The CURVES task: the paper's autoencoder 784-400-200-100-50-25-6 and its mirror on drawn images of curves. */
export interface CurvesTask {
  name: "curves";
  /** Training images. Default 20,000. */
  cases: number;
  /** Test images, drawn from a stream of their own. Default: half of `cases`. */
  testCases: number;
  /** Seed of the images. Default: the trial's. */
  seed?: number;
}

/**
 * A trial as plain data: what is trained, from where, how and for how long. The same spec gives the same bits whatever the number of threads.
 *
 * `seed` is the root of every random stream (data, initialization, order of minibatches); `task.seed` and `initialization.seed` override
 * their own. A `final` phase that counts `updates` counts them from the end of the trial.
 */
export interface TrialSpec {
  task: CurvesTask;
  /** Default: `sparse` with 15 incoming connections a unit and scale 1. */
  initialization: Initialization;
  optimizer: MomentumDescription;
  /** Cases of a minibatch. Default 200. */
  batchSize: number;
  updates: number;
  /** Default 1. */
  seed: number;
}

/**
 * Validates a spec typed by hand or read from a file and fills in the defaults; returns new plain data.
 *
 * @throws InvalidOptionError naming the part, its value and what is allowed
 */
export function checkTrialSpec(value: unknown): TrialSpec {
  const given = checkObject("spec", value);
  checkKnownOptions("spec", given, ["task", "initialization", "optimizer", "batchSize", "updates", "seed"]);
  const task = checkTask(given.task);
  const optimizer = checkOptimizer("optimizer", given.optimizer);
  if (optimizer.method === "nesterov1983") {
    throw new InvalidOptionError("optimizer.method", optimizer.method, "one of \"sgd\", \"classicalMomentum\", \"nesterov\": the method of 1983 needs exact gradients, see minimize");
  }
  const updates = checkInteger("updates", given.updates, 1);
  checkFinal("learningRate", optimizer.learningRate, updates);
  if (optimizer.method !== "sgd") checkFinal("momentum", optimizer.momentum, updates);
  const initialization = checkInitialization("initialization", given.initialization ?? { method: "sparse" });
  if (initialization.method === "echoState") {
    throw new InvalidOptionError("initialization.method", initialization.method, `one of "sparse", "dense": ${task.name} trains a feed-forward network`);
  }
  return {
    task,
    initialization,
    optimizer,
    batchSize: checkInteger("batchSize", given.batchSize ?? 200, 1, task.cases),
    updates,
    seed: checkInteger("seed", given.seed ?? 1, 0),
  };
}

function checkTask(value: unknown): CurvesTask {
  const given = checkObject("task", value);
  checkOneOf("task.name", given.name, ["curves"]);
  checkKnownOptions("task", given, ["name", "cases", "testCases", "seed"]);
  const cases = checkInteger("task.cases", given.cases ?? 20_000, 1);
  const testCases = checkInteger("task.testCases", given.testCases ?? Math.ceil(cases / 2), 1);
  return { name: "curves", cases, testCases, ...(given.seed === undefined ? {} : { seed: checkInteger("task.seed", given.seed, 0) }) };
}

function checkFinal(option: string, schedule: Schedule, updates: number): void {
  if (typeof schedule !== "number" && needsTotalUpdates(schedule)) {
    checkInteger(`${option}.final.updates`, (schedule.final as { updates: number }).updates, 0, updates);
  }
}
