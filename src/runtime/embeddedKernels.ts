import { deflated, sizes } from "./embedded/kernels.js";
import { inflate } from "./inflate.js";
import type { KernelVariant } from "./kernels.js";
import { type CompiledKernels, compileKernels } from "./module.js";

/** Binaries that lie one after another in one deflated text (scripts/embed.mjs). */
export function unpack<Name extends string>(
  deflated: string,
  sizes: Readonly<Record<Name, number>>,
): Record<Name, Uint8Array<ArrayBuffer>> {
  const names = Object.keys(sizes) as Name[];
  const all = inflate(
    Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0)),
    names.reduce((sum, name) => sum + sizes[name], 0),
  );
  let at = 0;
  return Object.fromEntries(names.map((name) => [name, all.slice(at, (at += sizes[name]))])) as Record<Name, Uint8Array<ArrayBuffer>>;
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
  unpacked ??= unpack(deflated, sizes);
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
