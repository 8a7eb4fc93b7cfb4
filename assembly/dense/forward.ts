import { LINEAR, LOGISTIC, RELU, TANH } from "../../src/abi/descriptor";
import { flush } from "../math/flush";
import { activate } from "./activation";
import { FEW_ROWS_PANELS, ROW_PANELS, fewRowsTile, rowTile } from "./fewRows";
import { PANEL, TILE_BYTES, WIDE, tileRowsFor } from "./layout";
import { pairTile } from "./pairTile";
import { tile } from "./tile";

/**
 * NN product with its epilogue, for cases [first, end): y = activation(bias + x W).
 *
 *   x   row-major, rowBytes xRow;   K = inputs
 *   w   weight panels [N/8][paddedRows][8], panelBytes apart
 *   y   row-major, rowBytes yRow >= 4 * paddedColumns(N); columns beyond N up to the next multiple of 8 are written too
 *   panels  if not 0: the same values as case panels [..][M][PANEL], panelStride bytes apart, for the gradient product
 *   bias    paddedColumns(N) floats
 */
export function forwardProduct(
  x: usize, xRow: usize, first: i32, end: i32,
  w: usize, panelBytes: usize, inputs: i32, outputs: i32, bias: usize, activation: i32,
  y: usize, yRow: usize, panels: usize, panelStride: usize, scratch: usize,
): void {
  let column = 0;
  if (end - first <= 3 && !panels) {
    const isRow = end - first == 1;
    const count = isRow ? ROW_PANELS : FEW_ROWS_PANELS;
    const tileBytes: usize = isRow ? 32 : 96;
    const from = x + <usize>first * xRow;
    for (; column + 8 * (count - 1) < outputs; column += 8 * count) {
      if (isRow) rowTile(from, w, panelBytes, inputs, bias, scratch);
      else fewRowsTile(from, xRow, end - first, w, panelBytes, inputs, bias, scratch);
      const to = y + <usize>first * yRow + (<usize>column << 2);
      for (let panel = 0; panel < count; panel++)
        finishPanel(end - first, activation, scratch + <usize>panel * tileBytes, to + (<usize>panel << 5), yRow, 0, 0, first, column);
      w += panelBytes * <usize>count;
      bias += <usize>count << 5;
    }
  }
  if (WIDE) {
    for (; column + 8 < outputs; column += 16) {
      for (let row = first, rows = 0; row < end; row += rows) {
        rows = tileRowsFor(end - row);
        const to = y + <usize>row * yRow + (<usize>column << 2);
        pairTile(x, <usize>row * xRow, xRow, 4, rows, w, panelBytes, inputs, bias, 0, 32, scratch);
        finishPanel(rows, activation, scratch, to, yRow, panels, panelStride, row, column);
        finishPanel(rows, activation, scratch + TILE_BYTES, to + 32, yRow, panels, panelStride, row, column + 8);
      }
      w += panelBytes << 1;
      bias += 64;
    }
  }
  for (; column < outputs; column += 8) {
    for (let row = first, rows = 0; row < end; row += rows) {
      rows = tileRowsFor(end - row);
      tile(x, <usize>row * xRow, xRow, 4, rows, w, inputs, bias, 0, scratch);
      finishPanel(rows, activation, scratch, y + <usize>row * yRow + (<usize>column << 2), yRow, panels, panelStride, row, column);
    }
    w += panelBytes;
    bias += 32;
  }
}

/** The epilogue of one panel's tile, rows from `row` on and columns from `column` on. */
// @ts-ignore: decorator
@inline
function finishPanel(
  rows: i32, activation: i32, c: usize, y: usize, yRow: usize, panels: usize, panelStride: usize, row: i32, column: i32,
): void {
  if (WIDE) {
    const p0 = panels ? casePanelQuad(panels, panelStride, row, column) : 0;
    const p1 = panels ? casePanelQuad(panels, panelStride, row, column + 4) : 0;
    finishWide(rows, activation, c, y, yRow, p0, p1);
  } else {
    finish(rows, activation, c, y, yRow);
    if (panels) copyToCasePanels(rows, c, panels, panelStride, row, column);
  }
}

/** Applies the activation to a tile, flushes what would breed denormals and stores its valid rows; the result stays in `c` too. */
function finish(rows: i32, activation: i32, c: usize, y: usize, yRow: usize): void {
  for (let r = 0; r < rows; r++) {
    const v0 = flush(activate(activation, v128.load(c)));
    const v1 = flush(activate(activation, v128.load(c, 16)));
    v128.store(c, v0);
    v128.store(c, v1, 16);
    v128.store(y, v0);
    v128.store(y, v1, 16);
    y += yRow;
    c += 32;
  }
}

/**
 * The same in the wide binary, with the two quads of case panels that begin at p0 and p1 if p0 is not 0. Its loops have no branches on the
 * activation, so that the revectorizer takes both halves of a row together: 2 % of an update there, and a loss of 2 % in the others.
 */
function finishWide(rows: i32, activation: i32, c: usize, y: usize, yRow: usize, p0: usize, p1: usize): void {
  if (activation == LOGISTIC) finishRows(rows, LOGISTIC, c, y, yRow, p0, p1);
  else if (activation == TANH) finishRows(rows, TANH, c, y, yRow, p0, p1);
  else if (activation == RELU) finishRows(rows, RELU, c, y, yRow, p0, p1);
  else finishRows(rows, LINEAR, c, y, yRow, p0, p1);
}

// @ts-ignore: decorator
@inline
function finishRows(rows: i32, activation: i32, c: usize, y: usize, yRow: usize, p0: usize, p1: usize): void {
  for (let r = 0; r < rows; r++) {
    const x0 = v128.load(c);
    const x1 = v128.load(c, 16);
    const v0 = flush(activate(activation, x0));
    const v1 = flush(activate(activation, x1));
    v128.store(y, v0);
    v128.store(y, v1, 16);
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

/** Address of quad `column / 4` of case `row` in case panels of width PANEL. */
// @ts-ignore: decorator
@inline
export function casePanelQuad(panels: usize, panelStride: usize, row: i32, column: i32): usize {
  const panel = column / PANEL;
  return panels + <usize>panel * panelStride + ((<usize>row * PANEL + (column - panel * PANEL)) << 2);
}

function copyToCasePanels(rows: i32, c: usize, panels: usize, panelStride: usize, row: i32, column: i32): void {
  let p0 = casePanelQuad(panels, panelStride, row, column);
  let p1 = casePanelQuad(panels, panelStride, row, column + 4);
  for (let r = 0; r < rows; r++) {
    v128.store(p0, v128.load(c));
    v128.store(p1, v128.load(c, 16));
    p0 += PANEL * 4;
    p1 += PANEL * 4;
    c += 32;
  }
}
