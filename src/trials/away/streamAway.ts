import type { TrialRecord } from "../record.js";
import type { Report } from "../report.js";
import { checkRunTrialOptions } from "../runTrialOptions.js";
import type { AwayTrialOptions, AwayTrials } from "./awayTypes.js";

/** A report that waits to be read, and how its trial is told to go on. */
interface Waiting {
  readonly report: Report;
  goOn(): void;
}

/** The reports of a trial as they come: it waits for its reader at each, and is stopped when that one leaves. */
export async function* streamAway(
  runTrial: AwayTrials["runTrial"],
  spec: unknown,
  options: AwayTrialOptions,
): AsyncGenerator<Report, TrialRecord, void> {
  checkRunTrialOptions(options as Parameters<typeof checkRunTrialOptions>[0]);
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const { signal, onReport } = options;
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop);
  let hand: (waiting: Waiting | undefined) => void = () => undefined;
  let next = new Promise<Waiting | undefined>((resolve) => (hand = resolve));
  const record = runTrial(spec, {
    ...options,
    signal: controller.signal,
    async onReport(report) {
      await onReport?.(report);
      await new Promise<void>((goOn) => hand({ report, goOn }));
    },
  });
  const over = record.then(
    () => undefined,
    () => undefined,
  );
  try {
    for (;;) {
      const waiting = await Promise.race([next, over]);
      if (waiting === undefined) return await record;
      next = new Promise((resolve) => (hand = resolve));
      let isLeft = true;
      try {
        yield waiting.report;
        isLeft = false;
      } finally {
        if (isLeft) stop();
        waiting.goOn();
      }
    }
  } finally {
    // Of a trial that is over this says nothing more; one whose reader has left ends with what it has.
    stop();
    void next.then((waiting) => waiting?.goOn());
    signal?.removeEventListener("abort", stop);
    await record;
  }
}
