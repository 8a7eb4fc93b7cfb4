/**
 * The numbers that exp, logistic, tanh, log1p and flush work with, read from the first bytes of memory.
 *
 * V8 since Node 24 rebuilds every v128 constant at every use, three instructions each, and moves none out of a loop;
 * a broadcasting load is one. The module may have no data section (many instances share one memory), so whoever makes
 * a memory keeps [0, MATH_CONSTANTS_END) free (src/abi/memory.ts) and calls writeMathConstants once.
 * Logistic on Node 24: 7.8 ns a vector with literals, 4.2 so.
 */

const START: usize = 16;

export const ONE = 0;
export const SIGN_BIT = 1;
export const LOG2_E = 2;
export const MINUS_LN2_HIGH = 3;
export const MINUS_LN2_LOW = 4;
export const ROUNDER = 5;
export const LIFTED_ROUNDER = 6;
export const UNLIFT = 7;
export const LOWEST_EXP = 8;
export const LOWEST_TANH = 9;
export const EXP_2 = 10;
export const EXP_3 = 11;
export const EXP_4 = 12;
export const EXP_5 = 13;
export const EXP_6 = 14;
export const LOG1P_1 = 15;
export const LOG1P_2 = 16;
export const LOG1P_3 = 17;
export const LOG1P_4 = 18;
export const LOG1P_5 = 19;
export const LOG1P_6 = 20;
export const LOG1P_7 = 21;
export const LOG1P_8 = 22;
export const LOG1P_9 = 23;
export const FLUSH_LIMIT = 24;

// @ts-ignore: decorator
@inline
function put(index: usize, value: f32): void {
  store<f32>(START + (index << 2), value);
}

/** A constant in all four lanes. */
// @ts-ignore: decorator
@inline
export function constant(index: usize): v128 {
  return v128.load32_splat(START + (index << 2));
}

/** Writes the constants to [0, MATH_CONSTANTS_END) of the memory: once, before anything else of the module is called. */
export function writeMathConstants(): void {
  put(ONE, 1.0);
  put(FLUSH_LIMIT, 1.0842021724855044e-19); // 2^-63: the square of anything at least this large is a normal f32
  put(SIGN_BIT, -0.0);
  put(LOG2_E, 1.4426950216293335);
  // ln 2 to 15 fraction bits, whose product with any |n| < 512 is exact in f32, and the rest.
  put(MINUS_LN2_HIGH, -0.693145751953125);
  put(MINUS_LN2_LOW, -1.428606765330187e-6);
  // 1.5 * 2^23 plus an exponent bias: f32 numbers near it are integers and show theirs in the low bits.
  put(ROUNDER, 12582912.0 + 127.0);
  // A power of two lifted by 2^64 is normal even where the result is not; 2^-64 then rounds once.
  put(LIFTED_ROUNDER, 12582912.0 + 191.0);
  put(UNLIFT, 5.421010862427522e-20);
  // e^x rounds to 0 below, and tanh(y / 2) to -1.
  put(LOWEST_EXP, -104.0);
  put(LOWEST_TANH, -20.0);
  // (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2: see exp.ts.
  put(EXP_2, 0.4999999701976776);
  put(EXP_3, 0.16666537523269653);
  put(EXP_4, 0.041667740792036057);
  put(EXP_5, 0.008367318660020828);
  put(EXP_6, 0.0013837860897183418);
  // (log(1 + x) / x - 1) / x for 0 <= x <= 1: see log.ts.
  put(LOG1P_1, -0.4999993145465851);
  put(LOG1P_2, 0.33330464363098145);
  put(LOG1P_3, -0.24958018958568573);
  put(LOG1P_4, 0.19692102074623108);
  put(LOG1P_5, -0.15344880521297455);
  put(LOG1P_6, 0.10661128163337708);
  put(LOG1P_7, -0.05745723098516464);
  put(LOG1P_8, 0.020086241886019707);
  put(LOG1P_9, -0.003290468594059348);
}
