import type { Runtime } from "../createRuntime.js";
import { InvalidOptionError } from "../errors.js";
import { KERNEL_CHOICES, type KernelChoice } from "../runtime/kernels.js";
import type { Executor } from "../sweeps/executor.js";
import { type Keep, keeps } from "../sweeps/keeping.js";
import type { SweepRow } from "../sweeps/sweepResult.js";
import type { SweepStore } from "../sweeps/sweepStore.js";
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
import { wordsOf } from "./askedCells.js";
import type { StudyProgress } from "./study.js";

/** How a study is run. What follows `onProgress` is for studies of trials; a computation has no use for it. */
export interface RunStudyOptions {
  /** Where the study's networks live. Default: one made for the run, where the study uses one, and disposed of after it. */
  readonly runtime?: Runtime;
  /**
   * Looked at between two slices of the work. A computation then ends with an AbortedError; trials stop with checkpoints, and the outcome
   * has what there is.
   */
  readonly signal?: AbortSignal;
  /** Called after every slice. */
  readonly onProgress?: (progress: StudyProgress) => unknown;
  /** What runs the trials: `localExecutor()` of heavyball/node. Default: one trial after another on the runtime. */
  readonly executor?: Executor;
  /** Where the trials are kept, and found again by other studies and by the next run: `sweepDirectory(path)`. Default: in memory. */
  readonly store?: SweepStore;
  /**
   * Data for tasks that do not make their own, such as `dataFiles(path)`. Cells whose files are not there are left out; by default all that
   * need data are. It is an error where no others were asked for.
   */
  readonly data?: unknown;
  /** As in `runSweep`. Default "auto". */
  readonly kernels?: KernelChoice;
  /** Runs those cells alone whose names have every word of this text; others are shown as far as they are there. Default: all. */
  readonly only?: string;
  /** What stays of a trial that has ended, as in `runSweep`. Default "records". */
  readonly keep?: Keep;
  /** Runs trials again whose records are damaged, as in `runSweep`. Default false. */
  readonly repair?: boolean;
  /** Seconds between two checkpoints of a trial. Default 30. */
  readonly checkpointSeconds?: number;
  /** Gets what comes of every trial, those that were there too. */
  readonly onRow?: (row: SweepRow) => void;
  /** Gets a sentence when something was not as it should be, and what is done about it. */
  readonly onTrouble?: (sentence: string) => void;
}

const names = [
  "runtime",
  "signal",
  "onProgress",
  "executor",
  "store",
  "data",
  "kernels",
  "only",
  "keep",
  "repair",
  "checkpointSeconds",
  "onRow",
  "onTrouble",
] as const;

/** Throws InvalidOptionError. What runs and keeps trials is looked at by `runSweep`. */
export function checkRunStudyOptions(options: unknown): RunStudyOptions {
  const given = checkObject("options of runStudy", options);
  checkKnownOptions("runStudy", given, names);
  const { runtime, executor, store, only } = given as RunStudyOptions;
  if (runtime !== undefined && typeof (runtime as Partial<Runtime> | null)?.network !== "function")
    throw new InvalidOptionError("runtime", runtime, "a runtime, or left out");
  for (const [name, value] of Object.entries({ executor, store })) {
    if (value !== undefined && typeof (value as Partial<Executor> | null)?.open !== "function")
      throw new InvalidOptionError(name, value, `${name === "executor" ? "an executor" : "a sweep's store"}, or left out`);
  }
  if (only !== undefined && (typeof only !== "string" || wordsOf(only).length === 0))
    throw new InvalidOptionError("only", only, "words of the names of cells, or left out");
  checkOneOf("kernels", orDefault(given.kernels, "auto"), KERNEL_CHOICES);
  checkOneOf("keep", orDefault(given.keep, "records"), keeps);
  checkBoolean("repair", orDefault(given.repair, false));
  checkPositive("checkpointSeconds", orDefault(given.checkpointSeconds, 30));
  checkSignal("signal", given.signal);
  checkFunctions(given, ["onProgress", "onRow", "onTrouble"]);
  return given as RunStudyOptions;
}
