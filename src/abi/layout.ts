/** What `layoutOf` tells of a binary. */
export const LAYOUT_TILE_ROWS = 0;
export const LAYOUT_PANEL = 1;
export const LAYOUT_PADDED_ROWS = 2; // of n
export const LAYOUT_PADDED_COLUMNS = 3; // of n
export const LAYOUT_VARIANT = 4;
export const LAYOUT_TILE_COLUMNS = 5;

/** Codes of LAYOUT_VARIANT, and of checkpoints. */
export const VARIANT_SIMD = 0;
export const VARIANT_RELAXED = 1;
