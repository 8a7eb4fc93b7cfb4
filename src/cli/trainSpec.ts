import { existsSync } from "node:fs";
import { type Json, present, withPaths } from "../boundary/paths.js";
import { isRecord } from "../boundary/realm.js";
import { InvalidOptionError, ShapeError } from "../errors.js";
import { methodNamed } from "../optimizers/index.js";
import { kindOf, type TaskName, taskKinds, taskNames } from "../tasks/index.js";
import { trialDefaults } from "../trials/defaults.js";
import { checkTask, checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import { checkEvents, type TrialEvent } from "../trials/trialEvent.js";
import { checkInteger } from "../validate.js";
import { nearest, UsageError } from "./terminal/options.js";
import { readJson } from "./terminal/readJson.js";
import { changeOptimizer } from "./trainOptimizer.js";
import { givenOf, optionOfPath, refusal, type TrainValues } from "./trainOptions.js";

/**
 * The trial that is asked for by the word after `train`, a task or a file, and by the options, which override what a file says.
 * Throws UsageError, and InvalidOptionError under the name of the option of the command line.
 */
export function trainSpec(word: string, given: TrainValues): AskedTrial {
  const isTask = Object.hasOwn(taskKinds, word);
  const { spec: file, events } = isTask ? {} : readTrial(word);
  const name = isTask ? (word as TaskName) : (file!.task as { name: TaskName }).name;
  const method = given.optimizer ?? (file?.optimizer as Json | undefined)?.method ?? "nesterov";
  const refused = refusal(name, method, Object.keys(given));
  if (refused !== undefined) throw new UsageError(refused);
  const start = { ...startingPoint(name, method, file), ...(file === undefined ? untilSteps(given) : {}) };
  let spec: TrialSpec;
  try {
    spec = checkTrialSpec(override(name, start, given));
  } catch (error) {
    throw nameOption(blameLength(error, given), name);
  }
  return events === undefined ? { spec } : { spec, events: checkEvents("events", spec, events) };
}

/** What `heavyball train` is to run. */
export interface AskedTrial {
  readonly spec: TrialSpec;
  /** What is changed while it runs, where a record says so. */
  readonly events?: readonly TrialEvent[];
}

/** Numbers of sequences that a length limits, and their options. */
const limitedByLength = { "task.testCases": "test-cases", batchSize: "batch-size", gradientCases: "gradient-cases" } as const;

/** Where the command line has the length alone, and the number of sequences is a default or a file's, it is the length that is wrong. */
function blameLength(error: unknown, given: TrainValues): unknown {
  if (given.length === undefined || !(error instanceof InvalidOptionError) || !Object.hasOwn(limitedByLength, error.option)) return error;
  const option = limitedByLength[error.option as keyof typeof limitedByLength];
  if (given[option] !== undefined) return error;
  return new InvalidOptionError(
    "task.length",
    given.length,
    `smaller, or given with --${option}, which is otherwise ${error.value} and must be ${error.allowed}`,
  );
}

/**
 * The trial of a file, or that of a task without options. Where the file has a method with a learning rate of its own kind and another is
 * asked for, such as momentum and Hessian-free, only the rest of it counts.
 */
function startingPoint(name: TaskName, method: unknown, file: Json | undefined): Json {
  const known = methodNamed(method);
  const defaults: Json = { ...trialDefaults(name, known?.name) };
  if (file === undefined) return defaults;
  if (scaleOf((file.optimizer as Json).method) === scaleOf(method)) return file;
  const { optimizer: _optimizer, batchSize: _batchSize, conjugateGradientSteps: _steps, ...rest } = file;
  return { ...rest, optimizer: defaults.optimizer };
}

/** Methods that can take over each other's learning rate have one scale: that of the task, or their own. */
function scaleOf(method: unknown): string {
  const known = methodNamed(method);
  const rate = 12345;
  const takesTheTasks = known === undefined || known.network?.start({ learningRate: rate, momentum: {} }).learningRate === rate;
  return takesTheTasks ? "the task's" : known.name;
}

/** Without --updates, --cg-steps alone ends a trial: no update makes less than one step. */
function untilSteps({ updates, "cg-steps": steps }: TrainValues): Json {
  return updates === undefined && steps !== undefined ? { updates: checkInteger("--cg-steps", steps, 1) } : {};
}

/** The same error under the names that options have on the command line, where they have one. */
export function nameOption(error: unknown, task?: TaskName): unknown {
  return error instanceof InvalidOptionError ? error.renamed((path) => optionOfPath(task, path) ?? path) : error;
}

/** A file's trial as it stands there: a spec, or the spec and the events of a record, known to be valid. Throws UsageError. */
export function readTrial(path: string): { readonly spec: Json; readonly events?: unknown } {
  if (!path.endsWith(".json") && !existsSync(path)) {
    const near = nearest(path, taskNames);
    throw new UsageError(
      `${JSON.stringify(path)} is neither a task nor a file; ` +
        `${near === undefined ? `this version trains ${taskNames.join(", ")}` : `did you mean ${near}?`}`,
    );
  }
  const value = readJson(path);
  const isRecordOfTrial = isRecord(value) && isRecord(value.spec) && value.task === undefined;
  const { spec, events } = isRecordOfTrial ? value : { spec: value, events: undefined };
  try {
    const checked = checkTrialSpec(spec);
    if (events !== undefined) checkEvents("events", checked, events);
  } catch (error) {
    throw error instanceof InvalidOptionError || error instanceof ShapeError ? new UsageError(`${path}: ${error.message}`) : error;
  }
  return { spec: spec as Json, events };
}

/** The spec with what was asked for in place of what it says. */
function override(name: TaskName, start: Json, given: TrainValues): Json {
  const kind = kindOf({ name });
  const changes = givenOf(kind.options, given).filter(isDirect);
  const initialization = withoutDefaults(name, start);
  // A change of a part of the standard one needs its method to be said.
  const isStandard = initialization === undefined && changes.some(({ path }) => path.startsWith("initialization."));
  const begun = isStandard ? { method: kind.checkInitialization(checkTask(start.task), undefined).method } : initialization;
  const changed = withPaths({ ...start, ...present({ initialization: begun }) }, changes);
  return {
    ...changed,
    optimizer: changeOptimizer(name, start.optimizer as Json, given),
    ...present({ updates: given.updates, batchSize: given["batch-size"], conjugateGradientSteps: given["cg-steps"], seed: given.seed }),
  };
}

/** The momentum is more than a number, and is changed with the optimizer. */
function isDirect({ path }: { readonly path: string }): boolean {
  return !path.startsWith("optimizer.");
}

/** The initialization of a spec without what its task would fill in: another reading of the task has other defaults. */
function withoutDefaults(name: TaskName, { task, initialization }: Json): Json | undefined {
  if ((initialization ?? undefined) === undefined) return undefined;
  const { method, ...rest } = initialization as Json;
  let filled: Json;
  try {
    filled = kindOf({ name }).checkInitialization(checkTask(task), { method }) as unknown as Json;
  } catch {
    // One that the task refuses is for the spec's check to refuse.
    return initialization as Json;
  }
  return {
    method,
    ...Object.fromEntries(Object.entries(rest).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(filled[key]))),
  };
}
