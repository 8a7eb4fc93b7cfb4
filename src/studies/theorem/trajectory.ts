import type { minimize } from "../../optimizers/minimize.js";
import { type PiecewiseSchedule, schedules } from "../../schedules/index.js";
import type { Trajectory } from "../trajectory.js";
import type { asPublished } from "./published1983.js";

/** What the study puts to the test; its tests put wrong ones in their place, which it has to find out. */
export interface Methods {
  /** The library's optimizers. */
  readonly minimize: typeof minimize;
  /** Eq. 6-9, written out. */
  readonly published1983: typeof asPublished;
}

/** A part of the study: yields the share of it that is done. */
export type Part<Numbers> = Generator<number, Numbers, void>;

/** A schedule that has `values[t]` at update t. */
export function scheduleOf(values: readonly number[]): PiecewiseSchedule {
  return schedules.piecewise({ values, at: values.slice(1).map((_, t) => t + 1) });
}

export type Points = Pick<Trajectory, "theta" | "velocity">;

/** How far two trajectories are apart at most, as shares of the largest parameter and the largest velocity of the first. */
export interface Deviation {
  readonly parameters: number;
  readonly velocities: number;
}

export function deviation(one: Points, other: Points): Deviation {
  return { parameters: largestDifference(one.theta, other.theta), velocities: largestDifference(one.velocity, other.velocity) };
}

/** The worse of the two; NaN where one is. */
export function worst(...deviations: readonly Deviation[]): number {
  return Math.max(...deviations.flatMap(({ parameters, velocities }) => [parameters, velocities]));
}

/** NaN where a number is none, infinite where the lengths differ: neither passes for a small deviation. */
export function largestDifference(one: readonly Float64Array[], other: readonly Float64Array[]): number {
  if (one.length !== other.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (const [t, values] of one.entries()) {
    for (let i = 0; i < values.length; i++) {
      difference = Math.max(difference, Math.abs(values[i] - other[t][i]));
      scale = Math.max(scale, Math.abs(values[i]));
    }
  }
  return difference === 0 ? 0 : difference / scale;
}
