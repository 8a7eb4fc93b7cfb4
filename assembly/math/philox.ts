/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (2011), "Parallel random
 * numbers: as easy as 1, 2, 3". The twin of src/random/philox.ts, to the bit.
 *
 * Ten rounds on a counter c0..c3 under a key k0, k1. With hi and lo the halves of a 64-bit product, a round is
 *
 *     c0' = hi(M1 c2) xor c1 xor k0    c1' = lo(M1 c2)    c2' = hi(M0 c0) xor c3 xor k1    c3' = lo(M0 c0)
 *
 * after which the key moves on by (W0, W1).
 */

const M0: u64 = 0xd2511f53;
const M1: u64 = 0xcd9e8d57;
const W0: u32 = 0x9e3779b9;
const W1: u32 = 0xbb67ae85;
const ROUNDS = 10;

/** Writes the four u32 numbers of counter (c0, c1, c2, c3) under key (k0, k1) at `out`. */
export function philox4x32(out: usize, c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  for (let round = 0; round < ROUNDS; round++) {
    const product0 = M0 * <u64>c0;
    const product1 = M1 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += W0;
    k1 += W1;
  }
  store<u32>(out, c0);
  store<u32>(out, c1, 4);
  store<u32>(out, c2, 8);
  store<u32>(out, c3, 12);
}
