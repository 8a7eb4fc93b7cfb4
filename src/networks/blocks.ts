import type { Activation } from "./describe.js";

/** Numbers that the host and assembly/ share. */

/** Words of the descriptor's header and of a layer's record (assembly/network/descriptor.ts). */
export const HEADER_WORDS = 32;
export const RECORD_WORDS = 16;
/** The first words that tell of a workspace's buffers, not of the parameters. */
export const HEADER_BUFFERS = 4;
export const LAYER_BUFFERS = 7;

export const ACTIVATION_CODE: Record<Activation, number> = { linear: 0, logistic: 1, tanh: 2, softmax: 3 };

/** Cases summed before a partial sum is added to the total (assembly/dense/layout.ts). */
export const BLOCK_CASES = 256;

/** Memory that one chunk of cases may take before a larger batch is walked in several chunks. */
export const CHUNK_BYTES = 64 * 2 ** 20;

/**
 * What the pre-activations of columns that only pad a panel start from: the most negative f32 gives logistic and softmax of exactly 0, as 0 does for
 * tanh and linear, so padding needs no mask downstream.
 */
export function paddingStart(activation: Activation): number {
  return activation === "logistic" || activation === "softmax" ? -3.4028234663852886e38 : 0;
}
