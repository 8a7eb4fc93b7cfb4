import * as packed from "./embedded/kernels.js";
import { inflate } from "./inflate.js";
import type { KernelVariant } from "./kernels.js";
import { type CompiledKernels, compileKernels } from "./module.js";

/** Binaries of which chunks lie in turn in one deflated text (scripts/embed.mjs). */
export function unpack<Name extends string>(packed: {
  readonly deflated: string;
  readonly chunk: number;
  readonly sizes: Readonly<Record<Name, number>>;
}): Record<Name, Uint8Array<ArrayBuffer>> {
  const { deflated, chunk, sizes } = packed;
  const bytes = Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0));
  const binaries = Object.entries<number>(sizes).map(([name, size]) => [name, new Uint8Array(size)] as const);
  const all = inflate(
    bytes,
    binaries.reduce((sum, [, { length }]) => sum + length, 0),
  );
  let from = 0;
  for (let to = 0; from < all.length; to += chunk) {
    for (const [, binary] of binaries) {
      const part = binary.subarray(to, to + chunk);
      part.set(all.subarray(from, from + part.length));
      from += part.length;
    }
  }
  return Object.fromEntries(binaries) as Record<Name, Uint8Array<ArrayBuffer>>;
}

/** Makes functions that compile a binary once for each kind of memory. What failed for want of memory may succeed the next time. */
export function compiledOnce(bytes: () => Uint8Array<ArrayBuffer>): (shared: boolean) => Promise<CompiledKernels> {
  const compiled = new Map<boolean, Promise<CompiledKernels>>();
  return (shared) => {
    let pending = compiled.get(shared);
    if (pending === undefined) {
      pending = compileKernels(bytes(), shared);
      compiled.set(shared, pending);
      pending.catch(() => compiled.delete(shared));
    }
    return pending;
  };
}

let unpacked: Record<KernelVariant, Uint8Array<ArrayBuffer>> | undefined;

/** The bytes of an embedded binary: the library's own, not to be written to. */
export function embeddedBytes(variant: KernelVariant): Uint8Array<ArrayBuffer> {
  unpacked ??= unpack(packed);
  return unpacked[variant];
}

const compiled = {
  simd: compiledOnce(() => embeddedBytes("simd")),
  relaxed: compiledOnce(() => embeddedBytes("relaxed")),
};

/** An embedded binary, compiled once for each kind of memory. Rejects with UnsupportedError, OutOfMemoryError. */
export function embeddedKernels(variant: KernelVariant, shared: boolean): Promise<CompiledKernels> {
  return compiled[variant](shared);
}

/** Which variant `kernels: "auto"` means here: `relaxed` wherever the engine accepts it. */
export function bestVariant(): KernelVariant {
  return WebAssembly.validate(embeddedBytes("relaxed")) ? "relaxed" : "simd";
}
