import { LOGISTIC, RELU, TANH } from "../../src/abi/descriptor";
import { FLUSH_LIMIT, ONE, SIGN_BIT, constant } from "../math/constants";
import { flush } from "../math/flush";
import { logisticQuotients, tanhQuotients } from "../math/quotients";
import { PANEL, TILE_BYTES } from "./layout";

/** How far after a tile the denominators of its activation stand: behind a second tile, which a pair has. */
const DENOMINATORS: usize = 2 * TILE_BYTES;

/**
 * Applies the activation to the first `rows` rows of the tile at `c`, flushes what would breed denormals and stores it: row-major at `y`,
 * rows yRow bytes apart, and, if p0 is not 0, the two quads of a row to the case panels that begin at p0 and p1. What the tile holds
 * afterwards is of no use. Softmax acts on a whole row and is applied with the loss.
 */
export function storeActivated(rows: i32, activation: i32, c: usize, y: usize, yRow: usize, p0: usize, p1: usize): void {
  const bytes = <usize>rows << 5;
  if (activation == LOGISTIC) {
    logisticQuotients(c, bytes, c + DENOMINATORS);
    storeQuotients(rows, c, y, yRow, p0, p1);
  } else if (activation == TANH) {
    tanhQuotients(c, bytes, c + DENOMINATORS);
    storeQuotients(rows, c, y, yRow, p0, p1);
  } else {
    if (activation == RELU) clampVectors(c, bytes);
    storeVectors(rows, c, y, yRow, p0, p1);
  }
}

function clampVectors(c: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = c + bytes; c != end; c += 16) v128.store(c, f32x4.max(v128.load(c), zero));
}

function storeQuotients(rows: i32, c: usize, y: usize, yRow: usize, p0: usize, p1: usize): void {
  storeRows(rows, true, c, y, yRow, p0, p1);
}

function storeVectors(rows: i32, c: usize, y: usize, yRow: usize, p0: usize, p1: usize): void {
  storeRows(rows, false, c, y, yRow, p0, p1);
}

// @ts-ignore: decorator
@inline
function storeRows(rows: i32, divides: bool, c: usize, y: usize, yRow: usize, p0: usize, p1: usize): void {
  const limit = constant(FLUSH_LIMIT);
  const sign = constant(SIGN_BIT);
  for (let r = 0; r < rows; r++) {
    const x0 = v128.load(c);
    const x1 = v128.load(c, 16);
    const v0 = flush(divides ? f32x4.div(x0, v128.load(c, DENOMINATORS)) : x0, limit, sign);
    const v1 = flush(divides ? f32x4.div(x1, v128.load(c, DENOMINATORS + 16)) : x1, limit, sign);
    v128.store(y, v1, 16);
    v128.store(y, v0);
    if (p0) {
      v128.store(p0, v0);
      v128.store(p1, v1);
      p0 += PANEL * 4;
      p1 += PANEL * 4;
    }
    y += yRow;
    c += 32;
  }
}

/**
 * Multiplies the first `rows` rows of the tile at `c` by the derivative of the activation, flushes what would breed denormals and stores
 * them: row-major at `e`, rows eRow bytes apart, and, if it is not 0, to the case panel at `panel`, rows 32 bytes apart. The derivative is
 * written in the activation's own value y, two quads a row from y0 and y1 on, rows yRow bytes apart; they are not read where it is linear.
 */
export function storeSloped(
  rows: i32, activation: i32, c: usize, y0: usize, y1: usize, yRow: usize, e: usize, eRow: usize, panel: usize,
): void {
  if (activation == LOGISTIC) slopeLogistic(rows, c, y0, y1, yRow);
  else if (activation == TANH) slopeTanh(rows, c, y0, y1, yRow);
  else if (activation == RELU) slopeRelu(rows, c, y0, y1, yRow);
  storeDeltas(rows, c, e, eRow, panel);
}

function storeDeltas(rows: i32, c: usize, e: usize, eRow: usize, panel: usize): void {
  const limit = constant(FLUSH_LIMIT);
  const sign = constant(SIGN_BIT);
  for (const end = c + (<usize>rows << 5); c != end; c += 32) {
    const v0 = flush(v128.load(c), limit, sign);
    const v1 = flush(v128.load(c, 16), limit, sign);
    v128.store(e, v1, 16);
    v128.store(e, v0);
    if (panel) {
      v128.store(panel, v1, 16);
      v128.store(panel, v0);
      panel += 32;
    }
    e += eRow;
  }
}

function slopeLogistic(rows: i32, c: usize, y0: usize, y1: usize, yRow: usize): void {
  multiplySlopes(rows, LOGISTIC, c, y0, y1, yRow);
}

function slopeTanh(rows: i32, c: usize, y0: usize, y1: usize, yRow: usize): void {
  multiplySlopes(rows, TANH, c, y0, y1, yRow);
}

function slopeRelu(rows: i32, c: usize, y0: usize, y1: usize, yRow: usize): void {
  multiplySlopes(rows, RELU, c, y0, y1, yRow);
}

// @ts-ignore: decorator
@inline
function multiplySlopes(rows: i32, activation: i32, c: usize, y0: usize, y1: usize, yRow: usize): void {
  const one = constant(ONE);
  for (const end = c + (<usize>rows << 5); c != end; c += 32) {
    const v0 = f32x4.mul(v128.load(c), slope(activation, v128.load(y0), one));
    const v1 = f32x4.mul(v128.load(c, 16), slope(activation, v128.load(y1), one));
    v128.store(c, v1, 16);
    v128.store(c, v0);
    y0 += yRow;
    y1 += yRow;
  }
}

/** The derivative in the activation's own value y: y (1 - y) for logistic, 1 - y^2 for tanh, and for relu 1 above 0 and 0 elsewhere. */
// @ts-ignore: decorator
@inline
function slope(activation: i32, y: v128, one: v128): v128 {
  if (activation == LOGISTIC) return f32x4.mul(y, f32x4.sub(one, y));
  if (activation == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  return v128.and(one, f32x4.gt(y, f32x4.splat(0)));
}
