import { platform } from "#platform";
import type { Runtime } from "../createRuntime.js";
import { embeddedBytes } from "../runtime/embeddedKernels.js";
import { KernelMemory } from "../runtime/memory.js";
import { instantiateKernels } from "../runtime/module.js";
import { patchMemoryImport } from "../runtime/patchMemoryImport.js";

/** Milliseconds to decode, compile and instantiate the embedded module that a runtime uses, nothing cached. */
export async function measureLoading({ kernels, wide }: Pick<Runtime, "kernels" | "wide">): Promise<number> {
  const start = performance.now();
  const bytes = patchMemoryImport(wide ? platform.wide!.bytes() : embeddedBytes(kernels), false);
  const module = await WebAssembly.compile(bytes);
  instantiateKernels({ module, shared: false }, new KernelMemory(false).memory);
  return performance.now() - start;
}
