import { InvalidOptionError } from "../errors.js";
import { checkInteger, checkKnownMembers, checkObject } from "../validate.js";

/**
 * A function f of `size` numbers, with its gradient: whatever `minimize` can minimize.
 *
 * Vectors are f64 and belong to the caller; an objective reads `theta` and `vector`, writes `out`, and keeps none of them.
 */
export interface Objective {
  /** Number of parameters. */
  readonly size: number;
  /** Writes grad f(theta) into `out` (which arrives filled with 0) and returns f(theta). */
  gradient(theta: Float64Array, out: Float64Array): number;
  /** Writes G(theta) vector into `out`, G the Gauss-Newton matrix (for a quadratic, its Hessian). Needed by Hessian-free only. */
  gaussNewtonProduct?(theta: Float64Array, vector: Float64Array, out: Float64Array): void;
  /**
   * Writes into `out` the mean over cases of the squares of each case's gradient at theta, entry by entry, f a mean over cases.
   * Hessian-free's preconditioner takes it.
   */
  squaredGradient?(theta: Float64Array, out: Float64Array): void;
}

/**
 * Returns the objective, or throws an InvalidOptionError that names the missing, wrong or misspelled member. An instance of a class may
 * have members of its own: only of a plain object are others refused.
 */
export function checkObjective(option: string, value: unknown): Objective {
  const objective = checkObject(option, value) as Partial<Record<keyof Objective, unknown>>;
  checkKnownMembers(option, objective, ["size", "gradient", "gaussNewtonProduct", "squaredGradient"]);
  checkInteger(`${option}.size`, objective.size, 1);
  if (typeof objective.gradient !== "function") {
    throw new InvalidOptionError(`${option}.gradient`, objective.gradient, "a function (theta, out) that fills out and returns the value");
  }
  if (objective.gaussNewtonProduct !== undefined && typeof objective.gaussNewtonProduct !== "function") {
    throw new InvalidOptionError(
      `${option}.gaussNewtonProduct`,
      objective.gaussNewtonProduct,
      "a function (theta, vector, out), or left out",
    );
  }
  if (objective.squaredGradient !== undefined && typeof objective.squaredGradient !== "function") {
    throw new InvalidOptionError(`${option}.squaredGradient`, objective.squaredGradient, "a function (theta, out), or left out");
  }
  return value as Objective;
}
