import { InvalidOptionError } from "../errors.js";
import { createSequenceTask, type SequenceTaskDescription } from "../tasks/index.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf, orDefault } from "../validate.js";

/** The CURVES task: the paper's autoencoder 784-400-200-100-50-25-6 and its mirror on drawn images of curves. */
export interface CurvesTask {
  readonly name: "curves";
  /** Training images. Default 20,000. */
  readonly cases: number;
  /** Test images, drawn from a stream of their own. Default: half of `cases`. */
  readonly testCases: number;
  /** Seed of the images. Default: the trial's. */
  readonly seed?: number;
}

/** A recurrent problem: the sequences, the size of the network that reads them, and how many it is tested on. */
export type SequencesTask = SequenceTaskDescription & {
  /** Hidden units. Default 100, the paper's; at most 4,096. */
  readonly hidden: number;
  /** Held-out sequences that the outcome is measured on. Default 10,000. */
  readonly testCases: number;
};

export type TaskSpec = CurvesTask | SequencesTask;

const defaultTestSequences = 10_000;
/** The spectral radius of the starting point takes 10 n^3 operations: minutes at this many units. */
const mostHidden = 4096;

export const sequenceTaskNames = ["addition", "multiplication", "memory5", "memory20"] as const;
export const taskNames = ["curves", ...sequenceTaskNames] as const;
export type TaskName = (typeof taskNames)[number];

/**
 * Validates the task of a spec and fills in its defaults.
 *
 * @throws InvalidOptionError naming the part as "task.<option>"
 */
export function checkTaskSpec(value: unknown): TaskSpec {
  const given = checkObject("task", value);
  const name = checkOneOf("task.name", given.name, taskNames);
  if (name === "curves") return checkCurves(given);
  checkKnownOptions("task", given, [...Object.keys(createSequenceTask({ name }).description), "seed", "hidden", "testCases"]);
  return checkSequences(name, given);
}

/** Whether the task's minibatches are sequences for a recurrent network. */
export function isSequencesTask(task: TaskSpec): task is SequencesTask {
  return task.name !== "curves";
}

/** Sequences that fit a batch: no array of it may have more than 2^30 numbers. */
export function largestSequenceBatch(task: SequencesTask): number {
  const { steps, inputs, outputs } = createSequenceTask(sequenceOptions(task));
  return Math.floor(2 ** 30 / (steps * Math.max(inputs, outputs)));
}

/** The part of the task that says what the sequences are: what `createSequenceTask` takes. */
export function sequenceOptions({ hidden: _hidden, testCases: _testCases, ...options }: SequencesTask): SequenceTaskDescription {
  return options as SequenceTaskDescription;
}

function checkCurves(given: Record<string, unknown>): CurvesTask {
  checkKnownOptions("task", given, ["name", "cases", "testCases", "seed"]);
  const cases = checkInteger("task.cases", orDefault(given.cases, 20_000), 1);
  const testCases = checkInteger("task.testCases", orDefault(given.testCases, Math.ceil(cases / 2)), 1);
  return { name: "curves", cases, testCases, ...(given.seed === undefined ? {} : { seed: checkInteger("task.seed", given.seed, 0) }) };
}

function checkSequences(name: string, { hidden, testCases, ...options }: Record<string, unknown>): SequencesTask {
  const description = describe(name, options);
  const task = {
    ...description,
    hidden: checkInteger("task.hidden", orDefault(hidden, 100), 1, mostHidden),
    testCases: checkInteger("task.testCases", orDefault(testCases, defaultTestSequences), 1),
  };
  const most = largestSequenceBatch(task);
  if (testCases === undefined && task.testCases > most) {
    // Nobody gave the test cases: the length is what there is to blame.
    throw new InvalidOptionError(
      "task.length",
      task.length,
      `at most ${longestFor(task)}, for the ${task.testCases} test cases there are by default, or given with task.testCases of at ` +
        `most ${most}`,
    );
  }
  checkInteger("task.testCases", task.testCases, 1, most);
  return task;
}

/** The longest sequences of which the test cases still fit a batch; those of the task are too long, those of its default length are not. */
function longestFor(task: SequencesTask): number {
  let fits = createSequenceTask({ name: task.name }).description.length;
  let tooLong = task.length;
  while (tooLong - fits > 1) {
    const length = Math.floor((fits + tooLong) / 2);
    if (largestSequenceBatch({ ...task, length }) >= task.testCases) fits = length;
    else tooLong = length;
  }
  return fits;
}

function describe(name: string, options: Record<string, unknown>): SequenceTaskDescription {
  try {
    return createSequenceTask(options).description;
  } catch (error) {
    // The task says "addition.length" where the spec has "task.length".
    if (!(error instanceof InvalidOptionError) || !error.option.startsWith(`${name}.`)) throw error;
    throw new InvalidOptionError(`task${error.option.slice(name.length)}`, error.value, error.allowed);
  }
}
