import {
  C_BYTES, C_CHUNKS, C_CURVATURE, C_DIRECTION, C_INVERSE, C_KEEP, C_KEEPS, C_MAXIMUM, C_MINIMUM, C_PARTS, C_PHIS, C_PRODUCT, C_PROGRESS,
  C_RESIDUAL, C_RIGHT, C_SCALE, C_SHIFT, C_SQUARE, C_START, C_START_SCALE, C_STATES, C_TICKS, C_TOLERANCE, REASON_MAXIMUM,
  REASON_NEGATIVE, REASON_NOT_FINITE, REASON_PROGRESS, REASON_ROUNDING, REASON_SOLVED, SOLVE_STATE_SHIFT, STAGE_BEGIN, STAGE_END,
  STAGE_FIRST, STAGE_STEP,
  S_CHUNK, S_CURVATURE, S_GOAL, S_KEPT, S_NEXT, S_PHI, S_PRODUCTS, S_REASON, S_RY, S_STAGE, S_STEEPEST, S_STEP, S_X,
} from "../../src/abi/conjugateGradient";
import { SUM_BYTES } from "../../src/abi/sums";
import { sumOrdered } from "../math/sum";
import { curvaturePass } from "../network/curvaturePass";
import { barrier } from "../team/barrier";
import { beat, members } from "../team/control";
import { sliceStart } from "../team/slices";
import { curvatureBlock, directionBlock, residualBlock, startBlock, stepBlock } from "./conjugatePasses";
import { dot, sumBlocks } from "./vectors";

/**
 * Preconditioned conjugate gradient for A x = b with A = scale S + shift I, S p the sums over cases that a curvature product leaves
 * (src/optimizers/conjugateGradient/conjugateGradient.ts is the readable twin):
 *
 *   r = A x - b,  y = M^-1 r,  p = -y;   alpha = r'y / p'Ap,  x <- x + alpha p,  r <- r + alpha A p,  y <- M^-1 r,
 *   beta = r'y (new) / r'y (old),  p <- -y + beta p;   phi = (r - b)'x / 2
 *
 * A call makes as many *ticks* as it is told, a tick being the curvature product over one chunk of cases; the vectors are advanced when the
 * last chunk is in. Everything between two ticks lies in memory, so a solve is cut into slices anywhere without changing a bit of it.
 *
 * Arguments (src/abi/conjugateGradient.ts), then one state a member. Each member computes the same scalars from the same
 * ordered sums and keeps them to itself, so none has to wait for another's.
 */

/** A shift of this share of the curvature changes no f32 of it. */
const NO_SHIFT: f64 = 5.960464477539063e-8; // 2^-24

/** Member `rank`'s share of some ticks. */
export function runConjugateGradient(args: usize, control: usize, rank: i32): void {
  const state = load<usize>(args, C_STATES) + (<usize>rank << SOLVE_STATE_SHIFT);
  if (load<i32>(state, S_STAGE) == STAGE_BEGIN && !begin(args, state, control, rank)) return;
  for (let ticks = load<i32>(args, C_TICKS); ticks > 0 && load<i32>(state, S_STAGE) != STAGE_END; ticks--) {
    const chunk = load<i32>(state, S_CHUNK);
    if (!curvaturePass(load<usize>(args, C_CURVATURE), chunk, control, rank)) return;
    const isLast = chunk + 1 == load<i32>(args, C_CHUNKS);
    store<i32>(state, isLast ? 0 : chunk + 1, S_CHUNK);
    if (!isLast) continue;
    store<i32>(state, load<i32>(state, S_PRODUCTS) + 1, S_PRODUCTS);
    if (!barrier(control, rank)) return;
    if (
      !(load<i32>(state, S_STAGE) == STAGE_FIRST
        ? firstResidual(args, state, true, control, rank)
        : takeStep(args, state, control, rank))
    ) return;
  }
}

// @ts-ignore: decorator
@inline
function firstBlockOf(args: usize, control: usize, rank: i32): i32 {
  return sliceStart(sumBlocks(load<i32>(args, C_BYTES)), rank, members(control));
}

// @ts-ignore: decorator
@inline
function endOf(args: usize, block: i32): usize {
  return <usize>min(load<i32>(args, C_BYTES), (block + 1) * SUM_BYTES);
}

/** Address of the parts of one kind of sum: 0 r'y, 1 phi, 2 p'Ap, 3 r'r, 4 p'p. */
// @ts-ignore: decorator
@inline
function partsOf(args: usize, kind: i32): usize {
  return load<usize>(args, C_PARTS) + (<usize>(kind * sumBlocks(load<i32>(args, C_BYTES))) << 3);
}

// @ts-ignore: decorator
@inline
function totalOf(args: usize, kind: i32): f64 {
  return sumOrdered(partsOf(args, kind), sumBlocks(load<i32>(args, C_BYTES)));
}

/** Sets x_0; with x_0 = 0 the residual is -b and needs no product. */
function begin(args: usize, state: usize, control: usize, rank: i32): bool {
  const start = load<usize>(args, C_START);
  const last = firstBlockOf(args, control, rank + 1);
  for (let block = firstBlockOf(args, control, rank); block < last; block++) {
    startBlock(
      load<usize>(state, S_X), load<usize>(args, C_DIRECTION), start, load<f32>(args, C_START_SCALE), <usize>(block * SUM_BYTES),
      endOf(args, block),
    );
  }
  if (!start) return firstResidual(args, state, false, control, rank);
  store<i32>(state, STAGE_FIRST, S_STAGE);
  return barrier(control, rank);
}

/** r_0, p_0 and phi_0. */
function firstResidual(args: usize, state: usize, hasProduct: bool, control: usize, rank: i32): bool {
  const rys = partsOf(args, 0);
  const phis = partsOf(args, 1);
  const rrs = partsOf(args, 3);
  const last = firstBlockOf(args, control, rank + 1);
  for (let block = firstBlockOf(args, control, rank); block < last; block++) {
    residualBlock(
      hasProduct ? load<usize>(args, C_PRODUCT) : 0, load<usize>(state, S_X), load<usize>(args, C_RESIDUAL), load<usize>(args, C_DIRECTION),
      load<usize>(args, C_RIGHT),
      load<usize>(args, C_INVERSE), load<f32>(args, C_SCALE), load<f32>(args, C_SHIFT), <usize>(block * SUM_BYTES), endOf(args, block),
      rys + (<usize>block << 3), phis + (<usize>block << 3), rrs + (<usize>block << 3),
    );
  }
  beat(control, rank);
  if (!barrier(control, rank)) return false;
  const ry = totalOf(args, 0);
  const phi = 0.5 * totalOf(args, 1);
  store<f64>(state, ry, S_RY);
  store<f64>(state, phi, S_PHI);
  if (rank == 0) store<f64>(load<usize>(args, C_PHIS), phi);
  if (!isFinite<f64>(ry + phi)) return end(state, REASON_NOT_FINITE);
  store<i32>(state, STAGE_STEP, S_STAGE);
  // What rounding leaves is a share of A x_0 too, where the start is far larger than b.
  const tolerance = load<f64>(args, C_TOLERANCE);
  store<f64>(state, tolerance * tolerance * max(load<f64>(args, C_SQUARE), totalOf(args, 3)), S_GOAL);
  if (ry == 0) return end(state, REASON_SOLVED);
  return isRounding(args, state) ? end(state, REASON_ROUNDING) : true;
}

/** One step, the product A p being in. */
function takeStep(args: usize, state: usize, control: usize, rank: i32): bool {
  const s = load<usize>(args, C_PRODUCT);
  const p = load<usize>(args, C_DIRECTION);
  const r = load<usize>(args, C_RESIDUAL);
  const inverse = load<usize>(args, C_INVERSE);
  const scale = load<f32>(args, C_SCALE);
  const shift = load<f32>(args, C_SHIFT);
  const first = firstBlockOf(args, control, rank);
  const last = firstBlockOf(args, control, rank + 1);

  const curvatures = partsOf(args, 2);
  const squares = partsOf(args, 4);
  for (let block = first; block < last; block++) {
    const part = <usize>block << 3;
    store<f64>(curvatures + part, curvatureBlock(s, p, scale, shift, <usize>(block * SUM_BYTES), endOf(args, block), squares + part));
  }
  beat(control, rank);
  if (!barrier(control, rank)) return false;
  const curvature = totalOf(args, 2);
  store<f64>(state, curvature, S_CURVATURE);
  if (!isFinite<f64>(curvature)) return end(state, REASON_NOT_FINITE);
  // At the end of what f32 can say the residual lives on while p has been flushed to 0.
  if (curvature <= 0) return end(state, curvature == 0 && dot(p, p, load<i32>(args, C_BYTES)) == 0 ? REASON_SOLVED : REASON_NEGATIVE);

  if (isFlat(args, state, curvature, shift)) return end(state, REASON_ROUNDING);

  const oldRy = load<f64>(state, S_RY);
  const alpha = <f32>(oldRy / curvature);
  const x = load<usize>(state, S_X);
  const next = load<usize>(state, S_NEXT);
  const b = load<usize>(args, C_RIGHT);
  const rys = partsOf(args, 0);
  const phis = partsOf(args, 1);
  const rrs = partsOf(args, 3);
  for (let block = first; block < last; block++) {
    const part = <usize>block << 3;
    stepBlock(
      alpha, s, x, next, r, p, b, inverse, scale, shift, <usize>(block * SUM_BYTES), endOf(args, block), rys + part, phis + part,
      rrs + part,
    );
  }
  beat(control, rank);
  if (!barrier(control, rank)) return false;
  const ry = totalOf(args, 0);
  const phi = 0.5 * totalOf(args, 1);
  // A step that overflows is not made: x is still the iterate before it.
  if (!isFinite<f64>(ry + phi)) return end(state, REASON_NOT_FINITE);

  const beta = <f32>(ry / oldRy);
  for (let block = first; block < last; block++) directionBlock(beta, r, p, inverse, <usize>(block * SUM_BYTES), endOf(args, block));
  const step = load<i32>(state, S_STEP) + 1;
  store<i32>(state, step, S_STEP);
  store<f64>(state, ry, S_RY);
  store<f64>(state, phi, S_PHI);
  store<usize>(state, next, S_X);
  store<usize>(state, x, S_NEXT);
  if (rank == 0) store<f64>(load<usize>(args, C_PHIS) + (<usize>step << 3), phi);
  keep(args, state, step, first, last);
  beat(control, rank);

  if (ry == 0) return end(state, REASON_SOLVED);
  if (isRounding(args, state)) return end(state, REASON_ROUNDING);
  if (step >= load<i32>(args, C_MINIMUM) && madeLittleProgress(args, step, phi)) return end(state, REASON_PROGRESS);
  if (step >= load<i32>(args, C_MAXIMUM)) return end(state, REASON_MAXIMUM);
  return barrier(control, rank);
}

/**
 * Whether the residual is what rounding leaves of b. Further steps would follow noise, which singular curvature answers with steps without
 * bounds; so this ends a solve whatever the steps that were asked for at least.
 */
// @ts-ignore: decorator
@inline
function isRounding(args: usize, state: usize): bool {
  const goal = load<f64>(state, S_GOAL);
  return goal > 0 && totalOf(args, 3) <= goal;
}

/**
 * Whether the curvature along p is rounding beside the steepest there was, and no shift lifts it: the system is singular, b has no part
 * along p but rounding, and the step would be as long as chance has it. Keeps the steepest.
 */
function isFlat(args: usize, state: usize, curvature: f64, shift: f32): bool {
  const slope = curvature / totalOf(args, 4);
  const steepest = max(load<f64>(state, S_STEEPEST), slope);
  store<f64>(state, steepest, S_STEEPEST);
  return slope <= load<f64>(args, C_TOLERANCE) * steepest && <f64>shift <= NO_SHIFT * steepest;
}

// @ts-ignore: decorator
@inline
function end(state: usize, reason: i32): bool {
  store<i32>(state, reason, S_REASON);
  store<i32>(state, STAGE_END, S_STAGE);
  return true;
}

/**
 * Martens' rule: with k = max(10, ceil(step / 10)), phi fell by less than k * progress of its value over the last k of more than k steps.
 */
function madeLittleProgress(args: usize, step: i32, phi: f64): bool {
  const progress = load<f64>(args, C_PROGRESS);
  const gap = max(10, (step + 9) / 10);
  if (progress == 0 || step <= gap || phi >= 0) return false;
  const before = load<f64>(load<usize>(args, C_PHIS) + (<usize>(step - gap) << 3));
  return (phi - before) / phi < <f64>gap * progress;
}

/** Copies the member's blocks of x where this step's iterate is wanted. */
function keep(args: usize, state: usize, step: i32, first: i32, last: i32): void {
  const kept = load<i32>(state, S_KEPT);
  if (kept >= load<i32>(args, C_KEEPS)) return;
  const pair = load<usize>(args, C_KEEP) + (<usize>kept << 3);
  if (load<i32>(pair) != step) return;
  store<i32>(state, kept + 1, S_KEPT);
  if (first == last) return;
  const from = <usize>(first * SUM_BYTES);
  memory.copy(load<usize>(pair, 4) + from, load<usize>(state, S_X) + from, endOf(args, last - 1) - from);
}
