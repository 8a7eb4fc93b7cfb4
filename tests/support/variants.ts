import type { KernelVariant } from "heavyball";
import { bestVariant } from "#internal/runtime/embeddedKernels";

/** The kernel variants that this engine can run. */
export const variants: readonly KernelVariant[] = bestVariant() === "relaxed" ? ["simd", "relaxed"] : ["simd"];
