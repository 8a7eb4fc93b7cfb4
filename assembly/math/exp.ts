/**
 * e^x in four f32 lanes and in one.
 *
 * e^x = 2^n e^r with n = round(x / ln 2) and |r| <= ln(2) / 2. The nearest integer comes from adding a number
 * so large that the sum has no fraction bits: n then stands in the low bits of the sum, already offset by an
 * exponent bias, and one shift makes the power of two. ln 2 is split in two so that n LN2_HIGH is exact, which
 * makes x - n LN2_HIGH exact as well, fused or not.
 *
 * docs/accuracy.md has the measured errors.
 */

import {
  EXP_2, EXP_3, EXP_4, EXP_5, EXP_6, LIFTED_ROUNDER, LOG2_E, LOWEST_EXP, MINUS_LN2_HIGH, MINUS_LN2_LOW, ONE, SIGN_BIT, UNLIFT, constant,
} from "./constants";
import { madd } from "./madd";

/** Above this e^x rounds to infinity. */
const HIGHEST: f32 = 89.0;
/** The rounder of exp4: 1.5 * 2^23 and twice the exponent bias. */
const DOUBLE_ROUNDER: f32 = 12582912.0 + 254.0;

/** rounder + round(x / ln 2): the rounder's bias + n is in the low nine bits. NaN stays NaN; x must be bounded by the caller. */
// @ts-ignore: decorator
@inline
export function roundedExponent(x: v128, rounder: v128): v128 {
  return madd(x, constant(LOG2_E), rounder);
}

/** r = x - n ln 2, where `rounded` is roundedExponent(x, rounder). */
// @ts-ignore: decorator
@inline
export function reduced(x: v128, rounded: v128, rounder: v128): v128 {
  const n = f32x4.sub(rounded, rounder);
  return madd(n, constant(MINUS_LN2_LOW), madd(n, constant(MINUS_LN2_HIGH), x));
}

/**
 * (e^r - 1 - r) / r^2 = 1/2 + r/6 + ... for |r| <= ln(2) / 2. The coefficients are minimax for the relative error of
 * e^r - 1, rounded to f32 one after the other, each time with the rest fitted again: 1.5e-8, a quarter of f32's rounding.
 */
// @ts-ignore: decorator
@inline
export function secondQuotient(r: v128): v128 {
  let q = madd(r, constant(EXP_6), constant(EXP_5));
  q = madd(r, q, constant(EXP_4));
  q = madd(r, q, constant(EXP_3));
  return madd(r, q, constant(EXP_2));
}

/** e^r for |r| <= ln(2) / 2, and exactly 1 at 0. */
// @ts-ignore: decorator
@inline
function expReduced(r: v128): v128 {
  const one = constant(ONE);
  return madd(r, madd(r, secondQuotient(r), one), one);
}

/** e^x: infinity above 88.72, denormal below -87.33, 0 below -103.97; NaN gives NaN. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // With x first, pmin and pmax pass NaN on.
  const rounder = f32x4.splat(DOUBLE_ROUNDER);
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(HIGHEST)), constant(LOWEST_EXP));
  const rounded = roundedExponent(bounded, rounder);
  const mantissa = expReduced(reduced(bounded, rounded, rounder));
  // n runs from -150 to 128, further than the exponent of one f32, so 2^n is the product of two powers of about half of it.
  const half = i32x4.shr_u(i32x4.shl(rounded, 23), 24);
  const first = i32x4.shl(half, 23);
  const second = i32x4.shl(i32x4.sub(rounded, half), 23);
  return f32x4.mul(f32x4.mul(mantissa, first), second);
}

/** e^x for x <= 0 (right up to x = 43): cheaper than exp4, and all that logistic, softmax and softplus need. */
// @ts-ignore: decorator
@inline
export function expNonPositive4(x: v128): v128 {
  const rounder = constant(LIFTED_ROUNDER);
  const bounded = f32x4.pmax(x, constant(LOWEST_EXP));
  const rounded = roundedExponent(bounded, rounder);
  const power = i32x4.shl(rounded, 23);
  return f32x4.mul(f32x4.mul(expReduced(reduced(bounded, rounded, rounder)), power), constant(UNLIFT));
}

/** e^-|x|: the one exponential that the logistic function and the cross-entropy of a logit share. */
// @ts-ignore: decorator
@inline
export function expNegAbs4(x: v128): v128 {
  return expNonPositive4(v128.or(x, constant(SIGN_BIT)));
}

/** e^x of one number, with the bits of the vector form. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}
