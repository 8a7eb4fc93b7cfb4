/**
 * A schedule maps an update index t, counted from 0, to a number. It is plain data, and a plain number is a schedule too. Except for
 * numbers, each may carry a `final` phase. `src/schedules/value.ts` has the formulas.
 */
export type Schedule = number | ScheduleDescription;

/** A schedule as plain data, as the builders in `schedules` make them: the index t of an update, from 0, to a number. */
export type ScheduleDescription = ConstantSchedule | SutskeverSchedule | Nesterov1983Schedule | PiecewiseSchedule | InverseSchedule;

/** `value` at every t. */
export interface ConstantSchedule {
  readonly schedule: "constant";
  readonly value: number;
  readonly final?: FinalPhase;
}

/** Eq. 5: min(1 - 1/(2 (floor(t / period) + 1)), max). */
export interface SutskeverSchedule {
  readonly schedule: "sutskever";
  readonly max: number;
  /** In updates; the paper's is 250. */
  readonly period: number;
  readonly final?: FinalPhase;
}

/** 1 - 3/(t + 5), what the momentum of Nesterov (1983) comes to. */
export interface Nesterov1983Schedule {
  readonly schedule: "nesterov1983";
  readonly final?: FinalPhase;
}

/**
 * `values[i]` for at[i-1] <= t < at[i]: one value more than there are places where it changes. A value may be a schedule, whose t is the
 * same, without a final phase.
 */
export interface PiecewiseSchedule extends Pieces<Schedule> {
  readonly final?: FinalPhase;
}

/** min(max, numerator / (t - offset)), and max while t <= offset. */
export interface InverseSchedule {
  readonly schedule: "inverse";
  readonly numerator: number;
  readonly offset: number;
  readonly max: number;
  readonly final?: FinalPhase;
}

/** `values[i]` for at[i-1] <= t < at[i], of whatever kind the values are. */
export interface Pieces<V> {
  readonly schedule: "piecewise";
  readonly values: readonly V[];
  readonly at: readonly number[];
}

/** A switch or a word that may change in time. */
export type Choice<V> = V | Pieces<V>;

/** Holds `value` for the last `updates` updates of a trial, or, where no total is known, from update `from` on. What is 0 stays 0. */
export type FinalPhase = { readonly updates: number; readonly value: number } | { readonly from: number; readonly value: number };
