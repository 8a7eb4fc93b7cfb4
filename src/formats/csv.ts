import { allocate } from "../boundary/allocate.js";
import { shorten } from "../boundary/describeValue.js";
import { isArray, isUint8Array } from "../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../errors.js";
import { checkBoolean, checkInteger, checkKnownOptions, checkObject, checkOneOf } from "../validate.js";
import { CsvClasses, MOST_CLASSES } from "./csvClasses.js";
import { CsvFields } from "./csvFields.js";

/** Options of `readCsv`. */
export interface CsvOptions {
  /** What stands between fields. Default: a tab, a semicolon or a comma, the first of these that the first record has. */
  readonly delimiter?: "," | ";" | "\t";
  /** Whether the first record names the columns. Default: whether one of its fields, the label's left out, is no number. */
  readonly header?: boolean;
  /** The column of labels, which become classes, by name or by place: from 0, or from the end, -1 being the last. Default: none. */
  readonly label?: string | number;
  /** In place of a label, the column of numbers that are to be predicted, likewise. Default: there is none. */
  readonly target?: string | number;
  /** Names of all classes, in order: for test data, whose classes must be those of the training data. Default: those found. */
  readonly classes?: readonly string[];
  /** "f32" (default), which batches are made of, or "f64". */
  readonly precision?: "f32" | "f64";
  /** What to call the text in messages, such as a path. */
  readonly file?: string;
}

/** Rows of numbers: a data set, each row a case and each column, but for the label's or the target's, a feature. */
export interface CsvTable<Values extends Float32Array | Float64Array = Float32Array> {
  /** cases x features, row-major. */
  readonly inputs: Values;
  readonly cases: number;
  readonly features: number;
  /** Names of the features; "column 1" and so on where there is no header. */
  readonly columns: readonly string[];
  /** With a column of labels: names of the classes, numbers in order of size, words in order of their UTF-16 units. */
  readonly classes?: readonly string[];
  /** The class of each case. */
  readonly labels?: Uint16Array;
  /** With a column of labels: cases x classes, one-hot. With a target: its number of each case. */
  readonly targets?: Float32Array;
}

const DELIMITERS = ["\t", ";", ","] as const;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Beyond these f32 is infinite. */
const LARGEST = { f32: 3.4028235677973366e38, f64: Infinity } as const;

/**
 * Reads comma-separated values (RFC 4180): a header, if there is one, and rows of numbers, all of them as long; one column may hold labels,
 * which are words or numbers and become classes, or the numbers that are to be predicted.
 *
 * Numbers have a decimal point and no separators of thousands, as in -1.5e3; a field that is empty or anything else is refused: nothing is
 * guessed. The text is UTF-8; lines that are empty are left out.
 *
 * @param text the text, or the bytes of a file
 * @throws FormatError with the byte offset (of the UTF-8 text) and the line of what is wrong; InvalidOptionError
 */
export function readCsv(text: string | Uint8Array, options: CsvOptions & { readonly precision: "f64" }): CsvTable<Float64Array>;
export function readCsv(text: string | Uint8Array, options?: CsvOptions): CsvTable;
export function readCsv(text: string | Uint8Array, options: CsvOptions = {}): CsvTable<Float32Array | Float64Array> {
  const { delimiter, header, place, classes: given, precision, file } = checkCsvOptions(options);
  if (typeof text !== "string" && !isUint8Array(text))
    throw new InvalidOptionError("text", text, "text, or the bytes of a file as a Uint8Array");
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const first = textBegin(bytes, file);
  const code = (delimiter ?? findDelimiter(bytes, first)).charCodeAt(0);
  const { width, rows: records } = measure(new CsvFields(bytes, code, file, first));
  if (records === 0) throw new FormatError(file, bytes.length, "at least one record, found none");
  const { names, at } = readHeader(new CsvFields(bytes, code, file, first), width, header, place);

  const fields = new CsvFields(bytes, code, file, first);
  if (names !== undefined) for (let i = 0; i < width; i++) fields.next();
  const rows = names === undefined ? records : records - 1;
  if (rows === 0) throw new FormatError(file, bytes.length, "at least one row after the header, found none");
  const columns = names ?? Array.from({ length: width }, (_, i) => `column ${i + 1}`);
  if (place !== undefined && width === 1) throw new FormatError(file, first, `a column of numbers beside the ${place.option}s, found none`);
  const classes = place?.option === "label" ? new CsvClasses(given) : undefined;
  const targets = place?.option === "target" ? allocate(Float32Array, rows, "the targets") : undefined;
  const features = place === undefined ? width : width - 1;
  const count = rows * features;
  const inputs = precision === "f32" ? allocate(Float32Array, count, "the values") : allocate(Float64Array, count, "the values");
  let done = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      fields.next();
      if (column !== at) inputs[done++] = readNumber(fields, columns[column], precision, "a column of words can be the label");
      else if (targets !== undefined) targets[row] = readNumber(fields, columns[column], "f32", "words are predicted as a label");
      else {
        const wrong = classes!.add(fields.text);
        if (wrong !== undefined) throw fields.fail(fields.begin, wrong);
      }
    }
  }
  const found = classes?.finish() ?? (targets === undefined ? {} : { targets });
  return { inputs, cases: rows, features, columns: columns.filter((_, i) => i !== at), ...found };
}

/** The number of a field; `words` is what to do where it is a word. */
function readNumber(fields: CsvFields, column: string, precision: "f32" | "f64", words: string): number {
  const { number } = fields;
  if (number !== undefined && Math.abs(number) < LARGEST[precision]) return number;
  const name = JSON.stringify(shorten(column));
  const text = shorten(fields.text);
  const found = text === "" ? "nothing" : JSON.stringify(text);
  if (number !== undefined) throw fields.fail(fields.begin, `a number that ${precision} holds in ${name}, found ${found}`);
  throw fields.fail(fields.begin, `a number such as -1.5 in ${name}, found ${found}; ${words}`);
}

/** Fields of a record, which must all have as many, and records. */
function measure(fields: CsvFields): { readonly width: number; readonly rows: number } {
  let width = 0;
  let rows = 0;
  let inRecord = 0;
  while (fields.next()) {
    inRecord++;
    if (!fields.isLast) continue;
    if (rows++ === 0) width = inRecord;
    if (inRecord !== width)
      throw fields.fail(fields.begin, `${width} field${width === 1 ? "" : "s"}, as in the first record, found ${inRecord}`);
    inRecord = 0;
  }
  return { width, rows };
}

/** A column that is told apart: the option that says which, and what it says. */
interface Place {
  readonly option: "label" | "target";
  readonly value: string | number;
}

/** The names of all columns, where the first record has them, and the place of the column that is told apart. */
function readHeader(
  fields: CsvFields,
  width: number,
  header: boolean | undefined,
  place: Place | undefined,
): { readonly names: readonly string[] | undefined; readonly at: number | undefined } {
  const { option, value } = place ?? { option: "label" };
  if (typeof value === "number" && (value >= width || value < -width))
    throw new InvalidOptionError(option, value, `from ${-width} to ${width - 1}, or the name of a column: there are ${width} columns`);
  const at = typeof value === "number" ? (value + width) % width : undefined;
  let isHeader = header ?? typeof value === "string";
  const names: string[] = [];
  for (let i = 0; i < width; i++) {
    fields.next();
    if (header === undefined && !(i === at && option === "label") && fields.number === undefined) isHeader = true;
    names.push(fields.text);
  }
  if (typeof value !== "string") return { names: isHeader ? names : undefined, at };
  const places = [...names.keys()].filter((i) => names[i] === value);
  if (places.length === 1) return { names, at: places[0] };
  const list = shorten(names.map((name) => JSON.stringify(name)).join(", "));
  const remedy = places.length === 0 ? `one of the columns ${list}` : "the place of a column, since several have this name";
  throw new InvalidOptionError(option, value, remedy);
}

/** The first byte of the text. Throws FormatError for what is no UTF-8 from the beginning. */
function textBegin(bytes: Uint8Array, file: string): number {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new FormatError(file, 0, "text in UTF-8, found UTF-16: save it as UTF-8");
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? 3 : 0;
}

/** A tab, a semicolon or a comma, the first of these that the first record has outside of quotes; a comma where it has none. */
function findDelimiter(bytes: Uint8Array, first: number): string {
  const seen = new Set<string>();
  let isQuoted = false;
  let isEmpty = true;
  for (let at = first; at < bytes.length; at++) {
    const character = String.fromCharCode(bytes[at]);
    const isLineEnd = !isQuoted && (character === "\n" || character === "\r");
    if (isLineEnd && !isEmpty) break;
    if (!isLineEnd) isEmpty = false;
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted) seen.add(character);
  }
  return DELIMITERS.find((delimiter) => seen.has(delimiter)) ?? ",";
}

interface CheckedCsvOptions extends CsvOptions {
  readonly place: Place | undefined;
  readonly precision: "f32" | "f64";
  readonly file: string;
}

function checkCsvOptions(options: CsvOptions): CheckedCsvOptions {
  const known = ["delimiter", "header", "label", "target", "classes", "precision", "file"];
  checkKnownOptions("readCsv", checkObject("readCsv", options), known);
  const { delimiter, header, label, target, classes, precision = "f32", file = "CSV text" } = options;
  if (delimiter !== undefined) checkOneOf("delimiter", delimiter, DELIMITERS);
  if (header !== undefined) checkBoolean("header", header);
  if (label !== undefined && target !== undefined)
    throw new InvalidOptionError("target", target, "left out: the column of labels is predicted");
  const place = checkPlace("label", label, header) ?? checkPlace("target", target, header);
  if (classes !== undefined) {
    if (label === undefined) throw new InvalidOptionError("classes", classes, "left out: no column is the label");
    const names = isArray(classes) ? classes : [];
    const isGood = names.length > 0 && names.length <= MOST_CLASSES && names.every((name) => typeof name === "string");
    if (!isGood || new Set(names).size < names.length)
      throw new InvalidOptionError("classes", classes, `an array of different names, at most ${MOST_CLASSES}`);
  }
  checkOneOf("precision", precision, ["f32", "f64"]);
  if (typeof file !== "string") throw new InvalidOptionError("file", file, "what to call the text, as text");
  return { ...options, place, precision, file };
}

function checkPlace(option: "label" | "target", value: unknown, header: boolean | undefined): Place | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number") return { option, value: checkInteger(option, value, -Number.MAX_SAFE_INTEGER) };
  if (typeof value !== "string") throw new InvalidOptionError(option, value, "the name of a column or its place");
  if (header === false) throw new InvalidOptionError(option, value, "the place of a column, since there is no header that names any");
  return { option, value };
}
