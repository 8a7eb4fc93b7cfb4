import { isUint8Array } from "../boundary/realm.js";
import { FormatError, InvalidOptionError, ShapeError } from "../errors.js";
import { checkInteger, checkObject } from "../validate.js";
import { rowMajor } from "./rowMajor.js";

/**
 * NumPy's .npy format (numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 *
 *     6 bytes        0x93 "NUMPY"
 *     2 bytes        version: 1, 2 or 3, and 0
 *     2 or 4 bytes   N, little-endian: the length of the header; 2 bytes in version 1
 *     N bytes        a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 *     the rest       the numbers
 */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major, whatever the order in the file. */
  readonly data: Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;
}

type Elements = NpyArray["data"];
type Read = (view: DataView, at: number, little: boolean) => number;

/**
 * By NumPy's kind and size: bytes, an empty array, and how one number is read. 8-byte integers are read as far as f64 holds them exactly.
 */
const KINDS: Readonly<Record<string, readonly [size: number, make: (length: number) => Elements, read: Read]>> = {
  f4: [4, (n) => new Float32Array(n), (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (n) => new Float64Array(n), (view, at, little) => view.getFloat64(at, little)],
  u1: [1, (n) => new Uint8Array(n), (view, at) => view.getUint8(at)],
  b1: [1, (n) => new Uint8Array(n), (view, at) => view.getUint8(at)],
  i1: [1, (n) => new Int8Array(n), (view, at) => view.getInt8(at)],
  u2: [2, (n) => new Uint16Array(n), (view, at, little) => view.getUint16(at, little)],
  i2: [2, (n) => new Int16Array(n), (view, at, little) => view.getInt16(at, little)],
  u4: [4, (n) => new Uint32Array(n), (view, at, little) => view.getUint32(at, little)],
  i4: [4, (n) => new Int32Array(n), (view, at, little) => view.getInt32(at, little)],
  i8: [8, (n) => new Float64Array(n), (view, at, little) => Number(view.getBigInt64(at, little))],
  u8: [8, (n) => new Float64Array(n), (view, at, little) => Number(view.getBigUint64(at, little))],
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Longer headers are no header of an array of numbers. */
const LONGEST_HEADER = 65_536;
const MOST_DIMENSIONS = 32;
/** One member of a header; no part of it can be matched in two ways, so that whatever is read takes time in proportion to its length. */
const MEMBER = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d\s,L]*\))\s*(?:,|(?=\}))/y;

/**
 * Reads an array of numbers. The array returned is a copy, row-major.
 *
 * @param file what to call the bytes in messages, such as a path
 * @throws FormatError with the byte offset and what was expected there, for anything else
 */
export function readNpy(bytes: Uint8Array, file = ".npy data"): NpyArray {
  if (!isUint8Array(bytes)) throw new InvalidOptionError("bytes", bytes, "a Uint8Array");
  const fail = (offset: number, expected: string): FormatError => new FormatError(file, offset, expected);
  for (const [at, byte] of MAGIC.entries())
    if (bytes[at] !== byte) throw fail(at, 'the byte 0x93 and the letters "NUMPY", with which a .npy file begins');
  const version = bytes[6];
  if (version !== 1 && version !== 2 && version !== 3) throw fail(6, `version 1, 2 or 3, found ${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw fail(bytes.length, "the length of the header, found the end");
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > Math.min(LONGEST_HEADER, bytes.length - start))
    throw fail(8, `a header of at most ${Math.min(LONGEST_HEADER, bytes.length - start)} bytes, found a length of ${length}`);
  const { kind, little, isFortran, shape } = readHeader(new TextDecoder("latin1").decode(bytes.slice(start, start + length)), (expected) =>
    fail(start, expected),
  );
  const [size, make, read] = KINDS[kind];
  const begin = start + length;
  // Sides may multiply to infinity, of which no zero makes a zero any more.
  const count = shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, 1);
  // Before anything is allocated: what the header asks for must be there.
  if (count * size !== bytes.length - begin)
    throw fail(begin, `${count * size} bytes of data for the shape (${shape.join(", ")}), found ${bytes.length - begin}`);
  const data = make(count);
  for (let i = 0; i < count; i++) data[i] = read(view, begin + size * i, little);
  return { shape, data: isFortran ? rowMajor(data, make(count), shape) : data };
}

/**
 * Writes an array as version 1. Throws ShapeError when the shape does not hold as many numbers as there are, InvalidOptionError for arrays
 * of other kinds.
 */
export function writeNpy(array: NpyArray): Uint8Array<ArrayBuffer> {
  const { shape, data } = checkObject("array", array) as unknown as NpyArray;
  const kind = ArrayBuffer.isView(data)
    ? Object.keys(KINDS).find((name) => KINDS[name][1](0)[Symbol.toStringTag] === (data as Elements)[Symbol.toStringTag])
    : undefined;
  if (kind === undefined)
    throw new InvalidOptionError("array.data", data, "a typed array of numbers of at most 32 bits, or a Float64Array");
  if (!Array.isArray(shape) || shape.length > MOST_DIMENSIONS)
    throw new InvalidOptionError("array.shape", shape, `an array of at most ${MOST_DIMENSIONS} sizes`);
  shape.forEach((side, axis) => checkInteger(`array.shape[${axis}]`, side, 0));
  const count = shape.reduce((product, side) => product * side, 1);
  if (count !== data.length)
    throw new ShapeError("the length of array.data", data.length, `${count}, the product of its shape (${shape.join(", ")})`);
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${KINDS[kind][0] === 1 ? "|" : "<"}${kind}', 'fortran_order': False, 'shape': (${sides}), }`;
  // Data begins at a multiple of 64, so that readers may map it.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + data.byteLength);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, length, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  // Typed arrays have the byte order of the machine: little-endian wherever WebAssembly is.
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  return bytes;
}

function readHeader(
  text: string,
  fail: (expected: string) => FormatError,
): { kind: string; little: boolean; isFortran: boolean; shape: number[] } {
  const members = membersOf(text);
  const [descr, fortran, sides] = ["descr", "fortran_order", "shape"].map((name) => members?.get(name));
  if (descr === undefined || fortran === undefined || sides === undefined) {
    throw fail("a header such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
  }
  const [, order, kind] = /^'([<>|=]?)(\w+)'$/.exec(descr) ?? [];
  if (kind === undefined || !Object.hasOwn(KINDS, kind)) throw fail(`numbers (${Object.keys(KINDS).join(", ")}), found descr ${descr}`);
  if (fortran !== "True" && fortran !== "False") throw fail(`fortran_order True or False, found ${fortran}`);
  const shape = sides
    .slice(1, -1)
    .split(",")
    .map((side) => side.trim())
    .filter((side) => side !== "")
    // Python 2 wrote long integers as 3L.
    .map((side) => Number(side.replace(/L$/, "")));
  if (!sides.startsWith("(") || shape.length > MOST_DIMENSIONS || !shape.every((side) => Number.isSafeInteger(side) && side >= 0)) {
    throw fail(`a shape of at most ${MOST_DIMENSIONS} whole numbers, found ${sides.slice(0, 80)}`);
  }
  return { kind, little: order !== ">", isFortran: fortran === "True", shape };
}

/** The members of a header as text; undefined where it is none, or has one twice. */
function membersOf(text: string): ReadonlyMap<string, string> | undefined {
  const members = new Map<string, string>();
  if (text[0] !== "{") return undefined;
  MEMBER.lastIndex = 1;
  let end = 1;
  for (let found = MEMBER.exec(text); found !== null; found = MEMBER.exec(text)) {
    if (members.has(found[1])) return undefined;
    members.set(found[1], found[2]);
    end = MEMBER.lastIndex;
  }
  return text.slice(end).trim() === "}" ? members : undefined;
}
