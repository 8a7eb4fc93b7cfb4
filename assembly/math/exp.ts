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
export function roundedExponent(x: v128, rounder: v128, log2E: v128 = constant(LOG2_E)): v128 {
  return madd(x, log2E, rounder);
}

/** r = x - n ln 2, where `rounded` is roundedExponent(x, rounder). */
// @ts-ignore: decorator
@inline
export function reduced(
  x: v128, rounded: v128, rounder: v128, minusLn2High: v128 = constant(MINUS_LN2_HIGH), minusLn2Low: v128 = constant(MINUS_LN2_LOW),
): v128 {
  const n = f32x4.sub(rounded, rounder);
  return madd(n, minusLn2Low, madd(n, minusLn2High, x));
}

/**
 * (e^r - 1 - r) / r^2 = 1/2 + r/6 + ... for |r| <= ln(2) / 2. The coefficients are minimax for the relative error of
 * e^r - 1, rounded to f32 one after the other, each time with the rest fitted again: 1.5e-8, a quarter of f32's rounding.
 */
// @ts-ignore: decorator
@inline
export function secondQuotient(
  r: v128, e6: v128 = constant(EXP_6), e5: v128 = constant(EXP_5), e4: v128 = constant(EXP_4), e3: v128 = constant(EXP_3),
  e2: v128 = constant(EXP_2),
): v128 {
  let q = madd(r, e6, e5);
  q = madd(r, q, e4);
  q = madd(r, q, e3);
  return madd(r, q, e2);
}

/** e^r for |r| <= ln(2) / 2, and exactly 1 at 0, from its secondQuotient. */
// @ts-ignore: decorator
@inline
export function expReduced(r: v128, quotient: v128, one: v128): v128 {
  return madd(r, madd(r, quotient, one), one);
}

/** e^x: infinity above 88.72, denormal below -87.33, 0 below -103.97; NaN gives NaN. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // With x first, pmin and pmax pass NaN on.
  const rounder = f32x4.splat(DOUBLE_ROUNDER);
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(HIGHEST)), constant(LOWEST_EXP));
  const rounded = roundedExponent(bounded, rounder);
  const r = reduced(bounded, rounded, rounder);
  const mantissa = expReduced(r, secondQuotient(r), constant(ONE));
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
  const r = reduced(bounded, rounded, rounder);
  return unlifted(expReduced(r, secondQuotient(r), constant(ONE)), i32x4.shl(rounded, 23), constant(UNLIFT));
}

/** mantissa 2^n, where `power` is 2^n lifted by 2^64 (LIFTED_ROUNDER). */
// @ts-ignore: decorator
@inline
export function unlifted(mantissa: v128, power: v128, unlift: v128): v128 {
  return f32x4.mul(f32x4.mul(mantissa, power), unlift);
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
