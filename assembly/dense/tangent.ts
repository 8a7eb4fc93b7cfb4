import { storeSloped } from "./activation";
import { TILE_BYTES, WIDE, tileRowsFor } from "./layout";
import { clearColumns } from "./pack";
import { pairTile } from "./pairTile";
import { tile } from "./tile";

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
  let column = 0;
  if (WIDE) {
    for (; column + 8 < outputs; column += 16) {
      const at = <usize>column << 2;
      for (let row = first, rows = 0; row < end; row += rows) {
        rows = tileRowsFor(end - row);
        pairTile(x, <usize>row * xRow, xRow, 4, rows, v, panelBytes, inputs, bias, 0, 32, scratch);
        if (rx) pairTile(rx, <usize>row * rxRow, rxRow, 4, rows, w, panelBytes, moving, scratch, 32, TILE_BYTES, scratch);
        const from = y + <usize>row * yRow + at;
        const to = r + <usize>row * rRow + at;
        storeSloped(rows, activation, scratch, from, from + 16, yRow, to, rRow, 0);
        storeSloped(rows, activation, scratch + TILE_BYTES, from + 32, from + 48, yRow, to + 32, rRow, 0);
        if (column + 16 > outputs) clearColumns(rows, to + 32, rRow, outputs - column - 8);
      }
      v += panelBytes << 1;
      w += panelBytes << 1;
      bias += 64;
    }
  }
  for (; column < outputs; column += 8) {
    const at = <usize>column << 2;
    for (let row = first, rows = 0; row < end; row += rows) {
      rows = tileRowsFor(end - row);
      tile(x, <usize>row * xRow, xRow, 4, rows, v, inputs, bias, 0, scratch);
      if (rx) tile(rx, <usize>row * rxRow, rxRow, 4, rows, w, moving, scratch, 32, scratch);
      const to = r + <usize>row * rRow + at;
      const from = y + <usize>row * yRow + at;
      storeSloped(rows, activation, scratch, from, from + 16, yRow, to, rRow, 0);
      // The slopes of columns beyond N may be anything, for a recurrent network's inputs stand there.
      if (column + 8 > outputs) clearColumns(rows, to, rRow, outputs - column);
    }
    v += panelBytes;
    w += panelBytes;
    bias += 32;
  }
}
