import { race } from "./race.js";
import type { TrialRecord } from "./record.js";
import type { Report } from "./report.js";
import { checkRunTrialOptions, type RunTrialOptions } from "./runTrialOptions.js";
import { checkTrialSpec } from "./spec.js";
import { checkEvents } from "./trialEvent.js";
import { TrialRun } from "./trialRun.js";

/**
 * Runs a trial to its end and gives its record. It yields to the host every some tens of milliseconds, keeps checkpoints in the store if
 * one is given, and ends with a typed reason, `record.end`, not an exception, when it diverges or is stopped. Killed at any moment and
 * resumed, on any team, it ends in the same bits as never having been killed.
 *
 * @throws InvalidOptionError, ShapeError for a wrong spec or option, before anything is in the store; StoreError for a store that is busy,
 * holds a run, or cannot be written; FormatError for a damaged run, CheckpointMismatchError for the run of another trial, other kernels or
 * another numerics version; OutOfMemoryError, WorkerLostError: the last checkpoint is kept
 */
export async function runTrial(spec: unknown, options: RunTrialOptions = {}): Promise<TrialRecord> {
  const work = trialReports(spec, options);
  for (;;) {
    const next = await work.next();
    if (next.done) return next.value;
  }
}

/**
 * Runs a trial as `runTrial` does, giving its reports as they come: `for await (const report of streamTrial(spec)) ...`. Whoever stops
 * reading stops the trial, with a checkpoint in its store; the record goes to `onEnd`.
 */
export function streamTrial(spec: unknown, options: RunTrialOptions = {}): AsyncGenerator<Report, TrialRecord, void> {
  return trialReports(spec, options);
}

async function* trialReports(given: unknown, options: RunTrialOptions): AsyncGenerator<Report, TrialRecord, void> {
  checkRunTrialOptions(options);
  const spec = checkTrialSpec(given);
  const events = options.events === undefined ? undefined : checkEvents("events", spec, options.events);
  const run = await TrialRun.begin(spec, events, options);
  let isLeft = true;
  try {
    await run.start();
    for await (const moment of race([run.racer], run.task.watched.key, () => options.signal?.aborted === true)) {
      if (moment.racer === undefined) await run.breathe();
      else {
        await run.note(moment.report);
        yield moment.report;
      }
    }
    isLeft = false;
    return await run.finish();
  } catch (error) {
    isLeft = false;
    await run.fail();
    throw error;
  } finally {
    // Whoever reads the reports may leave at any of them: that stops the trial.
    try {
      if (isLeft) await run.finish();
    } finally {
      await run.release();
    }
  }
}
