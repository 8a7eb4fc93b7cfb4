import { FormatError } from "../errors.js";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** 10^0 to 10^22, which f64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Digits of which every number is exact in f64. */
const EXACT_DIGITS = 15;

/** A number as it is written in a field. */
export const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Walks through the fields of CSV bytes (RFC 4180): fields apart by a delimiter, records by a line end (LF, CR LF or CR), fields in quotes
 * where they hold either, quotes in them doubled. Empty lines are no records.
 */
export class CsvFields {
  /** The field read last: its bytes without the quotes around it, where it begins, and the line it begins on, from 1. */
  begin = 0;
  end = 0;
  line = 1;
  /** Whether its record ends with it. */
  isLast = true;
  private at: number;
  private nextLine = 1;
  private hasQuotes = false;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly delimiter: number,
    private readonly file: string,
    /** Where the text begins: after a byte order mark. */
    first: number,
  ) {
    this.at = first;
  }

  /** Goes to the next field; false at the end. Throws FormatError. */
  next(): boolean {
    if (this.isLast) this.skipEmptyLines();
    // After a delimiter there is a field, be it empty.
    if (this.isLast && this.at >= this.bytes.length) return false;
    this.line = this.nextLine;
    if (this.bytes[this.at] === QUOTE) this.readQuoted();
    else this.readPlain();
    this.isLast = this.bytes[this.at] !== this.delimiter || this.at >= this.bytes.length;
    if (this.isLast) this.readLineEnd();
    else this.at++;
    return true;
  }

  /** The number that the field is, spaces around it left out; undefined for anything else. */
  get number(): number | undefined {
    const { bytes } = this;
    let { begin, end } = this;
    while (begin < end && (bytes[begin] === SPACE || bytes[begin] === TAB)) begin++;
    while (end > begin && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
    const isNegative = bytes[begin] === 0x2d;
    let digits = 0;
    let point = -1;
    let value = 0;
    let at = isNegative ? begin + 1 : begin;
    for (; at < end; at++) {
      const digit = bytes[at] - 0x30;
      if (digit >= 0 && digit <= 9) {
        value = 10 * value + digit;
        digits++;
      } else if (bytes[at] === 0x2e && point < 0) point = digits;
      else break;
    }
    // So few digits, divided by such a power of ten, give the nearest f64: both are exact.
    if (at === end && digits > 0 && digits <= EXACT_DIGITS) {
      const magnitude = point < 0 ? value : value / POWERS[digits - point];
      return isNegative ? -magnitude : magnitude;
    }
    const text = String.fromCharCode(...bytes.subarray(begin, Math.min(end, begin + 1000)));
    return end - begin <= 1000 && NUMBER.test(text) ? Number(text) : undefined;
  }

  /** The text of the field. Throws FormatError for bytes that are not UTF-8. */
  get text(): string {
    try {
      const text = DECODER.decode(this.bytes.slice(this.begin, this.end));
      return this.hasQuotes ? text.replaceAll('""', '"') : text;
    } catch {
      throw this.fail(this.begin, "text in UTF-8");
    }
  }

  /** The error of something at a byte of the field's line. */
  fail(offset: number, expected: string, line = this.line): FormatError {
    return new FormatError(this.file, offset, `${expected} (line ${line})`);
  }

  private skipEmptyLines(): void {
    while (this.bytes[this.at] === LINE_FEED || this.bytes[this.at] === CARRIAGE_RETURN) this.readLineEnd();
  }

  private readLineEnd(): void {
    if (this.at >= this.bytes.length) return;
    this.at += this.bytes[this.at] === CARRIAGE_RETURN && this.bytes[this.at + 1] === LINE_FEED ? 2 : 1;
    this.nextLine++;
  }

  private readPlain(): void {
    const { bytes, delimiter } = this;
    this.begin = this.at;
    this.hasQuotes = false;
    let at = this.at;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === delimiter || byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
      if (byte === QUOTE) throw this.fail(at, "a quote at the beginning of a field only, found one in the middle");
    }
    this.at = this.end = at;
  }

  private readQuoted(): void {
    const { bytes, delimiter } = this;
    this.begin = this.at + 1;
    this.hasQuotes = false;
    let at = this.begin;
    for (; ; at++) {
      if (at >= bytes.length) throw this.fail(this.begin - 1, "a closing quote after this one, found the end");
      const byte = bytes[at];
      if (byte === QUOTE) {
        if (bytes[at + 1] !== QUOTE) break;
        this.hasQuotes = true;
        at++;
      } else if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[at + 1] !== LINE_FEED)) this.nextLine++;
    }
    this.end = at;
    this.at = at + 1;
    const after = bytes[this.at];
    if (this.at < bytes.length && after !== delimiter && after !== LINE_FEED && after !== CARRIAGE_RETURN)
      throw this.fail(this.at, "a delimiter or a line end after the closing quote", this.nextLine);
  }
}
