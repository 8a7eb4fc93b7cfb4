import * as packed from "./embedded/wide.js";
import { compiledOnce, embeddedBytes, embeddedKernels, unpack } from "./embeddedKernels.js";
import { layoutOfKernels } from "./kernels.js";
import type { KernelMemory } from "./memory.js";
import { type ChosenKernels, type CompiledKernels, instantiateKernels, suppliedKernels, type WasmSource } from "./module.js";
import { requireHeld, requireWide } from "./requireHeld.js";
import { compareTiles, type WideVerdict } from "./wideCheck.js";

/** The bytes of the embedded wide binary, which platforms without wide kernels leave out. */
export function wideBytes(): Uint8Array<ArrayBuffer> {
  return unpack(packed).wide;
}

const embeddedWide = compiledOnce(wideBytes);

/**
 * `relaxed` for a process whose engine fuses vectors wrongly: with a section more that says nothing, so that the engine compiles it anew
 * instead of giving out what it has made of the same bytes with its flag set.
 */
const relaxedApart = compiledOnce(() => Uint8Array.of(...embeddedBytes("relaxed"), ...SECTION));
/** A custom section of 6 bytes: a name of 5, and nothing in it. */
const SECTION = [0, 6, 5, ...[..."plain"].map((letter) => letter.charCodeAt(0))];

/** Verdicts on the embedded binary, by kind of memory: what a process has found out it need not find out again. */
const verdicts = new Map<boolean, Promise<WideVerdict>>();

/** The engine's fusing of neighboring vector operations, for whatever the process compiles while it is on. */
export interface Fusing {
  /** Switches it on; returns what keeps it from being so. */
  begin(): string | undefined;
  end(): void;
}

/** Wide kernels, or `relaxed`, whose numbers are the same, where they do not hold what they promise. */
export async function chooseWide(fusing: Fusing, wasm: WasmSource | undefined, memory: KernelMemory): Promise<ChosenKernels> {
  const { shared } = memory;
  const obstacle = fusing.begin();
  if (obstacle !== undefined) {
    await requireWide(wasm, memory);
    return relaxedInstead(obstacle, await embeddedKernels("relaxed", shared));
  }
  const relaxed = await embeddedKernels("relaxed", shared);
  const compiled = wasm === undefined ? await embeddedWide(shared) : await suppliedKernels(wasm, shared);
  let verdict = wasm === undefined ? verdicts.get(shared) : undefined;
  if (verdict === undefined) {
    verdict = Promise.resolve(judge(compiled, relaxed, memory));
    if (wasm === undefined) verdicts.set(shared, verdict);
  }
  const found = await verdict;
  if ("gain" in found) {
    const gain = `${found.gain.toFixed(2)} times as fast as relaxed's under the same flag`;
    return { compiled, reason: `wide asked for; its tile has the bits of relaxed's and is ${gain}` };
  }
  if (!found.isWrong) {
    // Speed is the moment's: the next time it may be there.
    if (verdicts.get(shared) === verdict) verdicts.delete(shared);
    return relaxedInstead(found.refusal, relaxed);
  }
  fusing.end();
  return relaxedInstead(found.refusal, await relaxedApart(shared));
}

/** What is used in the place of wide kernels that cannot be had. */
function relaxedInstead(why: string, compiled: CompiledKernels): ChosenKernels {
  return { compiled, reason: `relaxed in place of wide: ${why}` };
}

/** Whether wide kernels are to be used. */
function judge(compiled: CompiledKernels, relaxed: CompiledKernels, memory: KernelMemory): WideVerdict {
  const wide = instantiateKernels(compiled, memory.memory);
  requireHeld("wide", layoutOfKernels(wide).binary);
  return compareTiles(wide, instantiateKernels(relaxed, memory.memory), memory);
}
