import { InvalidOptionError } from "../../errors.js";
import type { Schedule } from "../../schedules/index.js";
import { checkBoolean, checkObject, checkPositive, orDefault } from "../../validate.js";
import { checkLearningRate, checkOptions, checkWeightDecay } from "../optimizerChecks.js";

/** Options of `adam`. */
export interface AdamOptions {
  /** eps_t > 0, a number or a schedule. Default 0.001. */
  learningRate?: Schedule;
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  beta2?: number;
  /** > 0, added to the root of the second moment; on networks at least 1e-15. Default 1e-8. */
  epsilon?: number;
  /** w >= 0. Default 0. */
  weightDecay?: number;
  /** Whether weight decay shrinks theta by itself (AdamW) instead of joining the gradient. Default false. */
  decoupled?: boolean;
}

/** Adam as plain data, as `adam` makes it; its recurrence is there. */
export interface AdamDescription {
  method: "adam";
  learningRate: Schedule;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  decoupled: boolean;
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1), m and v the moments of the gradient (0 at first), t the update index from 0, eps_t `learningRate`,
 * w `weightDecay`:
 *
 *     g = grad f(theta_t) + w theta_t                      without w theta_t where the decay is decoupled
 *     m_{t+1} = beta1 m_t + (1 - beta1) g
 *     v_{t+1} = beta2 v_t + (1 - beta2) g^2
 *     theta_{t+1} = theta_t - eps_t (m_{t+1} / (1 - beta1^{t+1})) / (sqrt(v_{t+1} / (1 - beta2^{t+1})) + epsilon)
 *
 * `decoupled: true` is AdamW (Loshchilov & Hutter 2019): theta_{t+1} loses eps_t w theta_t besides. Both are PyTorch's and optax's
 * recurrences; `learningRate`, `beta1`, `beta2` and `epsilon` carry over as they are.
 *
 *     adam()                                                  adam({ learningRate: 0.0003, weightDecay: 0.01, decoupled: true })
 *
 * @throws InvalidOptionError for a rate or an epsilon that is not positive, a beta outside [0, 1), a negative weight decay or an unknown
 *   option
 */
export function adam(options: AdamOptions = {}): AdamDescription {
  return checkAdam(checkObject("options of adam", options));
}

/** Validates options or a description, fills in defaults, returns new plain data. Throws InvalidOptionError. */
export function checkAdam(given: Record<string, unknown>): AdamDescription {
  checkOptions("adam", given, ["learningRate", "beta1", "beta2", "epsilon", "weightDecay", "decoupled"]);
  return {
    method: "adam",
    learningRate: checkLearningRate(orDefault(given.learningRate, 0.001)),
    beta1: checkBeta("beta1", orDefault(given.beta1, 0.9)),
    beta2: checkBeta("beta2", orDefault(given.beta2, 0.999)),
    epsilon: checkPositive("epsilon", orDefault(given.epsilon, 1e-8)),
    weightDecay: checkWeightDecay(given.weightDecay),
    decoupled: checkBoolean("decoupled", orDefault(given.decoupled, false)),
  };
}

function checkBeta(option: string, value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value < 1)) {
    throw new InvalidOptionError(option, value, "a number of at least 0 and less than 1");
  }
  return value;
}
