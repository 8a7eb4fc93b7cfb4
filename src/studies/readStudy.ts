import { InvalidOptionError } from "../errors.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { mostKernels, readSweep } from "../sweeps/readSweep.js";
import type { StoredTrials } from "../sweeps/sweepStore.js";
import { checkObject, checkOneOf } from "../validate.js";
import { type StudyName, type StudyOptionsOf, type StudyResultOf, studyNamed, studyNames } from "./index.js";

/** A study of trials as a store has it. */
export interface StoredStudy<Name extends StudyName = StudyName> {
  /** Plain data, as `runStudy` finds it; what is not there is marked so. */
  readonly result: StudyResultOf<Name>;
  /** A sentence for everything that was not as it should be. */
  readonly troubles: readonly string[];
}

/**
 * What there is of a study of trials in a store, which may belong to a sweep at work. Nothing is run and nothing written.
 *
 *     const { result } = await readStudy("table3", { fraction: 0.01 }, await sweepDirectory("heavyball-runs").list());
 *
 * `kernels` are those whose trials are read; by default those of most that are there.
 *
 * @throws InvalidOptionError for a name or an option that does not exist, a value that it cannot have, and a study that has no trials
 */
export async function readStudy<Name extends StudyName>(
  name: Name,
  options: StudyOptionsOf<Name>,
  found: Pick<StoredTrials, "trials">,
  kernels?: KernelVariant,
): Promise<StoredStudy<Name>> {
  const study = studyNamed(checkOneOf("study", name, studyNames));
  if (study.kind !== "sweep") throw new InvalidOptionError("study", name, "a study of trials");
  const { trials } = checkObject("what a store holds", found) as unknown as StoredTrials;
  if (typeof (trials as Partial<StoredTrials["trials"]> | undefined)?.values !== "function")
    throw new InvalidOptionError("trials", trials, "trials by their keys, as the list of a store has them");
  const spec = study.check(options);
  const variant = kernels === undefined ? mostKernels(trials.values()) : checkOneOf("kernels", kernels, ["simd", "relaxed"] as const);
  const swept = await readSweep(study.plan(spec), { place: "", trials, kernels: variant ?? "relaxed" });
  return { result: study.read(spec, swept) as StudyResultOf<Name>, troubles: swept.troubles };
}
