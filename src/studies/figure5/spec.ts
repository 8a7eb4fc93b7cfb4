import { checkTrialSpec, type HessianFreeTrialSpec } from "../../trials/spec.js";
import { checkInteger, checkNumber, checkPositive } from "../../validate.js";
import { checkStudyOptions, type OptionsOf, type StudyOption } from "../study.js";

/**
 * Figure 5 of the paper: conjugate gradient beside NAG on one damped Gauss-Newton quadratic, taken from the middle of a Hessian-free run on
 * CURVES.
 */
export interface Figure5Spec {
  readonly study: "figure5";
  /** The run that the quadratic is taken from. */
  readonly trial: HessianFreeTrialSpec;
  /** It is taken after the first update that leaves a training error of at most this, or after the trial's last. */
  readonly error: number;
  /** Iterations of each method. */
  readonly iterations: number;
}

const TRAINING_CASES = 20_000;
const LEAST_CASES = 4;
/**
 * Cases that give the curvature, at most: the number of Martens' published run. A run on fewer takes all of them, since the curvature of
 * a quarter of so few is a poor one: with 1,000 cases and the curvature of 250 it needs 14,000 iterations of conjugate gradient to an error
 * of 2, with 250 cases that all give the curvature 2,700.
 */
const CURVATURE_CASES = 5000;
/** Numbers that the paper prints: conjugate gradient is cut off after so many iterations. */
export const figure5Paper = { iterations: 120 } as const;

export const figure5OptionTable = {
  /** Share of CURVES' 20,000 training cases that the run has. Default 0.005, 100 cases. */
  fraction: {
    flag: "fraction",
    kind: "number",
    value: "X",
    help: "share of the 20,000 training cases that the run has (default 0.005,\nwhich is 100; 1 takes about half an hour on two cores)",
    standard: 0.005,
    check: (option, value) => checkNumber(option, value, LEAST_CASES / TRAINING_CASES, 1),
  },
  /** Training error at which the quadratic is taken. Default 2. */
  error: {
    flag: "error",
    kind: "number",
    value: "E",
    help: "training error at which the quadratic is taken (default 2; such\nruns begin near 17 and end below 0.1)",
    standard: 2,
    check: (option, value) => checkPositive(option, value),
  },
  /** Iterations of each method. Default 120, the paper's. */
  iterations: {
    flag: "iterations",
    kind: "number",
    value: "N",
    help: `iterations of each method (default ${figure5Paper.iterations}, the paper's)`,
    standard: figure5Paper.iterations,
    check: (option, value) => checkInteger(option, value, 1),
  },
  /** Updates of the run at most. Default 300. */
  updates: {
    flag: "updates",
    kind: "number",
    value: "N",
    help: "updates of the run at most (default 300); after so many the\nquadratic is taken whatever the error is",
    standard: 300,
    check: (option, value) => checkInteger(option, value, 1),
  },
  /** Root of all random streams. Default 1. */
  seed: {
    flag: "seed",
    kind: "number",
    value: "N",
    help: "root of all random streams (default 1)",
    standard: 1,
    check: (option, value) => checkInteger(option, value, 0),
  },
} as const satisfies Readonly<Record<string, StudyOption<number>>>;

export type Figure5Options = OptionsOf<typeof figure5OptionTable>;

/** Validates options and fills in defaults: the whole study as plain data. Throws InvalidOptionError. */
export function figure5Spec(options: unknown = {}): Figure5Spec {
  const { fraction, error, iterations, updates, seed } = checkStudyOptions("figure5", figure5OptionTable, options);
  const cases = Math.round(fraction * TRAINING_CASES);
  const trial = checkTrialSpec({
    // Its test images are not looked at.
    task: { name: "curves", cases, testCases: 1 },
    // Its other defaults are those of Martens' published run.
    optimizer: { method: "hessianFree", curvatureCases: Math.min(cases, CURVATURE_CASES) },
    updates,
    seed,
  }) as HessianFreeTrialSpec;
  return { study: "figure5", trial, error, iterations };
}
