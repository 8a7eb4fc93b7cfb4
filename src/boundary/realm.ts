/**
 * What a value is, whatever realm it comes from. A worker's message, `structuredClone`, an iframe, a `vm` context (jest, jsdom) and a
 * second copy of a library bring arrays whose constructors are not this module's: `instanceof` says no where nothing is wrong. Internal
 * slots are the same everywhere.
 */

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const readTag = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)!.get!;
const readByteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!;

/**
 * The intrinsic name of a typed array, which no property can fake; undefined for everything else, a DataView and a proxy of an array too.
 */
function tagOf(value: unknown): string | undefined {
  return readTag.call(value) as string | undefined;
}

export function isFloat32Array(value: unknown): value is Float32Array {
  return tagOf(value) === "Float32Array";
}

export function isFloat64Array(value: unknown): value is Float64Array {
  return tagOf(value) === "Float64Array";
}

export function isUint8Array(value: unknown): value is Uint8Array {
  return tagOf(value) === "Uint8Array";
}

export function isUint16Array(value: unknown): value is Uint16Array {
  return tagOf(value) === "Uint16Array";
}

/** An array or a typed array of numbers (not of bigints, which no number here can be made of). */
export function isNumberList(value: unknown): value is ArrayLike<unknown> {
  const tag = tagOf(value);
  return tag === undefined ? isArray(value) : !tag.startsWith("Big");
}

/** `Array.isArray`, which throws for a proxy that was revoked. */
export function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** An object that is no array and can be read: a proxy that was revoked throws whatever is asked of it. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || isArray(value)) return false;
  try {
    Object.getPrototypeOf(value);
    return true;
  } catch {
    return false;
  }
}

/** A Map or a Set: an object that has no members where others have theirs, and would be read as an empty one. */
export function isKeyed(value: unknown): boolean {
  try {
    return /^\[object (Weak)?(Map|Set)\]$/.test(Object.prototype.toString.call(value));
  } catch {
    return false;
  }
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    readByteLength.call(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether an array's buffer was transferred away, which leaves it without elements. */
export function isDetached({ buffer }: ArrayBufferView): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A URL, be it the platform's or a library's (jsdom has its own). */
export function isUrl(value: unknown): value is URL {
  try {
    return typeof value === "object" && Object.prototype.toString.call(value) === "[object URL]" && typeof (value as URL).href === "string";
  } catch {
    return false;
  }
}

/** No type predicate: a module has no members to tell it from anything else by. */
export function isWebAssemblyModule(value: unknown): boolean {
  try {
    WebAssembly.Module.exports(value as WebAssembly.Module);
    return true;
  } catch {
    return false;
  }
}

/** Whether an object is one that `{}` or `Object.create(null)` makes, and not an instance of a class of the user's. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
