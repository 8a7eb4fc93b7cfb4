import { InvalidOptionError } from "../errors.js";
import type { KernelBinary, KernelChoice } from "./kernels.js";

/** Throws InvalidOptionError where a binary of the caller's is not the one that was asked for by name. */
export function requireHeld(kernels: KernelChoice, held: KernelBinary): void {
  if (kernels === "auto" || kernels === held) return;
  throw new InvalidOptionError("kernels", kernels, `"${held}", which is what the supplied wasm holds`);
}
