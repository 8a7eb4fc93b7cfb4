import { DivergedError } from "../errors.js";
import type { ProgressBars } from "../report/text/progressBars.js";
import type { Measure } from "../trials/preparedTask.js";
import { isHessianFree } from "../trials/spec.js";
import { type Report, reportOfState, type Slice, type Trial } from "../trials/trial.js";
import type { Interrupt } from "./terminal/interrupt.js";

/** A trial beside others: its reports so far. */
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
  /** Set when the trial has diverged. */
  failure?: string;
}

/** Updates a trial makes before the next one's turn, where they are short; long ones give way between their slices. */
const turn = 5;
/** Milliseconds after which the event loop gets its turn, for signals and for drawing. */
const breath = 50;

/** A trial that has not begun, or one that goes on after `reports`, its state being that after `update` updates. */
export function racer(name: string, trial: Trial, reports: readonly Report[] = [], seconds?: number): Racer {
  const last = reportOfState(trial.spec, trial.getState());
  const made = { name, trial, measured: [...reports], last, ...(seconds === undefined ? {} : { seconds }) };
  return { ...made, share: shareOf(made) };
}

export interface RaceOptions {
  readonly racers: readonly Racer[];
  /** The measure that is there when the errors were measured. */
  readonly watched: Measure;
  readonly bars: ProgressBars | undefined;
  readonly interrupt: Interrupt;
  /** Gets every report at which the errors were measured. */
  readonly onMeasured: (racer: Racer, report: Report) => void;
  /** Called between two updates, or two slices of a long one, every now and then, and waited for. */
  readonly onBreath?: () => Promise<void>;
}

/**
 * Advances the trials in turn, next always the one that has covered the smallest share of its way, until all have ended, failed or been
 * interrupted. A trial that diverges is out and the others go on.
 */
export async function race({ racers, watched, bars, interrupt, onMeasured, onBreath }: RaceOptions): Promise<void> {
  const running = new Set(racers);
  let breathed = performance.now();
  while (running.size > 0) {
    const one = [...running].reduce((least, other) => (other.share < least.share ? other : least));
    for (let made = 0; made < turn && running.has(one); made++) {
      if (performance.now() - breathed > breath) {
        await new Promise((resolve) => setImmediate(resolve));
        await onBreath?.();
        breathed = performance.now();
      }
      if (interrupt.happened) return;
      const slice = next(one);
      if (slice === undefined) {
        running.delete(one);
        continue;
      }
      const { report } = slice;
      const track = racers.indexOf(one);
      if (report === undefined) {
        one.share = shareOf(one, slice.share);
        bars?.advance(track, one.last.update, undefined, { within: slice.share, detail: slice.detail, share: one.share });
        break;
      }
      one.last = report;
      one.share = shareOf(one);
      const error = report[watched.key];
      if (error !== undefined) {
        one.measured.push(report);
        onMeasured(one, report);
      }
      bars?.advance(track, report.update, error, { share: one.share });
      if (one.seconds !== undefined && one.trial.secondsSpent() >= one.seconds) running.delete(one);
    }
  }
}

/** How far a trial has come toward whichever of its ends it is nearest to; `within` is the share of the update under way that is done. */
function shareOf({ trial, last, seconds }: Pick<Racer, "trial" | "last" | "seconds">, within = 0): number {
  const { spec } = trial;
  const shares = [(last.update + within) / spec.updates];
  if (isHessianFree(spec) && spec.conjugateGradientSteps !== undefined)
    shares.push((last.totalConjugateGradientSteps ?? 0) / spec.conjugateGradientSteps);
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
