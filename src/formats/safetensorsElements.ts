import { allocate } from "../boundary/allocate.js";

/** How floats of a type are read: bytes each, and the numbers of little-endian bytes, exactly. */
interface ElementType {
  readonly bytes: number;
  read(bytes: Uint8Array): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
}

/** The types of floats that are read, by their names in safetensors. Typed arrays are little-endian wherever WebAssembly is. */
export const elementTypes = {
  F32: { bytes: 4, read: (bytes) => copied(allocate(Float32Array, bytes.length / 4, "a tensor"), bytes) },
  F64: { bytes: 8, read: (bytes) => copied(allocate(Float64Array, bytes.length / 8, "a tensor"), bytes) },
  F16: { bytes: 2, read: (bytes) => widened(bytes, bitsOfHalf) },
  BF16: { bytes: 2, read: (bytes) => widened(bytes, (bits) => bits << 16) },
} as const satisfies Readonly<Record<string, ElementType>>;

export type FloatType = keyof typeof elementTypes;

export function isFloatType(name: string): name is FloatType {
  return Object.hasOwn(elementTypes, name);
}

function copied<A extends Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(numbers: A, bytes: Uint8Array): A {
  new Uint8Array(numbers.buffer).set(bytes);
  return numbers;
}

/** Numbers of two bytes each as F32, by the bits of each. */
function widened(bytes: Uint8Array, bitsOf: (bits: number) => number): Float32Array<ArrayBuffer> {
  const numbers = allocate(Float32Array, bytes.length / 2, "a tensor");
  const bits = new Int32Array(numbers.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = bitsOf(bytes[2 * i] | (bytes[2 * i + 1] << 8));
  return numbers;
}

/**
 * IEEE 754's half in single precision: sign, 5 bits of exponent (bias 15; 127 in single), 10 bits of fraction (23 in single). A half that
 * is denormal, fraction x 2^-24, is a normal single.
 */
function bitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | ((fraction << (13 + shift)) & 0x7fffff);
}
