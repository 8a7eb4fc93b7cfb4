import { LINEAR, LOGISTIC, RELU, SOFTMAX, TANH } from "../abi/descriptor.js";
import type { Activation } from "./describe.js";

export const ACTIVATION_CODE: Record<Activation, number> = { linear: LINEAR, logistic: LOGISTIC, tanh: TANH, softmax: SOFTMAX, relu: RELU };

/** Memory that one chunk of cases may take before a larger batch is walked in several chunks. */
export const CHUNK_BYTES = 64 * 2 ** 20;

/**
 * What the pre-activations of columns that only pad a panel start from: the most negative f32 gives logistic and softmax of exactly 0, as 0
 * does for tanh, relu and linear, so padding needs no mask downstream.
 */
export function paddingStart(activation: Activation): number {
  return activation === "logistic" || activation === "softmax" ? -3.4028234663852886e38 : 0;
}
