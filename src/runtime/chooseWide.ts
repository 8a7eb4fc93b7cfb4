import * as packed from "./embedded/wide.js";
import { compiledOnce, embeddedKernels, unpack } from "./embeddedKernels.js";
import { layoutOfKernels } from "./kernels.js";
import type { KernelMemory } from "./memory.js";
import { type ChosenKernels, type CompiledKernels, instantiateKernels, suppliedKernels, type WasmSource } from "./module.js";
import { requireHeld } from "./requireHeld.js";
import { compareTiles, type WideVerdict } from "./wideCheck.js";

/** The bytes of the embedded wide binary, which platforms without wide kernels leave out. */
export function wideBytes(): Uint8Array<ArrayBuffer> {
  return unpack(packed).wide;
}

const embeddedWide = compiledOnce(wideBytes);

/** Verdicts on the embedded binary, by kind of memory: what a process has found out it need not find out again. */
const verdicts = new Map<boolean, Promise<WideVerdict>>();

/**
 * Wide kernels, or `relaxed`, whose numbers are the same, where they do not hold what they promise. `fuseVectors` asks the engine to fuse
 * neighboring vector operations in whatever the process compiles from then on, and returns what keeps it from doing so.
 */
export async function chooseWide(
  fuseVectors: () => string | undefined,
  wasm: WasmSource | undefined,
  memory: KernelMemory,
): Promise<ChosenKernels> {
  const { shared } = memory;
  const instead = async (why: string): Promise<ChosenKernels> => {
    return { compiled: await embeddedKernels("relaxed", shared), reason: `relaxed in place of wide: ${why}` };
  };
  const obstacle = fuseVectors();
  if (obstacle !== undefined) return instead(obstacle);
  const relaxed = await embeddedKernels("relaxed", shared);
  const compiled = wasm === undefined ? await embeddedWide(shared) : await suppliedKernels(wasm, shared);
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
