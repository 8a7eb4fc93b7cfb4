/**
 * How matrices lie in memory. Letters: M cases (rows of a minibatch), K inputs, N outputs of a layer.
 *
 *  - row-major (M x K): activations and deltas as the forward and backward products read them.
 *  - weight panels [N/8][paddedRows(K)][8]: theta, velocities, gradients and the packed forward operand. Eight columns stand
 *    side by side, so a tile reads one contiguous stream; rows are padded with zeros so that tiles and 8x8 transpositions never straddle
 *    the end.
 *  - transposed panels [K/8][paddedColumns(N)][8]: the packed operand of the backward product.
 *  - case panels: [K/PANEL][M][PANEL] for activations and [N/8][M][8] for deltas: what the gradient product reads, case after case.
 */

/** Rows of the register tile: 12 accumulators fit beside their operands where a multiply-add is one instruction, 10 where it is two. */
// @ts-ignore: compile-time feature
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Bytes of a tile of one panel. */
export const TILE_BYTES: usize = <usize>TILE_ROWS << 5;

/** Whether products take two column panels at a time: the binary made for V8's revectorizer (pairTile.ts). */
// @ts-ignore: compile-time constant
export const WIDE: bool = ASC_WIDE != 0;

/** Width of an activation case panel: a multiple of TILE_ROWS (whole tiles) and of 4 (whole vectors). */
// @ts-ignore: compile-time feature
export const PANEL: i32 = ASC_FEATURE_RELAXED_SIMD ? 12 : 20;

/** Weight rows are padded to a multiple of this: of TILE_ROWS and of 8. */
// @ts-ignore: compile-time feature
export const ROW_MULTIPLE: i32 = ASC_FEATURE_RELAXED_SIMD ? 24 : 40;

/** Cases a row phase carries at once: their activations of one layer should stay in a core's second-level cache. */
export const STRIP_CASES: i32 = 40 * TILE_ROWS;

/** Cases are dealt out to threads in multiples of this. */
export const SLICE_CASES: i32 = 2;

/** Rows of the next tile when `left` are left: two tiles of four rather than one whole and one nearly empty. */
// @ts-ignore: decorator
@inline
export function tileRowsFor(left: i32): i32 {
  return left <= 4 || (TILE_ROWS == 6 && (left == 7 || left == 8)) ? min(4, left) : min(TILE_ROWS, left);
}

/** The same for rows of a gradient, k being the next of them: a tile must not reach over the end of a case panel. */
// @ts-ignore: decorator
@inline
export function gradientRowsFor(k: i32, end: i32): i32 {
  return tileRowsFor(min(end - k, PANEL - (k % PANEL)));
}

/** Whether a panel from `column` on, of `columns` in all, has at most four: tiles of one panel at a time have a form for that (tile.ts). */
// @ts-ignore: decorator
@inline
export function isNarrow(column: i32, columns: i32): bool {
  return !WIDE && column + 4 >= columns;
}

// @ts-ignore: decorator
@inline
export function paddedColumns(n: i32): i32 {
  return (n + 7) & ~7;
}

// @ts-ignore: decorator
@inline
export function paddedRows(k: i32): i32 {
  return ((k + ROW_MULTIPLE - 1) / ROW_MULTIPLE) * ROW_MULTIPLE;
}
