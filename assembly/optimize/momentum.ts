import { COEFFICIENT_SCALE } from "../../src/abi/methods";
import { MOMENTUM_DECAY, MOMENTUM_MU, MOMENTUM_MU_NEXT, MOMENTUM_RATE } from "../../src/abi/momentum";
import { flush } from "../math/flush";

/**
 * The momentum update of Eq. 1-4, on vectors that lie in four blocks of one layout (theta, velocity, packed operand, gradient):
 *
 *   g = scale * sum + decay * point          point: where the gradient was taken (the packed operand)
 *   v <- mu v - rate g
 *   theta <- theta + v
 *   packed <- theta + muNext v               the point of the next gradient: NAG's look-ahead, or theta itself for CM and SGD (muNext = 0)
 */

/**
 * Updates `bytes` (a multiple of 16) of parameters from the gradient sums at `sum`.
 * Returns zeros, or NaN in a lane where a parameter stopped being finite.
 */
export function momentumUpdate(sum: usize, theta: usize, velocity: usize, packed: usize, bytes: usize, coefficients: usize): v128 {
  const scale = v128.load32_splat(coefficients + COEFFICIENT_SCALE);
  const decay = v128.load32_splat(coefficients + MOMENTUM_DECAY);
  const mu = v128.load32_splat(coefficients + MOMENTUM_MU);
  const rate = v128.load32_splat(coefficients + MOMENTUM_RATE);
  const muNext = v128.load32_splat(coefficients + MOMENTUM_MU_NEXT);
  let bad = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const g = f32x4.add(f32x4.mul(scale, v128.load(sum + i)), f32x4.mul(decay, v128.load(packed + i)));
    const v = flush(f32x4.sub(f32x4.mul(mu, v128.load(velocity + i)), f32x4.mul(rate, g)));
    const t = f32x4.add(v128.load(theta + i), v);
    bad = f32x4.add(bad, f32x4.sub(t, t));
    v128.store(velocity + i, v);
    v128.store(theta + i, t);
    v128.store(packed + i, f32x4.add(t, f32x4.mul(muNext, v)));
  }
  return bad;
}
