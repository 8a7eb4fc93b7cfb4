import { ROWS_GRADIENT, ROWS_PREDICT } from "../../src/abi/arguments";
import { LINEAR, LOGISTIC, SOFTMAX } from "../../src/abi/descriptor";
import { firstLanes } from "../dense/pack";
import { ONE, constant } from "../math/constants";
import { expNegAbs4, expNonPositive4 } from "../math/exp";
import { flush } from "../math/flush";
import { log1, log1p4 } from "../math/log";
import { logisticFrom4 } from "../math/logistic";

/**
 * The end of the forward pass for cases [first, end): outputs, loss, error and delta of the output layer, from its logits z (row-major,
 * yRow bytes).
 *
 *   logistic, cross-entropy: loss = sum max(z, 0) - z t + log(1 + exp(-|z|)),   p = logistic(z)
 *   softmax, cross-entropy:  loss = sum t (log sum exp(z) - z),                 p = softmax(z)
 *   linear, squared:         loss = 1/2 sum (z - t)^2,                          p = z
 *
 * The delta is p - t, and S p - t for softmax, S the sum of the row's targets: 1 where they are a distribution. The error is sum (p - t)^2;
 * `mask`, if not 0, holds a weight a case for all three. Losses and errors are f64 sums, one a case, not averaged. Deltas are written for
 * ROWS_GRADIENT only. For ROWS_PREDICT only softmax has work left. z is replaced by p throughout, from which curvature products take the
 * loss's second derivative (network/curvature.ts). Returns whether every target is finite, and for cross-entropy from 0 to 1.
 */
export function outputRows(
  goal: i32, loss: i32, activation: i32, first: i32, end: i32, outputs: i32, z: usize, zRow: usize, targets: usize,
  mask: usize, d: usize, panels: usize, panelStride: usize, rowLoss: usize, rowError: usize,
): bool {
  z += <usize>first * zRow;
  if (goal == ROWS_PREDICT) {
    if (activation == SOFTMAX) for (let row = first; row < end; row++, z += zRow) softmaxRow(z, outputs);
    return true;
  }
  const targetRow = <usize>outputs << 2;
  targets += <usize>first * targetRow;
  d = goal == ROWS_GRADIENT ? d + <usize>first * zRow : 0;
  panels += <usize>first << 5;
  if (mask) mask += <usize>first << 2;
  rowLoss += <usize>first << 3;
  rowError += <usize>first << 3;
  let good = true;
  for (let row = first; row < end; row++) {
    const weight = mask ? load<f32>(mask) : 1;
    if (weight == 0) {
      skipRow(outputs, d, panels, panelStride, rowLoss, rowError);
    } else {
      const total: f64 = activation == SOFTMAX ? targetSum(targets, outputs) : 1;
      if (activation == SOFTMAX) store<f64>(rowLoss, softmaxLoss(z, targets, outputs, total));
      if (!outputRow(activation, outputs, z, targets, <f32>total, weight, d, panels, panelStride, rowLoss, rowError)) good = false;
    }
    z += zRow;
    targets += targetRow;
    if (d) d += zRow;
    panels += 32;
    if (mask) mask += 4;
    rowLoss += 8;
    rowError += 8;
  }
  return good;
}

/** Adds the squares of the four lanes of x, which may overflow f32, to two running f64 sums. */
// @ts-ignore: decorator
@inline
function addSquares(sum: v128, x: v128): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1));
  return f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
}

/** Adds the four lanes of x to two running f64 sums. */
// @ts-ignore: decorator
@inline
function addWide(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1))));
}

// @ts-ignore: decorator
@inline
function lanesSum(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function outputRow(
  activation: i32, outputs: i32, z: usize, t: usize, total: f32, weight: f32, d: usize, panel: usize, panelStride: usize, rowLoss: usize,
  rowError: usize,
): bool {
  const zero = f32x4.splat(0);
  const one = constant(ONE);
  const w = f32x4.splat(weight);
  let loss = f64x2.splat(0);
  let error = loss;
  let good = i32x4.splat(-1);
  let column = 0;
  // Whole pairs of quads of the commonest case first, side by side for the revectorizer: the loop after this one, twice over.
  if (activation == LOGISTIC && d) {
    for (; column + 8 <= outputs; column += 8) {
      const x0 = v128.load(z), x1 = v128.load(z, 16);
      const t0 = v128.load(t), t1 = v128.load(t, 16);
      good = v128.and(good, v128.and(v128.and(f32x4.ge(t0, zero), f32x4.le(t0, one)), v128.and(f32x4.ge(t1, zero), f32x4.le(t1, one))));
      const e0 = expNegAbs4(x0), e1 = expNegAbs4(x1);
      const l0 = f32x4.add(f32x4.sub(f32x4.max(x0, zero), f32x4.mul(x0, t0)), log1p4(e0));
      const l1 = f32x4.add(f32x4.sub(f32x4.max(x1, zero), f32x4.mul(x1, t1)), log1p4(e1));
      const p0 = logisticFrom4(x0, e0), p1 = logisticFrom4(x1, e1);
      v128.store(z, flush(p1), 16);
      v128.store(z, flush(p0));
      const d0 = f32x4.sub(p0, t0), d1 = f32x4.sub(p1, t1);
      const s0 = flush(f32x4.mul(d0, w)), s1 = flush(f32x4.mul(d1, w));
      v128.store(d, s1, 16);
      v128.store(d, s0);
      v128.store(panel, s1, 16);
      v128.store(panel, s0);
      loss = addWide(addWide(loss, l0), l1); // one after the other: the sums' order is that of the columns
      error = addSquares(addSquares(error, d0), d1);
      z += 32;
      t += 32;
      d += 32;
      panel += panelStride;
    }
    panel -= <usize>(column >> 3) * panelStride;
  }
  for (; column < outputs; column += 4) {
    const x = v128.load(z);
    const target = firstLanes(v128.load(t), outputs - column);
    good = v128.and(
      good,
      activation == LINEAR
        ? f32x4.eq(f32x4.sub(target, target), zero)
        : v128.and(f32x4.ge(target, zero), f32x4.le(target, one)),
    );
    let p = x;
    if (activation == LOGISTIC) {
      const e = expNegAbs4(x);
      p = logisticFrom4(x, e);
      loss = addWide(loss, f32x4.add(f32x4.sub(f32x4.max(x, zero), f32x4.mul(x, target)), log1p4(e)));
      v128.store(z, flush(p));
    }
    const difference = f32x4.sub(p, target);
    error = addSquares(error, difference);
    const delta = activation == SOFTMAX ? f32x4.sub(f32x4.mul(f32x4.splat(total), p), target) : difference;
    const stored = flush(f32x4.mul(delta, w));
    if (d) {
      v128.store(d, stored);
      v128.store(panel + <usize>(column >> 3) * panelStride + ((<usize>column & 4) << 2), stored);
      d += 16;
    }
    z += 16;
    t += 16;
  }
  store<f64>(rowError, <f64>weight * lanesSum(error));
  if (activation == LOGISTIC) store<f64>(rowLoss, <f64>weight * lanesSum(loss));
  else if (activation == SOFTMAX) store<f64>(rowLoss, <f64>weight * load<f64>(rowLoss));
  else store<f64>(rowLoss, 0.5 * <f64>weight * lanesSum(error));
  return i32x4.all_true(good);
}

/** A case that is not scored: neither its logits nor its targets, which may be anything, come into it. */
function skipRow(outputs: i32, d: usize, panel: usize, panelStride: usize, rowLoss: usize, rowError: usize): void {
  store<f64>(rowLoss, 0);
  store<f64>(rowError, 0);
  if (!d) return;
  for (let column = 0; column < outputs; column += 4) {
    v128.store(d + (<usize>column << 2), f32x4.splat(0));
    v128.store(panel + <usize>(column >> 3) * panelStride + ((<usize>column & 4) << 2), f32x4.splat(0));
  }
}

/** Largest of a row's logits; padding is as negative as can be and never wins. */
function rowMaximum(z: usize, outputs: i32): f32 {
  let largest = v128.load(z);
  for (let column = 4; column < outputs; column += 4) largest = f32x4.max(largest, v128.load(z + (<usize>column << 2)));
  return max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
}

/** Replaces a row's logits by exp(z - max) / sum and returns the sum of the exponentials. */
function softmaxRow(z: usize, outputs: i32): f64 {
  const shift = f32x4.splat(rowMaximum(z, outputs));
  let sum = f64x2.splat(0);
  for (let column = 0; column < outputs; column += 4) {
    const e = firstLanes(expNonPositive4(f32x4.sub(v128.load(z + (<usize>column << 2)), shift)), outputs - column);
    v128.store(z + (<usize>column << 2), e);
    sum = addWide(sum, e);
  }
  const total = lanesSum(sum);
  const scale = f32x4.splat(<f32>(1.0 / total));
  for (let column = 0; column < outputs; column += 4) {
    const at = z + (<usize>column << 2);
    v128.store(at, flush(f32x4.mul(v128.load(at), scale)));
  }
  return total;
}

/** S, the sum of a row's targets: the weight of the row's cross-entropy, 1 for one-hot targets. */
export function targetSum(t: usize, outputs: i32): f64 {
  let sum: f64 = 0;
  for (let column: usize = 0; column < <usize>outputs; column++) sum += <f64>load<f32>(t + (column << 2));
  return sum;
}

/**
 * Cross-entropy of a row with softmax, `total` the sum of its targets; its logits are replaced by the outputs. Differences of logits may
 * overflow f32, so they are f64.
 */
function softmaxLoss(z: usize, t: usize, outputs: i32, total: f64): f64 {
  const largest = <f64>rowMaximum(z, outputs);
  let linear: f64 = 0;
  for (let column: usize = 0; column < <usize>outputs; column++) {
    linear += <f64>load<f32>(t + (column << 2)) * (<f64>load<f32>(z + (column << 2)) - largest);
  }
  return total * <f64>log1(<f32>softmaxRow(z, outputs)) - linear;
}
