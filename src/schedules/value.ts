import { InvalidOptionError } from "../errors.js";
import type { Choice, FinalPhase, Pieces, Schedule, ScheduleDescription } from "./types.js";

/**
 * The value of a schedule at update t (from 0):
 *
 *     constant       value
 *     sutskever      min(1 - 1/(2 (floor(t / period) + 1)), max)        Eq. 5; 1 - 2^(-1 - log2(k + 1)) = 1 - 1/(2 (k + 1))
 *     nesterov1983   1 - 3/(t + 5)
 *     piecewise      values[i], i = how many of `at` are <= t; of a value that is a schedule, its value at t
 *     inverse        min(max, numerator / (t - offset)), and max while t <= offset
 *
 * In the final phase the value is `final.value`, unless the formula gives 0: a momentum of 0 (plain gradient descent) stays 0.
 *
 * The schedule must have passed `checkSchedule`. `totalUpdates` is needed by a final phase that counts from the end, which otherwise throws
 * `InvalidOptionError`.
 */
export function scheduleValue(schedule: Schedule, t: number, totalUpdates?: number): number {
  if (typeof schedule === "number") return schedule;
  const value = formula(schedule, t);
  const { final } = schedule;
  if (final === undefined || value === 0) return value;
  return t >= finalStart(final, totalUpdates) ? final.value : value;
}

/** Whether the schedule can only be evaluated when the total number of updates is known. */
export function needsTotalUpdates(schedule: Schedule): boolean {
  return typeof schedule !== "number" && schedule.final !== undefined && "updates" in schedule.final;
}

function formula(schedule: ScheduleDescription, t: number): number {
  switch (schedule.schedule) {
    case "constant":
      return schedule.value;
    case "sutskever":
      return Math.min(1 - 1 / (2 * (Math.floor(t / schedule.period) + 1)), schedule.max);
    case "nesterov1983":
      return 1 - 3 / (t + 5);
    case "piecewise":
      return scheduleValue(pieceAt(schedule, t), t);
    case "inverse":
      return t <= schedule.offset ? schedule.max : Math.min(schedule.max, schedule.numerator / (t - schedule.offset));
  }
}

/** The piece of update t; the pieces must have passed `checkChoice` or `checkSchedule`. */
export function pieceAt<V>({ values, at }: Pieces<V>, t: number): V {
  let i = 0;
  while (i < at.length && t >= at[i]) i++;
  return values[i];
}

/** What a choice, which must have passed `checkChoice`, is at update t. */
export function choiceAt<V extends boolean | string>(choice: Choice<V>, t: number): V {
  return typeof choice === "object" ? pieceAt(choice, t) : choice;
}

function finalStart(final: FinalPhase, totalUpdates: number | undefined): number {
  if ("from" in final) return final.from;
  if (totalUpdates === undefined) {
    throw new InvalidOptionError(
      "final.updates",
      final.updates,
      "replaced by final.from, since the total number of updates is not known here",
    );
  }
  return totalUpdates - final.updates;
}
