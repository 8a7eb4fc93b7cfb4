import { InvalidOptionError } from "../errors.js";
import type { KernelVariant } from "../runtime/kernels.js";
import type { CheckedPart, CheckedSweep } from "./checkedSweep.js";
import { roundsOf } from "./pilot.js";
import { placeOf, plannedAt, sizeOf } from "./places.js";
import type { RunSweepOptions } from "./runSweepOptions.js";
import { shortenedSpec } from "./shortenedSpec.js";
import { trialKey } from "./trialKey.js";

/**
 * Throws InvalidOptionError where no trial that a sweep may run, the short ones of successive halving included, has a key that begins as
 * `only` does: nothing would be run, and nothing said. It looks until it has found one.
 */
export async function requireAsked(checked: CheckedSweep, kernels: KernelVariant, options: RunSweepOptions): Promise<void> {
  const { only, onlyParts = () => true, signal } = options;
  if (only === undefined) return;
  for (const part of checked.parts) {
    if (!onlyParts(part.name)) continue;
    const shares = sharesOf(part, checked);
    for (let index = 0; index < sizeOf(part); index++) {
      if (signal?.aborted) return;
      const { spec, failure } = plannedAt(part, placeOf(part, index));
      if (failure !== undefined) continue;
      for (const share of shares) {
        const key = await trialKey(share === 1 ? spec : shortenedSpec(spec, share), { kernels });
        if (key.startsWith(only)) return;
      }
    }
  }
  throw new InvalidOptionError("only", only, `the beginning of the key of a trial of this sweep with ${kernels} kernels, and none has it`);
}

/** The shares of the updates for which a part's trials may be run. */
function sharesOf({ axes }: CheckedPart, { choose, pilot }: CheckedSweep): number[] {
  if (pilot === undefined) return [1];
  const candidates = axes.find(({ path }) => path === choose?.path)?.values.length ?? 1;
  return roundsOf(candidates, pilot.share).map(({ share }) => share);
}
