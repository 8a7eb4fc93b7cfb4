import { Runtime } from "../createRuntime.js";
import { InvalidOptionError } from "../errors.js";
import type { RuntimeOptions } from "../runtime/loadEngine.js";
import type { PreparedTask, TaskNetwork } from "../tasks/task.js";
import { checkFunctions, checkKnownOptions, checkObject, checkPositive, checkSignal, orDefault } from "../validate.js";
import type { TrialProgress } from "./progress.js";
import type { TrialRecord } from "./record.js";
import type { Report } from "./report.js";
import type { TrialSpec } from "./spec.js";
import { checkStore, type OpenStore, type Store } from "./store.js";
import type { TrialChange, TrialEvent } from "./trialEvent.js";

/** Every callback is waited for. What one throws ends the trial and rejects its promise; the last checkpoint is kept. */
export interface RunTrialOptions {
  /**
   * What to run on: a runtime, which stays as it is, or options for one of the trial's own. Default: one of its own on all cores, with the
   * kernels of the run that goes on.
   */
  readonly runtime?: Runtime | RuntimeOptions | undefined;
  /** What tasks take that do not make their data themselves: see the task. */
  readonly data?: unknown;
  /**
   * What is changed at its updates, 10,000 events at most and 2,000,000 characters of them as JSON, such as the `events` of a record, which
   * repeat what was changed by hand. Of a run that goes on they have to be its own. Default: none, or those of the run that goes on.
   */
  readonly events?: readonly TrialEvent[] | undefined;
  /** Where the run keeps checkpoints, reports, models and its record. Default: nowhere. */
  readonly store?: Store | undefined;
  /**
   * Go on with the run in the store, if one was begun, from its last checkpoint and to the same bits. Default false: a store that holds a
   * run is refused.
   */
  readonly resume?: boolean | undefined;
  /** Seconds between two checkpoints. Default 30. */
  readonly checkpointSeconds?: number | undefined;
  /** Looked at between two updates, and within long ones. An abort ends the trial with what it has, and is not an error. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the trial when all is ready, before the first update. */
  readonly onStart?: ((started: StartedTrial) => unknown) | undefined;
  /** Gets every report at which the errors were measured. */
  readonly onReport?: ((report: Report) => unknown) | undefined;
  /** Called when a checkpoint was written, with the updates made until then. */
  readonly onCheckpoint?: ((saved: { readonly update: number }) => unknown) | undefined;
  /** Called every some tens of milliseconds. */
  readonly onProgress?: ((progress: TrialProgress) => unknown) | undefined;
  /** Gets a sentence when something of a run that goes on was damaged, and what is done about it. */
  readonly onTrouble?: ((sentence: string) => unknown) | undefined;
  /** Called when all updates are made and before the outcome is measured on all data. */
  readonly onMeasure?: (() => unknown) | undefined;
  /** Called when the trial has ended, while its network is there and its store open. */
  readonly onEnd?: ((ended: EndedTrial) => unknown) | undefined;
}

/** A trial that is about to begin or to go on. */
export interface StartedTrial {
  readonly spec: TrialSpec;
  readonly task: PreparedTask;
  readonly runtime: Runtime;
  /** Its network, which may be asked while it trains: between two updates, or parts of a long one. */
  readonly network: TaskNetwork;
  /** "NAG": the optimizer's short name. */
  readonly name: string;
  /** Updates that were made before; 0 for a new one. */
  readonly from: number;
  /** What was or will be changed, as far as it is known now. */
  readonly events: readonly TrialEvent[];
  /**
   * Gives the trial another learning rate or momentum, from the next update on that has not begun, and for good: the event is part of its
   * record. May be called at any time while it runs; changes before the same update become one event. Resolves when the event is in the
   * store, if there is one.
   *
   * @throws (rejects with) InvalidOptionError for what its method does not have or a spec could not have and for schedules that are too
   * long (2,000,000 characters of events as JSON), UnsupportedError where no update is left or it has 10,000 events; the trial goes on as
   * if nothing had been asked
   */
  readonly change: (change: TrialChange) => Promise<TrialEvent>;
}

/** A trial that has ended, and what it was run with. */
export interface EndedTrial {
  /** "NAG": the optimizer's short name. */
  readonly name: string;
  readonly record: TrialRecord;
  readonly task: PreparedTask;
  readonly network: TaskNetwork;
  readonly runtime: Runtime;
  /** Where it was kept. */
  readonly store?: OpenStore;
  /** What was written there at its end. */
  readonly written: readonly string[];
}

const optionNames = [
  "runtime",
  "data",
  "events",
  "store",
  "resume",
  "checkpointSeconds",
  "signal",
  "onStart",
  "onReport",
  "onCheckpoint",
  "onProgress",
  "onTrouble",
  "onMeasure",
  "onEnd",
] as const;

/** Throws InvalidOptionError. */
export function checkRunTrialOptions(options: RunTrialOptions): void {
  const given = checkObject("options of runTrial", options);
  checkKnownOptions("runTrial", given, optionNames);
  if (given.runtime !== undefined && !(given.runtime instanceof Runtime)) checkObject("runtime", given.runtime);
  checkPositive("checkpointSeconds", orDefault(given.checkpointSeconds, 30));
  checkSignal("signal", given.signal);
  checkFunctions(given, ["onStart", "onReport", "onCheckpoint", "onProgress", "onTrouble", "onMeasure", "onEnd"]);
  if (given.resume !== undefined && typeof given.resume !== "boolean")
    throw new InvalidOptionError("resume", given.resume, "true or false");
  if (given.store !== undefined) checkStore("store", given.store);
  if (options.resume === true && options.store === undefined)
    throw new InvalidOptionError("resume", true, "given with a store, whose run it goes on with");
}
