import type { KernelVariant } from "../runtime/kernels.js";
import type { TrialSpec } from "../trials/spec.js";
import type { Store } from "../trials/store.js";
import type { StoredTrial, TrialFailure } from "./storedTrial.js";

/**
 * Where the trials of sweeps keep what they leave, each under its key: a directory (`sweepDirectory` of heavyball/node), memory
 * (`memorySweepStore`). Several sweeps may have one store: a trial that two of them have is run once.
 */
export interface SweepStore {
  /** What it is called in messages: the path of the directory. */
  readonly place: string;
  /** Where other processes find it; left out where only this one can. */
  readonly directory?: string;
  /** What it holds. Needs no opening. */
  list(): Promise<StoredTrials>;
  /** The run of a key, for `runTrial` or to read its reports and models. Needs no opening. */
  run(key: string): Store;
  /**
   * Makes it if need be, and keeps other sweeps out until it is closed. Throws StoreError where one is at work in it, or where it cannot be
   * written.
   */
  open(): Promise<OpenSweepStore>;
}

/** What a store holds: trials by key, and a sentence for everything in it that is not as it should be. */
export interface StoredTrials {
  readonly trials: ReadonlyMap<string, StoredTrial>;
  readonly troubles: readonly string[];
  /** Records that had to be read one by one, since no index had them. */
  readonly recordsRead: number;
}

/** A store in which no other sweep is at work. */
export interface OpenSweepStore extends SweepStore {
  /** Looks at what a trial that has ended left, and notes it, so that the next listing is fast. */
  note(key: string): Promise<StoredTrial | undefined>;
  /** Keeps why a trial failed; its checkpoints stay. */
  keepFailure(key: string, spec: TrialSpec, failure: TrialFailure): Promise<void>;
  /** Gives other names to a damaged record, and to the rest of a run that cannot go on as that trial, so that it can be run again. */
  setAside(key: string, trial: { readonly spec: TrialSpec; readonly kernels: KernelVariant }): Promise<void>;
  /**
   * Whether runs of other trials can be kept, when one cannot because its disk can only be read; left out where all trials are in one
   * place.
   */
  canKeepTrials?(): Promise<boolean>;
  /** Writes a content beside the trials whole, such as results.csv. */
  write(name: string, content: string): Promise<void>;
  /** Other sweeps may use it from now on. */
  close(): Promise<void>;
}
