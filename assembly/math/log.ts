/**
 * Natural logarithms in f32.
 *
 * log x = k ln 2 + log(1 + f) with x = 2^k (1 + f) and 1 + f from sqrt(1/2) to sqrt(2). With s = f / (2 + f),
 * log(1 + f) = 2 atanh(s) = 2 s + s R(s^2); and as 2 s = f - s f, that is f - s (f - R), whose leading term is exact.
 *
 * docs/accuracy.md has the measured errors.
 */

import { LOG1P_1, LOG1P_2, LOG1P_3, LOG1P_4, LOG1P_5, LOG1P_6, LOG1P_7, LOG1P_8, LOG1P_9, ONE, constant } from "./constants";
import { madd } from "./madd";

/** The bits of sqrt(1/2). */
const SQRT_HALF: i32 = 0x3f3504f3;
const FRACTION_BITS: i32 = 0x007fffff;
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;
const TWO_23: f32 = 8388608.0;
/** ln 2 in two parts; k times the first is exact. */
const LN2_HIGH: f32 = 0.693145751953125;
const LN2_LOW: f32 = 1.428606765330187e-6;

/** log x in four f32 lanes: as good for denormals as elsewhere, -infinity at 0, NaN below 0, infinity at infinity. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const denormal = f32x4.lt(x, f32x4.splat(SMALLEST_NORMAL));
  const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(TWO_23)), x, denormal);
  // Counted from the bits of sqrt(1/2), k stands in the exponent field and the mantissa is in the wanted binade.
  const above = i32x4.sub(normal, i32x4.splat(SQRT_HALF));
  const k = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(above, 23), v128.and(denormal, i32x4.splat(23))));
  const mantissa = i32x4.add(v128.and(above, i32x4.splat(FRACTION_BITS)), i32x4.splat(SQRT_HALF));
  const f = f32x4.sub(mantissa, f32x4.splat(1.0));
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2.0)));
  const z = f32x4.mul(s, s);
  let R = madd(z, f32x4.splat(0.2987212836742401), f32x4.splat(0.39977553486824036));
  R = f32x4.mul(z, madd(z, R, f32x4.splat(0.6666677594184875)));
  const tail = f32x4.sub(f32x4.mul(k, f32x4.splat(LN2_LOW)), f32x4.mul(s, f32x4.sub(f, R)));
  const log = madd(k, f32x4.splat(LN2_HIGH), f32x4.add(f, tail));
  return v128.bitselect(log, special(x), isPositiveFinite(x));
}

// @ts-ignore: decorator
@inline
function isPositiveFinite(x: v128): v128 {
  return v128.and(f32x4.gt(x, f32x4.splat(0.0)), f32x4.lt(x, f32x4.splat(f32.POSITIVE_INFINITY)));
}

/** log x where x has no k and f: infinity and NaN give themselves, 0 gives -infinity, negative numbers NaN. */
// @ts-ignore: decorator
@inline
function special(x: v128): v128 {
  const zero = f32x4.splat(0.0);
  const atZero = v128.and(f32x4.eq(x, zero), f32x4.splat(f32.NEGATIVE_INFINITY));
  const below = v128.and(f32x4.lt(x, zero), f32x4.splat(NaN));
  const above = v128.andnot(x, f32x4.le(x, zero));
  return v128.or(v128.or(atZero, below), above);
}

/**
 * log(1 + x) for 0 <= x <= 1 (elsewhere it is wrong); NaN gives NaN. softplus(x) = max(x, 0) + log1p4(expNegAbs4(x)).
 *
 * x times a minimax polynomial of degree 9 (5.3e-9 relative): no division beside the logistic function's own, and no
 * power of x to underflow where x is small.
 */
// @ts-ignore: decorator
@inline
export function log1p4(x: v128): v128 {
  let q = madd(x, constant(LOG1P_9), constant(LOG1P_8));
  q = madd(x, q, constant(LOG1P_7));
  q = madd(x, q, constant(LOG1P_6));
  q = madd(x, q, constant(LOG1P_5));
  q = madd(x, q, constant(LOG1P_4));
  q = madd(x, q, constant(LOG1P_3));
  q = madd(x, q, constant(LOG1P_2));
  q = madd(x, q, constant(LOG1P_1));
  return f32x4.mul(x, madd(x, q, constant(ONE)));
}

/** log x of one number, with the bits of the vector form. */
// @ts-ignore: decorator
@inline
export function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** log(1 + x) of one number in [0, 1], with the bits of the vector form. */
// @ts-ignore: decorator
@inline
export function log1p1(x: f32): f32 {
  return f32x4.extract_lane(log1p4(f32x4.splat(x)), 0);
}
