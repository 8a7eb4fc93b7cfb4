import type { KernelVariant } from "heavyball";
import { bestVariant } from "#internal/runtime/module";

/** The kernel variants that this engine can run. */
export const variants: readonly KernelVariant[] = (await bestVariant()) === "relaxed" ? ["simd", "relaxed"] : ["simd"];
