/** Coefficients of the momentum update (assembly/optimize/momentum.ts has the formula); its block is the velocity. */
export const MOMENTUM_DECAY = 4;
export const MOMENTUM_MU = 8;
export const MOMENTUM_RATE = 12;
export const MOMENTUM_MU_NEXT = 16;
