import { UnsupportedError } from "../errors.js";

/** What the platform has for this, Node since 18 and browsers alike; named here, since the core knows neither's types. */
interface Streams {
  readonly Blob?: new (parts: readonly Uint8Array[]) => { stream(): { pipeThrough(through: unknown): { getReader(): Reader } } };
  readonly DecompressionStream?: new (format: Compression) => unknown;
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
  cancel(): Promise<void>;
}

/** The wrapping of deflate: that of gzip (RFC 1952), or that of zlib (RFC 1950), which the platform calls "deflate". */
export type Compression = "gzip" | "deflate";

/** Deflate makes at most this many bytes of one. */
export const LARGEST_RATIO = 1032;

/**
 * Decompresses bytes, chunk by chunk: whoever reads decides how much of it there may be, and whoever stops reading stops the work.
 *
 * @param damaged makes the error for bytes that are damaged or cut short
 * @throws that error; UnsupportedError where the engine has no DecompressionStream
 */
export async function* inflated(bytes: Uint8Array, format: Compression, damaged: () => Error): AsyncGenerator<Uint8Array, void, undefined> {
  const { Blob, DecompressionStream } = globalThis as unknown as Streams;
  if (Blob === undefined || DecompressionStream === undefined) {
    throw new UnsupportedError("this engine has no DecompressionStream; give the bytes decompressed");
  }
  // A copy: shared memory cannot be streamed.
  const reader = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  let isAtEnd = false;
  try {
    for (;;) {
      let next: Awaited<ReturnType<Reader["read"]>>;
      try {
        next = await reader.read();
      } catch {
        isAtEnd = true;
        throw damaged();
      }
      if (next.done) break;
      yield next.value!;
    }
    isAtEnd = true;
  } finally {
    if (!isAtEnd) await reader.cancel().catch(() => {});
  }
}
