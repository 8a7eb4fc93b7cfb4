import * as fc from "fast-check";
import { FormatError, HeavyballError, InvalidOptionError, type NpyArray, readIdx, readNpy, ShapeError, writeNpy } from "heavyball";
import { describe, expect, it } from "vitest";

/** An IDX file of numbers of one kind, big-endian. */
function idx(kind: number, shape: readonly number[], size: number, write: (view: DataView, at: number, i: number) => void): Uint8Array {
  const count = shape.reduce((product, side) => product * side, 1);
  const bytes = new Uint8Array(4 + 4 * shape.length + size * count);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, kind, shape.length]);
  shape.forEach((side, i) => view.setUint32(4 + 4 * i, side));
  for (let i = 0; i < count; i++) write(view, 4 + 4 * shape.length + size * i, i);
  return bytes;
}

const images = idx(8, [3, 2, 2], 1, (view, at, i) => view.setUint8(at, 20 * i));

describe("readIdx", () => {
  it("reads every kind of number, big-endian, in arrays of its own", () => {
    expect(readIdx(images)).toEqual({ shape: [3, 2, 2], data: Uint8Array.from({ length: 12 }, (_, i) => 20 * i) });
    expect(readIdx(idx(9, [2], 1, (view, at, i) => view.setInt8(at, -i - 1))).data).toEqual(Int8Array.of(-1, -2));
    expect(readIdx(idx(11, [2], 2, (view, at, i) => view.setInt16(at, -300 * i))).data).toEqual(Int16Array.of(0, -300));
    expect(readIdx(idx(12, [2], 4, (view, at, i) => view.setInt32(at, -70_000 * i))).data).toEqual(Int32Array.of(0, -70_000));
    expect(readIdx(idx(13, [2], 4, (view, at, i) => view.setFloat32(at, i / 4))).data).toEqual(Float32Array.of(0, 0.25));
    expect(readIdx(idx(14, [1, 2], 8, (view, at, i) => view.setFloat64(at, i / 3))).data).toEqual(Float64Array.of(0, 1 / 3));
    const { data } = readIdx(images);
    images[16] = 7;
    expect(data[0]).toBe(0);
    images[16] = 0;
  });

  it("reads from the middle of a buffer", () => {
    const wide = new Uint8Array(images.length + 10);
    wide.set(images, 3);
    expect(readIdx(wide.subarray(3, 3 + images.length))).toEqual(readIdx(images));
  });

  it("names the file and the place of what is wrong", () => {
    const wrong = (change: (bytes: Uint8Array) => Uint8Array | undefined): FormatError => {
      const copy = images.slice();
      try {
        readIdx(change(copy) ?? copy, "train-images");
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        return error as FormatError;
      }
      throw new Error("nothing was thrown");
    };
    expect(wrong((bytes) => bytes.subarray(0, 3))).toMatchObject({ offset: 3 });
    expect(wrong((bytes) => void (bytes[0] = 9)).message).toBe(
      "train-images: at byte 0, expected two zeros, with which an IDX file begins",
    );
    expect(wrong((bytes) => void (bytes[2] = 10)).message).toMatch(/at byte 2, expected a kind of number .*found 10/);
    expect(wrong((bytes) => void (bytes[3] = 0)).offset).toBe(3);
    expect(wrong((bytes) => void (bytes[3] = 255)).message).toMatch(/255 dimensions/);
    expect(wrong((bytes) => void (bytes[7] = 4)).message).toMatch(/expected 16 bytes of data for the shape \[4, 2, 2\], found 12/);
    expect(wrong((bytes) => bytes.subarray(0, -1)).offset).toBe(images.length - 1);
    expect(wrong(() => Uint8Array.of(0x1f, 0x8b, 8, 0)).message).toMatch(/gzip: decompress it first/);
    // Sizes of which nothing may be allocated.
    expect(wrong((bytes) => bytes.fill(255, 4, 16)).message).toMatch(/bytes of data/);
  });
});

const arrays: readonly NpyArray[] = [
  { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -0.5) },
  { shape: [3], data: Float64Array.of(0.1, Math.PI, -1e300) },
  { shape: [], data: Int32Array.of(-7) },
  { shape: [0, 4], data: new Uint8Array(0) },
  { shape: [4], data: Int8Array.of(-1, 0, 1, 2) },
  { shape: [2, 1, 2], data: Uint16Array.of(1, 2, 3, 65_535) },
  { shape: [2], data: Int16Array.of(-2, 2) },
  { shape: [1], data: Uint32Array.of(4_294_967_295) },
];

/** A .npy file with a header of one's own. */
function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const length = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + length + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8 + length);
  bytes.set(data, 8 + length + header.length);
  return bytes;
}

describe("readNpy and writeNpy", () => {
  it.each(arrays)("give back what they were given: %o", (array) => {
    const bytes = writeNpy(array);
    expect(readNpy(bytes)).toEqual({ ...array, shape: [...array.shape] });
    // The data may be mapped.
    expect((bytes.length - array.data.byteLength) % 64).toBe(0);
  });

  it("read other orders, versions and byte orders", () => {
    const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    const fortran = npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", numbers, 2);
    expect(readNpy(fortran)).toEqual({ shape: [2, 3], data: Float32Array.of(1, 3, 5, 2, 4, 6) });
    const big = npy("{'shape': (2,), 'fortran_order': False, 'descr': '>i2'}", Uint8Array.of(1, 0, 0xff, 0xff), 3);
    expect(readNpy(big)).toEqual({ shape: [2], data: Int16Array.of(256, -1) });
    const flags = npy("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", Uint8Array.of(1, 0, 1));
    expect(readNpy(flags).data).toEqual(Uint8Array.of(1, 0, 1));
    const longs = npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", new Uint8Array(BigInt64Array.of(-5n).buffer));
    expect(readNpy(longs).data).toEqual(Float64Array.of(-5));
    const python2 = npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2L, 1L), }", new Uint8Array(4));
    expect(readNpy(python2).shape).toEqual([2, 1]);
  });

  it.each([
    ["{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", /found descr '<c8'/],
    ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", /a header such as/],
    ["{'descr': '<f4', 'fortran_order': 'no', 'shape': (1,), }", /fortran_order True or False/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999), }", /bytes of data for the shape/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': '(1,)', }", /a shape of at most/],
    ["{'descr': '<f4', 'fortran_order': False}", /a header such as/],
    ["__import__('os')", /a header such as/],
    ["{'descr': '<f4' 'fortran_order': False, 'shape': (1,), }", /a header such as/],
    ["{'descr': '<f4', 'shape': (1,), 'fortran_order': False, 'shape': (1,), }", /a header such as/],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1LL,), }", /a shape of at most/],
    // Each of these spaces could once be matched in four places.
    [["{'descr': '<f4'", "'fortran_order': False", "'shape': (1,)", "x"].join(" ".repeat(16_000)), /a header such as/],
  ])("refuse the header %.80s", (header, message) => {
    expect(() => readNpy(npy(header, new Uint8Array(4)), "x.npy")).toThrow(FormatError);
    expect(() => readNpy(npy(header, new Uint8Array(4)), "x.npy")).toThrow(message);
  });

  it("refuse to write what is no array of numbers", () => {
    expect(() => writeNpy({ shape: [2], data: Float32Array.of(1) })).toThrow(ShapeError);
    for (const array of [
      { shape: [1], data: [1] },
      { shape: [1], data: BigInt64Array.of(1n) },
      { shape: 1, data: Float32Array.of(1) },
      { shape: [0.5], data: new Float32Array(0) },
    ]) {
      expect(() => writeNpy(array as never)).toThrow(InvalidOptionError);
    }
  });
});

describe("whatever the bytes", () => {
  it.each([
    ["IDX", images, (bytes: Uint8Array) => readIdx(bytes, "x")],
    [".npy", writeNpy(arrays[0]), (bytes: Uint8Array) => readNpy(bytes, "x")],
  ] as const)("a damaged %s file is read or refused, never more", (_name, whole, read) => {
    const outcome = (bytes: Uint8Array): void => {
      try {
        const { shape, data } = read(bytes);
        expect(shape.reduce((product, side) => product * side, 1)).toBe(data.length);
      } catch (error) {
        expect(error).toBeInstanceOf(HeavyballError);
        expect(error).toMatchObject({ file: "x", code: "FORMAT" });
        expect((error as FormatError).offset).toBeGreaterThanOrEqual(0);
        expect((error as FormatError).offset).toBeLessThanOrEqual(bytes.length);
      }
    };
    for (let length = 0; length < whole.length; length++) outcome(whole.subarray(0, length));
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const copy = whole.slice();
      copy[bit >> 3] ^= 1 << (bit & 7);
      outcome(copy);
    }
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const copy = whole.slice();
        for (const [at, byte] of changes) copy[at] = byte;
        outcome(copy);
      }),
      { numRuns: 600, seed: 1 },
    );
    for (const wrong of [undefined, null, "text", [1, 2], new ArrayBuffer(8)])
      expect(() => read(wrong as never)).toThrow(InvalidOptionError);
  });
});
