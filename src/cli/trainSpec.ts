import { existsSync, readFileSync } from "node:fs";
import { InvalidOptionError } from "../errors.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import { nearest, UsageError, type Values } from "./options.js";
import { optionOfSpec, type trainOptions } from "./trainOptions.js";

type Given = Values<typeof trainOptions>;
type Json = Record<string, unknown>;

/** What `heavyball train curves` trains when no option is given. */
const defaults = { task: { name: "curves" }, optimizer: { method: "nesterov", learningRate: 0.01 }, updates: 2000 };

/**
 * The spec of a trial from the word after `train`, a task or a file, and the options, which override what a file says.
 * Throws UsageError, and InvalidOptionError under the name of the option of the command line.
 */
export function trainSpec(word: string, given: Given): TrialSpec {
  const start = word === "curves" ? defaults : readSpec(word);
  try {
    return checkTrialSpec(override(start, given));
  } catch (error) {
    throw nameOption(error);
  }
}

/** The same error under the name that the option has on the command line, where it has one. */
export function nameOption(error: unknown): unknown {
  if (!(error instanceof InvalidOptionError) || !Object.hasOwn(optionOfSpec, error.option)) return error;
  return new InvalidOptionError(optionOfSpec[error.option], error.value, error.allowed);
}

function readSpec(path: string): Json {
  if (!path.endsWith(".json") && !existsSync(path)) {
    const near = nearest(path, ["curves"]);
    throw new UsageError(`${JSON.stringify(path)} is neither a task nor a file; ${near === undefined ? "this version trains curves" : `did you mean ${near}?`}`);
  }
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
  try {
    checkTrialSpec(value);
  } catch (error) {
    throw error instanceof InvalidOptionError ? new UsageError(`${path}: ${error.message}`) : error;
  }
  return value as Json;
}

function override(start: Json, given: Given): Json {
  const task = { ...(start.task as Json), ...present({ cases: given.cases, testCases: given["test-cases"] }) };
  const initialization = { ...((start.initialization as Json | undefined) ?? { method: "sparse" }), ...present({ scale: given["initialization-scale"] }) };
  return { ...start, task, initialization, optimizer: optimizer(start.optimizer as Json, given), ...present({ updates: given.updates, batchSize: given["batch-size"], seed: given.seed }) };
}

function optimizer(start: Json, given: Given): Json {
  const method = given.optimizer ?? start.method;
  const { momentum, ...rest } = start;
  const changed = { ...rest, method, ...present({ learningRate: given["learning-rate"] }) };
  const schedule = present({ max: given["momentum-max"], period: given.period });
  const final = given["final-updates"] === undefined ? {} : { final: { updates: given["final-updates"], value: 0.9 } };
  const asked = Object.keys({ ...schedule, ...final }).length > 0;
  if (method === "sgd") {
    if (asked) throw new UsageError("--momentum-max, --period and --final-updates have no meaning with --optimizer sgd, which has no momentum");
    return changed;
  }
  const isEquation5 = typeof momentum === "object" && (momentum as Json).schedule === "sutskever";
  if (!asked && momentum !== undefined) return { ...changed, momentum };
  return { ...changed, momentum: { ...(isEquation5 ? (momentum as Json) : {}), schedule: "sutskever", ...schedule, ...final } };
}

/** The members that are not undefined. */
function present(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
