import type { KernelVariant } from "../runtime/kernels.js";
import type { TrialSpec } from "../trials/spec.js";
import type { StoredRecord, TrialFailure } from "./storedTrial.js";
import type { Coordinate } from "./sweep.js";

/** What came of one trial of a sweep. */
export interface SweepRow {
  /** Empty where the values of the grid come to no trial together, which `failure` then says. */
  readonly key: string;
  readonly spec: TrialSpec;
  /** What its part is called; "" where the sweep has one. */
  readonly part: string;
  readonly coordinates: readonly Coordinate[];
  /** The id of its cell, where values are chosen. */
  readonly cell?: string;
  /** A short trial of successive halving: its round, from 1, and its share of the updates. Left out for a trial in full. */
  readonly pilot?: { readonly round: number; readonly share: number };
  /** ended: it has a record, which may say that it diverged; failed, damaged: see `failure`; stopped: it can go on. */
  readonly state: "ended" | "failed" | "damaged" | "stopped";
  /** Without its reports, which are in `store.run(key)`. */
  readonly record?: StoredRecord;
  readonly failure?: TrialFailure;
  /** Whether it was there before. */
  readonly isFound: boolean;
}

/** One of the values among which a cell's is chosen. */
export interface SweepCandidate {
  /** Undefined in a part whose grid does not have the path. */
  readonly coordinate: Coordinate | undefined;
  /**
   * The mean of the measure over its trials of the last round it took part in; Infinity where one diverged, undefined where one is missing.
   */
  readonly error: number | undefined;
  /** The share of the updates of these trials; 1 in full. */
  readonly share: number;
  readonly rows: readonly SweepRow[];
  /** Those of the rounds before it. */
  readonly earlier: readonly SweepRow[];
}

/** Trials that differ in the chosen value alone, and in what was averaged over. */
export interface SweepCell {
  readonly id: string;
  readonly name: string;
  readonly part: string;
  readonly coordinates: readonly Coordinate[];
  /** The measure by which was chosen. */
  readonly measure: string;
  readonly candidates: readonly SweepCandidate[];
  /** The candidate of the lowest error among those run in full; undefined while there is none. */
  readonly best?: SweepCandidate;
  /** Whether every candidate that had to be run has been: the choice stands. */
  readonly isComplete: boolean;
}

/** What came of a sweep. */
export interface SweepResult {
  readonly kernels: KernelVariant;
  /** Where its trials are kept. */
  readonly place: string;
  /** Trials of the sweep in all, those of successive halving included. */
  readonly total: number;
  /** Those that are there, in the order of the sweep; of one that occurs twice, both. */
  readonly rows: readonly SweepRow[];
  /** Empty where nothing is chosen. */
  readonly cells: readonly SweepCell[];
  /** Where values were chosen by successive halving: the first share of the updates, and what rounds were judged by where that was told. */
  readonly pilot?: { readonly share: number; readonly by?: string };
  /** Whether the signal ended it before all was done. */
  readonly isStopped: boolean;
  /** A sentence for everything that was not as it should be. */
  readonly troubles: readonly string[];
}
