import { platform } from "#platform";
import { bestVariant, embeddedBytes, embeddedKernels } from "./embeddedKernels.js";
import type { KernelChoice, KernelVariant } from "./kernels.js";
import type { KernelMemory } from "./memory.js";
import { type ChosenKernels, suppliedKernels, type WasmSource } from "./module.js";
import { requireWide } from "./requireHeld.js";

/**
 * The binary to run on this memory, in which wide kernels are tried first. `wide` that does not hold what it promises becomes `relaxed`,
 * whose numbers are the same.
 */
export async function chooseKernels(kernels: KernelChoice, wasm: WasmSource | undefined, memory: KernelMemory): Promise<ChosenKernels> {
  const { shared } = memory;
  if (kernels === "wide") {
    if (platform.wide !== undefined) return platform.wide.choose(wasm, memory);
    await requireWide(wasm, memory);
    return { compiled: await embeddedKernels("relaxed", shared), reason: "relaxed in place of wide: wide kernels need Node 24 or later" };
  }
  if (wasm !== undefined) return { compiled: await suppliedKernels(wasm, shared), reason: "the supplied wasm holds them" };
  if (kernels !== "auto") return { compiled: await embeddedKernels(kernels, shared), reason: `${kernels} asked for` };
  const best = bestVariant();
  const reason = best === "relaxed" ? "this engine has relaxed SIMD" : "this engine has no relaxed SIMD";
  return { compiled: await embeddedKernels(best, shared), reason };
}

/** The embedded binary that a runtime uses which was given none. */
export function bytesInUse({ kernels, wide }: { readonly kernels: KernelVariant; readonly wide: boolean }): Uint8Array<ArrayBuffer> {
  return wide && platform.wide !== undefined ? platform.wide.bytes() : embeddedBytes(kernels);
}

/** Whether wide kernels may be tried here and are not in use; the numbers of `simd` are not theirs. */
export function couldBeWide({ kernels, wide }: { readonly kernels: KernelVariant; readonly wide: boolean }): boolean {
  return !wide && kernels === "relaxed" && platform.wide !== undefined && platform.wide.obstacle() === undefined;
}
