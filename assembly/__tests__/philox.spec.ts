import { philox4x32 } from "../math/philox";

/** The known answers published with Random123 (kat_vectors, "philox4x32 10"). */
function holds(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, r0: u32, r1: u32, r2: u32, r3: u32): void {
  const out = heap.alloc(16);
  philox4x32(out, c0, c1, c2, c3, k0, k1);
  expect(load<u32>(out)).toBe(r0);
  expect(load<u32>(out, 4)).toBe(r1);
  expect(load<u32>(out, 8)).toBe(r2);
  expect(load<u32>(out, 12)).toBe(r3);
  heap.free(out);
}

describe("philox4x32", () => {
  it("gives the published answer for zeros", () => {
    holds(0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  });

  it("gives the published answer for ones", () => {
    const ones: u32 = 0xffffffff;
    holds(ones, ones, ones, ones, ones, ones, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  });

  it("gives the published answer for the digits of pi", () => {
    holds(
      0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    );
  });
});
