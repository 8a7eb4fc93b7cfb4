import { FormatError } from "../errors.js";
import { sha256 } from "./digest.js";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors.js";

/**
 * A checkpoint as bytes:
 *
 *     8 bytes    "HVYBALL" and a zero
 *     4 bytes    format version, 1; this and the next two little-endian
 *     4 bytes    numerics version
 *     4 bytes    kernel variant: 0 simd, 1 relaxed
 *     4 bytes    zeros, which put what follows at a multiple of 8
 *     N bytes    the state in the safetensors format: a JSON header under the metadata key "heavyball", and tensors
 *     32 bytes   SHA-256 of everything before
 */
export interface CheckpointFile {
  readonly numerics: number;
  readonly kernels: (typeof VARIANTS)[number];
  /** Anything that is JSON. */
  readonly header: unknown;
  readonly tensors: readonly Tensor[];
}

const MAGIC = "HVYBALL\0";
const FORMAT_VERSION = 1;
const PREFIX = 24;
const DIGEST = 32;
/** At their codes. */
const VARIANTS = ["simd", "relaxed"] as const;

export async function writeCheckpoint({ numerics, kernels, header, tensors }: CheckpointFile): Promise<Uint8Array<ArrayBuffer>> {
  const state = writeSafetensors({ metadata: { heavyball: JSON.stringify(header) }, tensors });
  const bytes = new Uint8Array(PREFIX + state.length + DIGEST);
  const fields = new DataView(bytes.buffer);
  for (let at = 0; at < MAGIC.length; at++) bytes[at] = MAGIC.charCodeAt(at);
  fields.setUint32(8, FORMAT_VERSION, true);
  fields.setUint32(12, numerics, true);
  fields.setUint32(16, VARIANTS.indexOf(kernels), true);
  bytes.set(state, PREFIX);
  bytes.set(await sha256(bytes.subarray(0, -DIGEST)), PREFIX + state.length);
  return bytes;
}

/**
 * Reads what `writeCheckpoint` wrote, whatever its numerics version: whether it can be used is the caller's to decide.
 *
 * @param file what to call the bytes in messages, such as a path
 * @throws FormatError with the byte offset and what was expected there, for bytes of another kind, cut short or damaged
 */
export async function readCheckpoint(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<CheckpointFile> {
  if (bytes.length < PREFIX + DIGEST)
    throw new FormatError(file, bytes.length, `a checkpoint of at least ${PREFIX + DIGEST} bytes, found its end`);
  for (let at = 0; at < MAGIC.length; at++) {
    if (bytes[at] !== MAGIC.charCodeAt(at))
      throw new FormatError(file, at, 'the letters "HVYBALL" and a zero, with which a checkpoint begins');
  }
  const fields = new DataView(bytes.buffer, bytes.byteOffset);
  if (fields.getUint32(8, true) !== FORMAT_VERSION)
    throw new FormatError(file, 8, `format version ${FORMAT_VERSION}, found ${fields.getUint32(8, true)}`);
  const end = bytes.length - DIGEST;
  const expected = await sha256(bytes.subarray(0, end));
  if (expected.some((byte, at) => byte !== bytes[end + at])) {
    throw new FormatError(file, end, "the SHA-256 of the bytes before it, found another: the file is damaged or cut short");
  }
  const kernels = VARIANTS[fields.getUint32(16, true)];
  if (kernels === undefined)
    throw new FormatError(file, 16, `a kernel variant from 0 to ${VARIANTS.length - 1}, found ${fields.getUint32(16, true)}`);
  const { metadata, tensors } = readSafetensors(bytes.subarray(PREFIX, end), `${file}, from byte ${PREFIX}`);
  return { numerics: fields.getUint32(12, true), kernels, header: readHeader(metadata.heavyball, file), tensors };
}

function readHeader(text: string | undefined, file: string): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    throw new FormatError(file, PREFIX, 'JSON under the metadata key "heavyball"');
  }
}
