/** Cases summed in registers before a partial sum is added to the total: fixed, so that any team and any chunking give the same bits. */
export const BLOCK_CASES = 256;

/** Bytes of a vector over which a partial sum runs (assembly/optimize/vectors.ts). */
export const SUM_BYTES = 16384;
