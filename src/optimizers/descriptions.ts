import { InvalidOptionError } from "../errors.js";
import { checkSchedule, type Schedule } from "../schedules/index.js";
import { checkInteger, checkNumber, checkObject, checkOneOf, checkPositive } from "../validate.js";
import { checkHessianFree, type HessianFreeDescription } from "./hessianFree/hessianFreeDescription.js";
import { checkLearningRate, checkOptions } from "./optimizerChecks.js";

/**
 * Optimizers as plain data. A builder fills in defaults and validates; the result is JSON, so it can be typed, stored
 * or sent, and `minimize` or a runtime makes the machine from it.
 *
 * In the formulas theta is the parameters, v the velocity (v_0 = 0), t the update index from 0, eps_t `learningRate`,
 * mu_t `momentum`, w `weightDecay`; grad adds w times the point at which it is taken, which is the gradient of (w/2)|theta|^2.
 */

export interface SgdOptions {
  /** eps_t > 0, a number or a schedule. */
  learningRate: Schedule;
  /** w >= 0. Default 0. */
  weightDecay?: number;
}

export interface MomentumOptions extends SgdOptions {
  /** mu_t in [0, 1], a number or a schedule. */
  momentum: Schedule;
}

export interface Nesterov1983Options {
  /** eps_{-1} > 0, or "auto" (default): |y_0 - z| / |grad f(y_0) - grad f(z)|, z a short way down the gradient from y_0. */
  initialRate?: number | "auto";
  /** How often one update may halve eps before the search counts as failed. Default 60. */
  maximumHalvings?: number;
}

export interface SgdDescription {
  method: "sgd";
  learningRate: Schedule;
  weightDecay: number;
}

export interface ClassicalMomentumDescription {
  method: "classicalMomentum";
  learningRate: Schedule;
  momentum: Schedule;
  weightDecay: number;
}

export interface NesterovDescription {
  method: "nesterov";
  learningRate: Schedule;
  momentum: Schedule;
  weightDecay: number;
}

export interface Nesterov1983Description {
  method: "nesterov1983";
  initialRate: number | "auto";
  maximumHalvings: number;
}

/** Optimizers whose every update is one gradient and one step. */
export type MomentumDescription = SgdDescription | ClassicalMomentumDescription | NesterovDescription;

export type OptimizerDescription = MomentumDescription | Nesterov1983Description | HessianFreeDescription;

/**
 * Gradient descent: theta_{t+1} = theta_t - eps_t grad f(theta_t), which is Eq. 1-2 with mu = 0.
 *
 * @throws InvalidOptionError for a rate that is zero or negative, a negative weight decay or an unknown option
 */
export function sgd(options: SgdOptions): SgdDescription {
  return checkSgd(checkObject("options of sgd", options));
}

/**
 * Classical momentum (Polyak), Eq. 1-2:
 *
 *     v_{t+1} = mu_t v_t - eps_t grad f(theta_t)
 *     theta_{t+1} = theta_t + v_{t+1}
 *
 * @throws InvalidOptionError for a rate that is zero or negative, a momentum outside [0, 1], a negative weight decay or an unknown option
 */
export function classicalMomentum(options: MomentumOptions): ClassicalMomentumDescription {
  return checkMomentum("classicalMomentum", checkObject("options of classicalMomentum", options));
}

/**
 * Nesterov's accelerated gradient, Eq. 3-4; the gradient is taken at the look-ahead point theta_t + mu_t v_t:
 *
 *     v_{t+1} = mu_t v_t - eps_t grad f(theta_t + mu_t v_t)
 *     theta_{t+1} = theta_t + v_{t+1}
 *
 * @throws InvalidOptionError for a rate that is zero or negative, a momentum outside [0, 1], a negative weight decay or an unknown option
 */
export function nesterov(options: MomentumOptions): NesterovDescription {
  return checkMomentum("nesterov", checkObject("options of nesterov", options));
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

/**
 * Validates a description that was not made by a builder (read from a file, typed by hand) and fills in its defaults.
 *
 * @throws InvalidOptionError naming the option, its value and what is allowed
 */
export function checkOptimizer(option: string, description: unknown): OptimizerDescription {
  const given = checkObject(option, description);
  switch (checkOneOf(`${option}.method`, given.method, ["sgd", "classicalMomentum", "nesterov", "nesterov1983", "hessianFree"])) {
    case "sgd":
      return checkSgd(given);
    case "classicalMomentum":
      return checkMomentum("classicalMomentum", given);
    case "nesterov":
      return checkMomentum("nesterov", given);
    case "nesterov1983":
      return checkNesterov1983(given);
    case "hessianFree":
      return checkHessianFree(given);
  }
}

function checkSgd(given: Record<string, unknown>): SgdDescription {
  checkOptions("sgd", given, ["learningRate", "weightDecay"]);
  return { method: "sgd", learningRate: checkLearningRate(given.learningRate), weightDecay: checkWeightDecay(given.weightDecay) };
}

function checkMomentum<M extends "classicalMomentum" | "nesterov">(method: M, given: Record<string, unknown>) {
  checkOptions(method, given, ["learningRate", "momentum", "weightDecay"]);
  return {
    method,
    learningRate: checkLearningRate(given.learningRate),
    momentum: checkSchedule("momentum", given.momentum, { minimum: 0, maximum: 1 }),
    weightDecay: checkWeightDecay(given.weightDecay),
  };
}

function checkNesterov1983(given: Record<string, unknown>): Nesterov1983Description {
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

function checkWeightDecay(value: unknown = 0): number {
  return checkNumber("weightDecay", value, 0);
}
