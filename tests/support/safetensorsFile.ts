/** A tensor as its bytes, of any element type. */
export interface RawTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A safetensors file without metadata, as others write them. */
export function writeHeaded(tensors: readonly RawTensor[]): Uint8Array<ArrayBuffer> {
  let at = 0;
  const members = tensors.map(({ name, dtype, shape, bytes }) => [name, { dtype, shape, data_offsets: [at, (at += bytes.length)] }]);
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(members)));
  const file = new Uint8Array(8 + header.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  at = 8 + header.length;
  for (const { bytes } of tensors) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
