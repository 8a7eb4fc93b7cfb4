import { checkSchedule, type Schedule } from "../../schedules/index.js";
import { checkObject } from "../../validate.js";
import { checkLearningRate, checkOptions, checkWeightDecay } from "../optimizerChecks.js";

/**
 * Gradient descent and momentum as plain data: JSON that can be typed, stored or sent, and of which `minimize` or a runtime makes an
 * optimizer.
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

/** Gradient descent as plain data, as `sgd` makes it; its recurrence is there. */
export interface SgdDescription {
  method: "sgd";
  learningRate: Schedule;
  weightDecay: number;
}

/** Classical momentum as plain data, as `classicalMomentum` makes it; its recurrence is there. */
export interface ClassicalMomentumDescription {
  method: "classicalMomentum";
  learningRate: Schedule;
  momentum: Schedule;
  weightDecay: number;
}

/** Nesterov momentum as plain data, as `nesterov` makes it; its recurrence is there. */
export interface NesterovDescription {
  method: "nesterov";
  learningRate: Schedule;
  momentum: Schedule;
  weightDecay: number;
}

/** Methods of one recurrence: momentum, which is 0 for sgd. */
export type MomentumDescription = SgdDescription | ClassicalMomentumDescription | NesterovDescription;

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

/** Validates options or a description, fills in defaults, returns new plain data. Throws InvalidOptionError. */
export function checkSgd(given: Record<string, unknown>): SgdDescription {
  checkOptions("sgd", given, ["learningRate", "weightDecay"]);
  return { method: "sgd", learningRate: checkLearningRate(given.learningRate), weightDecay: checkWeightDecay(given.weightDecay) };
}

/** The same for the two methods that have a momentum. */
export function checkMomentum<M extends "classicalMomentum" | "nesterov">(method: M, given: Record<string, unknown>) {
  checkOptions(method, given, ["learningRate", "momentum", "weightDecay"]);
  return {
    method,
    learningRate: checkLearningRate(given.learningRate),
    momentum: checkSchedule("momentum", given.momentum, { minimum: 0, maximum: 1 }),
    weightDecay: checkWeightDecay(given.weightDecay),
  };
}
