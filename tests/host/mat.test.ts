import { FormatError, HeavyballError, InvalidOptionError, type MatOptions, readMat } from "heavyball";
import { describe, expect, it } from "vitest";
import { rejection } from "../support/failures.js";
import { type classes, element, header, joined, matFile, matrix, tagged, types, type Variable, zlib } from "../support/matFile.js";

const double: Variable = { name: "a", class: "double", type: 9, shape: [2, 3], values: [1, 2, 3, 4, 5, -0.5] };
const rows = { shape: [2, 3], data: Float64Array.of(1, 3, 5, 2, 4, -0.5) };

/** The FormatError that bytes are refused with. */
async function wrong(bytes: Uint8Array, options: MatOptions = {}): Promise<FormatError> {
  const error = await rejection(readMat(bytes, { file: "x.mat", ...options }));
  expect(error, error.message).toBeInstanceOf(FormatError);
  expect((error as FormatError).file).toBe("x.mat");
  return error as FormatError;
}

describe("readMat", () => {
  it.each([
    [true, false],
    [true, true],
    [false, false],
    [false, true],
  ])("reads what was written, row-major: little-endian %s, compressed %s", async (little, compressed) => {
    const three: Variable = { name: "deep", class: "int16", type: 3, shape: [2, 1, 2], values: [1, 2, 300, -4] };
    const empty: Variable = { name: "nothing_1", class: "double", type: 9, shape: [0, 4], values: [] };
    const file = await matFile([double, three, empty], { little, compressed });
    expect(await readMat(file)).toEqual({
      a: rows,
      deep: { shape: [2, 1, 2], data: Int16Array.of(1, 300, 2, -4) },
      nothing_1: { shape: [0, 4], data: new Float64Array(0) },
    });
    const wide = new Uint8Array(file.length + 9);
    wide.set(file, 5);
    expect((await readMat(wide.subarray(5, 5 + file.length), { variables: ["a"] })).a).toEqual(rows);
  });

  it.each<[keyof typeof classes, number, readonly number[], object]>([
    ["double", 9, [0.1, -1e300], Float64Array],
    ["single", 7, [0.5, -3], Float32Array],
    ["int8", 1, [-128, 127], Int8Array],
    ["uint8", 2, [0, 255], Uint8Array],
    ["int16", 3, [-32_768, 5], Int16Array],
    ["uint16", 4, [65_535, 1], Uint16Array],
    ["int32", 5, [-(2 ** 31), 7], Int32Array],
    ["uint32", 6, [2 ** 32 - 1, 0], Uint32Array],
    ["int64", 12, [-5, 2 ** 52], Float64Array],
    ["uint64", 13, [2 ** 53, 2], Float64Array],
    // As MATLAB stores small numbers: in fewer bytes than the class has.
    ["double", 2, [7, 8], Float64Array],
    ["single", 3, [-7, 8], Float32Array],
    ["uint32", 2, [7, 8], Uint32Array],
  ])("reads the class %s, stored as type %i", async (kind, type, values, Elements) => {
    for (const little of [true, false]) {
      const { v } = await readMat(await matFile([{ name: "v", class: kind, type, shape: [1, 2], values }], { little }));
      expect(v.data).toBeInstanceOf(Elements as never);
      expect([...v.data]).toEqual(values);
    }
  });

  it("leaves out what is no array of real numbers, unless it is wanted", async () => {
    const text: Variable = { name: "text", class: "char", type: 4, shape: [1, 2], values: [104, 105] };
    const complex: Variable = { ...double, name: "z", flags: 8 };
    const unnamed: Variable = { ...double, name: "" };
    const logical: Variable = { name: "yes", class: "uint8", type: 2, shape: [1, 1], values: [1], flags: 2 };
    const file = await matFile([text, complex, unnamed, double, logical]);
    expect(Object.keys(await readMat(file))).toEqual(["a", "yes"]);
    expect((await wrong(file, { variables: ["text"] })).message).toMatch(/real numbers in the variable text, found text/);
    expect((await wrong(file, { variables: ["z"] })).message).toMatch(/real numbers in the variable z, found complex numbers/);
    const missing = await wrong(file, { variables: ["a", "b"] });
    expect(missing).toMatchObject({ offset: file.length });
    expect(missing.message).toMatch(/a variable b, found \["text","z","a","yes"\]/);
    // What MATLAB keeps for objects has neither sizes nor a name where arrays have theirs.
    const opaque = tagged(14, joined([element(6, [17, 0]), element(1, [97, 98, 99, 100, 101])]));
    expect(await readMat(joined([header(), opaque, matrix(double)]))).toEqual({ a: rows });
  });

  it("names the byte of what is wrong", async () => {
    const file = await matFile([double]);
    const at = (change: (bytes: Uint8Array, view: DataView) => void): Promise<FormatError> => {
      const copy = file.slice();
      change(copy, new DataView(copy.buffer));
      return wrong(copy);
    };
    expect(await wrong(new Uint8Array(0))).toMatchObject({ offset: 0 });
    expect(await wrong(file.subarray(0, 100))).toMatchObject({ offset: 100 });
    expect(await at((bytes) => bytes.set([73, 73], 126))).toMatchObject({ offset: 126 });
    expect((await wrong(joined([header(true, 0x0200), matrix(double)]))).message).toMatch(/at byte 124, .*version 7\.3 \(HDF5\): save it/);
    expect(await wrong(header(true, 0x0300))).toMatchObject({ offset: 124 });
    expect((await at((_, view) => view.setUint32(128, 9, true))).message).toMatch(/at byte 128, expected an array .*found the type 9/);
    expect((await at((_, view) => view.setUint32(132, 4096, true))).message).toMatch(/at byte 132, expected a length of at most 96/);
    expect(await at((_, view) => view.setUint32(136, 5, true))).toMatchObject({ offset: 136 });
    expect((await at((bytes) => (bytes[144] = 99))).message).toMatch(/at byte 144, expected a class of arrays from 1 to 17, found 99/);
    expect((await at((_, view) => view.setInt32(160, -2, true))).message).toMatch(/at byte 160, expected a size of at least 0, found -2/);
    expect((await at((_, view) => view.setInt32(160, 2 ** 30, true))).message).toMatch(/at byte 128, expected at most 2147483648 bytes/);
    expect((await at((_, view) => view.setInt32(160, 3, true))).message).toMatch(/at byte 176, expected 72 bytes of data .*found 48/);
    expect((await at((bytes) => (bytes[172] = 45))).message).toMatch(/at byte 168, expected the name of a variable/);
    expect((await at((bytes) => (bytes[176] = 10))).message).toMatch(/at byte 176, expected numbers/);
    expect((await at((bytes) => (bytes[178] = 9))).message).toMatch(/at byte 176, expected a length of at most 4 bytes in a short tag/);
    expect(await wrong(joined([file, file.subarray(128)]))).toMatchObject({ offset: file.length });
    expect(await wrong(joined([file, new Uint8Array(5)]))).toMatchObject({ offset: file.length });
    const tooLarge = await matFile([{ name: "v", class: "int8", type: 4, shape: [1, 2], values: [1, 300] }]);
    expect((await wrong(tooLarge)).message).toMatch(/a number that int8 holds, found 300/);
  });

  it("refuses a bomb before it goes off", async () => {
    const bomb = tagged(
      15,
      await zlib(matrix({ name: "b", class: "uint8", type: 2, shape: [1, 20_000_000], values: new Uint8Array(20_000_000) })),
    );
    const file = joined([header(), bomb]);
    expect(file.length).toBeLessThan(100_000);
    expect((await wrong(file, { mostBytes: 1_000_000 })).message).toMatch(
      /^x\.mat: at byte 128, expected a length of at most 1000000 bytes, found \d+ \(byte 4 of what is compressed there\)/,
    );
    // Two of them, each within bounds: what was taken counts.
    const [first, second] = await Promise.all(
      ["p", "q"].map(async (name) =>
        tagged(15, await zlib(matrix({ ...double, name, class: "uint8", type: 2, values: [1, 2, 3, 4, 5, 6] }))),
      ),
    );
    expect((await wrong(joined([header(), first, second]), { mostBytes: 120 })).offset).toBe(128 + first.length);
    // One that says less of itself than comes out, one that says more, and one that says more than so few bytes can become.
    const honest = matrix({ ...double, values: [1, 2, 3, 4, 5, 6] });
    for (const [length, message] of [
      [40, /a length of at least/],
      [4000, /more bytes, found the end/],
      [2 ** 31 - 9, /a length that \d+ bytes can hold/],
    ] as const) {
      const liar = honest.slice();
      new DataView(liar.buffer).setUint32(4, length, true);
      expect((await wrong(joined([header(), tagged(15, await zlib(liar))]))).message).toMatch(message);
    }
    // Doubles stored as bytes take eight times as much, in both orders.
    const wide = await matFile([{ name: "w", class: "double", type: 2, shape: [1, 1000], values: new Uint8Array(1000) }]);
    expect((await wrong(wide, { mostBytes: 15_999 })).message).toMatch(
      /at most 15999 bytes for the array w in both its orders, found 16000/,
    );
    expect((await readMat(wide, { mostBytes: 16_000 })).w.data).toHaveLength(1000);
    // Very many of next to nothing.
    const tiny = matrix({ ...double, name: "" });
    expect((await wrong(joined([header(), ...Array<Uint8Array>(10_001).fill(tiny)]))).message).toMatch(/the end after 10000 variables/);
  });

  it("refuses what is no option, by name", async () => {
    const file = await matFile([double]);
    const refused: readonly [unknown, unknown, string][] = [
      [undefined, {}, "bytes"],
      [[1, 2], {}, "bytes"],
      [file.buffer, {}, "bytes"],
      [file, null, "readMat"],
      [file, { variable: "a" }, "readMat.variable"],
      [file, { variables: "a" }, "variables"],
      [file, { variables: [] }, "variables"],
      [file, { variables: [5] }, "variables"],
      [file, { mostBytes: -1 }, "mostBytes"],
      [file, { mostBytes: null }, "mostBytes"],
      [file, { file: 5 }, "file"],
    ];
    for (const [bytes, options, option] of refused) {
      const error = await rejection(readMat(bytes as never, options as never));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as InvalidOptionError).option).toBe(option);
    }
  });
});

describe("whatever the bytes of a MATLAB file", () => {
  /** Reads it or refuses it by a typed error that names file and offset. */
  async function outcome(bytes: Uint8Array): Promise<void> {
    try {
      for (const { shape, data } of Object.values(await readMat(bytes, { file: "x.mat", mostBytes: 2 ** 20 })))
        expect(shape.reduce((product, side) => product * side, 1)).toBe(data.length);
    } catch (error) {
      expect(error).toBeInstanceOf(HeavyballError);
      expect(error).toMatchObject({ file: "x.mat" });
      expect((error as FormatError).offset).toBeGreaterThanOrEqual(0);
      expect((error as FormatError).offset).toBeLessThanOrEqual(bytes.length);
    }
  }
  const files = [false, true].map((compressed) => matFile([double, { ...double, name: "b", class: "int8", type: 1 }], { compressed }));

  it("it is read or refused: cut short at every length", async () => {
    for (const file of await Promise.all(files))
      for (let length = 0; length < file.length; length++) await outcome(file.subarray(0, length));
  });

  it("it is read or refused: every bit flipped behind the text", async () => {
    for (const file of await Promise.all(files)) {
      for (let bit = 8 * 124; bit < 8 * file.length; bit++) {
        const copy = file.slice();
        copy[bit >> 3] ^= 1 << (bit & 7);
        await outcome(copy);
      }
    }
  });

  it("it is read or refused: words of every size in place of every other", async () => {
    const file = await files[0];
    for (let at = 128; at + 4 <= file.length; at += 4) {
      for (const word of [0, 1, 8, 14, 15, 2 ** 16, 2 ** 20, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 8, 2 ** 32 - 1]) {
        const copy = file.slice();
        new DataView(copy.buffer).setUint32(at, word, true);
        await outcome(copy);
      }
    }
    expect(Object.keys(types)).toHaveLength(10);
  });
});
