import type { StoredTrial } from "./storedTrial.js";
import type { SweepRow } from "./sweepResult.js";

/** A trial of a sweep as its store has it: ended, failed or damaged; undefined where it is not there, or was only begun. */
export function storedRow(stored: StoredTrial | undefined, planned: Omit<SweepRow, "state" | "isFound">): SweepRow | undefined {
  switch (stored?.state) {
    case "ended":
      return { ...planned, state: "ended", record: stored.record, isFound: true };
    case "failed":
      return { ...planned, state: "failed", failure: stored.failure, isFound: true };
    case "damaged":
      return { ...planned, state: "damaged", failure: { code: "FORMAT", message: stored.trouble }, isFound: true };
    default:
      return undefined;
  }
}
