import { allocate } from "../boundary/allocate.js";

/**
 * Writes the wire format of Protocol Buffers (protobuf.dev, "Encoding"), which ONNX models and TensorBoard's events are in: a message is
 * its fields one after another, each a key (number of the field x 8 + wire type) and a value. Nothing is copied until `bytesOf`.
 */
export interface Wire {
  readonly length: number;
  readonly chunks: readonly Uint8Array[];
}

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5];

/** A message, or a part of one, of these fields in this order. */
export function message(...fields: readonly Wire[]): Wire {
  return { length: fields.reduce((sum, { length }) => sum + length, 0), chunks: fields.flatMap(({ chunks }) => chunks) };
}

/** A whole number of at least 0 (int32, int64, uint64, enum). */
export function integerField(field: number, value: number): Wire {
  return chunk([...varint(field * 8 + VARINT), ...varint(value)]);
}

/** A float in 4 bytes. */
export function floatField(field: number, value: number): Wire {
  return message(chunk(varint(field * 8 + FIXED32)), bytesWire(new Float32Array([value])));
}

/** A float in 8 bytes. */
export function doubleField(field: number, value: number): Wire {
  return message(chunk(varint(field * 8 + FIXED64)), bytesWire(new Float64Array([value])));
}

/** Bytes, or the numbers of an array as they are in memory: little-endian wherever WebAssembly is. */
export function bytesField(field: number, data: Uint8Array | Float32Array): Wire {
  return lengthField(field, bytesWire(data));
}

export function textField(field: number, text: string): Wire {
  return lengthField(field, bytesWire(new TextEncoder().encode(text)));
}

/** A message within a message. */
export function messageField(field: number, ...fields: readonly Wire[]): Wire {
  return lengthField(field, message(...fields));
}

/** The bytes, in an array of their own. */
export function bytesOf({ length, chunks }: Wire, purpose: string): Uint8Array<ArrayBuffer> {
  const bytes = allocate(Uint8Array, length, purpose);
  let at = 0;
  for (const part of chunks) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function lengthField(field: number, content: Wire): Wire {
  return message(chunk([...varint(field * 8 + LENGTH), ...varint(content.length)]), content);
}

function bytesWire(data: Uint8Array | Float32Array | Float64Array): Wire {
  return { length: data.byteLength, chunks: [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] };
}

function chunk(bytes: readonly number[]): Wire {
  return { length: bytes.length, chunks: [Uint8Array.from(bytes)] };
}

/** Seven bits a byte, the lowest first; the eighth says that there are more. By division, since bit operations have 32 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  bytes.push(rest);
  return bytes;
}
