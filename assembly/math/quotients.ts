/**
 * tanh and logistic of many numbers at once, as numerators and denominators: who stores the results divides.
 *
 * The formulas, and so the bits, are those of tanh4 and logistic4. What differs is the order: one short pass after another over all vectors
 * instead of one vector after another. A processor looks some hundred operations ahead. In one pass these are three vectors' worth, each of
 * which waits for its own last result most of the time; in short passes they are nine. What the loops need of the constants stays in
 * registers. (tanh on a Xeon with Node 24: 17 cycles a vector in one pass, 10 in these.)
 *
 *   c   the numbers, `bytes` of them (a multiple of 16); their numerators when a function returns
 *   d   receives the denominators
 */
import {
  EXP_2, EXP_3, EXP_4, EXP_5, EXP_6, LIFTED_ROUNDER, LOG2_E, LOWEST_EXP, LOWEST_TANH, MINUS_LN2_HIGH, MINUS_LN2_LOW, ONE, ROUNDER, SIGN_BIT,
  UNLIFT, constant,
} from "./constants";
import { expReduced, reduced, roundedExponent, secondQuotient, unlifted } from "./exp";
import { powerRest } from "./tanh";

/** |tanh| = (1 - e^y) / (1 + e^y), y = -2|x|, with the sign of x on the numerator (tanh.ts). */
export function tanhQuotients(c: usize, bytes: usize, d: usize): void {
  reduce(c, bytes, d, true);
  const sign = constant(SIGN_BIT);
  const one = constant(ONE);
  const e6 = constant(EXP_6), e5 = constant(EXP_5), e4 = constant(EXP_4), e3 = constant(EXP_3), e2 = constant(EXP_2);
  for (const end = c + bytes; c != end; c += 32, d += 32) {
    const s0 = v128.load(c), s1 = v128.load(c, 16);
    const r0 = v128.load(d), r1 = v128.load(d, 16);
    const p0 = v128.andnot(s0, sign), p1 = v128.andnot(s1, sign);
    const rest0 = powerRest(p0, r0, secondQuotient(r0, e6, e5, e4, e3, e2));
    const rest1 = powerRest(p1, r1, secondQuotient(r1, e6, e5, e4, e3, e2));
    v128.store(c, v128.or(f32x4.sub(f32x4.sub(one, p1), rest1), v128.and(s1, sign)), 16);
    v128.store(c, v128.or(f32x4.sub(f32x4.sub(one, p0), rest0), v128.and(s0, sign)));
    v128.store(d, f32x4.add(f32x4.add(one, p1), rest1), 16);
    v128.store(d, f32x4.add(f32x4.add(one, p0), rest0));
  }
}

/** 1 / (1 + e) for x >= 0 and e / (1 + e) below, e = e^-|x| (logistic.ts). */
export function logisticQuotients(c: usize, bytes: usize, d: usize): void {
  reduce(c, bytes, d, false);
  const sign = constant(SIGN_BIT);
  const one = constant(ONE);
  const unlift = constant(UNLIFT);
  const q6 = constant(EXP_6), q5 = constant(EXP_5), q4 = constant(EXP_4), q3 = constant(EXP_3), q2 = constant(EXP_2);
  for (const end = c + bytes; c != end; c += 32, d += 32) {
    const s0 = v128.load(c), s1 = v128.load(c, 16);
    const r0 = v128.load(d), r1 = v128.load(d, 16);
    const m0 = expReduced(r0, secondQuotient(r0, q6, q5, q4, q3, q2), one);
    const m1 = expReduced(r1, secondQuotient(r1, q6, q5, q4, q3, q2), one);
    const e0 = unlifted(m0, v128.andnot(s0, sign), unlift), e1 = unlifted(m1, v128.andnot(s1, sign), unlift);
    v128.store(c, v128.bitselect(e1, one, i32x4.shr_s(s1, 31)), 16);
    v128.store(c, v128.bitselect(e0, one, i32x4.shr_s(s0, 31)));
    v128.store(d, f32x4.add(one, e1), 16);
    v128.store(d, f32x4.add(one, e0));
  }
}

/** The first pass: r of e^y = 2^n e^r to `d`, and 2^n with the sign of x to `c`. y is -2|x| for tanh and -|x| for logistic. */
// @ts-ignore: decorator
@inline
function reduce(c: usize, bytes: usize, d: usize, isTanh: bool): void {
  const sign = constant(SIGN_BIT);
  const lowest = constant(isTanh ? LOWEST_TANH : LOWEST_EXP);
  const rounder = constant(isTanh ? ROUNDER : LIFTED_ROUNDER);
  const log2E = constant(LOG2_E), high = constant(MINUS_LN2_HIGH), low = constant(MINUS_LN2_LOW);
  for (const end = c + bytes; c != end; c += 32, d += 32) {
    const x0 = v128.load(c), x1 = v128.load(c, 16);
    const n0 = v128.or(x0, sign), n1 = v128.or(x1, sign);
    const y0 = f32x4.pmax(isTanh ? f32x4.add(n0, n0) : n0, lowest), y1 = f32x4.pmax(isTanh ? f32x4.add(n1, n1) : n1, lowest);
    const rounded0 = roundedExponent(y0, rounder, log2E), rounded1 = roundedExponent(y1, rounder, log2E);
    v128.store(d, reduced(y1, rounded1, rounder, high, low), 16);
    v128.store(d, reduced(y0, rounded0, rounder, high, low));
    v128.store(c, v128.or(i32x4.shl(rounded1, 23), v128.and(x1, sign)), 16);
    v128.store(c, v128.or(i32x4.shl(rounded0, 23), v128.and(x0, sign)));
  }
}
