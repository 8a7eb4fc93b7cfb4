/**
 * The first byte of memory that is free for other use; those before it hold the constants of the mathematical functions
 * (assembly/math/constants.ts): 16 + 25 * 4, rounded up to whole vectors.
 */
export const MATH_CONSTANTS_END = 128;
