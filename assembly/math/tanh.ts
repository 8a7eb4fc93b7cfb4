/**
 * tanh |x| = (1 - e^y) / (1 + e^y) with y = -2|x|, and the sign of x put back.
 *
 * With y = n ln 2 + r and p = 2^n, e^y is p + p (e^r - 1): 1 - p and 1 + p are exact wherever it matters, 1 - p is 0
 * for small |x|, and e^r - 1 keeps its relative accuracy, so the quotient does too, down to the smallest x.
 */

import { LOWEST_TANH, ONE, ROUNDER, SIGN_BIT, constant } from "./constants";
import { reduced, roundedExponent, secondQuotient } from "./exp";
import { madd } from "./madd";

/** p (e^r - 1). */
// @ts-ignore: decorator
@inline
export function powerRest(power: v128, r: v128, quotient: v128): v128 {
  return f32x4.mul(power, madd(f32x4.mul(r, r), quotient, r));
}

/** tanh x in four f32 lanes: odd to the bit, x itself (-0 included) where x is tiny, 1 at infinity; NaN gives NaN. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const signBit = constant(SIGN_BIT);
  const rounder = constant(ROUNDER);
  const one = constant(ONE);
  const negative = v128.or(x, signBit);
  const y = f32x4.pmax(f32x4.add(negative, negative), constant(LOWEST_TANH));
  const rounded = roundedExponent(y, rounder);
  const r = reduced(y, rounded, rounder);
  const power = i32x4.shl(rounded, 23);
  const rest = powerRest(power, r, secondQuotient(r));
  const numerator = f32x4.sub(f32x4.sub(one, power), rest);
  const denominator = f32x4.add(f32x4.add(one, power), rest);
  return v128.or(f32x4.div(numerator, denominator), v128.and(x, signBit));
}

/** tanh x of one number, with the bits of the vector form. */
// @ts-ignore: decorator
@inline
export function tanh1(x: f32): f32 {
  return f32x4.extract_lane(tanh4(f32x4.splat(x)), 0);
}
