import {
  checkTrialSpec,
  type RunTrialOptions,
  type Runtime,
  runTrial,
  type Schedule,
  schedules,
  type TrialChange,
  type TrialEvent,
  type TrialRecord,
} from "heavyball";
import { comparable, momentumSpec, task } from "./storedTrials.js";

/** Updates of the trials here. */
export const { updates } = momentumSpec;
const { batchSize, seed } = momentumSpec;
/** A trial of a few milliseconds with this optimizer. */
export const specOf = (optimizer: object) => checkTrialSpec({ task, optimizer, batchSize, updates, seed });
export const rising = schedules.sutskever({ max: 0.95, period: 1 });
export const falling = schedules.inverse({ numerator: 0.05, offset: -2, max: 0.1 });

/** What a run came to. */
export interface Run {
  readonly record: TrialRecord;
  readonly parameters: Float32Array;
  readonly made: readonly TrialEvent[];
}

/** Asks a running trial for changes: by the number of updates after which they are asked for. */
export type Asked = Readonly<Record<number, readonly TrialChange[]>>;

/** Runs trials on a runtime; its reports come after every update. */
export function runnerOn(runtime: () => Runtime) {
  return async (spec: object, asked: Asked = {}, options: RunTrialOptions = {}): Promise<Run> => {
    let change!: (change: TrialChange) => Promise<TrialEvent>;
    let parameters!: Float32Array;
    const made: TrialEvent[] = [];
    const record = await runTrial(spec, {
      runtime: runtime(),
      ...options,
      onStart: (started) => void ({ change } = started),
      async onReport(report) {
        for (const one of asked[report.update] ?? []) made.push(await change(one));
        await options.onReport?.(report);
      },
      onEnd: ({ network }) => void (parameters = network.getParameters()),
    });
    return { record, parameters, made };
  };
}

/** Stops a trial after so many updates. */
export function stopAt(update: number): RunTrialOptions {
  const controller = new AbortController();
  return { signal: controller.signal, onReport: (report) => void (report.update === update && controller.abort()) };
}

/** What a run came to, without what it was asked for. */
export const outcome = ({ record: { spec: _, events: __, ...record }, parameters }: Run) => [comparable(record as TrialRecord), parameters];
/** A schedule that gives way to another at an update. */
export const since = (before: Schedule, after: Schedule, at: number): Schedule =>
  schedules.piecewise({ values: [before, after], at: [at] });
