import { present } from "../boundary/present.js";
import type { Racer } from "./race.js";
import { measureOf } from "./report.js";

/** How far a running trial has come. */
export interface TrialProgress {
  /** Updates made, of so many at most. */
  readonly update: number;
  readonly updates: number;
  /** Share of its whole way, by updates, steps of conjugate gradient or seconds, whichever ends it. */
  readonly share: number;
  /** Of a long update under way: how much of it is done, and what it is at, in a few words. */
  readonly within: number;
  readonly detail: string;
  /** The watched error when it was last measured. */
  readonly error?: number;
  /** Seconds until its end, at the pace so far; left out while nothing is known of that. */
  readonly secondsLeft?: number;
}

/** `milliseconds`: since the trial began or went on, when it had come the share `before`. */
export function progressOf(
  { last, measured, trial, share, within, detail }: Racer,
  watched: string,
  milliseconds: number,
  before: number,
): TrialProgress {
  const report = measured[measured.length - 1];
  const error = report === undefined ? undefined : measureOf(report, watched);
  const made = share - before;
  return present({
    update: last.update,
    updates: trial.spec.updates,
    share,
    within,
    detail,
    error,
    secondsLeft: made > 0 ? ((1 - share) / made) * (milliseconds / 1000) : undefined,
  });
}
