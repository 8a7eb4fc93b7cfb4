import { InvalidOptionError } from "../../errors.js";
import { checkInteger, checkObject, checkPositive } from "../../validate.js";
import { checkOptions } from "../optimizerChecks.js";

/** Options of `nesterov1983`. */
export interface Nesterov1983Options {
  /** eps_{-1} > 0, or "auto" (default): |y_0 - z| / |grad f(y_0) - grad f(z)|, z a short way down the gradient from y_0. */
  initialRate?: number | "auto";
  /** How often one update may halve eps before the search counts as failed. Default 60. */
  maximumHalvings?: number;
}

/** Nesterov's method of 1983 as plain data, as `nesterov1983` makes it; its recurrence is there. */
export interface Nesterov1983Description {
  method: "nesterov1983";
  initialRate: number | "auto";
  maximumHalvings: number;
}

/**
 * Nesterov's method as published in 1983 (Appendix A.1, Eq. 6-14): the momentum is (a_t - 1) / a_{t+1} with
 * a_{t+1} = (1 + sqrt(4 a_t^2 + 1)) / 2, and the rate is halved whenever it is found too large. It needs no tuning, but
 * an exact gradient: it runs in `minimize`, on objectives, not on minibatches.
 *
 * @throws InvalidOptionError for an initial rate that is zero or negative, or an unknown option
 */
export function nesterov1983(options: Nesterov1983Options = {}): Nesterov1983Description {
  return checkNesterov1983(checkObject("options of nesterov1983", options));
}

/** Validates options or a description, fills in defaults, returns new plain data. Throws InvalidOptionError. */
export function checkNesterov1983(given: Record<string, unknown>): Nesterov1983Description {
  checkOptions("nesterov1983", given, ["initialRate", "maximumHalvings"]);
  const { initialRate = "auto", maximumHalvings = 60 } = given;
  if (initialRate !== "auto" && typeof initialRate !== "number") {
    throw new InvalidOptionError("initialRate", initialRate, '"auto" or a finite number greater than 0');
  }
  return {
    method: "nesterov1983",
    initialRate: initialRate === "auto" ? "auto" : checkPositive("initialRate", initialRate),
    maximumHalvings: checkInteger("maximumHalvings", maximumHalvings, 0, 1000),
  };
}
