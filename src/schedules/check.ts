import { isArray, isRecord } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkOneOf, checkPositive } from "../validate.js";
import type { Choice, FinalPhase, Schedule, ScheduleDescription } from "./types.js";

/** The values that an option may take, both ends included. */
export interface ValueRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** Pieces within pieces: every walk through a schedule goes as deep. */
const DEEPEST = 16;

const KINDS = ["constant", "sutskever", "nesterov1983", "piecewise", "inverse"] as const;

/**
 * Checks that `schedule` is a schedule all of whose values lie in `range`, and returns it as new plain data with defaults filled in
 * (sutskever: max 0.99, period 250; inverse: offset 0, max 1).
 *
 * Throws `InvalidOptionError` naming the part that is wrong under the name of the option, as in "momentum.max" or
 * "learningRate.final.value"; keys that the schedule does not have are refused.
 */
export function checkSchedule(option: string, schedule: unknown, range: ValueRange): Schedule {
  return checkNested(option, schedule, range, 0);
}

/** `depth`: of how many piecewise schedules this one is a piece. */
function checkNested(option: string, schedule: unknown, range: ValueRange, depth: number): Schedule {
  if (typeof schedule === "number") return checkInRange(option, schedule, range);
  if (!isRecord(schedule)) {
    throw new InvalidOptionError(option, schedule, 'a number or a schedule, such as { schedule: "sutskever", max: 0.99 }');
  }
  const checked = checkKind(option, schedule, range, depth);
  if (schedule.final === undefined) return checked;
  return { ...checked, final: checkFinal(`${option}.final`, schedule.final, range) };
}

function checkKind(option: string, given: Record<string, unknown>, range: ValueRange, depth: number): ScheduleDescription {
  const inRange = (name: string, value: unknown): number => checkInRange(`${option}.${name}`, value, range);
  const known = (...names: string[]): void => checkKnownOptions(option, given, ["schedule", ...names, "final"]);
  const kind = checkOneOf(`${option}.schedule`, given.schedule, KINDS);
  switch (kind) {
    case "constant":
      known("value");
      return { schedule: kind, value: inRange("value", given.value) };
    case "sutskever": {
      known("max", "period");
      const { max = 0.99, period = 250 } = given;
      const ceiling = checkInRange(`${option}.max`, max, { minimum: Math.max(range.minimum, 0), maximum: Math.min(range.maximum, 1) });
      // The first value is min(1/2, max), the lowest.
      requireValue(option, kind, Math.min(0.5, ceiling), range);
      return { schedule: kind, max: ceiling, period: checkInteger(`${option}.period`, period, 1) };
    }
    case "nesterov1983":
      known();
      requireValue(option, kind, 0.4, range);
      requireValue(option, kind, 1, range);
      return { schedule: kind };
    case "piecewise":
      known("values", "at");
      if (depth === DEEPEST) {
        throw new InvalidOptionError(
          option,
          kind,
          `a number or another kind of schedule: pieces may be piecewise themselves, but not more than ${DEEPEST} deep`,
        );
      }
      return { schedule: kind, ...checkPieces(option, given, (name, value) => checkPiece(name, value, range, depth + 1)) };
    case "inverse": {
      known("numerator", "offset", "max");
      const { numerator, offset = 0, max = 1 } = given;
      requireValue(option, kind, 0, range);
      return {
        schedule: kind,
        numerator: checkPositive(`${option}.numerator`, numerator),
        offset: checkInteger(`${option}.offset`, offset, Number.MIN_SAFE_INTEGER),
        max: inRange("max", max),
      };
    }
  }
}

function checkInRange(option: string, value: unknown, range: ValueRange): number {
  if (range.minimum === -Infinity && !Number.isFinite(value)) throw new InvalidOptionError(option, value, "a finite number");
  return checkNumber(option, value, range.minimum, range.maximum);
}

/** A schedule whose formula reaches `value` is of no use where that value is not allowed. */
function requireValue(option: string, kind: string, value: number, range: ValueRange): void {
  if (value < range.minimum || value > range.maximum) {
    throw new InvalidOptionError(
      `${option}.schedule`,
      kind,
      `another kind of schedule: the values of this one reach ${value}, and ${option} goes from ${range.minimum} to ${range.maximum}`,
    );
  }
}

/** One value of a piecewise schedule: a final phase is the whole schedule's alone. */
function checkPiece(option: string, value: unknown, range: ValueRange, depth: number): Schedule {
  if (!isRecord(value)) return checkInRange(option, value, range);
  const { final } = value;
  if (final !== undefined)
    throw new InvalidOptionError(
      `${option}.final`,
      final,
      "left out: a final phase is given to the whole schedule, not to one of its pieces",
    );
  return checkNested(option, value, range, depth);
}

/**
 * Checks a value that is not a number, or pieces of such values, each by `check`; returns new plain data. Throws `InvalidOptionError`.
 */
export function checkChoice<V>(option: string, choice: unknown, check: (option: string, value: unknown) => V): Choice<V> {
  if (!isRecord(choice) || choice.schedule !== "piecewise") return check(option, choice);
  checkKnownOptions(option, choice, ["schedule", "values", "at"]);
  return { schedule: "piecewise", ...checkPieces(option, choice, check) };
}

function checkPieces<V>(
  option: string,
  given: Record<string, unknown>,
  check: (option: string, value: unknown) => V,
): { values: V[]; at: number[] } {
  const { values, at } = given;
  if (!isArray(values) || values.length === 0) throw new InvalidOptionError(`${option}.values`, values, "a list of values, at least one");
  if (!isArray(at)) throw new InvalidOptionError(`${option}.at`, at, "a list of update indices");
  if (values.length !== at.length + 1) {
    throw new InvalidOptionError(
      `${option}.at`,
      at,
      `one shorter than ${option}.values, which has ${values.length}: it says where each value gives way to the next`,
    );
  }
  const changes = Array.from(at, (change, i) => checkInteger(`${option}.at[${i}]`, change, 0));
  changes.forEach((change, i) => {
    if (i > 0 && change <= changes[i - 1]) {
      throw new InvalidOptionError(`${option}.at[${i}]`, change, `greater than the one before it, ${changes[i - 1]}`);
    }
  });
  return { values: Array.from(values, (value, i) => check(`${option}.values[${i}]`, value)), at: changes };
}

function checkFinal(option: string, final: unknown, range: ValueRange): FinalPhase {
  const given = checkObject(option, final);
  checkKnownOptions(option, given, ["updates", "from", "value"]);
  if ((given.updates === undefined) === (given.from === undefined)) {
    throw new InvalidOptionError(
      option,
      final,
      "given either `updates`, counted from the end, or `from`, counted from the start, and not both",
    );
  }
  const value = checkInRange(`${option}.value`, given.value, range);
  if (given.from !== undefined) return { from: checkInteger(`${option}.from`, given.from, 0), value };
  return { updates: checkInteger(`${option}.updates`, given.updates, 0), value };
}
