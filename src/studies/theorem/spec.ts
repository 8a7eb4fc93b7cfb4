import { checkInteger } from "../../validate.js";
import { checkStudyOptions, type OptionsOf, type StudyOption } from "../study.js";

/** What the paper states about momentum on quadratics, as numbers. */
export interface TheoremSpec {
  readonly study: "theorem";
  /** Root of the random starting points, linear terms, rotations and schedules. */
  readonly seed: number;
  /** Parameters of every quadratic. */
  readonly dimensions: number;
  /** Updates of the trajectories that are compared, and of those held against the bound. */
  readonly updates: number;
  /** Largest over smallest eigenvalue where trajectories are compared. */
  readonly conditionNumber: number;
  /** Those of the bound and of the speed-up, a factor of 10 apart. */
  readonly conditionNumbers: readonly number[];
  /** The speed-up is that of coming to this share of the first distance from the minimum. */
  readonly reduction: number;
}

export const theoremOptionTable = {
  /** Root of the random quadratics, starting points and schedules. Default 1. */
  seed: {
    flag: "seed",
    kind: "number",
    value: "N",
    help: "root of the random quadratics, starting points and schedules\n(default 1)",
    standard: 1,
    check: (option, value) => checkInteger(option, value, 0),
  },
  /** Parameters of every quadratic, from 2 to 50. Default 20. */
  dimensions: {
    flag: "dimensions",
    kind: "number",
    value: "N",
    help: "parameters of every quadratic, from 2 to 50 (default 20)",
    standard: 20,
    check: (option, value) => checkInteger(option, value, 2, 50),
  },
  /** Updates of the trajectories that are compared, from 200 to 5,000. Default 2,000. */
  updates: {
    flag: "updates",
    kind: "number",
    value: "N",
    help: "updates of the trajectories that are compared, from 200 to 5000\n(default 2000)",
    standard: 2000,
    // From update 100 on the momentum of 1983 is held against its approximation; schedules of more pieces would take their time.
    check: (option, value) => checkInteger(option, value, 200, 5000),
  },
} as const satisfies Readonly<Record<string, StudyOption<number>>>;

export type TheoremOptions = OptionsOf<typeof theoremOptionTable>;

/** Validates options and fills in defaults: the whole study as plain data. Throws InvalidOptionError. */
export function theoremSpec(options: unknown = {}): TheoremSpec {
  return {
    study: "theorem",
    ...checkStudyOptions("theorem", theoremOptionTable, options),
    conditionNumber: 1000,
    conditionNumbers: [10, 100, 1000, 10_000, 100_000],
    reduction: 1e-4,
  };
}
