import { Breath } from "../breath.js";
import { DivergedError } from "../errors.js";
import { measureOf, type Report } from "./report.js";
import { isHessianFree } from "./spec.js";
import { reportOfState, type Slice, type Trial } from "./trial.js";

/** A trial beside others, or alone: its reports so far. */
export interface Racer {
  readonly name: string;
  readonly trial: Trial;
  /** If given, the trial ends with the first update that is finished after so many seconds of updates. */
  readonly seconds?: number;
  /** Reports at which the errors were measured. */
  readonly measured: Report[];
  last: Report;
  /** Share of its whole way, or of its seconds, that it has come. */
  share: number;
  /** Of a long update under way: how much of it is done, and what it is at. */
  within: number;
  detail: string;
  /** Set when the trial has diverged: why, in a sentence. */
  failure?: string;
}

/** Something to be looked at: a report at which the errors were measured, or that the host has just had its turn. */
export type Moment = { readonly racer: Racer; readonly report: Report } | { readonly racer?: undefined };

/**
 * Updates a trial makes before the next one's turn, where they are short; long ones give way between their slices. All should be seen to
 * move. Longer turns gain nothing: turns of 5, 25 and 100 updates of three CURVES autoencoders cost the same within the noise, since what
 * one update alone reads and writes, 13 MB, is more than the second-level cache holds, and each finds its weights in the third level.
 */
const turn = 5;

/** A trial that has not begun, or one that goes on after `reports`, its state being that after `update` updates. */
export function racer(name: string, trial: Trial, reports: readonly Report[] = [], seconds?: number): Racer {
  const last = reportOfState(trial.sized, trial.getState());
  const made = { name, trial, measured: [...reports], last, within: 0, detail: "", seconds };
  return { ...made, share: shareOf(made) };
}

/**
 * Advances the trials by turns, always the one that has come least far on its way, until all have ended or failed, or `stopped` says so. A
 * trial that diverges is out and the others go on. Between two updates, or two slices of a long one, the host gets its turn every some tens
 * of milliseconds. `watched` is the key of the measure that is there when the errors were measured.
 */
export async function* race(racers: readonly Racer[], watched: string, stopped: () => boolean): AsyncGenerator<Moment, void, void> {
  const running = new Set(racers);
  const breath = new Breath();
  while (running.size > 0) {
    const one = [...running].reduce((least, other) => (other.share < least.share ? other : least));
    for (let made = 0; made < turn && running.has(one); made++) {
      if (breath.isDue) {
        await breath.take();
        yield {};
      }
      if (stopped()) return;
      const slice = next(one);
      if (slice === undefined) {
        running.delete(one);
        continue;
      }
      const { report } = slice;
      if (report === undefined) {
        [one.within, one.detail] = [slice.share, slice.detail];
        one.share = shareOf(one);
        break;
      }
      [one.last, one.within, one.detail] = [report, 0, ""];
      one.share = shareOf(one);
      if (one.seconds !== undefined && one.trial.secondsSpent() >= one.seconds) {
        running.delete(one);
        // Whoever hears of the last update can change nothing more.
        one.trial.changes.end();
      }
      if (measureOf(report, watched) !== undefined) {
        one.measured.push(report);
        yield { racer: one, report };
      }
    }
  }
}

/** How far a trial has come towards whichever of its ends it is nearest to. */
function shareOf({ trial, last, seconds, within }: Pick<Racer, "trial" | "last" | "seconds" | "within">): number {
  const { spec } = trial;
  const shares = [(last.update + within) / spec.updates];
  if (isHessianFree(spec) && spec.conjugateGradientSteps !== undefined) {
    shares.push((last.totalConjugateGradientSteps ?? 0) / spec.conjugateGradientSteps);
  }
  if (seconds !== undefined) shares.push(trial.secondsSpent() / seconds);
  return Math.min(1, Math.max(...shares));
}

/** The next slice, or undefined when there is none. */
function next(one: Racer): Slice | undefined {
  try {
    return one.trial.slices.next().value ?? undefined;
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    one.failure = error.message;
    return undefined;
  }
}
