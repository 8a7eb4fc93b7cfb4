import type { DataFiles } from "heavyball";

/** Contents of a file: bytes, or text. */
export type Contents = Uint8Array | string;

const bytesOf = (contents: Contents): Uint8Array<ArrayBuffer> =>
  typeof contents === "string" ? new TextEncoder().encode(contents) : contents.slice();

/** Files in memory, in a directory "shelf". */
export function memoryFiles(files: Readonly<Record<string, Contents>>): DataFiles {
  return {
    place: "shelf",
    path: (name) => `shelf/${name}`,
    names: async () => Object.keys(files),
    read: async (name) => (Object.hasOwn(files, name) ? bytesOf(files[name]) : undefined),
  };
}

/** An IDX file, of bytes unless its kind says otherwise; `data` are then the bytes of its numbers, big-endian. */
export function idxFile(shape: readonly number[], data: ArrayLike<number>, kind = 8): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, kind, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((side, axis) => view.setUint32(4 + 4 * axis, side));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

/** Contents compressed by gzip. */
export async function gzipped(contents: Contents): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = new Blob([bytesOf(contents)]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}
