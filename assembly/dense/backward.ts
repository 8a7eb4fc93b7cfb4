import { storeSloped } from "./activation";
import { casePanelQuad } from "./forward";
import { PANEL, TILE_BYTES, WIDE, isNarrow, tileRowsFor } from "./layout";
import { clearColumns } from "./pack";
import { pairTile } from "./pairTile";
import { narrowTile, tile } from "./tile";

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
    const at = <usize>column << 2;
    const y0 = yStride ? casePanelQuad(y, yStride, column) : y + at;
    const y1 = yStride ? casePanelQuad(y, yStride, column + 4) : y0 + 16;
    const y2 = yStride ? casePanelQuad(y, yStride, column + 8) : y0 + 32;
    const y3 = yStride ? casePanelQuad(y, yStride, column + 12) : y0 + 48;
    for (let row = first, rows = 0; row < end; row += rows) {
      rows = tileRowsFor(end - row);
      const from = <usize>row * dRow;
      const start = d2 ? scratch : zeros;
      const startBytes: usize = d2 ? 32 : 0;
      if (isPair) {
        if (d2) pairTile(d2, <usize>row * d2Row, d2Row, 4, rows, w2, panelBytes2, outputs2, zeros, 0, 0, scratch);
        pairTile(d, from, dRow, 4, rows, w, panelBytes, outputs, start, startBytes, d2 ? TILE_BYTES : 0, scratch);
      } else {
        if (d2) tile(d2, <usize>row * d2Row, d2Row, 4, rows, w2, outputs2, zeros, 0, scratch);
        if (isNarrow(column, inputs)) narrowTile(d, from, dRow, 4, rows, w, outputs, start, startBytes, scratch);
        else tile(d, from, dRow, 4, rows, w, outputs, start, startBytes, scratch);
      }
      const slopes = <usize>row * yRow;
      const to = e + <usize>row * eRow + at;
      const panel = panels ? panels + (<usize>row << 5) : 0;
      finishPanel(rows, activation, scratch, y0 + slopes, y1 + slopes, yRow, to, eRow, panel, inputs - column);
      if (isPair) {
        const next = panel ? panel + panelStride : 0;
        finishPanel(rows, activation, scratch + TILE_BYTES, y2 + slopes, y3 + slopes, yRow, to + 32, eRow, next, inputs - column - 8);
      }
    }
    const taken = isPair ? 1 : 0;
    column += 8 << taken;
    w += panelBytes << taken;
    w2 += panelBytes2 << taken;
    panels = panels ? panels + (panelStride << taken) : 0;
  }
}

/** The epilogue of one panel's tile, of which `columns` are of use. */
// @ts-ignore: decorator
@inline
export function finishPanel(
  rows: i32, activation: i32, c: usize, y0: usize, y1: usize, yRow: usize, e: usize, eRow: usize, panel: usize, columns: i32,
): void {
  storeSloped(rows, activation, c, y0, y1, yRow, e, eRow, panel);
  // Last, since the slopes of columns beyond the last may be anything: a recurrent network's inputs stand there.
  if (columns < 8) {
    clearColumns(rows, e, eRow, columns);
    if (panel) clearColumns(rows, panel, 32, columns);
  }
}
