import { instantiateSync } from "@assemblyscript/loader";
import { isArrayBuffer, isUrl, isWebAssemblyModule } from "../boundary/realm.js";
import { FormatError, type HeavyballError, InvalidOptionError, OutOfMemoryError, UnsupportedError } from "../errors.js";
import type { KernelBinary, Kernels, KernelVariant } from "./kernels.js";
import type { WasmMemory, WasmModule } from "./wasmTypes.js";

/** A compiled binary that imports either shared or private memory. */
export interface CompiledKernels {
  readonly module: WasmModule;
  readonly shared: boolean;
}

/** Bytes, a compiled `WebAssembly.Module`, or an address. */
export type WasmSource = ArrayBuffer | ArrayBufferView | WasmModule | URL | string;

const compiled = new Map<string, Promise<CompiledKernels>>();

/** The embedded binary, compiled once per variant and kind of memory. */
export function embeddedKernels(variant: KernelBinary, shared: boolean): Promise<CompiledKernels> {
  const key = `${variant}/${shared}`;
  let pending = compiled.get(key);
  if (!pending) {
    pending = embeddedBytes(variant).then((bytes) => compile(bytes, shared));
    compiled.set(key, pending);
    // What failed for want of memory may succeed the next time.
    pending.catch(() => compiled.delete(key));
  }
  return pending;
}

/** Each loaded when it is first used. */
const binaries: Readonly<Record<KernelBinary, () => Promise<{ readonly base64: string }>>> = {
  simd: () => import("./binaries/simd.js"),
  relaxed: () => import("./binaries/relaxed.js"),
  wide: () => import("./binaries/wide.js"),
};

export async function embeddedBytes(variant: KernelBinary): Promise<Uint8Array<ArrayBuffer>> {
  const { base64 } = await binaries[variant]();
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Which variant `kernels: "auto"` means here: `relaxed` wherever the engine accepts it. */
export async function bestVariant(): Promise<KernelVariant> {
  return WebAssembly.validate(await embeddedBytes("relaxed")) ? "relaxed" : "simd";
}

/** A binary the caller supplies: bytes and URLs are patched to the kind of memory wanted; a compiled module is taken as it is. */
export async function suppliedKernels(source: WasmSource, shared: boolean): Promise<CompiledKernels> {
  // The loader knows modules of this realm only; a clone is one.
  if (isWebAssemblyModule(source)) {
    return { module: source instanceof WebAssembly.Module ? source : structuredClone(source as WebAssembly.Module), shared };
  }
  if (isUrl(source) || typeof source === "string") {
    const response = await fetch(source).catch((cause: unknown) => {
      throw new UnsupportedError(
        `could not fetch the WebAssembly module from ${String(source)}: ${String(cause)}; pass its bytes as \`wasm\` instead`,
      );
    });
    if (!response.ok)
      throw new UnsupportedError(
        `fetching the WebAssembly module from ${String(source)} answered ${response.status}; check the address or pass the bytes as ` +
          "`wasm`",
      );
    return compile(new Uint8Array(await response.arrayBuffer()), shared);
  }
  if (ArrayBuffer.isView(source))
    return compile(new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength), shared);
  if (isArrayBuffer(source)) return compile(new Uint8Array(source), shared);
  throw new InvalidOptionError("wasm", source, "the bytes of a heavyball binary, a compiled WebAssembly.Module or its URL");
}

async function compile(bytes: Uint8Array<ArrayBuffer>, shared: boolean): Promise<CompiledKernels> {
  const patched = patchMemoryImport(bytes, shared);
  if (!WebAssembly.validate(patched)) {
    throw new UnsupportedError(
      "this engine cannot run the WebAssembly module: it needs fixed-width SIMD (Node 16, Chrome 91, Firefox 89, Safari 16.4 or " +
        'later), and relaxed SIMD for kernels: "relaxed" and "wide"; use kernels: "simd" or a newer engine',
    );
  }
  try {
    return { module: await WebAssembly.compile(patched), shared };
  } catch (cause) {
    throw refusedByEngine(
      "compiled",
      patched.length,
      cause,
      "a content security policy needs 'wasm-unsafe-eval', and where nothing may be compiled pass a WebAssembly.Module as `wasm`",
    );
  }
}

/** What an engine throws for a binary that is valid, in our words. */
function refusedByEngine(done: string, bytes: number, cause: unknown, remedy: string): HeavyballError {
  if (cause instanceof RangeError)
    return new OutOfMemoryError("the WebAssembly module's code", bytes, undefined, "dispose of runtimes no longer used");
  return new UnsupportedError(
    `the WebAssembly module could not be ${done}: ${cause instanceof Error ? cause.message : String(cause)}; ${remedy}`,
  );
}

/** Throws UnsupportedError where there is no WebAssembly at all. */
export function checkWebAssembly(): void {
  if (typeof WebAssembly === "object") return;
  throw new UnsupportedError(
    "this engine has no WebAssembly; start Node without --jitless, or turn off the browser's lockdown mode for this page",
  );
}

/** Instantiates on a memory; throws UnsupportedError when the binary wants the other kind of memory. */
export function instantiateKernels({ module }: CompiledKernels, memory: WasmMemory): Kernels {
  let kernels: Kernels;
  try {
    kernels = instantiateSync(module, { env: { memory: memory as never } }).exports as unknown as Kernels;
  } catch (cause) {
    throw refusedByEngine("instantiated", 0, cause, "pass a heavyball binary, one that imports shared memory if it is compiled already");
  }
  if (typeof kernels.lead !== "function" || typeof kernels.layoutOf !== "function")
    throw new UnsupportedError(
      "the WebAssembly module is not a heavyball binary: it lacks the exports lead and layoutOf; pass dist/wasm/simd.wasm, " +
        "relaxed.wasm or wide.wasm of this version",
    );
  return kernels;
}

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
