import { SUM_BYTES } from "../../src/abi/sums";
import { FLUSH_LIMIT, constant } from "../math/constants";
import { flush } from "../math/flush";

/**
 * Vectors in the layout of a parameter block, `bytes` (a multiple of 16) long.
 *
 * Sums over them run in blocks of SUM_BYTES: a block's partial sum is f64, and partial sums are added from the first block to the last, so
 * that a total has the same bits whoever made the parts.
 */

// @ts-ignore: decorator
@inline
export function sumBlocks(bytes: i32): i32 {
  return (bytes + SUM_BYTES - 1) / SUM_BYTES;
}

/** The f64 products of four lanes, added to two running sums. */
// @ts-ignore: decorator
@inline
export function addProducts(sum: v128, a: v128, b: v128): v128 {
  const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  const high = f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f64>(a, a, 1, 1)), f64x2.promote_low_f32x4(v128.shuffle<f64>(b, b, 1, 1)));
  return f64x2.add(sum, f64x2.add(low, high));
}

// @ts-ignore: decorator
@inline
export function bothLanes(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** a'b. */
export function dot(a: usize, b: usize, bytes: i32): f64 {
  let total: f64 = 0;
  for (let first = 0; first < bytes; first += SUM_BYTES) {
    let sum = f64x2.splat(0);
    const end = <usize>min(bytes, first + SUM_BYTES);
    for (let i = <usize>first; i < end; i += 16) sum = addProducts(sum, v128.load(a + i), v128.load(b + i));
    total += bothLanes(sum);
  }
  return total;
}

/** out = alpha x + beta y; x and y may be `out`. */
export function combine(out: usize, alpha: f32, x: usize, beta: f32, y: usize, bytes: i32): void {
  const a = f32x4.splat(alpha);
  const b = f32x4.splat(beta);
  for (let i: usize = 0; i < <usize>bytes; i += 16) {
    v128.store(out + i, flush(f32x4.add(f32x4.mul(a, v128.load(x + i)), f32x4.mul(b, v128.load(y + i)))));
  }
}

/** Binary digits of an exponent that count: more would change no f32. */
const EXPONENT_DIGITS: i32 = 26;

/**
 * out = max(scale x + shift, 2^-63)^-exponent, the inverse of Martens' diagonal preconditioner; x may be `out`, 0 <= exponent <= 1.
 *
 * Square roots are exact everywhere and powers are not: x^0.75 is x^(1/2) x^(1/4), and so on over the exponent's binary digits.
 */
export function inversePower(out: usize, x: usize, scale: f32, shift: f32, exponent: f64, bytes: i32): void {
  const a = f32x4.splat(scale);
  const b = f32x4.splat(shift);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < <usize>bytes; i += 16) {
    let root = f32x4.max(f32x4.add(f32x4.mul(a, v128.load(x + i)), b), constant(FLUSH_LIMIT));
    let power = exponent >= 1 ? root : one;
    let rest = exponent >= 1 ? 0 : exponent;
    for (let digit = 0; rest > 0 && digit < EXPONENT_DIGITS; digit++) {
      root = f32x4.sqrt(root);
      rest += rest;
      if (rest >= 1) {
        power = f32x4.mul(power, root);
        rest -= 1;
      }
    }
    v128.store(out + i, f32x4.div(one, power));
  }
}
