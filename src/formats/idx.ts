import { isUint8Array } from "../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../errors.js";

/**
 * The IDX format, in which MNIST is published (yann.lecun.com/exdb/mnist): big-endian,
 *
 *     2 bytes    zeros
 *     1 byte     the kind of number: 8 u8, 9 i8, 11 i16, 12 i32, 13 f32, 14 f64
 *     1 byte     the number of dimensions
 *     4 bytes    each dimension
 *     the rest   the numbers, row-major
 */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

type Make = (view: DataView, at: number, count: number) => IdxArray["data"];

/** Bytes of a number, and how an array of them is read. */
const KINDS: Readonly<Record<number, readonly [size: number, make: Make]>> = {
  8: [1, (view, at, count) => new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + at, count).slice()],
  9: [1, (view, at, count) => new Int8Array(view.buffer as ArrayBuffer, view.byteOffset + at, count).slice()],
  11: [2, (view, at, count) => Int16Array.from({ length: count }, (_, i) => view.getInt16(at + 2 * i))],
  12: [4, (view, at, count) => Int32Array.from({ length: count }, (_, i) => view.getInt32(at + 4 * i))],
  13: [4, (view, at, count) => Float32Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i))],
  14: [8, (view, at, count) => Float64Array.from({ length: count }, (_, i) => view.getFloat64(at + 8 * i))],
};

/**
 * Reads an IDX file. The array returned is a copy.
 *
 * @param file what to call the bytes in messages, such as a path
 * @throws FormatError with the byte offset and what was expected there, for anything that is not a whole IDX file
 */
export function readIdx(bytes: Uint8Array, file = "IDX data"): IdxArray {
  if (!isUint8Array(bytes)) throw new InvalidOptionError("bytes", bytes, "a Uint8Array");
  const fail = (offset: number, expected: string): FormatError => new FormatError(file, offset, expected);
  if (bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw fail(0, "an IDX file, found one compressed by gzip: decompress it first");
  if (bytes.length < 4) throw fail(bytes.length, "the four bytes with which an IDX file begins, found its end");
  if (bytes[0] !== 0 || bytes[1] !== 0) throw fail(0, "two zeros, with which an IDX file begins");
  const kind = KINDS[bytes[2]];
  if (kind === undefined) throw fail(2, `a kind of number (8, 9, 11, 12, 13 or 14), found ${bytes[2]}`);
  const dimensions = bytes[3];
  if (dimensions === 0) throw fail(3, "at least one dimension, found 0");
  const begin = 4 + 4 * dimensions;
  if (bytes.length < begin) throw fail(bytes.length, `${dimensions} dimensions of 4 bytes each, found the end`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const [size, make] = kind;
  // Before anything is allocated: what the header asks for must be there.
  // Sides may multiply to infinity, of which no zero makes a zero any more.
  const needed = shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, size);
  if (needed !== bytes.length - begin) {
    throw fail(
      Math.min(bytes.length, begin + needed),
      `${needed} bytes of data for the shape [${shape.join(", ")}], found ${bytes.length - begin}`,
    );
  }
  return { shape, data: make(view, begin, needed / size) };
}
