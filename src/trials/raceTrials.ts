import { createRuntime, Runtime } from "../createRuntime.js";
import { InvalidOptionError } from "../errors.js";
import { methodOf } from "../optimizers/index.js";
import type { RuntimeOptions } from "../runtime/loadEngine.js";
import { machineFacts } from "../runtime/machineFacts.js";
import { needsTotalUpdates, type Schedule } from "../schedules/index.js";
import type { PreparedTask } from "../tasks/task.js";
import { checkFunctions, checkKnownOptions, checkObject, checkPositive, checkSignal, orDefault } from "../validate.js";
import { progressOf, type TrialProgress } from "./progress.js";
import { type Racer, race, racer } from "./race.js";
import { endOf, outcomeOf, type TrialEnd, type TrialRecord, trialRecord } from "./record.js";
import type { Report } from "./report.js";
import type { EndedTrial } from "./runTrialOptions.js";
import { checkTrialSpec, type TrialSpec } from "./spec.js";
import { prepareTaskInSlices, startTrial } from "./trial.js";
import { checkChange, checkEvents, type TrialChange, type TrialEvent } from "./trialEvent.js";

/** One of the trials of a race. */
export interface Entrant {
  readonly spec: TrialSpec;
  /** Default: the optimizer's short name, e.g. "NAG". */
  readonly name?: string;
  /** If given, the trial ends with the first update that is finished after so many seconds of updates. */
  readonly seconds?: number;
  /** What is changed at its updates. Default: nothing. */
  readonly events?: readonly TrialEvent[];
}

/** One of the trials of a race that is about to begin. */
export interface StartedEntrant {
  readonly name: string;
  readonly spec: TrialSpec;
  /** As for `runTrial`: another learning rate or momentum, from the next update on that has not begun. */
  readonly change: (change: TrialChange) => Promise<TrialEvent>;
}

type CheckedEntrant = Required<Pick<Entrant, "name" | "spec" | "events">> & Pick<Entrant, "seconds">;

/** Every callback is waited for, and ends the race by what it throws. */
export interface RaceOptions {
  /** As for `runTrial`. */
  readonly runtime?: Runtime | RuntimeOptions | undefined;
  /** As for `runTrial`. */
  readonly data?: unknown;
  /** Looked at between two updates, and within long ones. An abort ends all with what they have. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the trials, in their order, when all is ready. */
  readonly onStart?:
    | ((started: { readonly task: PreparedTask; readonly runtime: Runtime; readonly trials: readonly StartedEntrant[] }) => unknown)
    | undefined;
  /** Gets every report at which the errors were measured, and whose it is. */
  readonly onReport?: ((name: string, report: Report) => unknown) | undefined;
  /** Called every some tens of milliseconds, with all in their order. */
  readonly onProgress?: ((progress: readonly TrialProgress[]) => unknown) | undefined;
  /** Called when all updates are made and before the outcomes are measured on all data. */
  readonly onMeasure?: (() => unknown) | undefined;
  /** Called when all have ended, while their networks are there. */
  readonly onEnd?: ((ended: readonly EndedTrial[]) => unknown) | undefined;
}

/**
 * Runs trials of one task side by side on one runtime and one set of data, by turns, each to its end: the way to let optimizers race from
 * one starting point. A trial that diverges is out and the others go on. Nothing is kept but what `onEnd` does.
 *
 * @throws InvalidOptionError, ShapeError for wrong specs or options, and for trials whose tasks or seeds differ
 */
export async function raceTrials(entrants: readonly Entrant[], options: RaceOptions = {}): Promise<TrialRecord[]> {
  const given = checkObject("options of raceTrials", options);
  checkKnownOptions("raceTrials", given, ["runtime", "data", "signal", "onStart", "onReport", "onProgress", "onMeasure", "onEnd"]);
  if (given.runtime !== undefined && !(given.runtime instanceof Runtime)) checkObject("runtime", given.runtime);
  checkSignal("signal", given.signal);
  checkFunctions(given, ["onStart", "onReport", "onProgress", "onMeasure", "onEnd"]);
  const checked = checkEntrants(entrants);
  const { runtime: wanted, data, signal, onStart, onReport, onProgress, onMeasure, onEnd } = options;
  const runtime = wanted instanceof Runtime ? wanted : await createRuntime(wanted);
  const racers: Racer[] = [];
  try {
    const task = await prepareTaskInSlices(checked[0].spec, data);
    for (const { name, spec, seconds, events } of checked)
      racers.push(racer(name, startTrial(runtime, spec, task, undefined, events), [], seconds));
    await onStart?.({ task, runtime, trials: racers.map(startedEntrant) });
    const begun = performance.now();
    const tell = () => onProgress?.(racers.map((one) => progressOf(one, task.watched.key, performance.now() - begun, 0)));
    for await (const moment of race(racers, task.watched.key, () => signal?.aborted === true)) {
      if (moment.racer !== undefined) await onReport?.(moment.racer.name, moment.report);
      await tell();
    }
    for (const { trial } of racers) trial.changes.end();
    await tell();
    await onMeasure?.();
    const ended = racers.map((one): EndedTrial => {
      return { name: one.name, record: recordOf(one, task, runtime), task, network: one.trial.network, runtime, written: [] };
    });
    await onEnd?.(ended);
    return ended.map(({ record }) => record);
  } finally {
    for (const { trial } of racers) {
      trial.changes.end();
      trial.network.dispose();
    }
    if (runtime !== wanted) await runtime.dispose();
  }
}

function startedEntrant({ name, trial: { spec, changes }, seconds }: Racer): StartedEntrant {
  return {
    name,
    spec,
    async change(asked) {
      if (seconds !== undefined) checkFinals("change", checkChange("change", spec, asked));
      return changes.add(asked);
    },
  };
}

function checkEntrants(entrants: readonly Entrant[]): CheckedEntrant[] {
  if (!Array.isArray(entrants) || entrants.length === 0)
    throw new InvalidOptionError("entrants", entrants, "a list of { spec, name?, seconds? }, at least one");
  const checked = entrants.map((entrant, at) => {
    const given = checkObject(`entrants[${at}]`, entrant);
    checkKnownOptions(`entrants[${at}]`, given, ["spec", "name", "seconds", "events"]);
    const spec = checkTrialSpec(given.spec);
    const { name = methodOf(spec.optimizer).label, seconds } = given as { name?: unknown; seconds?: unknown };
    if (typeof name !== "string") throw new InvalidOptionError(`entrants[${at}].name`, name, "text");
    const events = checkEvents(`entrants[${at}].events`, spec, orDefault(given.events, []));
    if (seconds === undefined) return { name, spec, events };
    events.forEach((event, i) => checkFinals(`entrants[${at}].events[${i}]`, event));
    return { name, spec, events, seconds: checkSeconds(`entrants[${at}]`, seconds, spec) };
  });
  const dataOf = ({ task, seed }: TrialSpec): string => JSON.stringify([task, (task as { readonly seed?: number }).seed ?? seed]);
  checked.forEach(({ spec }, at) => {
    if (dataOf(spec) === dataOf(checked[0].spec)) return;
    throw new InvalidOptionError(
      `entrants[${at}].spec.task`,
      spec.task,
      "that of the first, with the same seed: trials beside each other share their data",
    );
  });
  return checked;
}

/** Time may end a trial only where nothing in it is counted from its end. */
function checkSeconds(entrant: string, value: unknown, { optimizer }: TrialSpec): number {
  const seconds = checkPositive(`${entrant}.seconds`, value);
  checkFinals(`${entrant}.spec.optimizer`, methodOf(optimizer).schedules(optimizer));
  return seconds;
}

function checkFinals(where: string, values: object): void {
  for (const [option, schedule] of Object.entries(values) as [string, Schedule][]) {
    if (typeof schedule !== "object" || !needsTotalUpdates(schedule)) continue;
    const why = "where seconds end the trial, nobody knows how many updates are left";
    throw new InvalidOptionError(`${where}.${option}.final`, schedule.final, `counted from the start, { from, value }: ${why}`);
  }
}

/** A trial that time has ended leaves the spec of the updates it made, which repeats it. */
function recordOf({ trial, measured, last, failure, seconds, share }: Racer, task: PreparedTask, runtime: Runtime): TrialRecord {
  const isOver = seconds !== undefined && share >= 1;
  const isShort = seconds !== undefined && failure === undefined && last.update > 0;
  const spec = isShort ? checkTrialSpec({ ...trial.spec, updates: last.update }) : trial.spec;
  const reached = endOf(trial.spec, last, failure);
  const over: TrialEnd = { code: "finished", message: `its ${seconds} seconds were over` };
  const { end, final } = outcomeOf(isOver && reached.code === "stopped" ? over : reached, task, trial.network);
  return trialRecord(
    { spec, end, reports: measured, last, changes: trial.changes, kernels: runtime.kernels, machine: machineFacts(runtime) },
    task,
    final,
  );
}
