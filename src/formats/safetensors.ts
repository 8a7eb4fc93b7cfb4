import { allocate } from "../boundary/allocate.js";
import { isArray, isFloat32Array, isFloat64Array, isUint8Array } from "../boundary/realm.js";
import { describeValue, InvalidOptionError, ShapeError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkObject } from "../validate.js";
import { elementTypes } from "./safetensorsElements.js";
import { HALF_CHARACTER, LONGEST_HEADER, METADATA, readHeader } from "./safetensorsHeader.js";

/**
 * The safetensors format (github.com/huggingface/safetensors, "Format"): named arrays of numbers and a map of strings, readable
 * from Python, Rust and JavaScript alike.
 *
 *     8 bytes   N, little-endian: the length of the header
 *     N bytes   JSON: { "__metadata__": { key: text }, name: { "dtype", "shape", "data_offsets": [begin, end] }, ... }, blanks around it
 *     the rest  the tensors' bytes, little-endian, row-major; offsets count from here; no byte unused, none used twice
 *
 * Written are F32 and F64; read are also F16 and BF16.
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

/** How others' files are read. */
export interface ReadingOptions {
  /** Whether the file may have tensors whose elements are no floats; they are passed over. Default false. */
  readonly otherTypes?: boolean;
}

/**
 * Reads what `writeSafetensors` or any other writer wrote. The arrays returned are copies; F16 and BF16, which others write, come as the
 * same numbers in F32.
 *
 * @param file what to call the bytes in messages, such as a path
 * @throws FormatError with the byte offset and what was expected there, for anything that is not a whole, valid file
 */
export function readSafetensors(
  bytes: Uint8Array,
  file = "safetensors data",
  { otherTypes = false }: ReadingOptions = {},
): SafetensorsContent {
  if (!isUint8Array(bytes)) throw new InvalidOptionError("bytes", bytes, "a Uint8Array");
  const { metadata, entries, dataStart } = readHeader(bytes, file, otherTypes);
  const tensors = entries.map(({ name, shape, begin, end, dtype }): Tensor => {
    return { name, shape, data: elementTypes[dtype].read(bytes.subarray(dataStart + begin, dataStart + end)) };
  });
  return { metadata, tensors };
}

/** Where element `at` of a tensor stands, and its type; for files that `readSafetensors` has read. */
export function elementPlace(bytes: Uint8Array, name: string, at: number): { readonly offset: number; readonly dtype: string } {
  const { entries, dataStart } = readHeader(bytes, "safetensors data", true);
  const { begin, dtype } = entries.find((entry) => entry.name === name)!;
  return { offset: dataStart + begin + at * elementTypes[dtype].bytes, dtype };
}

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
