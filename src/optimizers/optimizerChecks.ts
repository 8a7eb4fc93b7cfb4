import { CheckpointMismatchError } from "../errors.js";
import type { FinalPhase, Schedule } from "../schedules/index.js";
import { checkSchedule } from "../schedules/index.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkOneOf, checkPositive } from "../validate.js";
import type { OptimizerOptions, SavedState } from "./optimizer.js";

/** Checks that several methods share. */

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

/** w >= 0, default 0. */
export function checkWeightDecay(value: unknown = 0): number {
  return checkNumber("weightDecay", value, 0);
}

/** Updates of the whole run, where the options of an optimizer say so. */
export function checkTotalUpdates(options: OptimizerOptions): number | undefined {
  checkKnownOptions("options", checkObject("options", options), ["updates"]);
  return options.updates === undefined ? undefined : checkInteger("options.updates", options.updates, 1);
}

/**
 * The parts that every saved state has, of a state that knows `own` parts besides. Throws CheckpointMismatchError for another method's,
 * InvalidOptionError.
 */
export function checkSavedState(state: SavedState, method: string, own: readonly string[]): Pick<SavedState, "update" | "lastLoss"> {
  checkObject("state", state);
  if (state.method !== method) throw new CheckpointMismatchError("the method", state.method, method);
  checkKnownOptions("state", state, ["method", "update", ...own, "lastLoss"]);
  const update = checkInteger("state.update", state.update, 0);
  const lastLoss = state.lastLoss === undefined ? undefined : checkNumber("state.lastLoss", state.lastLoss, -Number.MAX_VALUE);
  return { update, lastLoss };
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
