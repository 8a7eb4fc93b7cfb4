import { LOGISTIC, SOFTMAX } from "../../src/abi/descriptor";
import { ONE, constant } from "../math/constants";
import { flush } from "../math/flush";
import { targetSum } from "./loss";

/**
 * The loss's second derivative at the output layer, for cases [first, end): the tangents r of its pre-activations, row-major, become w H r
 * in place and as case panels.
 *
 *   linear, squared: H r = r;   logistic, cross-entropy: H r = p (1 - p) r;   softmax, cross-entropy: H r = S p (r - sum p r)
 *
 * `p` holds the outputs, row-major, rowBytes like r; `mask`, if not 0, the weight w of each case; S is the sum of a row's targets
 * (network/loss.ts). Matched losses only, for which H is positive semidefinite.
 */
export function curveRows(
  activation: i32, first: i32, end: i32, outputs: i32, p: usize, r: usize, rowBytes: usize, targets: usize, mask: usize, panels: usize,
  panelStride: usize,
): void {
  p += <usize>first * rowBytes;
  r += <usize>first * rowBytes;
  panels += <usize>first << 5;
  for (let row = first; row < end; row++) {
    let weight: f32 = mask ? load<f32>(mask + (<usize>row << 2)) : 1;
    let mean: f32 = 0;
    // A case that is not scored may hold anything, NaN included.
    if (activation == SOFTMAX && weight != 0) {
      mean = meanOf(p, r, outputs);
      weight *= <f32>targetSum(targets + <usize>row * (<usize>outputs << 2), outputs);
    }
    curveRow(activation, outputs, p, r, weight, mean, panels, panelStride);
    p += rowBytes;
    r += rowBytes;
    panels += 32;
  }
}

function curveRow(activation: i32, outputs: i32, p: usize, r: usize, weight: f32, mean: f32, panel: usize, panelStride: usize): void {
  const w = f32x4.splat(weight);
  for (let column = 0; column < outputs; column += 4) {
    const at = <usize>column << 2;
    const tangent = v128.load(r + at);
    let curved = tangent;
    if (activation == LOGISTIC) {
      const output = v128.load(p + at);
      curved = f32x4.mul(f32x4.mul(output, f32x4.sub(constant(ONE), output)), tangent);
    } else if (activation == SOFTMAX) {
      curved = f32x4.mul(v128.load(p + at), f32x4.sub(tangent, f32x4.splat(mean)));
    }
    const stored = weight == 0 ? f32x4.splat(0) : flush(f32x4.mul(w, curved));
    v128.store(r + at, stored);
    v128.store(panel + <usize>(column >> 3) * panelStride + ((<usize>column & 4) << 2), stored);
  }
}

/** sum p r in f64: columns in their order, four partial sums. */
function meanOf(p: usize, r: usize, outputs: i32): f32 {
  let low = f64x2.splat(0);
  let high = low;
  for (let column = 0; column < outputs; column += 4) {
    const at = <usize>column << 2;
    const x = v128.load(p + at);
    const y = v128.load(r + at);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
    high = f64x2.add(
      high, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1)), f64x2.promote_low_f32x4(v128.shuffle<f64>(y, y, 1, 1))),
    );
  }
  const sum = f64x2.add(low, high);
  return <f32>(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}
