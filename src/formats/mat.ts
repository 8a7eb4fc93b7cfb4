import { allocate } from "../boundary/allocate.js";
import { describeValue } from "../boundary/describeValue.js";
import { isArray, isUint8Array } from "../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../validate.js";
import { inflated, LARGEST_RATIO } from "./inflate.js";
import { COMPRESSED, MATRIX, MatBytes } from "./matElements.js";
import { type MatArray, readVariable } from "./matVariable.js";

export type { MatArray };

/** Options of `readMat`. */
export interface MatOptions {
  /** Names of the variables that are wanted, each of which must be there. Default: all arrays of real numbers that there are. */
  readonly variables?: readonly string[];
  /** Bytes that the arrays may take in memory, and that the file may take when decompressed. Default 2^31. */
  readonly mostBytes?: number;
  /** What to call the bytes in messages, such as a path. */
  readonly file?: string;
}

const HEADER = 128;
const VERSION = 0x0100;
/** Each takes a stream of its own when it is compressed; nobody keeps as many. */
const MOST_VARIABLES = 10_000;

/**
 * Reads arrays of real numbers from a MATLAB 5 file (what MATLAB saves with -v6 and -v7, and most others write), by name:
 *
 *     124 bytes    text, of which the last 8 bytes say something else
 *     2 bytes      version, 0x0100
 *     2 bytes      "IM", and all numbers are little-endian, or "MI", and they are big-endian
 *     the rest     elements: variables, each compressed by zlib or not
 *
 * Arrays come row-major, in an array of their class: double, single, int8 to uint32; int64 and uint64 as f64, logical as u8. Other
 * variables (text, structures, cells, sparse and complex matrices) are left out, unless they are among the `variables` that are wanted.
 *
 * @throws FormatError with the byte offset and what was expected there, for anything that is not such a file or would be more than
 *   `mostBytes`; InvalidOptionError, OutOfMemoryError; UnsupportedError where the engine cannot decompress
 */
export async function readMat(bytes: Uint8Array, options: MatOptions = {}): Promise<Readonly<Record<string, MatArray>>> {
  const { variables, mostBytes, file } = checkMatOptions(options);
  if (!isUint8Array(bytes)) throw new InvalidOptionError("bytes", bytes, "a Uint8Array");
  const whole = new MatBytes(bytes, readHeader(bytes, file), (offset, expected) => new FormatError(file, offset, expected));
  const found = new Map<string, MatArray>();
  const seen = new Set<string>();
  const left = { inflated: mostBytes, arrays: mostBytes };
  let count = 0;
  for (let at = HEADER; at < bytes.length; ) {
    const element = whole.element(at, bytes.length);
    if (++count > MOST_VARIABLES) throw whole.fail(at, `the end after ${MOST_VARIABLES} variables, found more`);
    const isCompressed = element.type === COMPRESSED;
    const holder = isCompressed ? await decompress(whole, at, element.begin, element.end, left.inflated, file) : whole;
    if (isCompressed) left.inflated -= holder.bytes.length;
    const matrix = isCompressed ? holder.element(0, holder.bytes.length) : element;
    if (matrix.type !== MATRIX)
      throw holder.fail(matrix.at, `an array (type ${MATRIX})${isCompressed ? "" : ", compressed or not"}, found the type ${matrix.type}`);
    const variable = readVariable(holder, matrix);
    at = element.next;
    if (variable === undefined) continue;
    const { name, content } = variable;
    if (seen.has(name)) throw holder.fail(matrix.at, `another variable than ${name}, which was there before`);
    seen.add(name);
    if (variables !== undefined && !variables.includes(name)) continue;
    if (typeof content === "string") {
      if (variables !== undefined) throw holder.fail(matrix.at, `real numbers in the variable ${name}, found ${content}`);
      continue;
    }
    if (content.bytes > left.arrays)
      throw holder.fail(matrix.at, `at most ${left.arrays} bytes for the array ${name} in both its orders, found ${content.bytes}`);
    left.arrays -= content.bytes;
    found.set(name, content.read());
  }
  const missing = variables?.find((name) => !found.has(name));
  if (missing !== undefined) throw whole.fail(bytes.length, `a variable ${missing}, found ${describeValue([...seen])} and the end`);
  return Object.fromEntries(found);
}

/** Whether numbers are little-endian. */
function readHeader(bytes: Uint8Array, file: string): boolean {
  if (bytes.length < HEADER)
    throw new FormatError(file, bytes.length, `the ${HEADER} bytes with which a MATLAB 5 file begins, found the end`);
  const order = String.fromCharCode(bytes[126], bytes[127]);
  if (order !== "IM" && order !== "MI")
    throw new FormatError(file, 126, 'the letters "IM" or "MI", which tell the byte order of a MATLAB 5 file');
  const little = order === "IM";
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint16(124, little);
  if (version === 2 * VERSION) throw new FormatError(file, 124, "a MATLAB 5 file, found one of version 7.3 (HDF5): save it with -v7");
  if (version !== VERSION) throw new FormatError(file, 124, `the version ${VERSION} of MATLAB 5 files, found ${version}`);
  return little;
}

/**
 * What an element holds when decompressed: an array that says first how long it is. What is more than `most` bytes, or more than so few can
 * hold, is refused before anything is allocated, and what is more than it says as soon as it comes.
 */
async function decompress(whole: MatBytes, at: number, begin: number, end: number, most: number, file: string): Promise<MatBytes> {
  const fail = (offset: number, expected: string): FormatError =>
    new FormatError(file, at, `${expected} (byte ${offset} of what is compressed there)`);
  const damaged = (): FormatError => whole.fail(at, "zlib data that are whole, found them cut short or damaged");
  const head = new Uint8Array(8);
  let out: Uint8Array | undefined;
  let length = 0;
  for await (const chunk of inflated(whole.bytes.subarray(begin, end), "deflate", damaged)) {
    let taken = 0;
    if (out === undefined) {
      taken = Math.min(8 - length, chunk.length);
      head.set(chunk.subarray(0, taken), length);
      length += taken;
      if (length < 8) continue;
      out = startOf(new MatBytes(head, whole.little, fail), end - begin, most);
    }
    if (length + chunk.length - taken > out.length) throw fail(4, `a length of at least ${length + chunk.length - taken - 8} bytes`);
    out.set(taken === 0 ? chunk : chunk.subarray(taken), length);
    length += chunk.length - taken;
  }
  if (out === undefined || length < out.length) throw fail(length, "more bytes, found the end: cut short or damaged");
  return new MatBytes(out, whole.little, fail);
}

/** Room for an element as long as its first 8 bytes say, which are there already. */
function startOf(head: MatBytes, compressed: number, most: number): Uint8Array {
  const size = 8 + head.word(4);
  if (head.word(0) !== MATRIX) throw head.fail(0, `an array (type ${MATRIX}), found the type ${head.word(0)}`);
  if (size > most) throw head.fail(4, `a length of at most ${most} bytes, found ${size}`);
  if (size > LARGEST_RATIO * compressed) throw head.fail(4, `a length that ${compressed} bytes can hold, found ${size}: damaged`);
  const out = allocate(Uint8Array, size, "a compressed variable");
  out.set(head.bytes);
  return out;
}

function checkMatOptions(options: MatOptions): MatOptions & { readonly mostBytes: number; readonly file: string } {
  checkKnownOptions("readMat", checkObject("readMat", options), ["variables", "mostBytes", "file"]);
  const { variables, file = "MATLAB data" } = options;
  if (variables !== undefined && !(isArray(variables) && variables.length > 0 && variables.every((name) => typeof name === "string")))
    throw new InvalidOptionError("variables", variables, "a list of names, at least one");
  if (typeof file !== "string") throw new InvalidOptionError("file", file, "text");
  return { variables, mostBytes: checkInteger("mostBytes", orDefault(options.mostBytes, 2 ** 31), 0), file };
}
