import type { KernelVariant } from "../runtime/kernels.js";
import { checkReadSweep } from "./checkSweep.js";
import { otherData } from "./otherData.js";
import { storedRow } from "./storedRow.js";
import type { StoredTrial } from "./storedTrial.js";
import type { PlannedTrial, Sweep } from "./sweep.js";
import { sizeOfSweep } from "./sweepPace.js";
import type { SweepResult, SweepRow } from "./sweepResult.js";
import { trialKey } from "./trialKey.js";
import { walkSweep } from "./walkSweep.js";

/** What a sweep is read from. */
export interface SweepSource {
  /** Where that is. */
  readonly place: string;
  /** By their keys, as a store lists them. */
  readonly trials: ReadonlyMap<string, StoredTrial>;
  /** Whose numbers are asked for. */
  readonly kernels: KernelVariant;
}

/**
 * What there is of a sweep among stored trials. Nothing is run and nothing written: what is not there is left out, and cells without it are
 * not complete.
 *
 * @throws InvalidSweepError with all mistakes of the sweep
 */
export async function readSweep(sweep: Sweep, { place, trials, kernels }: SweepSource): Promise<SweepResult> {
  const checked = checkReadSweep(sweep);
  const row = async (planned: PlannedTrial, cell?: string): Promise<SweepRow | undefined> => {
    const { failure, ...rest } = planned;
    const base = { ...rest, ...(cell === undefined ? {} : { cell }) };
    if (failure !== undefined) return { ...base, failure, key: "", state: "failed", isFound: false };
    const key = await trialKey(planned.spec, { kernels });
    return storedRow(trials.get(key), { ...base, key });
  };
  const made = await walkSweep(checked, { isOver: false, row }, 1);
  const pilot = checked.pilot === undefined ? {} : { pilot: checked.pilot };
  return { kernels, place, total: sizeOfSweep(checked).total, ...made, ...pilot, isStopped: false, troubles: otherData(made.rows) };
}

/** The kernels that most records of a store were made with; undefined where it holds none. */
export function mostKernels(trials: Iterable<StoredTrial>): KernelVariant | undefined {
  const counts: Record<KernelVariant, number> = { simd: 0, relaxed: 0 };
  for (const trial of trials) if (trial.state === "ended") counts[trial.record.kernels]++;
  if (counts.simd + counts.relaxed === 0) return undefined;
  return counts.simd > counts.relaxed ? "simd" : "relaxed";
}
