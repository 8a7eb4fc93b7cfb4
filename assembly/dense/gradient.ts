import { PANEL, TILE_BYTES } from "./layout";
import { pairTile } from "./pairTile";
import { narrowTile, tile } from "./tile";

/**
 * One tile of the TN product x' d over one block of cases: `rows` rows from k on of one column panel.
 *
 *   c[r][j] = start[r][j] + (sum over cases m of x[first + m][k + r] * d[m][j])
 *
 *   x   case panels [..][M][PANEL] of the layer's inputs, panelStride bytes apart; `first` is the block's first case
 *   d   case panel [cases][8] of the layer's deltas, one column panel, from the block's first case on
 *   start   if not 0, rows x 8 floats with the sum of earlier blocks
 *   c   a tile, of which `rows` rows count
 *   narrow   whether at most four columns of d are in use (isNarrow)
 *
 * Blocks of BLOCK_CASES cases are added in their order whatever the team and the chunking, so sums are reproducible and long ones stay
 * accurate.
 */
export function gradientTile(
  x: usize, panelStride: usize, first: i32, d: usize, k: i32, rows: i32, cases: i32, start: usize, zeros: usize, c: usize, narrow: bool,
): void {
  if (narrow) narrowTile(x, offsetOf(panelStride, first, k), 4, PANEL * 4, rows, d, cases, zeros, 0, c);
  else tile(x, offsetOf(panelStride, first, k), 4, PANEL * 4, rows, d, cases, zeros, 0, c);
  if (start) addTile(start, c, rows);
}

/**
 * The same for two adjacent column panels: their deltas dStride bytes apart, the sums of earlier blocks startPanel, the tiles TILE_BYTES.
 */
export function gradientPair(
  x: usize, panelStride: usize, first: i32, d: usize, dStride: usize, k: i32, rows: i32, cases: i32, start: usize, startPanel: usize,
  zeros: usize, c: usize,
): void {
  pairTile(x, offsetOf(panelStride, first, k), 4, PANEL * 4, rows, d, dStride, cases, zeros, 0, 0, c);
  if (start) {
    addTile(start, c, rows);
    addTile(start + startPanel, c + TILE_BYTES, rows);
  }
}

/** Where row k of case `first` stands in case panels. */
// @ts-ignore: decorator
@inline
function offsetOf(panelStride: usize, first: i32, k: i32): usize {
  const panel = k / PANEL;
  return <usize>panel * panelStride + (<usize>(first * PANEL + k - panel * PANEL) << 2);
}

function addTile(start: usize, c: usize, rows: i32): void {
  for (let i: usize = 0; i < <usize>rows << 5; i += 16) v128.store(c + i, f32x4.add(v128.load(start + i), v128.load(c + i)));
}

/**
 * Column sums over one block of cases: the gradient of eight biases, or of sixteen where there are `two` case panels [cases][8], dStride
 * bytes apart. `start`, if not 0, and `c` are so many floats; returns their bytes. Two panels take the time of one, which is that of one
 * addition after another.
 */
export function gradientBiases(d: usize, dStride: usize, two: bool, cases: i32, start: usize, c: usize): usize {
  let s0 = f32x4.splat(0);
  let s1 = s0, s2 = s0, s3 = s0;
  let e = two ? d + dStride : d;
  for (let i = 0; i < cases; i++) {
    s0 = f32x4.add(s0, v128.load(d));
    s1 = f32x4.add(s1, v128.load(d, 16));
    s2 = f32x4.add(s2, v128.load(e));
    s3 = f32x4.add(s3, v128.load(e, 16));
    d += 32;
    e += 32;
  }
  v128.store(c, s1, 16);
  v128.store(c, s0);
  v128.store(c, s3, 48);
  v128.store(c, s2, 32);
  if (start) addTile(start, c, two ? 2 : 1);
  return two ? 64 : 32;
}
