import { isRecord } from "../boundary/realm.js";
import { describeValue, FormatError } from "../errors.js";
import { parseBoundedJson } from "./boundedJson.js";
import { elementTypes, type FloatType, isFloatType } from "./safetensorsElements.js";

/** The key of the header's map of strings. */
export const METADATA = "__metadata__";
/** The reference reader refuses longer headers, so that a file of a few bytes cannot demand gigabytes. */
export const LONGEST_HEADER = 100_000_000;
/** Half a surrogate pair: JavaScript's strings may hold one, UTF-8 and so other readers may not. */
export const HALF_CHARACTER = /\p{Surrogate}/u;

const [QUOTE, BACKSLASH, COLON, COMMA, BRACE, BRACKET] = [0x22, 0x5c, 0x3a, 0x2c, 0x7b, 0x5b];
/** JSON's. */
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** A tensor as the header has it: its elements stand from byte `begin` to `end` of the data. */
export interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
  readonly dtype: FloatType;
}

/** What the header of a file says, checked. */
export interface Header {
  readonly metadata: Record<string, string>;
  /** In the order of the header; those of other element types are left out where they may be there. */
  readonly entries: readonly Entry[];
  /** Where the data begin, in bytes of the file. */
  readonly dataStart: number;
}

/**
 * Reads and checks the header. `otherTypes`: whether tensors whose elements are no floats, such as counters of steps, may be there.
 *
 * @throws FormatError with the byte offset and what was expected there
 */
export function readHeader(bytes: Uint8Array, file: string, otherTypes: boolean): Header {
  const { text, dataStart } = readText(bytes, file);
  const fail: Fail = (index, expected) => new FormatError(file, 8 + new TextEncoder().encode(text.slice(0, index)).length, expected);
  const members = parseHeader(text, fail);
  const metadata = readMetadata(members, fail);
  const places = [...members].filter(([name]) => name !== METADATA).map(([name, member]) => readPlace(name, member, fail));
  const entries = places.flatMap((place) => checkElements(place, otherTypes, fail));
  const covered = checkCoverage(places, bytes.length - dataStart, fail);
  if (dataStart + covered !== bytes.length) {
    throw new FormatError(
      file,
      dataStart + covered,
      `the end of the file, found ${bytes.length - dataStart - covered} bytes that belong to no tensor`,
    );
  }
  return { metadata, entries, dataStart };
}

/** Makes the error for something wrong at a character of the header; its byte offset is counted only then. */
type Fail = (index: number, expected: string) => FormatError;

function readText(bytes: Uint8Array, file: string): { text: string; dataStart: number } {
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

/** A member of an object: the text of its value, which begins at `start` of the header's text, and the index of its name there. */
interface Member {
  readonly text: string;
  readonly start: number;
  readonly index: number;
}

/**
 * The header's members in the order of the file.
 *
 * JSON.parse reads the values, but not the names: it keeps the last of two equal ones and moves names such as "10" to the front, and V8
 * (that of Node 24) takes an escape such as \n for the name \ where it has seen an object with that name before. Names are therefore
 * read from the text.
 */
function parseHeader(text: string, fail: Fail): Map<string, Member> {
  try {
    parseBoundedJson(text);
  } catch {
    throw fail(0, "a header in JSON, nested no more than 128 deep and of no more than a million values");
  }
  if (!isObject(text)) throw fail(0, "a header that starts with {");
  return readMembers(text, 0, fail);
}

const isObject = (json: string): boolean => json.trimStart().startsWith("{");

/**
 * The members of an object: all of `text`, which begins at `offset` of the header's. That it is valid JSON makes it easy: only strings,
 * brackets and commas matter.
 */
function readMembers(text: string, offset: number, fail: Fail): Map<string, Member> {
  const members = new Map<string, Member>();
  /** The names seen in each of the objects that are open, once there is one; an open array has none. */
  const open: (Set<string> | undefined)[] = [];
  let begun: { name: string; index: number; start: number } | undefined;
  // Character codes, since a header may be tens of millions of characters long.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const closes = code === BRACE + 2 || code === BRACKET + 2;
    if (begun !== undefined && open.length === 1 && (closes || code === COMMA)) {
      const { name, index, start } = begun;
      members.set(name, { text: text.slice(start, i), start: offset + start, index: offset + index });
      begun = undefined;
    }
    if (code === BRACE || code === BRACKET) open.push(undefined);
    else if (closes) open.pop();
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
    if (HALF_CHARACTER.test(name)) throw fail(offset + index, `a name of whole Unicode characters, found ${describeValue(name)}`);
    const names = (open[open.length - 1] ??= new Set());
    if (names.has(name)) throw fail(offset + index, `a name not used before, found ${describeValue(name)} again`);
    names.add(name);
    if (open.length === 1) begun = { name, index, start: after + 1 };
  }
  return members;
}

function readMetadata(members: Map<string, Member>, fail: Fail): Record<string, string> {
  const member = members.get(METADATA);
  if (member === undefined) return {};
  const value: unknown = JSON.parse(member.text);
  // The reference reader takes null for none.
  if (value === null) return {};
  const texts = isObject(member.text) ? [...readMembers(member.text, member.start, fail)] : [];
  const entries = texts.map(([key, { text }]): [string, unknown] => [key, JSON.parse(text)]);
  if (!isRecord(value) || entries.some(([, text]) => typeof text !== "string")) {
    throw fail(member.index, `${METADATA} to be an object of strings, found ${describeValue(value)}`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A tensor's member of the header, whatever its elements are. */
interface Place {
  readonly name: string;
  readonly index: number;
  readonly dtype: string;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

function readPlace(name: string, { text, index }: Member, fail: Fail): Place {
  const value: unknown = JSON.parse(text);
  const expected = (what: string, found: unknown) =>
    fail(index, `${what} for tensor ${describeValue(name)}, found ${describeValue(found)}`);
  if (!isRecord(value)) throw expected("an object of dtype, shape and data_offsets", value);
  const { dtype, shape, data_offsets: range } = value;
  if (typeof dtype !== "string") throw expected(`dtype ${floatTypes}`, dtype);
  if (!isSizes(shape)) throw expected("a shape of whole numbers", shape);
  if (!isSizes(range) || range.length !== 2) throw expected("data_offsets [begin, end]", range);
  return { name, index, dtype, shape, begin: range[0], end: range[1] };
}

const floatTypes = Object.keys(elementTypes)
  .map((name) => `"${name}"`)
  .join(", ")
  .replace(/, ([^,]*)$/, " or $1");

/** The entry of a tensor of floats; none for one of other elements, where there may be such. */
function checkElements({ name, index, dtype, shape, begin, end }: Place, otherTypes: boolean, fail: Fail): Entry[] {
  const tensor = `for tensor ${describeValue(name)}`;
  if (!isFloatType(dtype)) {
    if (!otherTypes) throw fail(index, `dtype ${floatTypes} ${tensor}, found ${describeValue(dtype)}`);
    if (begin > end) throw fail(index, `data_offsets [begin, end] ${tensor}, found ${describeValue([begin, end])}`);
    return [];
  }
  const needed = shape.reduce((product, size) => product * size, elementTypes[dtype].bytes);
  if (end - begin === needed) return [{ name, shape, begin, end, dtype }];
  const range = `data_offsets ${needed} bytes apart (${dtype} of shape ${describeValue(shape)})`;
  throw fail(index, `${range} ${tensor}, found ${describeValue([begin, end])}`);
}

/**
 * Each tensor must begin where the one before it in the data ends, the first at 0, all within the data. Returns where the last one ends.
 */
function checkCoverage(places: readonly Place[], dataLength: number, fail: Fail): number {
  let covered = 0;
  for (const { name, index, begin, end } of [...places].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
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
