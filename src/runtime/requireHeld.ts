import { InvalidOptionError } from "../errors.js";
import { type KernelBinary, type KernelChoice, layoutOfKernels } from "./kernels.js";
import type { KernelMemory } from "./memory.js";
import { instantiateKernels, suppliedKernels, type WasmSource } from "./module.js";

/** Throws InvalidOptionError where a binary of the caller's is not one that was asked for: wide kernels only by name. */
export function requireHeld(kernels: KernelChoice, held: KernelBinary): void {
  if (kernels === held || (kernels === "auto" && held !== "wide")) return;
  throw new InvalidOptionError("kernels", kernels, `"${held}", which is what the supplied wasm holds`);
}

/** The same for one that was asked for as `wide` where wide kernels cannot be had: it is looked at, and not run. */
export async function requireWide(wasm: WasmSource | undefined, memory: KernelMemory): Promise<void> {
  if (wasm === undefined) return;
  const compiled = await suppliedKernels(wasm, memory.shared);
  requireHeld("wide", layoutOfKernels(instantiateKernels(compiled, memory.memory)).binary);
}
