import {
  ADAM_BETA1, ADAM_BETA2, ADAM_DECAY, ADAM_EPSILON, ADAM_GAIN1, ADAM_GAIN2, ADAM_LIMIT, ADAM_ROOT, ADAM_SHRINK, ADAM_STEP,
} from "../../src/abi/adam";
import { COEFFICIENT_SCALE } from "../../src/abi/methods";
import { flush } from "../math/flush";

/** The smallest normal number, 2^-126: a second moment below it is written as 0. */
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;

/**
 * Adam (Kingma & Ba 2015, algorithm 1) and AdamW (Loshchilov & Hutter 2019) on vectors that lie in five blocks of one layout:
 *
 *   g = scale * sum + decay * theta
 *   m <- beta1 m + gain1 g                    gain = 1 - beta
 *   v <- beta2 v + gain2 g^2
 *   theta <- theta - shrink theta - step m / (root sqrt(v) + epsilon)
 *   packed <- theta                           there is no look-ahead
 *
 * with step = rate / (1 - beta1^t) and root = 1 / sqrt(1 - beta2^t), which is m and v divided by their corrections, t the update from 1.
 *
 * Denormals. Gradients that vanish are ordinary, and gain2 g^2 would be denormal from |g| = 2^-58 down (beta2 = 0.999), a hundred times
 * slower. A g whose gain2 g^2 is less than 2^-126 therefore counts as 0, in both moments: that is |g| < limit, limit = 2^-63 / sqrt(gain2).
 * It would have moved theta by at most rate * limit / epsilon, rate * 3e-10 with the default 1e-8. Whatever is larger enters exactly. Of
 * what is stored, m goes to 0 below 2^-63, as everywhere, and v not until 2^-126, below which it would be denormal: v is a square, and a v
 * of 2^-63 still counts, since its root, 3e-10, is a thirtieth of epsilon. The root of v is 0 or at least 2^-63, like m.
 */

/**
 * Updates `bytes` (a multiple of 16) of parameters from the gradient sums at `sum`.
 * Returns zeros, or NaN in a lane where a parameter or its second moment stopped being finite.
 */
export function adamUpdate(sum: usize, theta: usize, first: usize, second: usize, packed: usize, bytes: usize, coefficients: usize): v128 {
  const scale = v128.load32_splat(coefficients + COEFFICIENT_SCALE);
  const decay = v128.load32_splat(coefficients + ADAM_DECAY);
  const beta1 = v128.load32_splat(coefficients + ADAM_BETA1);
  const beta2 = v128.load32_splat(coefficients + ADAM_BETA2);
  const gain1 = v128.load32_splat(coefficients + ADAM_GAIN1);
  const gain2 = v128.load32_splat(coefficients + ADAM_GAIN2);
  const step = v128.load32_splat(coefficients + ADAM_STEP);
  const root = v128.load32_splat(coefficients + ADAM_ROOT);
  const epsilon = v128.load32_splat(coefficients + ADAM_EPSILON);
  const shrink = v128.load32_splat(coefficients + ADAM_SHRINK);
  const limit = v128.load32_splat(coefficients + ADAM_LIMIT);
  const smallest = f32x4.splat(SMALLEST_NORMAL);
  let bad = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const t = v128.load(theta + i);
    let g = f32x4.add(f32x4.mul(scale, v128.load(sum + i)), f32x4.mul(decay, t));
    g = v128.andnot(g, f32x4.lt(f32x4.abs(g), limit));
    const m = flush(f32x4.add(f32x4.mul(beta1, v128.load(first + i)), f32x4.mul(gain1, g)));
    let v = f32x4.add(f32x4.mul(beta2, v128.load(second + i)), f32x4.mul(f32x4.mul(gain2, g), g));
    v = v128.andnot(v, f32x4.lt(v, smallest));
    const moved = f32x4.div(f32x4.mul(step, m), f32x4.add(f32x4.mul(root, f32x4.sqrt(v)), epsilon));
    const next = f32x4.sub(f32x4.sub(t, f32x4.mul(shrink, t)), moved);
    bad = f32x4.add(bad, f32x4.add(f32x4.sub(next, next), f32x4.sub(v, v)));
    v128.store(first + i, m);
    v128.store(second + i, v);
    v128.store(theta + i, next);
    v128.store(packed + i, next);
  }
  return bad;
}
