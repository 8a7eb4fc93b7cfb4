import type { FormatError } from "../errors.js";

/**
 * The data elements of which a MATLAB 5 file is made: a tag of 8 bytes (type and length), data, and zeros up to a multiple of 8. Data of at
 * most 4 bytes may stand in the tag itself, whose first word then has their length in its upper half.
 */
export interface MatElement {
  /** The type of the data, one of `TYPES` or of `COMPRESSED` and `MATRIX`. */
  readonly type: number;
  /** Where the tag begins. */
  readonly at: number;
  readonly begin: number;
  readonly end: number;
  /** Where the next element begins. */
  readonly next: number;
}

export const MATRIX = 14;
export const COMPRESSED = 15;

type Read = (view: DataView, at: number, little: boolean) => number;

/** The types of numbers: bytes, and how one is read. 8-byte integers are read as far as f64 holds them exactly. */
export const TYPES: Readonly<Record<number, readonly [size: number, read: Read]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};

/** Bytes of a MATLAB 5 file, or of one of its elements decompressed, with their byte order. */
export class MatBytes {
  readonly view: DataView;

  /** `fail` makes the error for what is wrong at a byte of these. */
  constructor(
    readonly bytes: Uint8Array,
    readonly little: boolean,
    readonly fail: (offset: number, expected: string) => FormatError,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The element whose tag is at a byte, and which must end where its container does, or before. */
  element(at: number, containerEnd: number): MatElement {
    if (containerEnd - at < 8) throw this.fail(at, "the 8 bytes of a tag, found the end");
    const word = this.word(at);
    const short = word >>> 16;
    if (short > 4) throw this.fail(at, `a length of at most 4 bytes in a short tag, found ${short}`);
    if (short > 0) return { type: word & 0xffff, at, begin: at + 4, end: at + 4 + short, next: at + 8 };
    const [begin, length] = [at + 8, this.word(at + 4)];
    if (length > containerEnd - begin)
      throw this.fail(at + 4, `a length of at most ${containerEnd - begin} bytes, those that are left, found ${length}`);
    const end = begin + length;
    // Compressed data alone are followed by no zeros.
    const padding = word === COMPRESSED ? 0 : (8 - (length % 8)) % 8;
    return { type: word, at, begin, end, next: Math.min(containerEnd, end + padding) };
  }

  word(at: number): number {
    return this.view.getUint32(at, this.little);
  }
}
