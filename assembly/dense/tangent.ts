import { finishPanel } from "./backward";
import { TILE_BYTES, WIDE, isNarrow, tileRowsFor } from "./layout";
import { pairTile } from "./pairTile";
import { narrowTile, tile } from "./tile";

/**
 * The R-operator of a layer (Pearlmutter 1994), for cases [first, end): how its activations y move when the parameters move along (V, vb)
 * and its inputs along rx,
 *
 *   r = (vb + x V + rx W) o activation'(y)
 *
 *   x   row-major, rowBytes xRow;   K = inputs
 *   v   weight panels of the direction [N/8][paddedRows(K)][8], panelBytes apart, and its biases, paddedColumns(N) floats
 *   rx  row-major, rowBytes rxRow, against the first `moving` of the K rows of w, weight panels like v; 0 where the inputs do not move
 *   y   row-major, rowBytes yRow; not read where the activation is linear
 *   r   row-major, rowBytes rRow >= 4 * paddedColumns(N); columns beyond N become 0
 *
 * The second product goes on from the first one's tile, so each case passes through the registers once.
 */
export function tangentProduct(
  x: usize, xRow: usize, first: i32, end: i32,
  v: usize, bias: usize, panelBytes: usize, inputs: i32, outputs: i32, rx: usize, rxRow: usize, w: usize, moving: i32,
  activation: i32, y: usize, yRow: usize, r: usize, rRow: usize, scratch: usize,
): void {
  for (let column = 0; column < outputs; ) {
    const isPair = WIDE && column + 8 < outputs;
    const at = <usize>column << 2;
    for (let row = first, rows = 0; row < end; row += rows) {
      rows = tileRowsFor(end - row);
      const along = <usize>row * xRow;
      const moved = <usize>row * rxRow;
      if (isPair) {
        pairTile(x, along, xRow, 4, rows, v, panelBytes, inputs, bias, 0, 32, scratch);
        if (rx) pairTile(rx, moved, rxRow, 4, rows, w, panelBytes, moving, scratch, 32, TILE_BYTES, scratch);
      } else if (isNarrow(column, outputs)) {
        narrowTile(x, along, xRow, 4, rows, v, inputs, bias, 0, scratch);
        if (rx) narrowTile(rx, moved, rxRow, 4, rows, w, moving, scratch, 32, scratch);
      } else {
        tile(x, along, xRow, 4, rows, v, inputs, bias, 0, scratch);
        if (rx) tile(rx, moved, rxRow, 4, rows, w, moving, scratch, 32, scratch);
      }
      const from = y + <usize>row * yRow + at;
      const to = r + <usize>row * rRow + at;
      finishPanel(rows, activation, scratch, from, from + 16, yRow, to, rRow, 0, outputs - column);
      if (isPair) {
        finishPanel(rows, activation, scratch + TILE_BYTES, from + 32, from + 48, yRow, to + 32, rRow, 0, outputs - column - 8);
      }
    }
    const taken = isPair ? 1 : 0;
    column += 8 << taken;
    v += panelBytes << taken;
    w += panelBytes << taken;
    bias += <usize>32 << taken;
  }
}
