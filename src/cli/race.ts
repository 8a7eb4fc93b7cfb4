import { DivergedError } from "../errors.js";
import type { ProgressBars } from "../report/progressBars.js";
import type { Report, Trial } from "../trials/trial.js";
import type { Interrupt } from "./interrupt.js";

/** A trial beside others: its reports so far. */
export interface Racer {
  readonly name: string;
  readonly trial: Trial;
  /** Reports at which the error was measured. */
  readonly measured: Report[];
  last: Report;
  /** Set when the trial has diverged. */
  failure?: string;
}

/** Updates a trial makes before the next one's turn. */
const turn = 5;
/** Milliseconds after which the event loop gets its turn, for signals and for drawing. */
const breath = 50;

export function racer(name: string, trial: Trial): Racer {
  return { name, trial, measured: [], last: { update: 0, updates: trial.spec.updates, seconds: 0 } };
}

/**
 * Advances the trials by turns until all have ended, failed or been interrupted. A trial that diverges is out and the others go on.
 * `onMeasured` gets every report that carries an error.
 */
export async function race(racers: readonly Racer[], bars: ProgressBars | undefined, interrupt: Interrupt, onMeasured: (racer: Racer, report: Report) => void): Promise<void> {
  let running = racers.map((one, track) => ({ one, track }));
  let breathed = performance.now();
  while (running.length > 0) {
    const ended = new Set<Racer>();
    for (const { one, track } of running) {
      for (let made = 0; made < turn; made++) {
        if (performance.now() - breathed > breath) {
          await new Promise((resolve) => setImmediate(resolve));
          breathed = performance.now();
        }
        if (interrupt.happened) return;
        const report = next(one);
        if (report === undefined) {
          ended.add(one);
          break;
        }
        one.last = report;
        if (report.trainingError !== undefined) {
          one.measured.push(report);
          onMeasured(one, report);
        }
        bars?.advance(track, report.update, report.trainingError);
      }
    }
    running = running.filter(({ one }) => !ended.has(one));
  }
}

/** The next report, or undefined when there is none. */
function next(one: Racer): Report | undefined {
  try {
    return one.trial.reports.next().value ?? undefined;
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    one.failure = error.message;
    return undefined;
  }
}
