import { W_BLOCKS, W_COEFFICIENTS, W_METHOD, W_THETA } from "../../src/abi/arguments";
import { METHOD_ADAM, METHOD_MOMENTUM } from "../../src/abi/methods";
import { adamUpdate } from "./adam";
import { momentumUpdate } from "./momentum";

/**
 * One method's update of `bytes` (a multiple of 16) of parameters at offset `at` of the blocks, from the gradient sums at `sum`; it ends by
 * writing the point of the next gradient to `packed`.
 *
 * `args` are those of the weight phase. Returns zeros, or NaN in a lane where a number stopped being finite.
 */
// @ts-ignore: decorator
@inline
export function updateParameters(args: usize, sum: usize, at: usize, packed: usize, bytes: usize): v128 {
  const theta = load<usize>(args, W_THETA) + at;
  const block = load<usize>(args, W_BLOCKS) + at;
  const coefficients = load<usize>(args, W_COEFFICIENTS);
  switch (load<i32>(args, W_METHOD)) {
    case METHOD_MOMENTUM:
      return momentumUpdate(sum, theta, block, packed, bytes, coefficients);
    case METHOD_ADAM:
      return adamUpdate(sum, theta, block, load<usize>(args, W_BLOCKS + 4) + at, packed, bytes, coefficients);
  }
  return f32x4.splat(NaN);
}
