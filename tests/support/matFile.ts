/** Arrays for MATLAB 5 files of the tests' own, small and plain, so that what is wrong with one is plain too. */

/** Codes of classes of arrays. */
export const classes = {
  cell: 1,
  struct: 2,
  char: 4,
  double: 6,
  single: 7,
  int8: 8,
  uint8: 9,
  int16: 10,
  uint16: 11,
  int32: 12,
  uint32: 13,
  int64: 14,
  uint64: 15,
} as const;

type Write = (view: DataView, at: number, value: number, little: boolean) => void;

/** By the code of a type: bytes, and how a number is written. */
export const types: Readonly<Record<number, readonly [size: number, write: Write]>> = {
  1: [1, (view, at, value) => view.setInt8(at, value)],
  2: [1, (view, at, value) => view.setUint8(at, value)],
  3: [2, (view, at, value, little) => view.setInt16(at, value, little)],
  4: [2, (view, at, value, little) => view.setUint16(at, value, little)],
  5: [4, (view, at, value, little) => view.setInt32(at, value, little)],
  6: [4, (view, at, value, little) => view.setUint32(at, value, little)],
  7: [4, (view, at, value, little) => view.setFloat32(at, value, little)],
  9: [8, (view, at, value, little) => view.setFloat64(at, value, little)],
  12: [8, (view, at, value, little) => view.setBigInt64(at, BigInt(value), little)],
  13: [8, (view, at, value, little) => view.setBigUint64(at, BigInt(value), little)],
};

export interface Variable {
  readonly name: string;
  readonly class: keyof typeof classes;
  /** Code of the type in which the numbers are stored. */
  readonly type: number;
  readonly shape: readonly number[];
  /** Column-major, as they stand in the file. */
  readonly values: ArrayLike<number>;
  /** Bits of the flags, e.g. 8 for complex numbers. */
  readonly flags?: number;
}

/** One data element; at most 4 bytes go into the tag. */
export function element(type: number, values: ArrayLike<number>, little = true): Uint8Array<ArrayBuffer> {
  const [size, write] = types[type];
  const length = size * values.length;
  const isShort = length > 0 && length <= 4;
  const bytes = new Uint8Array(isShort ? 8 : 8 + 8 * Math.ceil(length / 8));
  const view = new DataView(bytes.buffer);
  if (isShort) view.setUint32(0, length * 65_536 + type, little);
  else {
    view.setUint32(0, type, little);
    view.setUint32(4, length, little);
  }
  for (let i = 0; i < values.length; i++) write(view, (isShort ? 4 : 8) + size * i, values[i], little);
  return bytes;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A tag of 8 bytes and what follows it. */
export function tagged(type: number, data: Uint8Array, little = true): Uint8Array<ArrayBuffer> {
  const tag = new Uint8Array(8);
  new DataView(tag.buffer).setUint32(0, type, little);
  new DataView(tag.buffer).setUint32(4, data.length, little);
  return joined([tag, data]);
}

export function matrix({ name, class: kind, type, shape, values, flags = 0 }: Variable, little = true): Uint8Array<ArrayBuffer> {
  const letters = Array.from(name, (letter) => letter.charCodeAt(0));
  const parts = [element(6, [classes[kind] + 256 * flags, 0], little), element(5, shape, little), element(1, letters, little)];
  return tagged(14, joined([...parts, element(type, values, little)]), little);
}

export function header(little = true, version = 0x0100): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(128).fill(32);
  bytes.set(new TextEncoder().encode("MATLAB 5.0 MAT-file, made for a test"));
  new DataView(bytes.buffer).setUint16(124, version, little);
  bytes.set(new TextEncoder().encode(little ? "IM" : "MI"), 126);
  return bytes;
}

/** Bytes compressed by zlib. */
export async function zlib(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer());
}

/** A file of variables, compressed each or not. */
export async function matFile(
  variables: readonly Variable[],
  { little = true, compressed = false } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const matrices = variables.map((variable) => matrix(variable, little));
  const elements = compressed ? await Promise.all(matrices.map(async (one) => tagged(15, await zlib(one), little))) : matrices;
  return joined([header(little), ...elements]);
}

/** Gray levels of 400 photographs of 64 x 64, 4096 x 400 and column-major, as the Olivetti faces are published. */
export function photographValues(
  level: (person: number, photograph: number, row: number, column: number) => number,
): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(4096 * 400);
  for (let at = 0; at < values.length; at++) {
    const [image, pixel] = [Math.floor(at / 4096), at % 4096];
    values[at] = level(Math.floor(image / 10), image % 10, pixel % 64, Math.floor(pixel / 64));
  }
  return values;
}

/** Photographs of nobody: smooth waves, other ones for every person, a little moved in each photograph. */
export const waves = (): Uint8Array<ArrayBuffer> =>
  photographValues((person, photograph, row, column) => {
    const place = (row * (1 + (person % 7)) + column * (1 + (person % 5)) + 3 * photograph + person) % 128;
    return Math.abs(place - 64) * 3 + (person % 4) * 15;
  });

/** A file of such photographs, stored as MATLAB does it: doubles in bytes. */
export function photographsFile(values: ArrayLike<number> = waves(), parts: Partial<Variable> = {}): Promise<Uint8Array<ArrayBuffer>> {
  return matFile([{ name: "faces", class: "double", type: 2, shape: [4096, 400], values, ...parts }], { compressed: true });
}
