import type { FinalPhase, Schedule } from "../schedules/index.js";
import { checkSchedule } from "../schedules/index.js";
import { checkKnownOptions, checkOneOf, checkPositive } from "../validate.js";

/** Checks that the builders of several optimizers share. */

/** A builder takes a description of its own method too, so that making one twice is harmless, but no other's. */
export function checkOptions(method: string, given: Record<string, unknown>, known: readonly string[]): void {
  checkKnownOptions(method, given, ["method", ...known]);
  if (given.method !== undefined) checkOneOf(`${method}.method`, given.method, [method]);
}

/** A rate of 0 trains nothing and is always a mistake, so every level the schedule can stand at must be positive. */
export function checkLearningRate(value: unknown): Schedule {
  if (typeof value === "number") return checkPositive("learningRate", value);
  const schedule = checkSchedule("learningRate", value, { minimum: 0, maximum: Infinity });
  requirePositive("learningRate", schedule);
  return schedule;
}

function requirePositive(option: string, schedule: Schedule): void {
  if (typeof schedule === "number") {
    checkPositive(option, schedule);
    return;
  }
  const { value, values, max, final } = schedule as { value?: number; values?: Schedule[]; max?: number; final?: FinalPhase };
  for (const [name, level] of Object.entries({ value, max, "final.value": final?.value })) {
    if (level !== undefined) checkPositive(`${option}.${name}`, level);
  }
  values?.forEach((piece, i) => requirePositive(`${option}.values[${i}]`, piece));
}
