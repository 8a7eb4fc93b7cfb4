import { allocate } from "../boundary/allocate.js";
import { isArray, isFloat32Array, isFloat64Array, isRecord, isUint8Array } from "../boundary/realm.js";
import { describeValue, FormatError, InvalidOptionError, ShapeError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkObject } from "../validate.js";
import { parseBoundedJson } from "./boundedJson.js";

/**
 * The safetensors format (github.com/huggingface/safetensors, "Format"): named arrays of numbers and a map of strings, readable
 * from Python, Rust and JavaScript alike.
 *
 *     8 bytes   N, little-endian: the length of the header
 *     N bytes   JSON: { "__metadata__": { key: text }, name: { "dtype", "shape", "data_offsets": [begin, end] }, ... }, blanks around it
 *     the rest  the tensors' bytes, little-endian, row-major; offsets count from here; no byte unused, none used twice
 *
 * Only the element types this library makes are read and written: F32 and F64.
 */
export interface Tensor {
  name: string;
  /** Row-major; [] is a single number, and a 0 among the sizes makes an empty tensor. */
  shape: readonly number[];
  data: Float32Array | Float64Array;
}

export interface SafetensorsContent {
  metadata: Record<string, string>;
  /** In the order of the header. */
  tensors: Tensor[];
}

const METADATA = "__metadata__";
const [QUOTE, BACKSLASH, COLON, BRACE, BRACKET] = [0x22, 0x5c, 0x3a, 0x7b, 0x5b];
/** JSON's. */
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** Half a surrogate pair: JavaScript's strings may hold one, UTF-8 and so other readers may not. */
const HALF_CHARACTER = /\p{Surrogate}/u;
/** The reference reader refuses longer headers, so that a file of a few bytes cannot demand gigabytes. */
const LONGEST_HEADER = 100_000_000;

/**
 * Writes tensors and metadata; `readSafetensors` gives back the same, bit for bit, in the same order.
 *
 * The header is padded so that the data starts at a multiple of 8, and F64 data comes before F32 data, so that every tensor can be
 * used in place by readers that map the file. (Typed arrays have the byte order of the machine: little-endian wherever WebAssembly is.)
 *
 * @throws InvalidOptionError for a name used twice or reserved, names or metadata that are not text UTF-8 can hold, or data that is not a
 *   Float32Array or Float64Array
 * @throws ShapeError when a shape does not hold as many numbers as its data
 */
export function writeSafetensors({
  metadata,
  tensors,
}: {
  metadata: Record<string, string>;
  tensors: readonly Tensor[];
}): Uint8Array<ArrayBuffer> {
  for (const [key, text] of Object.entries(checkObject("metadata", metadata))) {
    if (typeof text !== "string" || HALF_CHARACTER.test(`${key} ${text}`)) {
      throw new InvalidOptionError(`metadata[${JSON.stringify(key)}]`, text, "a string of whole Unicode characters, as must be its key");
    }
  }
  checkTensors(tensors);
  const begins = new Map<Tensor, number>();
  let dataLength = 0;
  for (const tensor of [...tensors].sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)) {
    begins.set(tensor, dataLength);
    dataLength += tensor.data.byteLength;
  }
  // The text is put together by hand because an object would reorder names such as "10" and swallow "__proto__".
  const members = tensors.map(({ name, shape, data }, i) => {
    const begin = begins.get(tensors[i])!;
    const entry = { dtype: isFloat64Array(data) ? "F64" : "F32", shape, data_offsets: [begin, begin + data.byteLength] };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  const header = new TextEncoder().encode(`{${[`"${METADATA}":${JSON.stringify(metadata)}`, ...members].join(",")}}`);
  if (header.length > LONGEST_HEADER)
    throw new InvalidOptionError("the size of the header in bytes", header.length, `at most ${LONGEST_HEADER}: shorten the metadata`);

  const headerLength = Math.ceil(header.length / 8) * 8;
  const bytes = allocate(Uint8Array, 8 + headerLength + dataLength, "a safetensors file");
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(header, 8);
  bytes.fill(0x20, 8 + header.length, 8 + headerLength);
  for (const [{ data }, begin] of begins) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + headerLength + begin);
  }
  return bytes;
}

/**
 * Reads what `writeSafetensors` or any other writer wrote. The arrays returned are copies.
 *
 * @param file what to call the bytes in messages, such as a path
 * @throws FormatError with the byte offset and what was expected there, for anything that is not a whole, valid file
 */
export function readSafetensors(bytes: Uint8Array, file = "safetensors data"): SafetensorsContent {
  if (!isUint8Array(bytes)) throw new InvalidOptionError("bytes", bytes, "a Uint8Array");
  const { text, dataStart } = readHeader(bytes, file);
  const fail: Fail = (index, expected) => new FormatError(file, 8 + new TextEncoder().encode(text.slice(0, index)).length, expected);
  const members = parseHeader(text, fail);
  const metadata = readMetadata(members, fail);
  const entries = [...members].filter(([name]) => name !== METADATA).map(([name, member]) => readEntry(name, member, fail));
  const covered = checkCoverage(entries, bytes.length - dataStart, fail);
  if (dataStart + covered !== bytes.length) {
    throw new FormatError(
      file,
      dataStart + covered,
      `the end of the file, found ${bytes.length - dataStart - covered} bytes that belong to no tensor`,
    );
  }
  const tensors = entries.map(({ name, shape, begin, end, Elements }): Tensor => {
    const length = (end - begin) / Elements.BYTES_PER_ELEMENT;
    const data = Elements === Float32Array ? allocate(Float32Array, length, "a tensor") : allocate(Float64Array, length, "a tensor");
    new Uint8Array(data.buffer).set(bytes.subarray(dataStart + begin, dataStart + end));
    return { name, shape, data };
  });
  return { metadata, tensors };
}

/** Makes the error for something wrong at a character of the header; its byte offset is counted only then. */
type Fail = (index: number, expected: string) => FormatError;

function checkTensors(tensors: readonly Tensor[]): void {
  if (!isArray(tensors)) throw new InvalidOptionError("tensors", tensors, "an array of { name, shape, data }");
  const names = new Set<string>([METADATA]);
  for (const [i, tensor] of tensors.entries()) {
    const given = checkObject(`tensors[${i}]`, tensor);
    checkKnownOptions(`tensors[${i}]`, given, ["name", "shape", "data"]);
    const { name, shape, data } = given as unknown as Tensor;
    if (typeof name !== "string" || names.has(name) || HALF_CHARACTER.test(name)) {
      throw new InvalidOptionError(
        `tensors[${i}].name`,
        name,
        `a string of whole Unicode characters other than "${METADATA}" and the names before it`,
      );
    }
    names.add(name);
    if (!isFloat32Array(data) && !isFloat64Array(data)) {
      throw new InvalidOptionError(`tensors[${i}].data`, data, "a Float32Array or a Float64Array");
    }
    if (!isArray(shape)) throw new InvalidOptionError(`tensors[${i}].shape`, shape, "an array of sizes");
    shape.forEach((size, axis) => checkInteger(`tensors[${i}].shape[${axis}]`, size, 0));
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== data.length) {
      throw new ShapeError(`the length of tensors[${i}].data`, data.length, `${count}, the product of its shape ${describeValue(shape)}`);
    }
  }
}

function readHeader(bytes: Uint8Array, file: string): { text: string; dataStart: number } {
  if (bytes.length < 8) throw new FormatError(file, 0, `the 8 bytes of the header's length, found ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(LONGEST_HEADER, bytes.length - 8))) {
    throw new FormatError(
      file,
      0,
      `a header of at most ${Math.min(LONGEST_HEADER, bytes.length - 8)} bytes, found a length of ${length}; the file is cut short ` +
        "or is not a safetensors file",
    );
  }
  const dataStart = 8 + Number(length);
  try {
    // A copy, because a TextDecoder refuses views of shared memory.
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes.subarray(8, dataStart))),
      dataStart,
    };
  } catch {
    throw new FormatError(file, 8, "a header in UTF-8");
  }
}

/** A member of the header's object, and the index of its name in the header's text. */
interface Member {
  value: unknown;
  index: number;
}

/**
 * The header's members in the order of the file.
 *
 * JSON.parse reads the values, but keeps the last of two equal names and moves names such as "10" to the front. The names are
 * therefore read from the text, which is easy once it is known to be valid JSON: only strings and brackets matter.
 */
function parseHeader(text: string, fail: Fail): Map<string, Member> {
  let root: unknown;
  try {
    root = parseBoundedJson(text);
  } catch {
    throw fail(0, "a header in JSON, nested no more than 128 deep and of no more than a million values");
  }
  if (!isRecord(root)) throw fail(0, "a header that starts with {");

  const members = new Map<string, Member>();
  /** The names seen in each of the objects that are open, once there is one; an open array has none. */
  const open: (Set<string> | undefined)[] = [];
  // Character codes, since a header may be tens of millions of characters long.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BRACE || code === BRACKET) open.push(undefined);
    else if (code === BRACE + 2 || code === BRACKET + 2) open.pop();
    if (code !== QUOTE) continue;
    const index = i;
    let isEscaped = false;
    for (i++; text.charCodeAt(i) !== QUOTE; i++) {
      if (text.charCodeAt(i) !== BACKSLASH) continue;
      isEscaped = true;
      i++;
    }
    let after = i + 1;
    while (BLANKS.has(text.charCodeAt(after))) after++;
    if (text.charCodeAt(after) !== COLON) continue;
    const name = isEscaped ? (JSON.parse(text.slice(index, i + 1)) as string) : text.slice(index + 1, i);
    if (HALF_CHARACTER.test(name)) throw fail(index, `a name of whole Unicode characters, found ${describeValue(name)}`);
    const names = (open[open.length - 1] ??= new Set());
    if (names.has(name)) throw fail(index, `a name not used before, found ${describeValue(name)} again`);
    names.add(name);
    if (open.length === 1) members.set(name, { value: (root as Record<string, unknown>)[name], index });
  }
  return members;
}

function readMetadata(members: Map<string, Member>, fail: Fail): Record<string, string> {
  const member = members.get(METADATA);
  // The reference reader takes null for none.
  if (member === undefined || member.value === null) return {};
  const { value, index } = member;
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== "string")) {
    throw fail(index, `${METADATA} to be an object of strings, found ${describeValue(value)}`);
  }
  return value as Record<string, string>;
}

interface Entry {
  name: string;
  index: number;
  shape: number[];
  begin: number;
  end: number;
  Elements: typeof Float32Array | typeof Float64Array;
}

function readEntry(name: string, { value, index }: Member, fail: Fail): Entry {
  const expected = (what: string, found: unknown) =>
    fail(index, `${what} for tensor ${describeValue(name)}, found ${describeValue(found)}`);
  if (!isRecord(value)) throw expected("an object of dtype, shape and data_offsets", value);
  const { dtype, shape, data_offsets: range } = value;
  if (dtype !== "F32" && dtype !== "F64") throw expected('dtype "F32" or "F64"', dtype);
  if (!isSizes(shape)) throw expected("a shape of whole numbers", shape);
  if (!isSizes(range) || range.length !== 2) throw expected("data_offsets [begin, end]", range);
  const Elements = dtype === "F32" ? Float32Array : Float64Array;
  const [begin, end] = range;
  const needed = shape.reduce((product, size) => product * size, Elements.BYTES_PER_ELEMENT);
  if (end - begin !== needed) throw expected(`data_offsets ${needed} bytes apart (${dtype} of shape ${describeValue(shape)})`, range);
  return { name, index, shape, begin, end, Elements };
}

/**
 * Each tensor must begin where the one before it in the data ends, the first at 0, all within the data. Returns where the last one ends.
 */
function checkCoverage(entries: readonly Entry[], dataLength: number, fail: Fail): number {
  let covered = 0;
  for (const { name, index, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const data = `the data of tensor ${describeValue(name)}`;
    if (begin !== covered) throw fail(index, `${data} to begin at ${covered}, where the data before it ends, found ${begin}`);
    if (end > dataLength)
      throw fail(index, `${data} to end within the ${dataLength} bytes of data there are, found ${end}; the file is cut short`);
    covered = end;
  }
  return covered;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
