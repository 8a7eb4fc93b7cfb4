import { allocate } from "../boundary/allocate.js";
import { shorten } from "../boundary/describeValue.js";
import { isArray, isUint8Array } from "../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../errors.js";
import { checkBoolean, checkInteger, checkKnownOptions, checkObject, checkOneOf } from "../validate.js";
import { CsvClasses, MOST_CLASSES } from "./csvClasses.js";
import { CsvFields } from "./csvFields.js";

export interface CsvOptions {
  /** What stands between fields. Default: a tab, a semicolon or a comma, the first of these that the first record has. */
  readonly delimiter?: "," | ";" | "\t";
  /** Whether the first record names the columns. Default: whether one of its fields, the label's left out, is no number. */
  readonly header?: boolean;
  /** The column of labels, by name or by place: from 0, or from the end, -1 being the last. Default: there is none. */
  readonly label?: string | number;
  /** Names of all classes, in order: for test data, whose classes must be those of the training data. Default: those found. */
  readonly classes?: readonly string[];
  /** "f32" (default), which batches are made of, or "f64". */
  readonly precision?: "f32" | "f64";
  /** What to call the text in messages, such as a path. */
  readonly file?: string;
}

/** Rows of numbers; `inputs: values, targets, cases: rows` makes a data set of them. */
export interface CsvTable<Values extends Float32Array | Float64Array = Float32Array> {
  /** Names of the columns of `values`; "column 1" and so on where there is no header. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** rows x columns, row-major. */
  readonly values: Values;
  /** With a column of labels: names of the classes, numbers in order of size, words in order of their UTF-16 units. */
  readonly classes?: readonly string[];
  /** The class of each row. */
  readonly labels?: Uint16Array;
  /** rows x classes, one-hot. */
  readonly targets?: Float32Array;
}

const DELIMITERS = ["\t", ";", ","] as const;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Beyond these f32 is infinite. */
const LARGEST = { f32: 3.4028235677973366e38, f64: Infinity } as const;

/**
 * Reads comma-separated values (RFC 4180): a header, if there is one, and rows of numbers, all of them as long; one column may hold labels,
 * which are words or numbers and become classes.
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
  const { delimiter, header, label, classes: given, precision, file } = checkCsvOptions(options);
  if (typeof text !== "string" && !isUint8Array(text))
    throw new InvalidOptionError("text", text, "text, or the bytes of a file as a Uint8Array");
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const first = textBegin(bytes, file);
  const code = (delimiter ?? findDelimiter(bytes, first)).charCodeAt(0);
  const { width, rows: records } = measure(new CsvFields(bytes, code, file, first));
  if (records === 0) throw new FormatError(file, bytes.length, "at least one record, found none");
  const { names, labelAt } = readHeader(new CsvFields(bytes, code, file, first), width, header, label);

  const fields = new CsvFields(bytes, code, file, first);
  if (names !== undefined) for (let i = 0; i < width; i++) fields.next();
  const rows = names === undefined ? records : records - 1;
  if (rows === 0) throw new FormatError(file, bytes.length, "at least one row after the header, found none");
  const columns = names ?? Array.from({ length: width }, (_, i) => `column ${i + 1}`);
  if (labelAt !== undefined && width === 1) throw new FormatError(file, first, "a column of numbers beside the labels, found none");
  const classes = labelAt === undefined ? undefined : new CsvClasses(given);
  const count = rows * (width - (classes ? 1 : 0));
  const values = precision === "f32" ? allocate(Float32Array, count, "the values") : allocate(Float64Array, count, "the values");
  let done = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      fields.next();
      if (column === labelAt) {
        const wrong = classes!.add(fields.text);
        if (wrong !== undefined) throw fields.fail(fields.begin, wrong);
      } else values[done++] = readNumber(fields, columns[column], precision);
    }
  }
  return { columns: columns.filter((_, i) => i !== labelAt), rows, values, ...classes?.finish() };
}

function readNumber(fields: CsvFields, column: string, precision: "f32" | "f64"): number {
  const { number } = fields;
  if (number !== undefined && Math.abs(number) < LARGEST[precision]) return number;
  const name = JSON.stringify(shorten(column));
  const text = shorten(fields.text);
  const found = text === "" ? "nothing" : JSON.stringify(text);
  if (number !== undefined) throw fields.fail(fields.begin, `a number that ${precision} holds in ${name}, found ${found}`);
  throw fields.fail(fields.begin, `a number such as -1.5 in ${name}, found ${found}; a column of words can be the label`);
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

/** The names of all columns, where the first record has them, and the place of the label. */
function readHeader(
  fields: CsvFields,
  width: number,
  header: boolean | undefined,
  label: string | number | undefined,
): { readonly names: readonly string[] | undefined; readonly labelAt: number | undefined } {
  if (typeof label === "number" && (label >= width || label < -width))
    throw new InvalidOptionError("label", label, `from ${-width} to ${width - 1}, or the name of a column: there are ${width} columns`);
  const place = typeof label === "number" ? (label + width) % width : undefined;
  let isHeader = header ?? typeof label === "string";
  const names: string[] = [];
  for (let i = 0; i < width; i++) {
    fields.next();
    if (header === undefined && i !== place && fields.number === undefined) isHeader = true;
    names.push(fields.text);
  }
  if (typeof label !== "string") return { names: isHeader ? names : undefined, labelAt: place };
  const places = [...names.keys()].filter((i) => names[i] === label);
  if (places.length === 1) return { names, labelAt: places[0] };
  const list = shorten(names.map((name) => JSON.stringify(name)).join(", "));
  const remedy = places.length === 0 ? `one of the columns ${list}` : "the place of a column, since several have this name";
  throw new InvalidOptionError("label", label, remedy);
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

function checkCsvOptions(options: CsvOptions): CsvOptions & { readonly precision: "f32" | "f64"; readonly file: string } {
  checkKnownOptions("readCsv", checkObject("readCsv", options), ["delimiter", "header", "label", "classes", "precision", "file"]);
  const { delimiter, header, label, classes, precision = "f32", file = "CSV text" } = options;
  if (delimiter !== undefined) checkOneOf("delimiter", delimiter, DELIMITERS);
  if (header !== undefined) checkBoolean("header", header);
  if (typeof label === "number") checkInteger("label", label, -Number.MAX_SAFE_INTEGER);
  else if (label !== undefined && typeof label !== "string")
    throw new InvalidOptionError("label", label, "the name of a column or its place");
  if (typeof label === "string" && header === false)
    throw new InvalidOptionError("label", label, "the place of a column, since there is no header that names any");
  if (classes !== undefined) {
    if (label === undefined) throw new InvalidOptionError("classes", classes, "left out: no column is the label");
    const names = isArray(classes) ? classes : [];
    const isGood = names.length > 0 && names.length <= MOST_CLASSES && names.every((name) => typeof name === "string");
    if (!isGood || new Set(names).size < names.length)
      throw new InvalidOptionError("classes", classes, `an array of different names, at most ${MOST_CLASSES}`);
  }
  checkOneOf("precision", precision, ["f32", "f64"]);
  if (typeof file !== "string") throw new InvalidOptionError("file", file, "what to call the text, as text");
  return { ...options, precision, file };
}
