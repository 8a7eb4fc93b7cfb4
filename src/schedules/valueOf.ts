import { checkInteger } from "../validate.js";
import { checkSchedule } from "./check.js";
import type { Schedule } from "./types.js";
import { scheduleValue } from "./value.js";

/**
 * The value of a schedule at update t (from 0):
 *
 *     constant       value
 *     sutskever      min(1 - 1/(2 (floor(t / period) + 1)), max)        Eq. 5
 *     nesterov1983   1 - 3/(t + 5)
 *     piecewise      values[i], i = how many of `at` are <= t; of a value that is a schedule, its value at t
 *     inverse        min(max, numerator / (t - offset)), and max while t <= offset
 *
 * In the final phase it is `final.value`, unless the formula gives 0. `totalUpdates` is needed by a final phase that counts from the end.
 *
 * @throws InvalidOptionError for what is no schedule, a t that is none, or a total that is needed and not given
 */
export function scheduleValueOf(schedule: Schedule, t: number, totalUpdates?: number): number {
  const checked = checkSchedule("schedule", schedule, { minimum: -Infinity, maximum: Infinity });
  checkInteger("t", t, 0);
  if (totalUpdates !== undefined) checkInteger("totalUpdates", totalUpdates, 0);
  return scheduleValue(checked, t, totalUpdates);
}
