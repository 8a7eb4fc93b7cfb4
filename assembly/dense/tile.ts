import { madd } from "../math/madd";
import { TILE_ROWS } from "./layout";

/**
 * The micro-kernel under every product: C = start + A B, with C of TILE_ROWS x 8 held in registers.
 *
 *   c[r][j] = start[r][j] + sum over i < length of a(r, i) * b[i][j]
 *
 * `a(r, i)` is read at `a + at + r * rowBytes + i * stepBytes` and broadcast; `b` is a packed panel [length][8]. A row r >= rows repeats
 * the last valid one, so nothing outside the operand is touched; the caller ignores what those rows of C hold.
 * `start` is 8 floats for every row (the bias, or zeros) with startBytes 0, or a whole tile to go on from with startBytes 32; it may be `c`
 * itself. C is written to `c` as TILE_ROWS x 8 floats.
 *
 * One step of the sum per iteration on purpose: V8 schedules an unrolled body accumulator by accumulator, which
 * serializes the multiply-adds and spills registers (measured: 40 GF/s unrolled twice, 58 like this).
 */
export function tile(
  a: usize, at: usize, rowBytes: usize, stepBytes: usize, rows: i32, b: usize, length: i32, start: usize, startBytes: usize, c: usize,
): void {
  if (rows <= 4) {
    shortTile(a, at, rowBytes, stepBytes, rows, b, length, start, startBytes, c);
    return;
  }
  // Every pointer starts as a 32-bit sum: V8 then knows its upper half to be clear and spares an instruction per load.
  let a0 = a + at;
  let a1 = a0 + rowBytes;
  let a2 = a1 + rowBytes;
  let a3 = a2 + rowBytes;
  let a4 = a3 + rowBytes;
  let a5 = a4 + (rows > 5 ? rowBytes : 0);
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startBytes;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startBytes;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startBytes;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start += startBytes;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  start += startBytes;
  let c50 = v128.load(start), c51 = v128.load(start, 16);
  for (const end = b + (<usize>length << 5); b != end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    a0 += stepBytes;
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    a1 += stepBytes;
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    a2 += stepBytes;
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a3 += stepBytes;
    x = v128.load32_splat(a4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    a4 += stepBytes;
    if (TILE_ROWS > 5) {
      x = v128.load32_splat(a5);
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
      a5 += stepBytes;
    }
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
  if (TILE_ROWS > 5) {
    v128.store(c, c51, 176);
    v128.store(c, c50, 160);
  }
}

/**
 * The same for up to four rows, at the edge of an operand. A body of its own, as `narrowTile` and the tiles of pairTile.ts: V8 keeps in
 * registers what a function names, so the accumulators of a form cannot be left out by a branch within the loop.
 */
function shortTile(
  a: usize, at: usize, rowBytes: usize, stepBytes: usize, rows: i32, b: usize, length: i32, start: usize, startBytes: usize, c: usize,
): void {
  let a0 = a + at;
  let a1 = a0 + (rows > 1 ? rowBytes : 0);
  let a2 = a1 + (rows > 2 ? rowBytes : 0);
  let a3 = a2 + (rows > 3 ? rowBytes : 0);
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start += startBytes;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startBytes;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startBytes;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  for (const end = b + (<usize>length << 5); b != end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    a0 += stepBytes;
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    a1 += stepBytes;
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    a2 += stepBytes;
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
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
}

/**
 * The same for a panel of which at most four columns are in use, up to six rows: a step takes the time in which a sum is ready for the
 * next, two thirds of what a whole tile takes. The other columns of C hold what they start from; all that B has for them is zeros.
 */
export function narrowTile(
  a: usize, at: usize, rowBytes: usize, stepBytes: usize, rows: i32, b: usize, length: i32, start: usize, startBytes: usize, c: usize,
): void {
  let a0 = a + at;
  let a1 = a0 + (rows > 1 ? rowBytes : 0);
  let a2 = a1 + (rows > 2 ? rowBytes : 0);
  let a3 = a2 + (rows > 3 ? rowBytes : 0);
  let a4 = a3 + (rows > 4 ? rowBytes : 0);
  let a5 = a4 + (rows > 5 ? rowBytes : 0);
  const s1 = start + startBytes;
  const s2 = s1 + startBytes;
  const s3 = s2 + startBytes;
  const s4 = s3 + startBytes;
  const s5 = s4 + startBytes;
  let c0 = v128.load(start), c1 = v128.load(s1), c2 = v128.load(s2), c3 = v128.load(s3), c4 = v128.load(s4), c5 = v128.load(s5);
  v128.store(c, v128.load(start, 16), 16);
  v128.store(c, v128.load(s1, 16), 48);
  v128.store(c, v128.load(s2, 16), 80);
  v128.store(c, v128.load(s3, 16), 112);
  v128.store(c, v128.load(s4, 16), 144);
  if (TILE_ROWS > 5) v128.store(c, v128.load(s5, 16), 176);
  for (const end = b + (<usize>length << 5); b != end; b += 32) {
    const b0 = v128.load(b);
    c0 = madd(v128.load32_splat(a0), b0, c0);
    a0 += stepBytes;
    c1 = madd(v128.load32_splat(a1), b0, c1);
    a1 += stepBytes;
    c2 = madd(v128.load32_splat(a2), b0, c2);
    a2 += stepBytes;
    c3 = madd(v128.load32_splat(a3), b0, c3);
    a3 += stepBytes;
    c4 = madd(v128.load32_splat(a4), b0, c4);
    a4 += stepBytes;
    if (TILE_ROWS > 5) {
      c5 = madd(v128.load32_splat(a5), b0, c5);
      a5 += stepBytes;
    }
  }
  v128.store(c, c0);
  v128.store(c, c1, 32);
  v128.store(c, c2, 64);
  v128.store(c, c3, 96);
  v128.store(c, c4, 128);
  if (TILE_ROWS > 5) v128.store(c, c5, 160);
}
