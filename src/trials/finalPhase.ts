import { type MinibatchDescription, methodOf, type OptimizerDescription } from "../optimizers/index.js";
import type { Measures } from "../tasks/index.js";
import type { Report } from "./report.js";
import type { TrialSpec } from "./spec.js";
import type { TrialEvent } from "./trialEvent.js";

/**
 * After how many updates the first of the optimizer's final phases begins, which is when all data are measured; undefined where it has
 * none, or one of the whole trial or of no update.
 */
export function finalStart(optimizer: OptimizerDescription, updates: number): number | undefined {
  const starts = Object.values(methodOf(optimizer).schedules(optimizer)).flatMap((schedule) => {
    const final = typeof schedule === "number" ? undefined : schedule.final;
    return final === undefined ? [] : ["from" in final ? final.from : updates - final.updates];
  });
  const first = Math.min(...starts);
  return first > 0 && first < updates ? first : undefined;
}

/** The optimizer of update t, events until then included. */
export function optimizerAt({ optimizer }: TrialSpec, events: readonly TrialEvent[], t: number): OptimizerDescription {
  const met = events.filter(({ update }) => update <= t).map(({ update: _, ...change }) => change);
  return Object.assign({ ...optimizer }, ...met) as MinibatchDescription;
}

/**
 * What was measured before the first final phase that did begin, of a trial with these events: one that an event brings as it begins is in
 * the report of its first update, and one that an event takes away as it would begin is none.
 */
export function measuredBeforeFinal(reports: readonly Report[], spec: TrialSpec, events: readonly TrialEvent[]): Measures | undefined {
  const begins = (t: number): boolean => finalStart(optimizerAt(spec, events, t), spec.updates) === t;
  const found = reports.find(({ beforeFinal, update }) => beforeFinal !== undefined && (begins(update) || begins(update - 1)));
  return found?.beforeFinal;
}
