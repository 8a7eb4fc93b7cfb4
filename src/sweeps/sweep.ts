import type { TrialSpec } from "../trials/spec.js";
import type { TrialFailure } from "./storedTrial.js";

/**
 * Many trials as plain data. Two forms: one trial with a grid,
 *
 *     { "trial": { "task": { "name": "curves" }, "optimizer": { "method": "nesterov", "momentum": 0.9 }, "updates": 1000 },
 *       "grid": { "optimizer.learningRate": [0.05, 0.01, 0.005], "seed": [1, 2, 3] },
 *       "choose": { "path": "optimizer.learningRate", "over": "seed" } }
 *
 * or a list, `{ "trials": [...] }`, whose entries are trials, or trials with grids of their own: `{ "name", "trial", "grid" }`.
 */
export interface Sweep extends SweepSettings {
  /** A trial's spec, as `checkTrialSpec` takes it; what the grid sets may be left out. */
  readonly trial?: Readonly<Record<string, unknown>>;
  /** The values that parts of the trial take, in all combinations. */
  readonly grid?: Grid;
  /** In place of both: specs, or specs with grids. */
  readonly trials?: readonly (Readonly<Record<string, unknown>> | SweepPart)[];
}

/** What a sweep says besides its trials. */
export interface SweepSettings {
  /** Chooses one value of a path in every cell. Default: nothing is chosen, and every combination is a cell. */
  readonly choose?: SweepChoice;
  /** Chooses by successive halving instead of running every trial in full; needs `choose`. Default: every trial is run in full. */
  readonly pilot?: Pilot;
  /** What paths are called in tables: `{ "optimizer.momentum.max": "mu" }`. Default: the path. */
  readonly names?: Readonly<Record<string, string>>;
}

/** A trial with a grid, one of several in a sweep. */
export interface SweepPart {
  /** What it is called in tables. Default: nothing where there is one part, else its number from 1. */
  readonly name?: string;
  readonly trial: Readonly<Record<string, unknown>>;
  readonly grid?: Grid;
}

/**
 * By path in the spec ("optimizer.momentum.max", "optimizer.momentum.values[1]"): the values, or an object of values by the names that they
 * have in tables. A value may itself be a list or an object: `"task.hidden": [[100], [100, 50]]`.
 */
export type Grid = Readonly<Record<string, readonly unknown[] | Readonly<Record<string, unknown>>>>;

/** How one value is chosen in every cell, as the paper chooses its learning rates. */
export interface SweepChoice {
  /** The path whose value is chosen, one of every grid. */
  readonly path: string;
  /**
   * The measure at the end that is to be lowest, or "best", the lowest watched error on the way. Default: the first measure of the task.
   */
  readonly by?: string;
  /** A path, such as "seed", over whose values the mean of the measure is taken. Default: none. */
  readonly over?: string;
  /**
   * What a trial that diverged counts for: "out" (default), its value is out; "baseline", the error of answering without looking at the
   * inputs. In the rounds of a pilot before the last no trial counts for more than that then.
   */
  readonly diverged?: "out" | "baseline";
}

/**
 * Successive halving: in every cell, each value is tried in a share of the updates; the better half goes on to a trial of twice the share,
 * and so on, until one is left, which is run in full. `share` is the first one. Default 0.1. What counts updates in a short trial, such as
 * the period of Eq. 5, is as much shorter.
 */
export interface Pilot {
  readonly share?: number;
  /**
   * The measure by which the rounds before the last are judged, for one that tells values apart while that of the choice is still what
   * chance gives: the loss of a problem whose error counts right answers. Default: that of the choice.
   */
  readonly by?: string;
}

/** A value of a grid at its path. */
export interface Coordinate {
  readonly path: string;
  /** What its path is called in tables. */
  readonly title: string;
  readonly value: unknown;
  /** What the value is called in tables. */
  readonly name: string;
}

/** A trial of a sweep before it is run. */
export interface PlannedTrial {
  readonly spec: TrialSpec;
  /** Why the values of the grid come to no trial together; `spec` is then what they come to, unchecked. */
  readonly failure?: TrialFailure;
  /** What its part is called; "" where the sweep has one. */
  readonly part: string;
  /** Where in its part's grid it lies, in the grid's order. */
  readonly coordinates: readonly Coordinate[];
  /** A short trial of successive halving: its round, from 1, and its share of the updates. Left out for a trial in full. */
  readonly pilot?: { readonly round: number; readonly share: number };
}
