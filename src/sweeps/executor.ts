import type { KernelVariant } from "../runtime/kernels.js";
import type { TrialProgress } from "../trials/progress.js";
import type { TrialEnd } from "../trials/record.js";
import type { TrialSpec } from "../trials/spec.js";
import type { Keep } from "./keeping.js";
import type { OpenSweepStore } from "./sweepStore.js";

/**
 * What runs the trials of sweeps: this thread (`inlineExecutor`), processes of this machine (`localExecutor` of heavyball/node), or
 * something of one's own. It knows nothing of grids: it is given one trial after another.
 */
export interface Executor {
  /** The kernels it has, where it has no choice. */
  readonly kernels?: KernelVariant;
  /** Makes ready for the trials of one sweep. Throws InvalidOptionError for a store or data that it cannot use. */
  open(sweep: ExecutorSweep): Promise<OpenExecutor>;
}

/** What the trials of a sweep have in common. */
export interface ExecutorSweep {
  readonly store: OpenSweepStore;
  /** Whose numbers are computed; in every trial's key. */
  readonly kernels: KernelVariant;
  /** Whether wide kernels are to compute them, where the machine has them (docs/wide-kernels.md). */
  readonly wide: boolean;
  /** What `runSweep` was given: `DataFiles`, or data as `runTrial` takes them; undefined where the tasks make their own. */
  readonly data: unknown;
  readonly checkpointSeconds: number;
  /** What of a trial that has ended its run in the store is to hold; the rest may be there, and is removed. */
  readonly keep: Keep;
  /**
   * What `runSweep` was given: when it is given while an executor makes ready, what is opened is asked for no trial, and need not be able
   * to run any.
   */
  readonly signal: AbortSignal | undefined;
}

/** An executor at work on a sweep. */
export interface OpenExecutor {
  /** Trials that it has room for at a time; it is given no more. */
  readonly jobs: number;
  /**
   * Why it can run no trial any more, once that is so, as where its server shuts it out. Then a trial that throws has not failed, and the
   * sweep ends with this error.
   */
  readonly broken?: Error | undefined;
  /**
   * Runs a trial to its end in `store.run(key)`, or goes on with the run that is there, and gives how it ended: `stopped` where the signal
   * asked for it. A process that dies under a trial is no failure where another can take the trial up from its last checkpoint.
   *
   * @throws what `runTrial` throws. A StoreError of trouble "full", or the system's own error of a full disk, ends the sweep: no other
   * trial can be kept either
   */
  run(job: Job): Promise<TrialEnd>;
  /** Gives back what it holds; no trial is under way. */
  close(): Promise<void>;
}

/** One trial of a sweep for an executor. */
export interface Job {
  readonly key: string;
  readonly spec: TrialSpec;
  readonly signal: AbortSignal;
  /** Gets how far the trial has come. */
  onProgress(progress: TrialProgress): void;
  /** Gets a sentence when something went wrong that was put right, such as a process that died. */
  onTrouble(sentence: string): void;
}
