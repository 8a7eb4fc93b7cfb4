import { isArray, isRecord } from "../../boundary/realm.js";
import { InvalidOptionError } from "../../errors.js";
import { type Choice, checkChoice, checkSchedule, type Pieces, type Schedule } from "../../schedules/index.js";
import { checkBoolean, checkInteger, checkKnownOptions, checkNumber, checkObject, checkOneOf } from "../../validate.js";
import { checkLearningRate, checkOptions } from "../optimizerChecks.js";
import { LARGEST_DAMPING } from "./dampingRule.js";

/** The system's damping, in units of the mean loss's curvature. */
export interface DampingOptions {
  /** lambda_0 > 0, at most 2^63; 0 with `drop` 1 is none at all. Default 45, Martens' for CURVES. */
  initial?: number;
  /**
   * What lambda is multiplied by where the model proves good, and divided by where it proves bad; in [0.001, 1], 1 keeps lambda. A number
   * or a schedule. Default 2/3.
   */
  drop?: Schedule;
}

/** How far conjugate gradient goes in an update of `hessianFree`, and where it starts. */
export interface HessianFreeSolverOptions {
  /** CG steps of an update at most: a whole number or a schedule, rounded down. Default 250, and 50 for the momentum variant. */
  maximum?: Schedule;
  /** CG steps before `progress` may end the solve. Default 1, and for the momentum variant `maximum`: exactly so many. */
  minimum?: Schedule;
  /**
   * Share of the last solution that the next solve starts from, in [0, 1]: what section 5 of the paper reads as the momentum. Default 0.95.
   */
  decay?: Schedule;
  /** Martens' rule: stop once phi falls by less than this share of itself a step; 0 never stops. Default 5e-4. */
  progress?: Schedule;
}

/** Cases by number, the word for all there are, or a piecewise schedule of both. */
export type CaseCount<W extends string> = Schedule | W | Pieces<Schedule | W>;

/** Options of `hessianFree`. */
export interface HessianFreeOptions {
  /** "standard" (default): Martens (2010). "momentum": the paper's section 5, no line search and no backtracking unless asked for. */
  variant?: "standard" | "momentum";
  /** Factor of every step, > 0, a number or a schedule. Default 1. */
  learningRate?: Schedule;
  /** Whether steps are shortened until the objective falls enough. Default: true for the standard variant. May change by pieces. */
  lineSearch?: Choice<boolean>;
  /**
   * Whether an earlier CG iterate is taken where the objective is lower there. Default: true for the standard variant. May change by
   * pieces.
   */
  backtracking?: Choice<boolean>;
  /** lambda of the first update, and what it falls and rises by. */
  damping?: DampingOptions;
  /** mu >= 0 of structural damping, whose weight is lambda mu; recurrent networks only. A number or a schedule. Default 0. */
  structuralDamping?: Schedule;
  /** How the system is solved: steps, and what share of the last solution the next starts from. */
  conjugateGradient?: HessianFreeSolverOptions;
  /**
   * M = (mean over cases of squared per-case gradients + lambda + w)^exponent, exponent in [0, 1]; or "none". Default "auto": exponent
   * 0.75, Martens', where squared per-case gradients can be had (feed-forward networks, objectives with `squaredGradient`), none elsewhere.
   */
  preconditioner?: { exponent: Schedule } | "none" | "auto";
  /** Cases of a batch that give the gradient: "all" (default), or so many, each update the next ones in turn. */
  gradientCases?: CaseCount<"all">;
  /** Cases that give the curvature: "gradient" (default), the gradient's own; or so many of these, each update the next ones in turn. */
  curvatureCases?: CaseCount<"gradient">;
  /** w >= 0: (w/2)|theta|^2 is added to the loss. Default 2e-5, Martens'. */
  weightDecay?: Schedule;
}

/** Hessian-free optimization as plain data, as `hessianFree` makes it; what each setting means is said of its options. */
export interface HessianFreeDescription {
  method: "hessianFree";
  variant: "standard" | "momentum";
  learningRate: Schedule;
  lineSearch: Choice<boolean>;
  backtracking: Choice<boolean>;
  damping: { initial: number; drop: Schedule };
  structuralDamping: Schedule;
  conjugateGradient: { maximum: Schedule; minimum: Schedule; decay: Schedule; progress: Schedule };
  preconditioner: { exponent: Schedule } | "none" | "auto";
  gradientCases: CaseCount<"all">;
  curvatureCases: CaseCount<"gradient">;
  weightDecay: Schedule;
}

/**
 * Hessian-free optimization (Martens 2010; Martens & Sutskever 2011 for recurrent networks), f the mean loss plus (w/2)|theta|^2, G its
 * Gauss-Newton matrix:
 *
 *     (G + lambda I) d = -grad f(theta_t)      by conjugate gradient from decay_t times its last solution, stopped early
 *     theta_{t+1} = theta_t + eps_t rate d     rate from a line search, 1 for the "momentum" variant
 *
 * lambda falls where the quadratic model predicts the change of f well and rises where it does not. With one CG step an update, this is NAG
 * with mu = decay and a rate that the curvature gives (the paper's section 5): `variant: "momentum"` is the hybrid found there.
 *
 *     hessianFree({ damping: { initial: 45 }, curvatureCases: 5000 })
 *     hessianFree({ variant: "momentum", gradientCases: 1250, conjugateGradient: { decay: schedules.piecewise({ values: [0.95, 0.999], at:
 *     [5000] }) } })
 *
 * Everything but the variant and lambda_0 may change in time, by schedules and pieces, and the whole is plain data
 * (examples/hybrid-curves.json has all phases of appendix A.6); the defaults are those of Martens' published run.
 *
 * @throws InvalidOptionError naming the option, its value and what is allowed
 */
export function hessianFree(options: HessianFreeOptions = {}): HessianFreeDescription {
  return checkHessianFree(checkObject("options of hessianFree", options));
}

/** Validates options or a description, fills in defaults, returns new plain data. Throws InvalidOptionError. */
export function checkHessianFree(given: Record<string, unknown>): HessianFreeDescription {
  checkOptions("hessianFree", given, [
    "variant",
    "learningRate",
    "lineSearch",
    "backtracking",
    "damping",
    "structuralDamping",
    "conjugateGradient",
    "preconditioner",
    "gradientCases",
    "curvatureCases",
    "weightDecay",
  ]);
  const { variant: kind = "standard" } = given;
  const variant = checkOneOf("variant", kind, ["standard", "momentum"]);
  const isStandard = variant === "standard";
  const {
    learningRate = 1,
    lineSearch = isStandard,
    backtracking = isStandard,
    damping = {},
    structuralDamping = 0,
    conjugateGradient = {},
    weightDecay = 2e-5,
  } = given;
  return {
    method: "hessianFree",
    variant,
    learningRate: checkLearningRate(learningRate),
    lineSearch: checkChoice("lineSearch", lineSearch, checkBoolean),
    backtracking: checkChoice("backtracking", backtracking, checkBoolean),
    damping: checkDamping(damping),
    structuralDamping: checkSchedule("structuralDamping", structuralDamping, { minimum: 0, maximum: Infinity }),
    conjugateGradient: checkSolver(conjugateGradient, isStandard),
    preconditioner: checkPreconditioner(given.preconditioner),
    gradientCases: checkCases("gradientCases", given.gradientCases, "all"),
    curvatureCases: checkCases("curvatureCases", given.curvatureCases, "gradient"),
    weightDecay: checkSchedule("weightDecay", weightDecay, { minimum: 0, maximum: Infinity }),
  };
}

/** Any less would make one good step undo hundreds of bad ones. */
const SMALLEST_DROP = 1e-3;

function checkDamping(value: unknown): HessianFreeDescription["damping"] {
  const given = checkObject("damping", value);
  checkKnownOptions("damping", given, ["initial", "drop"]);
  const { initial: first = 45, drop: factor = 2 / 3 } = given;
  const drop = checkSchedule("damping.drop", factor, { minimum: SMALLEST_DROP, maximum: 1 });
  const initial = checkNumber("damping.initial", first, 0, LARGEST_DAMPING);
  if (initial === 0 && drop !== 1)
    throw new InvalidOptionError(
      "damping.initial",
      initial,
      "greater than 0, since 0 cannot rise where the model proves bad; or damping.drop 1, for no damping at all",
    );
  return { initial, drop };
}

function checkSolver(value: unknown, isStandard: boolean): HessianFreeDescription["conjugateGradient"] {
  const option = "conjugateGradient";
  const given = checkObject(option, value);
  checkKnownOptions(option, given, ["maximum", "minimum", "decay", "progress"]);
  const { maximum: most = isStandard ? STANDARD_STEPS : 50, decay = 0.95, progress = 5e-4 } = given;
  const maximum = checkCount(`${option}.maximum`, most, 1, MOST_STEPS);
  const { minimum: least = isStandard ? 1 : maximum } = given;
  const minimum = checkCount(`${option}.minimum`, least, 0, MOST_STEPS);
  if (typeof minimum === "number" && typeof maximum === "number" && minimum > maximum) {
    throw new InvalidOptionError(`${option}.minimum`, minimum, `at most ${option}.maximum, which is ${maximum}`);
  }
  return {
    maximum,
    minimum,
    decay: checkSchedule(`${option}.decay`, decay, { minimum: 0, maximum: 1 }),
    progress: checkSchedule(`${option}.progress`, progress, { minimum: 0, maximum: Infinity }),
  };
}

function checkPreconditioner(value: unknown): HessianFreeDescription["preconditioner"] {
  if (value === undefined || value === "auto") return "auto";
  if (value === "none") return value;
  if (typeof value !== "object" || value === null) throw new InvalidOptionError("preconditioner", value, '{ exponent }, "none" or "auto"');
  const given = checkObject("preconditioner", value);
  checkKnownOptions("preconditioner", given, ["exponent"]);
  return { exponent: checkSchedule("preconditioner.exponent", given.exponent, { minimum: 0, maximum: 1 }) };
}

function checkCases<W extends string>(option: string, value: unknown, word: W): CaseCount<W> {
  if (value === undefined || value === word) return word;
  const values = isRecord(value) ? value.values : undefined;
  if (!isArray(values) || !values.includes(word)) return checkNumberOfCases(option, value, word);
  return checkChoice(option, value, (name, piece) => (piece === word ? word : checkNumberOfCases(name, piece, word))) as Pieces<
    Schedule | W
  >;
}

function checkNumberOfCases(option: string, value: unknown, word: string): Schedule {
  if (typeof value !== "number" && !isRecord(value)) {
    throw new InvalidOptionError(option, value, `"${word}", a number of cases or a schedule of such numbers`);
  }
  return checkCount(option, value, 1, Number.MAX_SAFE_INTEGER);
}

/** Steps of conjugate gradient that an update of the standard variant makes at most: Martens'. */
export const STANDARD_STEPS = 250;

/** More steps than any update needs: there is room for the numbers of so many. */
const MOST_STEPS = 1_000_000;

/** A whole number, or a schedule whose values will be rounded down. */
function checkCount(option: string, value: unknown, minimum: number, maximum: number): Schedule {
  return typeof value === "number" ? checkInteger(option, value, minimum, maximum) : checkSchedule(option, value, { minimum, maximum });
}
