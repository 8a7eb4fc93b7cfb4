import { existsSync } from "node:fs";
import { InvalidOptionError, ShapeError } from "../errors.js";
import { createSequenceTask } from "../tasks/index.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import { checkTaskSpec, isSequencesTask, sequenceOptions, type TaskName, taskNames } from "../trials/taskSpec.js";
import { hessianFreeTrialDefaults, sequenceMomentum, trialDefaults } from "../trials/trialDefaults.js";
import { checkInteger } from "../validate.js";
import { nearest, UsageError, type Values } from "./terminal/options.js";
import { readJson } from "./terminal/readJson.js";
import { type allOptions, optionOfSpec, refusal } from "./trainOptions.js";

export type TrainValues = Values<typeof allOptions>;
type Json = Record<string, unknown>;

/**
 * The spec of a trial from the word after `train`, a task or a file, and the options, which override what a file says.
 * Throws UsageError, and InvalidOptionError under the name of the option of the command line.
 */
export function trainSpec(word: string, given: TrainValues): TrialSpec {
  const isTask = (taskNames as readonly string[]).includes(word);
  const file = isTask ? undefined : readSpec(word);
  const name = isTask ? (word as TaskName) : (file!.task as { name: TaskName }).name;
  const method = given.optimizer ?? (file?.optimizer as Json | undefined)?.method ?? "nesterov";
  const refused = refusal(name, method, Object.keys(given));
  if (refused !== undefined) throw new UsageError(refused);
  const start = { ...startingPoint(name, method, file), ...(file === undefined ? untilSteps(given) : {}) };
  try {
    return checkTrialSpec(name === "curves" ? overrideCurves(start, given) : overrideSequences(start, given));
  } catch (error) {
    throw nameOption(blameLength(error, given));
  }
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
 * The trial of a file, or that of a task without options. Where the file has momentum and Hessian-free is asked for, or the other way
 * round, only the rest of it counts.
 */
function startingPoint(name: TaskName, method: unknown, file: Json | undefined): Json {
  const defaults: Json = method === "hessianFree" ? { ...hessianFreeTrialDefaults(name) } : { ...trialDefaults(name) };
  if (file === undefined) return defaults;
  if (((file.optimizer as Json).method === "hessianFree") === (method === "hessianFree")) return file;
  const { optimizer: _optimizer, batchSize: _batchSize, conjugateGradientSteps: _steps, ...rest } = file;
  return { ...rest, optimizer: defaults.optimizer };
}

/** Without --updates, --cg-steps alone ends a trial: no update makes less than one step. */
function untilSteps({ updates, "cg-steps": steps }: TrainValues): Json {
  return updates === undefined && steps !== undefined ? { updates: checkInteger("--cg-steps", steps, 1) } : {};
}

/** The same error under the names that options have on the command line, where they have one. */
export function nameOption(error: unknown): unknown {
  if (!(error instanceof InvalidOptionError) || !Object.hasOwn(optionOfSpec, error.option)) return error;
  return new InvalidOptionError(
    optionOfSpec[error.option],
    error.value,
    error.allowed.replace(/\btask\.\w+/g, (name) => optionOfSpec[name] ?? name),
  );
}

/** The trial in a file as it stands there, known to be valid. Throws UsageError. */
export function readSpec(path: string): Json {
  if (!path.endsWith(".json") && !existsSync(path)) {
    const near = nearest(path, taskNames);
    throw new UsageError(
      `${JSON.stringify(path)} is neither a task nor a file; ` +
        `${near === undefined ? `this version trains ${taskNames.join(", ")}` : `did you mean ${near}?`}`,
    );
  }
  const value = readJson(path);
  try {
    checkTrialSpec(value);
  } catch (error) {
    throw error instanceof InvalidOptionError || error instanceof ShapeError ? new UsageError(`${path}: ${error.message}`) : error;
  }
  return value as Json;
}

function overrideCurves(start: Json, given: TrainValues): Json {
  const task = { ...(start.task as Json), ...present({ cases: given.cases, testCases: given["test-cases"] }) };
  const initialization = {
    ...((start.initialization as Json | undefined) ?? { method: "sparse" }),
    ...present({ scale: given["initialization-scale"] }),
  };
  const schedule = present({ max: given["momentum-max"], period: given.period });
  return {
    ...start,
    task,
    initialization,
    optimizer: overrideOptimizer(
      start.optimizer as Json,
      given,
      { schedule: "sutskever" },
      Object.keys(schedule).length === 0
        ? undefined
        : (momentum) => ({ ...(momentum.schedule === "sutskever" ? momentum : {}), schedule: "sutskever", ...schedule }),
    ),
    ...shared(given),
  };
}

function overrideSequences(start: Json, given: TrainValues): Json {
  const task = {
    ...(start.task as Json),
    ...present({
      length: given.length,
      hidden: given.hidden,
      testCases: given["test-cases"],
      target: given.target,
      scored: given.scored,
      lengthMeans: given["length-means"],
      initialHidden: given["initial-hidden"],
      flags: given["no-flags"] && false,
      centered: given["no-centering"] && false,
    }),
  };
  const mu0 = given["momentum-max"];
  return {
    ...start,
    task,
    initialization: { ...withoutTaskBiases(start), ...present({ spectralRadius: given["spectral-radius"] }) },
    optimizer: overrideOptimizer(
      start.optimizer as Json,
      given,
      sequenceMomentum(),
      mu0 === undefined ? undefined : () => sequenceMomentum(mu0),
    ),
    ...shared(given),
  };
}

/** The initialization of a spec without output biases that are the task's own: another reading of the task has others. */
function withoutTaskBiases({ task, initialization }: Json): Json {
  if ((initialization ?? undefined) === undefined) return { method: "echoState" };
  const { outputBiases, ...rest } = initialization as Json;
  const checked = checkTaskSpec(task);
  const own = isSequencesTask(checked) ? createSequenceTask(sequenceOptions(checked)).outputBiases : undefined;
  return JSON.stringify(outputBiases) === JSON.stringify(own) ? rest : { ...rest, outputBiases };
}

/** `reschedule` makes the momentum that the options ask for from the one there is; undefined when they ask for none. */
function overrideOptimizer(start: Json, given: TrainValues, standard: Json, reschedule?: (momentum: Json) => Json): Json {
  const method = given.optimizer ?? start.method;
  if (method === "hessianFree") return overrideHessianFree(start, given);
  const { momentum: begun, ...rest } = start;
  const momentum = begun ?? standard;
  const changed = { ...rest, method, ...present({ learningRate: given["learning-rate"], weightDecay: given["weight-decay"] }) };
  const final = given["final-updates"] === undefined ? undefined : { updates: given["final-updates"], value: 0.9 };
  if (method === "sgd") {
    if (reschedule !== undefined || final !== undefined)
      throw new UsageError("--momentum-max, --period and --final-updates have no meaning with --optimizer sgd, which has no momentum");
    return changed;
  }
  if (reschedule === undefined && final === undefined) return { ...changed, momentum };
  const before = typeof momentum === "number" ? { schedule: "constant", value: momentum } : (momentum as Json);
  return { ...changed, momentum: { ...(reschedule?.(before) ?? before), ...present({ final: final ?? before.final }) } };
}

function overrideHessianFree(start: Json, given: TrainValues): Json {
  // Where a file has the other variant, its numbers are not this one's.
  const { damping, conjugateGradient, ...rest } =
    given.variant === undefined || given.variant === (start.variant ?? "standard") ? start : ({ method: "hessianFree" } as Json);
  return present({
    ...rest,
    ...present({
      variant: given.variant,
      learningRate: given["learning-rate"],
      gradientCases: given["gradient-cases"],
      curvatureCases: given["curvature-cases"],
      structuralDamping: given["structural-damping"],
      weightDecay: given["weight-decay"],
    }),
    damping: merged(damping, { initial: given.damping, drop: given["damping-drop"] }),
    conjugateGradient: merged(conjugateGradient, {
      maximum: given["cg-maximum"],
      minimum: given["cg-minimum"] ?? fixedSteps(conjugateGradient, given["cg-maximum"]),
      decay: given["cg-decay"],
    }),
  });
}

/** Where a file fixes the number of steps, another number is fixed too. */
function fixedSteps(solver: unknown, maximum: number | undefined): number | undefined {
  const { maximum: before, minimum } = (solver ?? {}) as Json;
  return minimum !== undefined && JSON.stringify(minimum) === JSON.stringify(before) ? maximum : undefined;
}

function merged(start: unknown, changes: Json): Json | undefined {
  const changed = { ...(start as Json | undefined), ...present(changes) };
  return Object.keys(changed).length === 0 ? undefined : changed;
}

function shared(given: TrainValues): Json {
  return present({ updates: given.updates, batchSize: given["batch-size"], conjugateGradientSteps: given["cg-steps"], seed: given.seed });
}

/** The members that are not undefined. */
function present(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
