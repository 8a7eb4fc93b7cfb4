import { madd } from "../math/madd";

/**
 * The micro-kernel of the `wide` binary: the tiles of two adjacent panels at once, 6 x 16 numbers of C in registers.
 *
 * Like `tile` (tile.ts), with a second panel panelBytes after `b`, whose tile starts from what stands startPanel after `start` and is
 * written TILE_BYTES after `c`. Each number of C is the sum that `tile` forms, in its order, so the bits are the same.
 *
 * Numbers that are neighbors in memory are neighbors here too, statement by statement: V8's revectorizer takes two such vectors of four
 * for one of eight, and the 24 accumulators then fit 12 registers. Without it they do not, and `tile` is faster (docs/wide-kernels.md).
 * It starts from pairs of stores, which it finds by one base and constant offsets: with a second pointer for the second tile it pairs
 * stores across the tiles' border and gives up.
 */
export function pairTile(
  a: usize, at: usize, rowBytes: usize, stepBytes: usize, rows: i32, b: usize, panelBytes: usize, length: i32, start: usize,
  startBytes: usize, startPanel: usize, c: usize,
): void {
  if (rows <= 4) {
    shortPairTile(a, at, rowBytes, stepBytes, rows, b, panelBytes, length, start, startBytes, startPanel, c);
    return;
  }
  let a0 = a + at;
  let a1 = a0 + rowBytes;
  let a2 = a1 + rowBytes;
  let a3 = a2 + rowBytes;
  let a4 = a3 + rowBytes;
  let a5 = a4 + (rows > 5 ? rowBytes : 0);
  let s = start + startPanel;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(s), c03 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(s), c13 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(s), c23 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(s), c33 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c40 = v128.load(start), c41 = v128.load(start, 16), c42 = v128.load(s), c43 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c50 = v128.load(start), c51 = v128.load(start, 16), c52 = v128.load(s), c53 = v128.load(s, 16);
  let d = b + panelBytes;
  for (const end = b + (<usize>length << 5); b != end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(d);
    const b3 = v128.load(d, 16);
    d += 32;
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    c02 = madd(x, b2, c02);
    c03 = madd(x, b3, c03);
    a0 += stepBytes;
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    c12 = madd(x, b2, c12);
    c13 = madd(x, b3, c13);
    a1 += stepBytes;
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    c22 = madd(x, b2, c22);
    c23 = madd(x, b3, c23);
    a2 += stepBytes;
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    c32 = madd(x, b2, c32);
    c33 = madd(x, b3, c33);
    a3 += stepBytes;
    x = v128.load32_splat(a4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    c42 = madd(x, b2, c42);
    c43 = madd(x, b3, c43);
    a4 += stepBytes;
    x = v128.load32_splat(a5);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
    c52 = madd(x, b2, c52);
    c53 = madd(x, b3, c53);
    a5 += stepBytes;
  }
  v128.store(c, c01, 16);
  v128.store(c, c00);
  v128.store(c, c11, 48);
  v128.store(c, c10, 32);
  v128.store(c, c21, 80);
  v128.store(c, c20, 64);
  v128.store(c, c31, 112);
  v128.store(c, c30, 96);
  v128.store(c, c41, 144);
  v128.store(c, c40, 128);
  v128.store(c, c51, 176);
  v128.store(c, c50, 160);
  v128.store(c, c03, 208);
  v128.store(c, c02, 192);
  v128.store(c, c13, 240);
  v128.store(c, c12, 224);
  v128.store(c, c23, 272);
  v128.store(c, c22, 256);
  v128.store(c, c33, 304);
  v128.store(c, c32, 288);
  v128.store(c, c43, 336);
  v128.store(c, c42, 320);
  v128.store(c, c53, 368);
  v128.store(c, c52, 352);
}

/** The same for up to four rows. */
function shortPairTile(
  a: usize, at: usize, rowBytes: usize, stepBytes: usize, rows: i32, b: usize, panelBytes: usize, length: i32, start: usize,
  startBytes: usize, startPanel: usize, c: usize,
): void {
  let a0 = a + at;
  let a1 = a0 + (rows > 1 ? rowBytes : 0);
  let a2 = a1 + (rows > 2 ? rowBytes : 0);
  let a3 = a2 + (rows > 3 ? rowBytes : 0);
  let s = start + startPanel;
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(s), c03 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(s), c13 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c20 = v128.load(start), c21 = v128.load(start, 16), c22 = v128.load(s), c23 = v128.load(s, 16);
  start += startBytes;
  s += startBytes;
  let c30 = v128.load(start), c31 = v128.load(start, 16), c32 = v128.load(s), c33 = v128.load(s, 16);
  let d = b + panelBytes;
  for (const end = b + (<usize>length << 5); b != end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(d);
    const b3 = v128.load(d, 16);
    d += 32;
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    c02 = madd(x, b2, c02);
    c03 = madd(x, b3, c03);
    a0 += stepBytes;
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    c12 = madd(x, b2, c12);
    c13 = madd(x, b3, c13);
    a1 += stepBytes;
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    c22 = madd(x, b2, c22);
    c23 = madd(x, b3, c23);
    a2 += stepBytes;
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    c32 = madd(x, b2, c32);
    c33 = madd(x, b3, c33);
    a3 += stepBytes;
  }
  v128.store(c, c01, 16);
  v128.store(c, c00);
  v128.store(c, c11, 48);
  v128.store(c, c10, 32);
  v128.store(c, c21, 80);
  v128.store(c, c20, 64);
  v128.store(c, c31, 112);
  v128.store(c, c30, 96);
  v128.store(c, c03, 208);
  v128.store(c, c02, 192);
  v128.store(c, c13, 240);
  v128.store(c, c12, 224);
  v128.store(c, c23, 272);
  v128.store(c, c22, 256);
  v128.store(c, c33, 304);
  v128.store(c, c32, 288);
}
