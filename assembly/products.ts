import {
  LAYOUT_PADDED_ROWS, LAYOUT_PANEL, LAYOUT_TILE_COLUMNS, LAYOUT_TILE_ROWS, LAYOUT_VARIANT, VARIANT_RELAXED, VARIANT_SIMD,
} from "../src/abi/layout";
import { LINEAR } from "../src/abi/descriptor";
import { BLOCK_CASES } from "../src/abi/sums";
import { backwardProduct } from "./dense/backward";
import { forwardProduct } from "./dense/forward";
import { gradientPair, gradientTile } from "./dense/gradient";
import { PANEL, TILE_BYTES, TILE_ROWS, WIDE, gradientRowsFor, isNarrow, paddedColumns, paddedRows } from "./dense/layout";
import { packTransposed } from "./dense/pack";
import { pairTile } from "./dense/pairTile";
import { tile } from "./dense/tile";

/**
 * The three products by themselves, on operands packed as the networks keep them, for tests and benchmarks.
 * Row-major results have leading dimensions of at least paddedColumns; what lies beyond is left alone.
 */

/** NN: y (M x N) = start + x (M x K) w. */
export function productForward(
  x: usize, xRow: usize, cases: i32, w: usize, inputs: i32, outputs: i32, start: usize, y: usize, yRow: usize, scratch: usize,
): void {
  forwardProduct(x, xRow, 0, cases, w, <usize>paddedRows(inputs) << 5, inputs, outputs, start, LINEAR, y, yRow, 0, 0, scratch);
}

/** NT: e (M x K) = d (M x N) w', with w' as transposed panels. */
export function productBackward(
  d: usize, dRow: usize, cases: i32, w: usize, outputs: i32, inputs: i32, e: usize, eRow: usize, zeros: usize, scratch: usize,
): void {
  backwardProduct(
    d, dRow, 0, cases, w, <usize>paddedColumns(outputs) << 5, outputs, inputs, 0, 0, 0, 0, LINEAR, e, eRow, 0, e, eRow, 0, 0, zeros,
    scratch,
  );
}

/** TN: g (weight panels of K x N) = x' d, from case panels with `cases` rows each. */
export function productGradient(
  x: usize, xStride: usize, d: usize, dStride: usize, cases: i32, inputs: i32, outputs: i32, g: usize, zeros: usize, scratch: usize,
): void {
  const panelBytes = <usize>paddedRows(inputs) << 5;
  for (let first = 0; first == 0 || first < cases; first += BLOCK_CASES) {
    for (let column = 0; column < outputs; ) {
      const isPair = WIDE && column + 8 < outputs;
      const panel = <usize>(column >> 3);
      for (let row = 0, rows = 0; row < inputs; row += rows) {
        rows = gradientRowsFor(row, inputs);
        const at = g + panel * panelBytes + (<usize>row << 5);
        const deltas = d + panel * dStride + (<usize>first << 5);
        const length = min(BLOCK_CASES, cases - first);
        const start = first ? at : 0;
        if (isPair) {
          gradientPair(x, xStride, first, deltas, dStride, row, rows, length, start, panelBytes, zeros, scratch);
          memory.copy(at + panelBytes, scratch + TILE_BYTES, <usize>rows << 5);
        } else {
          gradientTile(x, xStride, first, deltas, row, rows, length, start, zeros, scratch, isNarrow(column, outputs));
        }
        memory.copy(at, scratch, <usize>rows << 5);
      }
      column += isPair ? 16 : 8;
    }
  }
}

/** Transposed panels of a whole K x N matrix from its weight panels. */
export function packTransposedAll(w: usize, inputs: i32, outputs: i32, t: usize): void {
  for (let column = 0; column < outputs; column += 8) {
    packTransposed(w, inputs, t + (<usize>column << 5), <usize>paddedColumns(outputs) << 5);
    w += <usize>paddedRows(inputs) << 5;
  }
}

/**
 * The micro-kernel alone, `repeat` times on operands that stay in the first-level cache: what a product is held against. With more than
 * eight columns that of the wide binary, which reads a second panel that follows the first.
 */
export function repeatTile(
  repeat: i32, rows: i32, columns: i32, a: usize, rowBytes: usize, stepBytes: usize, b: usize, length: i32, zeros: usize, c: usize,
): void {
  for (let i = 0; i < repeat; i++) {
    if (WIDE && columns > 8) pairTile(a, 0, rowBytes, stepBytes, rows, b, <usize>length << 5, length, zeros, 0, 0, c);
    else tile(a, 0, rowBytes, stepBytes, rows, b, length, zeros, 0, c);
  }
}

/** What this binary is, and how it lays matrices out: see src/abi/layout.ts. */
// @ts-ignore: compile-time feature
export function layoutOf(what: i32, n: i32): i32 {
  if (what == LAYOUT_VARIANT) return ASC_FEATURE_RELAXED_SIMD ? VARIANT_RELAXED : VARIANT_SIMD;
  if (what == LAYOUT_TILE_ROWS) return TILE_ROWS;
  if (what == LAYOUT_PANEL) return PANEL;
  if (what == LAYOUT_TILE_COLUMNS) return WIDE ? 16 : 8;
  return what == LAYOUT_PADDED_ROWS ? paddedRows(n) : paddedColumns(n);
}
