/**
 * WebAssembly's own objects as far as they are handed around. Their types are the DOM library's, which programs for Node need not have:
 * declarations that are published name these instead.
 */

/** A compiled module (`WebAssembly.Module`), which shows nothing of itself. */
export type WasmModule = object;

/** A memory (`WebAssembly.Memory`). */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
