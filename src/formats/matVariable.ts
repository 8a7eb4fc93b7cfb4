import { allocate } from "../boundary/allocate.js";
import { type MatBytes, type MatElement, TYPES } from "./matElements.js";
import { rowMajor } from "./rowMajor.js";

/** An array of numbers from a MATLAB file. */
export interface MatArray {
  /** At least two sizes. */
  readonly shape: readonly number[];
  /** Row-major, though the file has the first index running fastest; of 64-bit integers, what f64 makes of them. */
  readonly data: Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;
}

type Elements = MatArray["data"];

interface Maker {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): Elements;
}

/** Classes of numbers: what they are called, and arrays of them. */
const CLASSES: Readonly<Record<number, readonly [name: string, Elements: Maker]>> = {
  6: ["double", Float64Array],
  7: ["single", Float32Array],
  8: ["int8", Int8Array],
  9: ["uint8", Uint8Array],
  10: ["int16", Int16Array],
  11: ["uint16", Uint16Array],
  12: ["int32", Int32Array],
  13: ["uint32", Uint32Array],
  14: ["int64", Float64Array],
  15: ["uint64", Float64Array],
};

/** Classes of anything else. */
const OTHERS: Readonly<Record<number, string>> = {
  1: "a cell array",
  2: "a structure",
  3: "an object",
  4: "text",
  5: "a sparse matrix",
  16: "a function",
  17: "an object",
};
/** Those of others that have no name where arrays have theirs. */
const NAMELESS = [16, 17];

const UINT32 = 6;
const INT32 = 5;
const COMPLEX = 0x08;
const MOST_DIMENSIONS = 32;
/** MATLAB's longest name has 63 letters; Octave's may begin with an underscore. */
const NAME = /^[A-Za-z_]\w{0,62}$/;

/** An array of real numbers that has not been read yet. */
export interface MatNumbers {
  /** Bytes that it takes in memory, in both orders. */
  readonly bytes: number;
  /** Throws FormatError, OutOfMemoryError. */
  read(): MatArray;
}

/** A variable of a file as far as its beginning says: numbers that can be read, or something else. */
export interface MatVariable {
  readonly name: string;
  /** What it is, e.g. "a structure", or the numbers that can be read. */
  readonly content: string | MatNumbers;
}

/** What an element of the type MATRIX holds; undefined for what has no name, such as what MATLAB keeps for objects. Throws FormatError. */
export function readVariable(file: MatBytes, { begin, end }: MatElement): MatVariable | undefined {
  const flags = file.element(begin, end);
  if (flags.type !== UINT32 || flags.end - flags.begin !== 8) throw file.fail(flags.at, "flags of an array: two words of 32 bits");
  const word = file.word(flags.begin);
  const kind = word & 0xff;
  if (NAMELESS.includes(kind)) return undefined;
  if (CLASSES[kind] === undefined && OTHERS[kind] === undefined)
    throw file.fail(flags.begin, `a class of arrays from 1 to 17, found ${kind}`);
  const sizes = file.element(flags.next, end);
  const shape = readShape(file, sizes);
  const text = file.element(sizes.next, end);
  const name = readName(file, text);
  if (name === "") return undefined;
  const other = OTHERS[kind] ?? ((word >> 8) & COMPLEX ? "complex numbers" : undefined);
  return { name, content: other ?? numbersAt(file, text.next, end, { name, kind, shape }) };
}

function numbersAt(
  file: MatBytes,
  at: number,
  end: number,
  { name, kind, shape }: { readonly name: string; readonly kind: number; readonly shape: readonly number[] },
): MatNumbers {
  const [className, Elements] = CLASSES[kind];
  // Sides may multiply to infinity, of which no zero makes a zero any more.
  const count = shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, 1);
  return {
    bytes: 2 * count * Elements.BYTES_PER_ELEMENT,
    read() {
      const numbers = file.element(at, end);
      const { type } = numbers;
      if (TYPES[type] === undefined) throw file.fail(numbers.at, `numbers (a type from 1 to 7, 9, 12 or 13), found the type ${type}`);
      const [stored, readOne] = TYPES[type];
      const there = numbers.end - numbers.begin;
      // Before anything is allocated: what the shape asks for must be there.
      if (there !== count * stored)
        throw file.fail(numbers.at, `${count * stored} bytes of data for the shape [${shape.join(", ")}], found ${there}`);
      const data = allocate(Elements, count, `the variable ${name}`);
      for (let i = 0; i < count; i++) {
        const value = readOne(file.view, numbers.begin + stored * i, file.little);
        data[i] = value;
        // MATLAB stores small numbers in fewer bytes than their class has, never in ways that lose anything.
        if (data[i] !== value && !Number.isNaN(value))
          throw file.fail(numbers.begin + stored * i, `a number that ${className} holds, found ${value}`);
      }
      return { shape, data: rowMajor(data, allocate(Elements, count, `the variable ${name}`), shape) };
    },
  };
}

function readShape(file: MatBytes, { type, at, begin, end }: MatElement): number[] {
  const dimensions = (end - begin) / 4;
  if (type !== INT32 || !Number.isInteger(dimensions) || dimensions < 2 || dimensions > MOST_DIMENSIONS)
    throw file.fail(at, `from 2 to ${MOST_DIMENSIONS} sizes of an array, each of 32 bits`);
  return Array.from({ length: dimensions }, (_, axis) => {
    const side = file.view.getInt32(begin + 4 * axis, file.little);
    if (side < 0) throw file.fail(begin + 4 * axis, `a size of at least 0, found ${side}`);
    return side;
  });
}

function readName(file: MatBytes, { type, at, begin, end }: MatElement): string {
  const isText = type === 1 || type === 2 || type === 16;
  const name = isText && end - begin <= 63 ? String.fromCharCode(...file.bytes.subarray(begin, end)) : undefined;
  if (name === undefined || (name !== "" && !NAME.test(name)))
    throw file.fail(at, "the name of a variable: at most 63 letters, digits and underscores");
  return name;
}
