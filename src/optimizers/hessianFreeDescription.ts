import { InvalidOptionError } from "../errors.js";
import { checkSchedule, type Schedule } from "../schedules/index.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkOneOf } from "../validate.js";
import { checkLearningRate, checkOptions } from "./optimizerChecks.js";

/** The system's damping, in units of the mean loss's curvature. */
export interface DampingOptions {
  /** lambda_0 >= 0. Default 45, Martens' for CURVES. */
  initial?: number;
  /** What lambda is multiplied by where the model proves good, and divided by where it proves bad; in (0, 1]. Default 2/3. */
  drop?: number;
}

export interface HessianFreeSolverOptions {
  /** CG steps of an update at most: a whole number or a schedule, rounded down. Default 250. */
  maximum?: Schedule;
  /** CG steps before `progress` may end the solve. Default 1. */
  minimum?: Schedule;
  /** Share of the last solution that the next solve starts from, in [0, 1]: what section 5 of the paper reads as the momentum. Default 0.95. */
  decay?: Schedule;
  /** Martens' rule: stop once phi falls by less than this share of itself a step; 0 never stops. Default 5e-4. */
  progress?: number;
}

export interface HessianFreeOptions {
  /** "standard" (default): Martens (2010). "momentum": the paper's section 5, no line search and no backtracking unless asked for. */
  variant?: "standard" | "momentum";
  /** Factor of every step, > 0, a number or a schedule. Default 1. */
  learningRate?: Schedule;
  /** Whether steps are shortened until the objective falls enough. Default: true for the standard variant. */
  lineSearch?: boolean;
  /** Whether an earlier CG iterate is taken where the objective is lower there. Default: true for the standard variant. */
  backtracking?: boolean;
  damping?: DampingOptions;
  /** mu >= 0 of structural damping, whose weight is lambda mu; recurrent networks only. Default 0. */
  structuralDamping?: number;
  conjugateGradient?: HessianFreeSolverOptions;
  /**
   * M = (mean over cases of squared per-case gradients + lambda + w)^exponent, exponent in [0, 1]; or "none". Default "auto": exponent 0.75, Martens', where squared
   * per-case gradients can be had (feed-forward networks, objectives with `squaredGradient`), none elsewhere.
   */
  preconditioner?: { exponent: number } | "none" | "auto";
  /** Cases of a batch that give the gradient: "all" (default), or so many, each update the next ones in turn. */
  gradientCases?: Schedule | "all";
  /** Cases that give the curvature: "gradient" (default), the gradient's own; or so many of these, each update the next ones in turn. */
  curvatureCases?: Schedule | "gradient";
  /** w >= 0: (w/2)|theta|^2 is added to the loss. Default 2e-5, Martens'. */
  weightDecay?: Schedule;
}

export interface HessianFreeDescription {
  method: "hessianFree";
  variant: "standard" | "momentum";
  learningRate: Schedule;
  lineSearch: boolean;
  backtracking: boolean;
  damping: { initial: number; drop: number };
  structuralDamping: number;
  conjugateGradient: { maximum: Schedule; minimum: Schedule; decay: Schedule; progress: number };
  preconditioner: { exponent: number } | "none" | "auto";
  gradientCases: Schedule | "all";
  curvatureCases: Schedule | "gradient";
  weightDecay: Schedule;
}

/**
 * Hessian-free optimisation (Martens 2010; Martens & Sutskever 2011 for recurrent networks), f the mean loss plus (w/2)|theta|^2, G its Gauss-Newton matrix:
 *
 *     (G + lambda I) d = -grad f(theta_t)      by conjugate gradient from decay_t times its last solution, stopped early
 *     theta_{t+1} = theta_t + eps_t rate d     rate from a line search, 1 for the "momentum" variant
 *
 * lambda falls where the quadratic model predicts the change of f well and rises where it does not. With one CG step an update, this is NAG with mu = decay and
 * a rate that the curvature gives (the paper's section 5): `variant: "momentum"` is the hybrid found there.
 *
 *     hessianFree({ damping: { initial: 45 }, curvatureCases: 5000 })
 *     hessianFree({ variant: "momentum", gradientCases: 1250, conjugateGradient: { maximum: 50, decay: schedules.piecewise({ values: [0.95, 0.999], at: [5000] }) } })
 *
 * Everything in time is a schedule and the whole is plain data; its defaults are those of Martens' published run.
 *
 * @throws InvalidOptionError naming the option, its value and what is allowed
 */
export function hessianFree(options: HessianFreeOptions = {}): HessianFreeDescription {
  return checkHessianFree(checkObject("options of hessianFree", options));
}

/** Validates options or a description, fills in defaults, returns new plain data. Throws InvalidOptionError. */
export function checkHessianFree(given: Record<string, unknown>): HessianFreeDescription {
  checkOptions("hessianFree", given, [
    "variant", "learningRate", "lineSearch", "backtracking", "damping", "structuralDamping", "conjugateGradient", "preconditioner", "gradientCases", "curvatureCases", "weightDecay",
  ]);
  const variant = checkOneOf("variant", given.variant ?? "standard", ["standard", "momentum"]);
  const isStandard = variant === "standard";
  return {
    method: "hessianFree",
    variant,
    learningRate: checkLearningRate(given.learningRate ?? 1),
    lineSearch: checkBoolean("lineSearch", given.lineSearch ?? isStandard),
    backtracking: checkBoolean("backtracking", given.backtracking ?? isStandard),
    damping: checkDamping(given.damping ?? {}),
    structuralDamping: checkNumber("structuralDamping", given.structuralDamping ?? 0, 0),
    conjugateGradient: checkSolver(given.conjugateGradient ?? {}),
    preconditioner: checkPreconditioner(given.preconditioner),
    gradientCases: checkCases("gradientCases", given.gradientCases, "all"),
    curvatureCases: checkCases("curvatureCases", given.curvatureCases, "gradient"),
    weightDecay: checkSchedule("weightDecay", given.weightDecay ?? 2e-5, { minimum: 0, maximum: Infinity }),
  };
}

function checkDamping(value: unknown): HessianFreeDescription["damping"] {
  const given = checkObject("damping", value);
  checkKnownOptions("damping", given, ["initial", "drop"]);
  const { initial = 45, drop = 2 / 3 } = given;
  if (drop === 0) throw new InvalidOptionError("damping.drop", drop, "greater than 0 and at most 1: 1 keeps lambda as it is");
  return { initial: checkNumber("damping.initial", initial, 0), drop: checkNumber("damping.drop", drop, 0, 1) };
}

function checkSolver(value: unknown): HessianFreeDescription["conjugateGradient"] {
  const option = "conjugateGradient";
  const given = checkObject(option, value);
  checkKnownOptions(option, given, ["maximum", "minimum", "decay", "progress"]);
  const maximum = checkCount(`${option}.maximum`, given.maximum ?? 250, 1);
  const minimum = checkCount(`${option}.minimum`, given.minimum ?? 1, 0);
  if (typeof minimum === "number" && typeof maximum === "number" && minimum > maximum) {
    throw new InvalidOptionError(`${option}.minimum`, minimum, `at most ${option}.maximum, which is ${maximum}`);
  }
  return {
    maximum,
    minimum,
    decay: checkSchedule(`${option}.decay`, given.decay ?? 0.95, { minimum: 0, maximum: 1 }),
    progress: checkNumber(`${option}.progress`, given.progress ?? 5e-4, 0),
  };
}

function checkPreconditioner(value: unknown): HessianFreeDescription["preconditioner"] {
  if (value === undefined || value === "auto") return "auto";
  if (value === "none") return value;
  if (typeof value !== "object" || value === null) throw new InvalidOptionError("preconditioner", value, '{ exponent }, "none" or "auto"');
  const given = checkObject("preconditioner", value);
  checkKnownOptions("preconditioner", given, ["exponent"]);
  return { exponent: checkNumber("preconditioner.exponent", given.exponent, 0, 1) };
}

function checkCases<W extends string>(option: string, value: unknown, word: W): Schedule | W {
  if (value === undefined || value === word) return word;
  if (typeof value === "string") throw new InvalidOptionError(option, value, `"${word}", a number of cases or a schedule of such numbers`);
  return checkCount(option, value, 1);
}

/** A whole number, or a schedule whose values will be rounded down. */
function checkCount(option: string, value: unknown, minimum: number): Schedule {
  return typeof value === "number" ? checkInteger(option, value, minimum) : checkSchedule(option, value, { minimum, maximum: Number.MAX_SAFE_INTEGER });
}

function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new InvalidOptionError(option, value, "true or false");
  return value;
}
