import { FLUSH_LIMIT, SIGN_BIT, constant } from "./constants";

/**
 * Writes lanes with |x| < 2^-63 as +0; everything else, NaN included, passes through.
 *
 * x86 takes about a hundred times longer over denormals and WebAssembly has no mode that flushes them, so
 * whatever is stored and multiplied again goes through here: products of two kept values are never denormal.
 */
// @ts-ignore: decorator
@inline
export function flush(x: v128, limit: v128 = constant(FLUSH_LIMIT), sign: v128 = constant(SIGN_BIT)): v128 {
  return v128.andnot(x, f32x4.lt(v128.andnot(x, sign), limit));
}
