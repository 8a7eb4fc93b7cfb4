import { describe, expect, it } from "vitest";
import { philox4x32 } from "#internal/random/philox";

const block = (counter: [number, number, number, number], key: [number, number]): string[] => {
  const out = new Uint32Array(4);
  philox4x32(counter, key, out);
  return [...out].map((word) => word.toString(16).padStart(8, "0"));
};

/** The same function by 64-bit products, written for clarity. */
function slowPhilox(counter: number[], key: number[]): number[] {
  let c = counter.map(BigInt);
  let k = key.map(BigInt);
  const low = (x: bigint): bigint => x & 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c[0];
    const product1 = 0xcd9e8d57n * c[2];
    c = [(product1 >> 32n) ^ c[1] ^ k[0], low(product1), (product0 >> 32n) ^ c[3] ^ k[1], low(product0)];
    k = [low(k[0] + 0x9e3779b9n), low(k[1] + 0xbb67ae85n)];
  }
  return c.map(Number);
}

describe("Philox4x32-10", () => {
  it("gives the published test vectors", () => {
    expect(block([0, 0, 0, 0], [0, 0])).toEqual(["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]);
    const ones = 0xffffffff;
    expect(block([ones, ones, ones, ones], [ones, ones])).toEqual(["408f276d", "41c83b0e", "a20bc7c6", "6d5451fd"]);
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      "d16cfe09",
      "94fdcceb",
      "5001e420",
      "24126ea1",
    ]);
  });

  it("agrees with a twin in 64-bit arithmetic", () => {
    const out = new Uint32Array(4);
    let words = [1, 2, 3, 4];
    for (let i = 0; i < 2_000; i++) {
      const key = [words[1] ^ i, words[3]].map((word) => word >>> 0);
      const expected = slowPhilox(words, key);
      philox4x32([words[0], words[1], words[2], words[3]], [key[0], key[1]], out);
      expect([...out]).toEqual(expected);
      words = expected;
    }
  });
});
