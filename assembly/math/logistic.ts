/**
 * logistic(x) = 1 / (1 + e^-x), formed from e^-|x| so that neither side overflows or cancels: both tails keep their
 * relative accuracy.
 */

import { ONE, constant } from "./constants";
import { expNegAbs4 } from "./exp";

/** logistic(x) where e = expNegAbs4(x) is at hand: 1 / (1 + e) for x >= 0, e / (1 + e) below. */
// @ts-ignore: decorator
@inline
export function logisticFrom4(x: v128, e: v128): v128 {
  const one = constant(ONE);
  const negative = i32x4.shr_s(x, 31);
  return f32x4.div(v128.bitselect(e, one, negative), f32x4.add(one, e));
}

/** logistic(x) in four f32 lanes: like e^x far below 0, down through the denormals to 0; 1 far above; NaN gives NaN. */
// @ts-ignore: decorator
@inline
export function logistic4(x: v128): v128 {
  return logisticFrom4(x, expNegAbs4(x));
}

/** logistic(x) of one number, with the bits of the vector form. */
// @ts-ignore: decorator
@inline
export function logistic1(x: f32): f32 {
  return f32x4.extract_lane(logistic4(f32x4.splat(x)), 0);
}
