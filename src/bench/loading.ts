import type { Runtime } from "../createRuntime.js";
import { bytesInUse } from "../runtime/chooseKernels.js";
import { KernelMemory } from "../runtime/memory.js";
import { instantiateKernels } from "../runtime/module.js";
import { patchMemoryImport } from "../runtime/patchMemoryImport.js";

/** Milliseconds to decode, compile and instantiate the embedded module that a runtime uses, nothing cached. */
export async function measureLoading(runtime: Pick<Runtime, "kernels" | "wide">): Promise<number> {
  const start = performance.now();
  const bytes = patchMemoryImport(bytesInUse(runtime), false);
  const module = await WebAssembly.compile(bytes);
  instantiateKernels({ module, shared: false }, new KernelMemory(false).memory);
  return performance.now() - start;
}
