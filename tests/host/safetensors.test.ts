import fc from "fast-check";
import { FormatError, InvalidOptionError, ShapeError } from "heavyball";
import { describe, expect, it } from "vitest";
import { readSafetensors, type SafetensorsContent, type Tensor, writeSafetensors } from "#internal/formats/safetensors";

const encoder = new TextEncoder();

/** A file from a header's text and its data, without any of the writer's care. */
function file(header: string, data: ArrayLike<number> = []): Uint8Array {
  const text = encoder.encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function headerOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(8, 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)));
}

const content: SafetensorsContent = {
  metadata: { format: "heavyball", network: '{"sizes":[2,3]}' },
  tensors: [
    { name: "weights", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -0) },
    { name: "velocity", shape: [2], data: Float64Array.of(0.1, NaN) },
    { name: "step", shape: [], data: Float32Array.of(7) },
    { name: "nothing", shape: [0, 4], data: new Float32Array(0) },
  ],
};

describe("writeSafetensors", () => {
  it("writes the published layout: length, JSON, spaces, data at a multiple of 8, wide elements first", () => {
    const bytes = writeSafetensors(content);
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const text = headerOf(bytes);
    expect(text).toMatch(/^\{.*\} *$/);
    expect(JSON.parse(text)).toEqual({
      __metadata__: content.metadata,
      weights: { dtype: "F32", shape: [2, 3], data_offsets: [16, 40] },
      velocity: { dtype: "F64", shape: [2], data_offsets: [0, 16] },
      step: { dtype: "F32", shape: [], data_offsets: [40, 44] },
      nothing: { dtype: "F32", shape: [0, 4], data_offsets: [44, 44] },
    });
    expect(bytes.length).toBe(8 + length + 44);
    expect(view.getFloat64(8 + length, true)).toBe(0.1);
    expect(view.getFloat32(8 + length + 16, true)).toBe(1);
    expect(view.getFloat32(8 + length + 40, true)).toBe(7);
  });

  it("writes only a view's own elements", () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    expect(readSafetensors(writeSafetensors({ metadata: {}, tensors: [{ name: "a", shape: [2], data }] })).tensors[0].data).toEqual(
      Float32Array.of(1, 2),
    );
  });

  const ok: Tensor = { name: "a", shape: [1], data: Float32Array.of(1) };
  it.each([
    [{ metadata: { a: 1 }, tensors: [] }, 'metadata["a"]'],
    [{ metadata: null, tensors: [] }, "metadata"],
    [{ metadata: { a: "\ud800" }, tensors: [] }, 'metadata["a"]'],
    [{ metadata: { "\udc00": "a" }, tensors: [] }, 'metadata["\\udc00"]'],
    [{ metadata: {}, tensors: {} }, "tensors"],
    [{ metadata: {}, tensors: [null] }, "tensors[0]"],
    [{ metadata: {}, tensors: [ok, ok] }, "tensors[1].name"],
    [{ metadata: {}, tensors: [{ ...ok, name: "__metadata__" }] }, "tensors[0].name"],
    [{ metadata: {}, tensors: [{ ...ok, name: 3 }] }, "tensors[0].name"],
    [{ metadata: {}, tensors: [{ ...ok, name: "a\ud800b" }] }, "tensors[0].name"],
    [{ metadata: {}, tensors: [{ ...ok, data: [1] }] }, "tensors[0].data"],
    [{ metadata: {}, tensors: [{ ...ok, data: new Int32Array(1) }] }, "tensors[0].data"],
    [{ metadata: {}, tensors: [{ ...ok, shape: 1 }] }, "tensors[0].shape"],
    [{ metadata: {}, tensors: [{ ...ok, shape: [1, -1] }] }, "tensors[0].shape[1]"],
    [{ metadata: {}, tensors: [{ ...ok, shape: [0.5, 2] }] }, "tensors[0].shape[0]"],
  ])("refuses %j", (bad, option) => {
    let caught: unknown;
    try {
      writeSafetensors(bad as never);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidOptionError);
    expect((caught as InvalidOptionError).option).toBe(option);
  });

  it("refuses a shape that does not hold its data", () => {
    expect(() => writeSafetensors({ metadata: {}, tensors: [{ ...ok, shape: [2] }] })).toThrow(ShapeError);
  });
});

describe("readSafetensors", () => {
  it("gives back what was written", () => {
    expect(readSafetensors(writeSafetensors(content))).toEqual(content);
    expect(readSafetensors(writeSafetensors({ metadata: {}, tensors: [] }))).toEqual({ metadata: {}, tensors: [] });
  });

  it("reads bytes at any address, shared or not, and copies them", () => {
    const bytes = writeSafetensors(content);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    const read = readSafetensors(shifted);
    shifted.fill(0);
    expect(read).toEqual(content);
    if (typeof SharedArrayBuffer !== "undefined") {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      expect(readSafetensors(shared)).toEqual(content);
    }
  });

  it("reads other writers' files: no metadata, no padding, any order and spacing, keys it does not know", () => {
    const header =
      '{ "b" : {"data_offsets": [4, 8], "shape":[1],\n"dtype":"F32", "note": {"x": ["y", {}]}}, ' +
      '"\\u0061":{"dtype":"F32","shape":[],"data_offsets":[0,4]} }';
    const data = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    expect(readSafetensors(file(header, data))).toEqual({
      metadata: {},
      tensors: [
        { name: "b", shape: [1], data: Float32Array.of(-2) },
        { name: "a", shape: [], data: Float32Array.of(1.5) },
      ],
    });
  });

  const entry = (fields: object) => `{"a":${JSON.stringify({ dtype: "F32", shape: [1], data_offsets: [0, 4], ...fields })}}`;
  const pair = (a: number[], b: number[]) =>
    `{"a":{"dtype":"F32","shape":[1],"data_offsets":[${a}]},"b":{"dtype":"F32","shape":[1],"data_offsets":[${b}]}}`;
  const four = [0, 0, 0, 0];
  it.each([
    ["nothing", new Uint8Array(0), 0, "8 bytes"],
    ["7 bytes", new Uint8Array(7), 0, "8 bytes"],
    ["a header longer than the file", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 0, "cut short"],
    ["a header length beyond all files", new Uint8Array(16).fill(255), 0, "18446744073709551615"],
    ["no header", new Uint8Array(8), 8, "JSON"],
    ["a header that is not UTF-8", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0x28), 8, "UTF-8"],
    ["a header that is not JSON", file("{]"), 8, "JSON"],
    ["a header that is no object", file("[]"), 8, "starts with {"],
    ["a header that starts with a blank that JSON has not", file("\u00a0{}"), 8, "JSON"],
    ["a header that is null", file(" null"), 8, "starts with {"],
    ["metadata that is false", file('{"__metadata__":false}'), 9, "object of strings"],
    ["a byte order mark", file("\ufeff{}"), 8, "JSON"],
    ["a name twice", file('{"ä":1,"b":{},"ä":2}'), 23, 'not used before, found "ä"'],
    ["a name twice, escaped once", file('{"a":1,"\\u0061":2}'), 15, "not used before"],
    ["a field twice", file('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four), 28, "not used before"],
    ["a name with half a character", file('{"\\ud800":1}'), 9, "whole Unicode characters"],
    ["metadata twice", file('{"__metadata__":{"k":"1","k":"2"}}'), 33, "not used before"],
    ["metadata that is not strings", file('{"__metadata__":{"k":1}}'), 9, "object of strings"],
    ["metadata that is a list", file('{"__metadata__":[]}'), 9, "object of strings"],
    ["an entry that is no object", file('{"a":3}'), 9, "an object of dtype"],
    ["an element type it does not have", file(entry({ dtype: "I32" }), four), 9, 'found "I32"'],
    ["no element type", file(entry({ dtype: undefined }), four), 9, "found undefined"],
    ["a negative size", file(entry({ shape: [-1] }), four), 9, "whole numbers"],
    ["a fractional size", file(entry({ shape: [1.5] }), four), 9, "whole numbers"],
    ["an infinite size", file('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', four), 9, "whole numbers"],
    ["a shape that is a number", file(entry({ shape: 1 }), four), 9, "whole numbers"],
    ["sizes whose product overflows", file(entry({ shape: [2 ** 52, 2 ** 52] }), four), 9, "bytes apart"],
    ["three offsets", file(entry({ data_offsets: [0, 2, 4] }), four), 9, "data_offsets"],
    ["offsets that do not fit the shape", file(entry({ data_offsets: [0, 3] }), four), 9, "4 bytes apart"],
    ["offsets backward", file(entry({ data_offsets: [4, 0] }), four), 9, "bytes apart"],
    ["data cut short", file(entry({}), [0, 0, 0]), 9, "cut short"],
    ["data left over", file(entry({}), [0, 0, 0, 0, 0]), 8 + entry({}).length + 4, "belong to no tensor"],
    ["data and no tensors", file("{}", four), 10, "belong to no tensor"],
    ["overlapping tensors", file(pair([0, 4], [2, 6]), [...four, 0, 0]), 9 + entry({}).length - 1, "begin at 4"],
    ["a hole before the first", file(entry({ data_offsets: [4, 8] }), [...four, ...four]), 9, "begin at 0"],
    ["a hole between tensors", file(pair([0, 4], [6, 10]), [...four, ...four, 0, 0]), 9 + entry({}).length - 1, "begin at 4"],
  ])("refuses %s", (_, bytes, offset, words) => {
    let caught: unknown;
    try {
      readSafetensors(bytes, "model.safetensors");
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(FormatError);
    expect((caught as FormatError).message).toContain(words);
    expect((caught as FormatError).message).toContain(`model.safetensors: at byte ${offset}, expected`);
    expect((caught as FormatError).offset).toBe(offset);
  });

  it("refuses what are not bytes", () => {
    expect(() => readSafetensors("{}" as never)).toThrow(InvalidOptionError);
  });
});

describe("for any tensors and metadata", () => {
  const isWhole = (text: string) => !/\p{Surrogate}/u.test(text);
  const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
  const tensor = fc.tuple(shapes, fc.boolean(), fc.infiniteStream(fc.double())).map(([shape, wide, numbers]) => {
    const count = shape.reduce((product, length) => product * length, 1);
    const values = Array.from({ length: count }, () => numbers.next().value as number);
    return { shape, data: wide ? Float64Array.from(values) : Float32Array.from(values) };
  });
  const name = fc
    .oneof(fc.string({ unit: "binary" }), fc.constantFrom("10", "2", "__proto__", "constructor", 'quo"te', "\\", "ключ"))
    .filter(isWhole);
  const contents: fc.Arbitrary<SafetensorsContent> = fc.record({
    metadata: fc
      .array(fc.tuple(name, fc.string({ unit: "binary" }).filter(isWhole)))
      .map((pairs) => Object.fromEntries(pairs) as Record<string, string>),
    tensors: fc
      .uniqueArray(
        fc.tuple(
          name.filter((text) => text !== "__metadata__"),
          tensor,
        ),
        { selector: ([text]) => text, maxLength: 6 },
      )
      .map((all) => all.map(([text, rest]) => ({ name: text, ...rest }))),
  });

  /** Whether the bytes can be read; throws on any error that is not a FormatError with an offset inside the file. */
  function survives(bytes: Uint8Array): boolean {
    try {
      readSafetensors(bytes);
      return true;
    } catch (error) {
      if (error instanceof FormatError && error.offset >= 0 && error.offset <= bytes.length) return false;
      throw error;
    }
  }

  it("names are what the file says, whatever names were read before", () => {
    // V8's JSON.parse takes an escape for the name of one backslash where it has seen an object with that name before.
    for (const name of ["\\", "\n", "\u0000", '"', "\\", "\\\\", "\t"]) {
      const given = { metadata: { [name]: name, a: "b" }, tensors: [{ name, shape: [1], data: Float32Array.of(1) }] };
      const { metadata, tensors } = readSafetensors(writeSafetensors(given));
      expect([Object.keys(metadata), tensors.map((tensor) => tensor.name)]).toEqual([[name, "a"], [name]]);
    }
  });

  it("reading gives back what was written, to the bit and in order", () => {
    fc.assert(
      fc.property(contents, (given) => {
        const bytes = writeSafetensors(given);
        const read = readSafetensors(bytes);
        expect(Object.entries(read.metadata)).toEqual(Object.entries(given.metadata));
        expect(read.tensors).toEqual(given.tensors);
        expect(read.tensors.map(({ data }) => new Uint8Array(data.buffer))).toEqual(
          given.tensors.map(({ data }) => new Uint8Array(data.buffer)),
        );
        expect(writeSafetensors(read)).toEqual(bytes);
      }),
    );
  });

  it("every truncation is refused", () => {
    fc.assert(
      fc.property(contents, (given) => {
        const bytes = writeSafetensors(given);
        for (let length = 0; length < bytes.length; length++) if (survives(bytes.subarray(0, length))) return false;
        return true;
      }),
      { numRuns: 25 },
    );
  });

  it("flipped bytes in the header are read or refused, never anything else", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
    let refused = 0;
    fc.assert(
      fc.property(contents, fc.array(flips, { minLength: 20, maxLength: 20 }), (given, many) => {
        const whole = writeSafetensors(given);
        const headerEnd = 8 + new DataView(whole.buffer).getUint32(0, true);
        for (const some of many) {
          const bytes = whole.slice();
          for (const [at, mask] of some) bytes[at % headerEnd] ^= mask;
          if (!survives(bytes)) refused++;
        }
      }),
    );
    expect(refused).toBeGreaterThan(500);
  });

  it("every single bit of a header may flip", () => {
    const whole = writeSafetensors(content);
    const headerEnd = 8 + headerOf(whole).length;
    for (let at = 0; at < headerEnd; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = whole.slice();
        bytes[at] ^= 1 << bit;
        survives(bytes);
      }
    }
  });

  it("any bytes are read or refused", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), fc.json(), (data, json) => void (survives(data), survives(file(json, data)))));
  });

  it("a deeply nested header is refused like any other", () => {
    survives(file("[".repeat(200_000)));
    survives(file(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`));
  });
});
