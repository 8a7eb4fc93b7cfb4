import { shorten } from "./boundary/describeValue.js";
import { nearest } from "./boundary/nearest.js";
import { isArray, isDetached, isFloat32Array, isKeyed, isPlainObject, isRecord } from "./boundary/realm.js";
import { InvalidOptionError } from "./errors.js";

/**
 * Checks used at every public boundary; each returns the value it was given or throws an InvalidOptionError.
 *
 * `undefined` means that an option is left out, and takes its default before it is checked; `null` is a value like any other, and no option
 * has it.
 */

/** The default of an option that is left out. Not `??`, which would take null for left out too. */
export function orDefault(value: unknown, standard: unknown): unknown {
  return value === undefined ? standard : value;
}

export function checkInteger(option: string, value: unknown, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    // The largest whole number that f64 tells from its neighbors is news only to who has passed it.
    const isOpen = maximum === Number.MAX_SAFE_INTEGER && !(typeof value === "number" && value > maximum);
    const range = isOpen ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
    throw new InvalidOptionError(option, value, `a whole number ${range}`);
  }
  return value;
}

/** A seed of one's own; undefined where it is left to the trial. */
export function checkSeed(option: string, value: unknown): number | undefined {
  return value === undefined ? undefined : checkInteger(option, value, 0);
}

export function checkNumber(option: string, value: unknown, minimum: number, maximum = Infinity): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < minimum || value > maximum) {
    throw new InvalidOptionError(option, value, `a finite number${describeRange(minimum, maximum)}`);
  }
  return value;
}

/** The ends of f64 are no news to anybody; 1e30 reads better than JavaScript's 1e+30. */
function describeRange(minimum: number, maximum: number): string {
  const text = (bound: number): string => String(bound).replace("e+", "e");
  if (maximum !== Infinity) return ` from ${text(minimum)} to ${text(maximum)}`;
  return minimum === -Number.MAX_VALUE ? "" : ` of at least ${text(minimum)}`;
}

export function checkPositive(option: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw new InvalidOptionError(option, value, "a finite number greater than 0");
  }
  return value;
}

export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new InvalidOptionError(option, value, "true or false");
  return value;
}

/** Members that are functions, where they are given. */
export function checkFunctions(given: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const name of names) {
    if (given[name] !== undefined && typeof given[name] !== "function") throw new InvalidOptionError(name, given[name], "a function");
  }
}

/** An AbortSignal of any realm, or undefined. */
export function checkSignal(option: string, value: unknown): AbortSignal | undefined {
  const isSignal = (given: Record<string, unknown>): boolean =>
    typeof given.aborted === "boolean" && [given.addEventListener, given.removeEventListener].every((one) => typeof one === "function");
  if (value !== undefined && !(isRecord(value) && isSignal(value))) throw new InvalidOptionError(option, value, "an AbortSignal");
  return value as unknown as AbortSignal | undefined;
}

export function checkOneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  if (typeof value !== "string" || !(allowed as readonly string[]).includes(value)) {
    throw new InvalidOptionError(option, value, `one of ${allowed.map((name) => JSON.stringify(name)).join(", ")}`);
  }
  return value as T;
}

/** A Float32Array of any realm; what JSON, a proxy or a transfer made of one is told how to become one again. */
export function checkFloat32Array(option: string, value: unknown): Float32Array {
  if (!isFloat32Array(value)) throw new InvalidOptionError(option, value, `a Float32Array${wayBack(value)}`);
  if (value.length === 0 && isDetached(value)) {
    const remedy = "transfer a copy instead, or take back what was transferred";
    throw new InvalidOptionError(
      option,
      "a Float32Array whose buffer was transferred away",
      `a Float32Array that has its buffer: ${remedy}`,
    );
  }
  return value;
}

/** How a value that holds the numbers of a Float32Array becomes one again. */
function wayBack(value: unknown): string {
  if (isArray(value)) return ": Float32Array.from(list) makes one";
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return "";
  try {
    if (value.constructor?.name === "Float32Array") return " itself, not a proxy of one";
    if (isPlainObject(value) && Object.hasOwn(value, "0")) {
      return ": this is what JSON makes of one, and Float32Array.from(Object.values(it)) brings it back";
    }
  } catch {
    // Something that will not be looked at has nothing more to say.
  }
  return "";
}

export function checkObject(option: string, value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new InvalidOptionError(option, value, "an object");
  if (isKeyed(value)) throw new InvalidOptionError(option, value, "an object of its own members: Object.fromEntries(map) makes one");
  return value;
}

/** Refuses options nobody reads: a misspelled name must not pass silently. */
export function checkKnownOptions(where: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    throw new InvalidOptionError(
      `${where}.${shorten(key)}`,
      (value as Record<string, unknown>)[key],
      `left out: ${where} knows ${known.join(", ")}${hint}`,
    );
  }
}

/** The same for what may be an object of a class of the user's, which has fields of its own. */
export function checkKnownMembers(where: string, value: object, known: readonly string[]): void {
  if (isPlainObject(value)) checkKnownOptions(where, value, known);
}
