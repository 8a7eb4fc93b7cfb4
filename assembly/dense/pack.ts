import { PANEL } from "./layout";

/**
 * Transposes one column panel of weights into the transposed operand.
 *
 *   w   weight panel [paddedRows(K)][8] of columns n .. n + 8
 *   t   transposed panels [K/8][paddedColumns(N)][8], panelBytes apart, already advanced to row n
 *
 * Both sides of an 8x8 block are contiguous, so this streams.
 */
export function packTransposed(w: usize, inputs: i32, t: usize, panelBytes: usize): void {
  for (let k = 0; k < inputs; k += 8) {
    for (let half: usize = 0; half < 32; half += 16) {
      transpose4(w + half, t + (half << 3));
      transpose4(w + half + 128, t + (half << 3) + 16);
    }
    w += 256;
    t += panelBytes;
  }
}

/** Transposes 4x4 floats: four rows 32 bytes apart to four rows 32 bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(from: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from, 32);
  const r2 = v128.load(from, 64);
  const r3 = v128.load(from, 96);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(t0, t1, 0, 2));
  v128.store(to, v128.shuffle<f64>(t0, t1, 1, 3), 32);
  v128.store(to, v128.shuffle<f64>(t2, t3, 0, 2), 64);
  v128.store(to, v128.shuffle<f64>(t2, t3, 1, 3), 96);
}

/** Keeps the first `count` lanes, if there are fewer than four, of x and zeroes the others: a row's end, where the next row begins. */
// @ts-ignore: decorator
@inline
export function firstLanes(x: v128, count: i32): v128 {
  return count >= 4 ? x : v128.and(x, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
}

/** Zeroes columns `columns` (1 to 7) to 7 of `rows` rows of eight floats, rowBytes apart. */
export function clearColumns(rows: i32, at: usize, rowBytes: usize, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    v128.store(at, firstLanes(v128.load(at), columns));
    v128.store(at, firstLanes(v128.load(at, 16), columns - 4), 16);
    at += rowBytes;
  }
}

/**
 * Copies cases [first, end) of a row-major matrix into case panels [..][M][PANEL]; the last quad of a row is filled up with zeros.
 * Reads up to 12 bytes past the end of a row, so the buffer needs that much slack. Returns whether every value is finite.
 */
export function packCasePanels(x: usize, xRow: usize, first: i32, end: i32, columns: i32, panels: usize, panelStride: usize): bool {
  let bad = f32x4.splat(0);
  for (let row = first; row < end; row++) {
    let from = x + <usize>row * xRow;
    let panel = panels + <usize>row * (PANEL * 4);
    for (let column = 0; column < columns; ) {
      let to = panel;
      for (const stop = min(column + PANEL, columns); column < stop; column += 4) {
        const v = firstLanes(v128.load(from), columns - column);
        bad = f32x4.add(bad, f32x4.sub(v, v));
        v128.store(to, v);
        from += 16;
        to += 16;
      }
      panel += panelStride;
    }
  }
  return !v128.any_true(f32x4.ne(bad, f32x4.splat(0)));
}
