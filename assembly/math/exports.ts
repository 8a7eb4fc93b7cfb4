/** Array-wise forms of the mathematical functions, for the host and for the tests of the built binaries. */

import { exp4 } from "./exp";
import { flush } from "./flush";
import { log1p4, log4 } from "./log";
import { logistic4 } from "./logistic";
import { tanh4 } from "./tanh";

export { writeMathConstants } from "./constants";
export { philox4x32 } from "./philox";

// @ts-ignore: decorator
@inline
function apply(kind: i32, x: v128): v128 {
  switch (kind) {
    case 0: return exp4(x);
    case 1: return log4(x);
    case 2: return logistic4(x);
    case 3: return tanh4(x);
    case 4: return log1p4(x);
    default: return flush(x);
  }
}

/**
 * output[i] = f(input[i]) for f32 arrays of `count` numbers, which may be the same array.
 * kind: 0 exp, 1 log, 2 logistic, 3 tanh, 4 log(1 + x) for x in [0, 1], 5 flush.
 */
export function mathMap(kind: i32, input: usize, output: usize, count: i32): void {
  const end = input + (<usize>count << 2);
  const lastVector = input + (<usize>(count & ~3) << 2);
  for (; input < lastVector; input += 16, output += 16) v128.store(output, apply(kind, v128.load(input)));
  for (; input < end; input += 4, output += 4) {
    f32.store(output, f32x4.extract_lane(apply(kind, v128.load32_splat(input)), 0));
  }
}
