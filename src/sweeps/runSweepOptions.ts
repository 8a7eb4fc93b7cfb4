import { InvalidOptionError } from "../errors.js";
import { KERNEL_CHOICES, type KernelChoice } from "../runtime/kernels.js";
import type { TrialProgress } from "../trials/progress.js";
import {
  checkBoolean,
  checkFunctions,
  checkKnownOptions,
  checkObject,
  checkOneOf,
  checkPositive,
  checkSignal,
  orDefault,
} from "../validate.js";
import type { Executor } from "./executor.js";
import { type Keep, keeps } from "./keeping.js";
import type { PlannedTrial } from "./sweep.js";
import type { SweepRow } from "./sweepResult.js";
import type { SweepStore } from "./sweepStore.js";

/** Options of `runSweep`. */
export interface RunSweepOptions {
  /** What runs the trials: `inlineExecutor(runtime)`, `localExecutor()` of heavyball/node. */
  readonly executor: Executor;
  /** Where they are kept: `memorySweepStore()`, `sweepDirectory(path)` of heavyball/node. */
  readonly store: SweepStore;
  /**
   * For tasks that do not make their data themselves: files by name, such as `dataFiles(path)` of heavyball/node, or data as `runTrial`
   * takes them. Processes take files alone.
   */
  readonly data?: unknown;
  /**
   * "auto" (default) takes the executor's, or `relaxed` where this engine has it. They are part of every trial's key; "wide" is a way to
   * compute the numbers of `relaxed`, and its trials have those keys.
   */
  readonly kernels?: KernelChoice;
  /** Runs those trials alone whose keys begin like this; others are told as far as they are there. Default: all. */
  readonly only?: string;
  /** Runs the trials of those parts alone for whose names this is true; others are told as far as they are there. Default: all. */
  readonly onlyParts?: (part: string) => boolean;
  /**
   * Runs trials again whose records are damaged, from their last checkpoints, and those whose runs are so damaged that they cannot go on,
   * or are those of other trials, from the start. Default false: they are told and left as they are.
   */
  readonly repair?: boolean;
  /**
   * What stays of a trial that has ended: "all" (default); "models", which leaves out its checkpoints; or "records", its spec, reports and
   * record alone.
   */
  readonly keep?: Keep;
  /** Seconds between two checkpoints of a trial. Default 30. */
  readonly checkpointSeconds?: number;
  /** An abort stops the trials that run, with checkpoints; the result has what there is. It is not an error. */
  readonly signal?: AbortSignal;
  /** Called whenever a trial tells how far it has come, every some tens of milliseconds. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Gets every row as it comes, those that were there too. */
  readonly onRow?: (row: SweepRow) => void;
  /** Gets a sentence when something was not as it should be, and what is done about it. */
  readonly onTrouble?: (sentence: string) => void;
}

/** How far a sweep has come. */
export interface SweepProgress {
  /** Trials in all, those of successive halving included; of the parts alone that are run. */
  readonly total: number;
  /** Those that have come to an end, or were there. */
  readonly done: number;
  /** Of these, those that were there before, that diverged, and that failed or are damaged. */
  readonly found: number;
  readonly diverged: number;
  readonly failed: number;
  readonly running: readonly RunningTrial[];
  /** Seconds until the end, at the pace so far; left out while nothing is known of that. */
  readonly secondsLeft?: number;
}

/** A trial under way. */
export interface RunningTrial {
  readonly key: string;
  readonly planned: PlannedTrial;
  /** Undefined until it has told. */
  readonly progress: TrialProgress | undefined;
}

const names = [
  "executor",
  "store",
  "data",
  "kernels",
  "only",
  "onlyParts",
  "repair",
  "keep",
  "checkpointSeconds",
  "signal",
  "onProgress",
  "onRow",
  "onTrouble",
] as const;

/** Throws InvalidOptionError. */
export function checkRunSweepOptions(options: RunSweepOptions): void {
  const given = checkObject("options of runSweep", options);
  checkKnownOptions("runSweep", given, names);
  const { executor, store, only } = options as Partial<RunSweepOptions>;
  if (typeof executor?.open !== "function")
    throw new InvalidOptionError("executor", executor, "an executor: inlineExecutor(runtime), or localExecutor() of heavyball/node");
  if (typeof store?.list !== "function" || typeof store.open !== "function" || typeof store.run !== "function")
    throw new InvalidOptionError("store", store, "a sweep's store: memorySweepStore(), or sweepDirectory(path) of heavyball/node");
  checkOneOf("kernels", orDefault(given.kernels, "auto"), KERNEL_CHOICES);
  if (only !== undefined && !(typeof only === "string" && /^[0-9a-f]{1,64}$/.test(only)))
    throw new InvalidOptionError("only", only, "the beginning of a trial's key: digits and letters from a to f");
  checkBoolean("repair", orDefault(given.repair, false));
  checkOneOf("keep", orDefault(given.keep, "all"), keeps);
  checkPositive("checkpointSeconds", orDefault(given.checkpointSeconds, 30));
  checkSignal("signal", given.signal);
  checkFunctions(given, ["onlyParts", "onProgress", "onRow", "onTrouble"]);
}
