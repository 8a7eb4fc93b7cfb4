/**
 * a * b + c in each of four f32 lanes.
 *
 * One rounding with fused multiply-add (the `relaxed` binary on a processor that has it), two otherwise.
 * The `simd` binary therefore gives the same bits everywhere and `relaxed` does not: every function built
 * on `madd` must keep its error bound either way.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}
