import type { Store } from "../trials/store.js";
import { isOfSystem, remedyInPlace } from "../trials/systemTrouble.js";
import { damageOfRun, type KeyedTrial } from "./damagedRun.js";
import { failureOf, isSystemCode } from "./failureOf.js";
import type { TrialFailure } from "./storedTrial.js";

/** A failure with what can be done about it, where its run is what is wrong: it is damaged, or something in it cannot be read. */
export async function explainFailure(run: Store, trial: KeyedTrial, failure: TrialFailure): Promise<TrialFailure> {
  const isTheSystems = isSystemCode(failure.code);
  if (!isTheSystems && !["FORMAT", "CHECKPOINT_MISMATCH", "STORE"].includes(failure.code)) return failure;
  try {
    const damage = await damageOfRun(run, trial);
    if (isTheSystems || damage === undefined) return failure;
    return { ...failure, message: `${damage}; it is left as it is, and its trial is begun anew when asked for (repair)` };
  } catch (error) {
    return unreadable(run.place, error) ?? failure;
  }
}

/** The system's error about something in a run that it cannot read; stores other than directories need not say what that is. */
export function unreadable(place: string, error: unknown): TrialFailure | undefined {
  if (!isOfSystem(error)) return undefined;
  const what = error.path === undefined ? `${place} holds something that cannot be read` : `${error.path} cannot be read`;
  return { ...failureOf(error), message: `${what} (${error.message}): ${remedyInPlace(error.code, "move it away")}` };
}
