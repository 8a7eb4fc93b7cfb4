import type { KernelBinary } from "../runtime/kernels.js";
import { KernelMemory } from "../runtime/memory.js";
import { embeddedBytes, instantiateKernels, patchMemoryImport } from "../runtime/module.js";

/** Milliseconds to decode, compile and instantiate the embedded module, nothing cached. */
export async function measureLoading(variant: KernelBinary): Promise<number> {
  const start = performance.now();
  const bytes = patchMemoryImport(await embeddedBytes(variant), false);
  const module = await WebAssembly.compile(bytes);
  instantiateKernels({ module, shared: false }, new KernelMemory(false).memory);
  return performance.now() - start;
}
