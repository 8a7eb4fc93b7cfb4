import { allocate } from "../boundary/allocate.js";
import { FormatError } from "../errors.js";
import { inflated, LARGEST_RATIO } from "./inflate.js";

/** A header of ten bytes, an empty block and the trailer of eight. */
const SHORTEST = 20;

/** Whether bytes begin as those of gzip do. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses a gzip file of one member (RFC 1952). Its last four bytes say how much comes out: what is more than `most` bytes, or more
 * than the file can hold, is refused before anything is allocated, and what is more than it says as soon as it comes.
 *
 * @param file what to call the bytes in messages, such as a path
 * @throws FormatError for bytes that are damaged, cut short or too many; OutOfMemoryError; UnsupportedError where the engine has no
 *   DecompressionStream
 */
export async function gunzip(bytes: Uint8Array, most: number, file = "gzip data"): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGzip(bytes)) throw new FormatError(file, 0, "the bytes 0x1f 0x8b, with which a gzip file begins");
  if (bytes.length < SHORTEST) throw new FormatError(file, bytes.length, "a whole gzip file, found its end");
  const end = bytes.length - 4;
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(end, true);
  if (size > most) throw new FormatError(file, end, `at most ${most} bytes when decompressed, found ${size}: too much, or cut short`);
  if (size > LARGEST_RATIO * bytes.length) {
    throw new FormatError(file, end, `a size when decompressed that ${bytes.length} bytes can hold, found ${size}: cut short or damaged`);
  }
  const out = allocate(Uint8Array, size, file);
  const damaged = (): FormatError => new FormatError(file, 0, "gzip data that are whole, found them cut short or damaged");
  let length = 0;
  for await (const chunk of inflated(bytes, "gzip", damaged)) {
    if (length + chunk.length > size)
      throw new FormatError(file, end, `the size when decompressed, found ${size}, and more comes out: damaged, or several files in one`);
    out.set(chunk, length);
    length += chunk.length;
  }
  if (length < size) throw new FormatError(file, end, `the size when decompressed, ${length}, found ${size}: cut short or damaged`);
  return out;
}
