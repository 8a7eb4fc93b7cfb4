import { instantiateSync } from "@assemblyscript/loader";
import { isArrayBuffer, isUrl, isWebAssemblyModule } from "../boundary/realm.js";
import { type HeavyballError, InvalidOptionError, OutOfMemoryError, UnsupportedError } from "../errors.js";
import type { Kernels } from "./kernels.js";
import { patchMemoryImport } from "./patchMemoryImport.js";
import type { WasmMemory, WasmModule } from "./wasmTypes.js";

/** A compiled binary that imports either shared or private memory. */
export interface CompiledKernels {
  readonly module: WasmModule;
  readonly shared: boolean;
}

/** A compiled binary, and in a sentence why it is this one. */
export interface ChosenKernels {
  readonly compiled: CompiledKernels;
  readonly reason: string;
}

/** Bytes, a compiled `WebAssembly.Module`, or an address. */
export type WasmSource = ArrayBuffer | ArrayBufferView | WasmModule | URL | string;

/** Throws InvalidOptionError for what no binary can come from. */
export function checkWasmSource(wasm: unknown): void {
  if (isWebAssemblyModule(wasm) || isUrl(wasm) || typeof wasm === "string" || ArrayBuffer.isView(wasm) || isArrayBuffer(wasm)) return;
  throw new InvalidOptionError("wasm", wasm, "the bytes of a heavyball binary, a compiled WebAssembly.Module or its URL");
}

/** A binary the caller supplies, checked: bytes and URLs are patched to the kind of memory wanted; a compiled module is taken as it is. */
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
    return compileKernels(new Uint8Array(await response.arrayBuffer()), shared);
  }
  if (ArrayBuffer.isView(source))
    return compileKernels(new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength), shared);
  return compileKernels(new Uint8Array(source as ArrayBuffer), shared);
}

/**
 * Compiles a binary for shared or private memory. Throws FormatError, UnsupportedError, OutOfMemoryError.
 */
export async function compileKernels(bytes: Uint8Array<ArrayBuffer>, shared: boolean): Promise<CompiledKernels> {
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
      "the WebAssembly module is not a heavyball binary: it lacks the exports lead and layoutOf; pass heavyball/simd.wasm " +
        "or heavyball/relaxed.wasm of this version",
    );
  return kernels;
}
