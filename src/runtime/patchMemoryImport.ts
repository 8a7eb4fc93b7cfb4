import { FormatError } from "../errors.js";

/**
 * Copy of a binary whose imported memory is shared or private: they differ in bit 1 of one flag byte
 * (atomics are valid on private memory too). The section walk stops at the first memory import.
 */
export function patchMemoryImport(bytes: Uint8Array<ArrayBuffer>, shared: boolean): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  let at = 0;
  const fail = (expected: string): never => {
    throw new FormatError("WebAssembly module", at, expected);
  };
  const byte = (): number => (at < copy.length ? copy[at++] : fail("more bytes"));
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const b = byte();
      value += (b & 0x7f) * 2 ** shift;
      if (b < 0x80) return value;
    }
    return fail("a 32-bit number");
  };
  const skip = (count: number): void => {
    at += count;
    if (at > copy.length) fail("more bytes");
  };
  if (copy.length < 8 || copy[0] !== 0 || copy[1] !== 0x61 || copy[2] !== 0x73 || copy[3] !== 0x6d)
    fail("the magic number of a WebAssembly module");
  at = 8;
  while (at < copy.length) {
    const section = byte();
    const size = varint();
    if (section !== 2) {
      skip(size);
      continue;
    }
    for (let imports = varint(); imports > 0; imports--) {
      skip(varint());
      skip(varint());
      const kind = byte();
      if (kind === 2) {
        if (byte() & 1) copy[at - 1] = shared ? 3 : 1;
        else fail("a memory import with a maximum");
        return copy;
      }
      if (kind === 0) varint();
      else fail("imports of functions and memory only");
    }
  }
  return fail("an imported memory");
}
