/** Arguments of conjugate gradient (assembly/optimize/conjugateGradient.ts), in memory; offsets in bytes. */
export const C_TICKS = 0;
export const C_STATES = 4; // address of the states, STATE_BYTES a member
export const C_BYTES = 8; // of a vector
export const C_CURVATURE = 12; // arguments of the curvature product (network/curvaturePass.ts)
export const C_CHUNKS = 16;
export const C_PRODUCT = 20; // the vectors: s,
export const C_DIRECTION = 24; // p,
export const C_RESIDUAL = 28; // r,
export const C_RIGHT = 32; // b,
export const C_INVERSE = 36; // the diagonal of M^-1, 0 for the identity,
export const C_START = 40; // and what x starts from, times START_SCALE; 0: x starts from 0
export const C_START_SCALE = 44; // f32
export const C_SCALE = 48; // f32
export const C_SHIFT = 52; // f32
export const C_MAXIMUM = 56;
export const C_MINIMUM = 60;
export const C_PROGRESS = 64; // f64, 0: never stop for lack of progress
export const C_PHIS = 72; // address of phi after 0, 1, 2, ... steps, f64
export const C_PARTS = 76; // address of five f64 a block of SUM_BYTES: r'y, phi, p'Ap, r'r, p'p
export const C_KEEPS = 80; // number of iterates to keep
export const C_KEEP = 84; // address of pairs (step, vector), steps ascending
export const C_SQUARE = 88; // f64 b'b
// f64, share of |b| or |r_0| at which a residual is what rounding leaves, and of the steepest curvature; 0: none is
export const C_TOLERANCE = 96;
export const SOLVE_ARGUMENTS = 104; // bytes of them
export const SOLVE_SUMS = 5; // at C_PARTS, a block of SUM_BYTES

/** One state a member, at C_STATES. */
export const S_STAGE = 0;
export const S_CHUNK = 4; // next chunk of the product
export const S_STEP = 8; // steps made
export const S_REASON = 12;
export const S_X = 16; // x, and the vector in which the next one is made
export const S_NEXT = 20;
export const S_KEPT = 24; // iterates kept so far
export const S_PRODUCTS = 28; // products made
export const S_RY = 32; // f64 r'y
export const S_PHI = 40; // f64
export const S_CURVATURE = 48; // f64, the last p'Ap
export const S_GOAL = 56; // f64, r'r that is only rounding; 0: none is
export const S_STEEPEST = 64; // f64, the largest p'Ap / p'p so far
export const SOLVE_STATE_SHIFT = 7;

/** S_STAGE. */
export const STAGE_BEGIN = 0;
export const STAGE_FIRST = 1; // in the product of x_0
export const STAGE_STEP = 2; // in the product of p
export const STAGE_END = 3;

/** S_REASON: why a solve ended. */
export const REASON_SOLVED = 1;
export const REASON_PROGRESS = 2;
export const REASON_MAXIMUM = 3;
export const REASON_NEGATIVE = 4;
export const REASON_NOT_FINITE = 5;
export const REASON_ROUNDING = 6;
