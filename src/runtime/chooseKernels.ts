import { platform } from "#platform";
import { InvalidOptionError } from "../errors.js";
import { type KernelBinary, type KernelChoice, type KernelVariant, layoutOfKernels, numericsOf } from "./kernels.js";
import type { KernelMemory } from "./memory.js";
import { bestVariant, type CompiledKernels, embeddedKernels, instantiateKernels, suppliedKernels, type WasmSource } from "./module.js";
import { compareTiles, type WideVerdict } from "./wideCheck.js";

/** A compiled binary, and in a sentence why it is this one. */
export interface ChosenKernels {
  readonly compiled: CompiledKernels;
  readonly reason: string;
}

/**
 * The binary to run on this memory, in which wide kernels are tried first. `wide` that does not hold what it promises becomes `relaxed`,
 * whose numbers are the same.
 */
export async function chooseKernels(kernels: KernelChoice, wasm: WasmSource | undefined, memory: KernelMemory): Promise<ChosenKernels> {
  const { shared } = memory;
  if (kernels === "wide") return chooseWide(wasm, memory);
  if (wasm !== undefined) return { compiled: await suppliedKernels(wasm, shared), reason: "the supplied wasm holds them" };
  if (kernels !== "auto") return { compiled: await embeddedKernels(kernels, shared), reason: `${kernels} asked for` };
  const best = await bestVariant();
  const reason = best === "relaxed" ? "this engine has relaxed SIMD" : "this engine has no relaxed SIMD";
  return { compiled: await embeddedKernels(best, shared), reason };
}

/** Whether wide kernels may be tried here and are not in use; the numbers of `simd` are not theirs. */
export function couldBeWide({ kernels, wide }: { readonly kernels: KernelVariant; readonly wide: boolean }): boolean {
  return !wide && kernels === "relaxed" && platform.wideObstacle() === undefined;
}

/** Throws InvalidOptionError where a binary of the caller's is not the one that was asked for by name. */
export function requireHeld(kernels: KernelChoice, held: KernelBinary): void {
  if (kernels === "auto" || kernels === held) return;
  throw new InvalidOptionError("kernels", kernels, `"${held}", which is what the supplied wasm holds`);
}

/** Verdicts on the embedded binary, by kind of memory: what a process has found out it need not find out again. */
const verdicts = new Map<boolean, Promise<WideVerdict>>();

async function chooseWide(wasm: WasmSource | undefined, memory: KernelMemory): Promise<ChosenKernels> {
  const { shared } = memory;
  const instead = async (why: string): Promise<ChosenKernels> => {
    return { compiled: await embeddedKernels(numericsOf("wide"), shared), reason: `relaxed in place of wide: ${why}` };
  };
  const obstacle = platform.fuseVectors();
  if (obstacle !== undefined) return instead(obstacle);
  const relaxed = await embeddedKernels("relaxed", shared);
  const compiled = wasm === undefined ? await embeddedKernels("wide", shared) : await suppliedKernels(wasm, shared);
  let verdict = wasm === undefined ? verdicts.get(shared) : undefined;
  if (verdict === undefined) {
    verdict = Promise.resolve(judge(compiled, relaxed, memory));
    if (wasm === undefined) verdicts.set(shared, verdict);
  }
  const found = await verdict;
  if ("refusal" in found) return instead(found.refusal);
  const gain = `${found.gain.toFixed(2)} times as fast as relaxed's under the same flag`;
  return { compiled, reason: `wide asked for; its tile has the bits of relaxed's and is ${gain}` };
}

/** Whether wide kernels are to be used. */
function judge(compiled: CompiledKernels, relaxed: CompiledKernels, memory: KernelMemory): WideVerdict {
  const wide = instantiateKernels(compiled, memory.memory);
  requireHeld("wide", layoutOfKernels(wide).binary);
  return compareTiles(wide, instantiateKernels(relaxed, memory.memory), memory);
}
