/**
 * Arguments of the networks' programs, in memory; offsets in bytes. Those of the weight phase follow at A_WEIGHTS, and its coefficients
 * where W_COEFFICIENTS says.
 */
export const A_NETWORK = 0;
export const A_CASES = 4;
export const A_GOAL = 8;
export const A_ROWS = 12; // entries of the losses and errors to be summed: the cases, or the scored steps times the cases
export const A_LOSS = 16; // f64: running sum of the losses of the cases, in order
export const A_ERROR = 24; // f64: the same of the squared errors
export const A_WEIGHTS = 32;

/** A_GOAL: how far the row phase carries its cases. */
export const ROWS_PREDICT = 0; // forward only; outputs in the last layer's rows
export const ROWS_LOSS = 1; // and the loss and error of each case
export const ROWS_GRADIENT = 2; // and the deltas, with everything the gradient product reads

/** Arguments of the weight phase. Blocks share the layout of descriptor.ts. */
export const W_MODE = 0;
export const W_CASES = 4;
export const W_CONTINUES = 8; // not 0: `gradient` holds the sums of earlier chunks
export const W_THETA = 12;
export const W_GRADIENT = 16; // may be 0 when one block of cases is all there is
export const W_REST = 20; // long sums only: block of what `gradient` has lost to rounding (dense/longSum.ts); else 0
export const W_METHOD = 24; // WEIGHTS_UPDATE: code of the method (methods.ts)
export const W_COEFFICIENTS = 28; // WEIGHTS_UPDATE: address of the method's floats
export const W_BLOCKS = 32; // WEIGHTS_UPDATE: addresses of the blocks that the method keeps, METHOD_BLOCKS words
export const W_DIRECTION = 40; // WEIGHTS_PACK: block of the direction v; 0 packs theta itself
export const W_AHEAD = 44; // WEIGHTS_PACK: f32, how far along v the point lies
export const WEIGHT_ARGUMENTS = 48; // bytes of them

/** W_MODE: what the weight phase does with each tile. */
export const WEIGHTS_ACCUMULATE = 0; // store the gradient sums, for a later chunk or for the caller
export const WEIGHTS_UPDATE = 1; // the method's update, which packs the next point
export const WEIGHTS_PACK = 2; // no gradient: pack the point theta + ahead v
