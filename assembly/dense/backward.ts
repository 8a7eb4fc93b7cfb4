import { flush } from "../math/flush";
import { activationSlope } from "./activation";
import { casePanelQuad } from "./forward";
import { PANEL, TILE_BYTES, WIDE, tileRowsFor } from "./layout";
import { clearColumns } from "./pack";
import { pairTile } from "./pairTile";
import { tile } from "./tile";

/**
 * NT product with its epilogue, for cases [first, end): e = (d W' + d2 W2') o activation'(y).
 *
 *   d   row-major deltas of the layer above, rowBytes dRow;   N = outputs is the length of the sum
 *   w   transposed panels [K/8][paddedColumns(N)][8], panelBytes apart
 *   d2, w2, outputs2   if d2 is not 0: a second layer above (a recurrent network's readout)
 *   y   activations of the layer below, from which the slope is taken: row-major with rowBytes yRow, or, if yStride is not 0, case panels
 *   e   row-major deltas of the layer below, rowBytes eRow >= 4 * paddedColumns(K); columns beyond K become 0
 *   panels  if not 0: the same values as case panels [K/8][M][8], panelStride bytes apart
 *   zeros   8 floats that are 0
 */
export function backwardProduct(
  d: usize, dRow: usize, first: i32, end: i32,
  w: usize, panelBytes: usize, outputs: i32, inputs: i32,
  d2: usize, d2Row: usize, w2: usize, outputs2: i32, activation: i32, y: usize, yRow: usize, yStride: usize,
  e: usize, eRow: usize, panels: usize, panelStride: usize, zeros: usize, scratch: usize,
): void {
  const panelBytes2 = <usize>((outputs2 + 7) & ~7) << 5;
  if (yStride) yRow = PANEL * 4;
  for (let column = 0; column < inputs; ) {
    const isPair = WIDE && column + 8 < inputs;
    for (let row = first, rows = 0; row < end; row += rows) {
      rows = tileRowsFor(end - row);
      if (isPair) {
        if (d2) pairTile(d2, <usize>row * d2Row, d2Row, 4, rows, w2, panelBytes2, outputs2, zeros, 0, 0, scratch);
        pairTile(
          d, <usize>row * dRow, dRow, 4, rows, w, panelBytes, outputs, d2 ? scratch : zeros, d2 ? 32 : 0, d2 ? TILE_BYTES : 0, scratch,
        );
      } else {
        if (d2) tile(d2, <usize>row * d2Row, d2Row, 4, rows, w2, outputs2, zeros, 0, scratch);
        tile(d, <usize>row * dRow, dRow, 4, rows, w, outputs, d2 ? scratch : zeros, d2 ? 32 : 0, scratch);
      }
      finishPanel(rows, activation, scratch, y, yRow, yStride, e, eRow, panels, row, column, inputs);
      if (isPair) {
        const next = panels ? panels + panelStride : 0;
        finishPanel(rows, activation, scratch + TILE_BYTES, y, yRow, yStride, e, eRow, next, row, column + 8, inputs);
      }
    }
    const taken = isPair ? 1 : 0;
    column += 8 << taken;
    w += panelBytes << taken;
    w2 += panelBytes2 << taken;
    panels = panels ? panels + (panelStride << taken) : 0;
  }
}

/** The epilogue of one panel's tile, rows from `row` on and columns from `column` on. */
// @ts-ignore: decorator
@inline
function finishPanel(
  rows: i32, activation: i32, c: usize, y: usize, yRow: usize, yStride: usize, e: usize, eRow: usize, panels: usize,
  row: i32, column: i32, inputs: i32,
): void {
  const at = <usize>column << 2;
  const y0 = yStride ? casePanelQuad(y, yStride, row, column) : y + <usize>row * yRow + at;
  const y1 = yStride ? casePanelQuad(y, yStride, row, column + 4) : y0 + 16;
  const to = e + <usize>row * eRow + at;
  const panel = panels ? panels + (<usize>row << 5) : 0;
  finish(rows, activation, c, y0, y1, yRow, to, eRow, panel);
  // Last, since the slopes of columns beyond K may be anything: a recurrent network's inputs stand there.
  if (column + 8 > inputs) {
    clearColumns(rows, to, eRow, inputs - column);
    if (panel) clearColumns(rows, panel, 32, inputs - column);
  }
}

/** Multiplies a tile by the slope, flushes what would breed denormals and stores its valid rows, row-major and as case panel. */
function finish(rows: i32, activation: i32, c: usize, y0: usize, y1: usize, yRow: usize, e: usize, eRow: usize, panel: usize): void {
  for (let r = 0; r < rows; r++) {
    const v0 = flush(f32x4.mul(v128.load(c), activationSlope(activation, v128.load(y0))));
    const v1 = flush(f32x4.mul(v128.load(c, 16), activationSlope(activation, v128.load(y1))));
    v128.store(e, v0);
    v128.store(e, v1, 16);
    if (panel) {
      v128.store(panel, v0);
      v128.store(panel, v1, 16);
      panel += 32;
    }
    y0 += yRow;
    y1 += yRow;
    e += eRow;
    c += 32;
  }
}
