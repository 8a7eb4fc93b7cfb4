/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (SC 2011), "Parallel random numbers: as easy as 1, 2, 3".
 *
 * A block is a pure function of a 128-bit counter and a 64-bit key, so a stream can start anywhere and two streams never wait for each
 * other. One round maps counter (c0, c1, c2, c3) under round key (k0, k1) to
 *
 *     (hi(M1 c2) ^ c1 ^ k0,  lo(M1 c2),  hi(M0 c0) ^ c3 ^ k1,  lo(M0 c0)),   M0 = D2511F53, M1 = CD9E8D57,
 *
 * and between rounds k0 grows by 9E3779B9 and k1 by BB67AE85, everything modulo 2^32.
 */

const M0 = 0xd2511f53 | 0;
const M1 = 0xcd9e8d57 | 0;
const M0_HIGH = 0xd251;
const M0_LOW = 0x1f53;
const M1_HIGH = 0xcd9e;
const M1_LOW = 0x8d57;
const KEY_STEP_0 = 0x9e3779b9 | 0;
const KEY_STEP_1 = 0xbb67ae85 | 0;

/** Upper 32 bits of the product of two unsigned 32-bit numbers, the first given as two halves: JavaScript has no 64-bit product. */
function multiplyHigh(high: number, low: number, x: number): number {
  const xHigh = x >>> 16;
  const xLow = x & 0xffff;
  // Neither sum overflows 32 unsigned bits: (2^16 - 1)^2 + (2^16 - 1) < 2^32.
  const middle = (Math.imul(low, xHigh) + (Math.imul(low, xLow) >>> 16)) | 0;
  const carry = (Math.imul(high, xLow) + (middle & 0xffff)) | 0;
  return (Math.imul(high, xHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/** Writes the four words of one block to `out[at .. at + 3]`; counter and key words are taken modulo 2^32. */
export function philoxBlock(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array, at: number): void {
  c0 |= 0;
  c1 |= 0;
  c2 |= 0;
  c3 |= 0;
  k0 |= 0;
  k1 |= 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0_HIGH, M0_LOW, c0);
    const low0 = Math.imul(M0, c0);
    const high1 = multiplyHigh(M1_HIGH, M1_LOW, c2);
    const low1 = Math.imul(M1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + KEY_STEP_0) | 0;
    k1 = (k1 + KEY_STEP_1) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/** One block, in the form of the published test vectors: `out[0 .. 3]` = Philox4x32-10(counter, key). */
export function philox4x32(counter: readonly [number, number, number, number], key: readonly [number, number], out: Uint32Array): void {
  philoxBlock(counter[0], counter[1], counter[2], counter[3], key[0], key[1], out, 0);
}
