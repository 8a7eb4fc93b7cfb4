import { COEFFICIENT_SCALE } from "../../src/abi/methods";
import { MOMENTUM_DECAY, MOMENTUM_MU, MOMENTUM_MU_NEXT, MOMENTUM_RATE } from "../../src/abi/momentum";
import { FLUSH_LIMIT, constant } from "../math/constants";
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
 * Updates `bytes` (a multiple of 32) of parameters from the gradient sums at `sum`.
 * Returns zeros, or NaN in a lane where a parameter stopped being finite.
 */
export function momentumUpdate(sum: usize, theta: usize, velocity: usize, packed: usize, bytes: usize, coefficients: usize): v128 {
  const scale = v128.load32_splat(coefficients + COEFFICIENT_SCALE);
  const decay = v128.load32_splat(coefficients + MOMENTUM_DECAY);
  const mu = v128.load32_splat(coefficients + MOMENTUM_MU);
  const rate = v128.load32_splat(coefficients + MOMENTUM_RATE);
  const muNext = v128.load32_splat(coefficients + MOMENTUM_MU_NEXT);
  const limit = constant(FLUSH_LIMIT);
  let bad = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const s = sum + i, at = theta + i, va = velocity + i, pa = packed + i;
    const g0 = f32x4.add(f32x4.mul(scale, v128.load(s)), f32x4.mul(decay, v128.load(pa)));
    const g1 = f32x4.add(f32x4.mul(scale, v128.load(s, 16)), f32x4.mul(decay, v128.load(pa, 16)));
    const v0 = flush(f32x4.sub(f32x4.mul(mu, v128.load(va)), f32x4.mul(rate, g0)), limit);
    const v1 = flush(f32x4.sub(f32x4.mul(mu, v128.load(va, 16)), f32x4.mul(rate, g1)), limit);
    const t0 = f32x4.add(v128.load(at), v0);
    const t1 = f32x4.add(v128.load(at, 16), v1);
    bad = f32x4.add(bad, f32x4.add(f32x4.sub(t0, t0), f32x4.sub(t1, t1)));
    v128.store(va, v1, 16);
    v128.store(va, v0);
    v128.store(at, t1, 16);
    v128.store(at, t0);
    v128.store(pa, f32x4.add(t1, f32x4.mul(muNext, v1)), 16);
    v128.store(pa, f32x4.add(t0, f32x4.mul(muNext, v0)));
  }
  return bad;
}
