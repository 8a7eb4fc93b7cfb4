import { embeddedBytes } from "../runtime/embeddedKernels.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { KernelMemory } from "../runtime/memory.js";
import { instantiateKernels } from "../runtime/module.js";
import { patchMemoryImport } from "../runtime/patchMemoryImport.js";

/** Milliseconds to decode, compile and instantiate the embedded module, nothing cached. */
export async function measureLoading(variant: KernelVariant): Promise<number> {
  const start = performance.now();
  const bytes = patchMemoryImport(embeddedBytes(variant), false);
  const module = await WebAssembly.compile(bytes);
  instantiateKernels({ module, shared: false }, new KernelMemory(false).memory);
  return performance.now() - start;
}
