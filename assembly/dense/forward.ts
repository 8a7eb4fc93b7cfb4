import { storeActivated } from "./activation";
import { FEW_ROWS_PANELS, ROW_PANELS, fewRowsTile, rowTile } from "./fewRows";
import { PANEL, TILE_BYTES, WIDE, isNarrow, tileRowsFor } from "./layout";
import { pairTile } from "./pairTile";
import { narrowTile, tile } from "./tile";

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
        storeActivated(end - first, activation, scratch + <usize>panel * tileBytes, to + (<usize>panel << 5), yRow, 0, 0);
      w += panelBytes * <usize>count;
      bias += <usize>count << 5;
    }
  }
  // Pairs have a loop of their own here: one for both, as in backward.ts, costs recurrent networks 4 % in `relaxed`.
  if (WIDE) {
    for (; column + 8 < outputs; column += 16) {
      const p0 = panels ? casePanelQuad(panels, panelStride, column) : 0;
      const p1 = panels ? casePanelQuad(panels, panelStride, column + 4) : 0;
      const p2 = panels ? casePanelQuad(panels, panelStride, column + 8) : 0;
      const p3 = panels ? casePanelQuad(panels, panelStride, column + 12) : 0;
      for (let row = first, rows = 0; row < end; row += rows) {
        rows = tileRowsFor(end - row);
        const to = y + <usize>row * yRow + (<usize>column << 2);
        const at = panels ? <usize>row * (PANEL * 4) : 0;
        pairTile(x, <usize>row * xRow, xRow, 4, rows, w, panelBytes, inputs, bias, 0, 32, scratch);
        storeActivated(rows, activation, scratch, to, yRow, p0 + at, p1 + at);
        storeActivated(rows, activation, scratch + TILE_BYTES, to + 32, yRow, p2 + at, p3 + at);
      }
      w += panelBytes << 1;
      bias += 64;
    }
  }
  for (; column < outputs; column += 8) {
    const p0 = panels ? casePanelQuad(panels, panelStride, column) : 0;
    const p1 = panels ? casePanelQuad(panels, panelStride, column + 4) : 0;
    for (let row = first, rows = 0; row < end; row += rows) {
      rows = tileRowsFor(end - row);
      const at = panels ? <usize>row * (PANEL * 4) : 0;
      if (isNarrow(column, outputs)) narrowTile(x, <usize>row * xRow, xRow, 4, rows, w, inputs, bias, 0, scratch);
      else tile(x, <usize>row * xRow, xRow, 4, rows, w, inputs, bias, 0, scratch);
      storeActivated(rows, activation, scratch, y + <usize>row * yRow + (<usize>column << 2), yRow, p0 + at, p1 + at);
    }
    w += panelBytes;
    bias += 32;
  }
}

/** Address of quad `column / 4` of the first case in case panels of width PANEL; the next case's is PANEL floats further on. */
// @ts-ignore: decorator
@inline
export function casePanelQuad(panels: usize, panelStride: usize, column: i32): usize {
  const panel = column / PANEL;
  return panels + <usize>panel * panelStride + (<usize>(column - panel * PANEL) << 2);
}
