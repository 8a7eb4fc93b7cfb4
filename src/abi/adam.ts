/** Coefficients of Adam's update (assembly/optimize/adam.ts has the formula); its blocks are the first and the second moment. */
export const ADAM_DECAY = 4;
export const ADAM_BETA1 = 8;
export const ADAM_BETA2 = 12;
export const ADAM_GAIN1 = 16; // 1 - beta1
export const ADAM_GAIN2 = 20; // 1 - beta2
export const ADAM_STEP = 24; // the rate over 1 - beta1^t
export const ADAM_ROOT = 28; // 1 over the square root of 1 - beta2^t
export const ADAM_EPSILON = 32;
export const ADAM_SHRINK = 36; // what decoupled weight decay takes of theta
export const ADAM_LIMIT = 40; // gradients smaller than this count as 0
