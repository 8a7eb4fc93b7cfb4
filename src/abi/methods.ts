/** Codes of W_METHOD: whose update the weight phase makes (assembly/optimize/update.ts). */
export const METHOD_MOMENTUM = 1;
export const METHOD_ADAM = 2;

/** Blocks that a method may keep. */
export const METHOD_BLOCKS = 2;

/** Floats at W_COEFFICIENTS, of which the first is every method's; the others are its own. */
export const COEFFICIENT_SCALE = 0; // what makes a mean of the gradient sums
export const COEFFICIENTS = 64; // bytes of them
