import { madd } from "../math/madd";

/**
 * Tiles for the forward product of one to three cases, which is as fast as the weights come in: one row against four adjacent panels, or up
 * to three rows against two, so that each weight is read once and enough sums are in flight. (A tile of six rows that are all the same case
 * forms two of its sums at a time and waits for them.) Each number is the sum that `tile` forms, in its order.
 *
 *   a      rows of length numbers, rowBytes apart;   b  panels [length][8], panelBytes apart;   start  8 floats a panel, side by side
 *   c      receives one tile a panel, 32 * ROWS bytes apart, ROWS being 1 or 3
 */
export const ROW_PANELS: i32 = 4;
export const FEW_ROWS_PANELS: i32 = 2;

/** One row by four panels. */
export function rowTile(a: usize, b: usize, panelBytes: usize, length: i32, start: usize, c: usize): void {
  let a0 = a;
  const s00 = v128.load(start), s01 = v128.load(start, 16);
  const s10 = v128.load(start, 32), s11 = v128.load(start, 48);
  const s20 = v128.load(start, 64), s21 = v128.load(start, 80);
  const s30 = v128.load(start, 96), s31 = v128.load(start, 112);
  let c00 = s00, c01 = s01, c02 = s10, c03 = s11, c04 = s20, c05 = s21, c06 = s30, c07 = s31;
  let b1 = b + panelBytes;
  let b2 = b1 + panelBytes;
  let b3 = b2 + panelBytes;
  for (const end = b + (<usize>length << 5); b != end; b += 32) {
    const x = v128.load32_splat(a0);
    c00 = madd(x, v128.load(b), c00);
    c01 = madd(x, v128.load(b, 16), c01);
    c02 = madd(x, v128.load(b1), c02);
    c03 = madd(x, v128.load(b1, 16), c03);
    b1 += 32;
    c04 = madd(x, v128.load(b2), c04);
    c05 = madd(x, v128.load(b2, 16), c05);
    b2 += 32;
    c06 = madd(x, v128.load(b3), c06);
    c07 = madd(x, v128.load(b3, 16), c07);
    b3 += 32;
    a0 += 4;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c02, 32);
  v128.store(c, c03, 48);
  v128.store(c, c04, 64);
  v128.store(c, c05, 80);
  v128.store(c, c06, 96);
  v128.store(c, c07, 112);
}

/** Two or three rows by two panels; a third row that is not there repeats the second. */
export function fewRowsTile(a: usize, rowBytes: usize, rows: i32, b: usize, panelBytes: usize, length: i32, start: usize, c: usize): void {
  let a0 = a;
  let a1 = a0 + (rows > 1 ? rowBytes : 0);
  let a2 = a1 + (rows > 2 ? rowBytes : 0);
  const s00 = v128.load(start), s01 = v128.load(start, 16);
  const s10 = v128.load(start, 32), s11 = v128.load(start, 48);
  let c00 = s00, c01 = s01, c02 = s10, c03 = s11;
  let c10 = s00, c11 = s01, c12 = s10, c13 = s11;
  let c20 = s00, c21 = s01, c22 = s10, c23 = s11;
  let b1 = b + panelBytes;
  for (const end = b + (<usize>length << 5); b != end; b += 32) {
    const w0 = v128.load(b);
    const w1 = v128.load(b, 16);
    const w2 = v128.load(b1);
    const w3 = v128.load(b1, 16);
    b1 += 32;
    let x = v128.load32_splat(a0);
    c00 = madd(x, w0, c00);
    c01 = madd(x, w1, c01);
    c02 = madd(x, w2, c02);
    c03 = madd(x, w3, c03);
    a0 += 4;
    x = v128.load32_splat(a1);
    c10 = madd(x, w0, c10);
    c11 = madd(x, w1, c11);
    c12 = madd(x, w2, c12);
    c13 = madd(x, w3, c13);
    a1 += 4;
    x = v128.load32_splat(a2);
    c20 = madd(x, w0, c20);
    c21 = madd(x, w1, c21);
    c22 = madd(x, w2, c22);
    c23 = madd(x, w3, c23);
    a2 += 4;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c02, 96);
  v128.store(c, c03, 112);
  v128.store(c, c12, 128);
  v128.store(c, c13, 144);
  v128.store(c, c22, 160);
  v128.store(c, c23, 176);
}
