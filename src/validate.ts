import { InvalidOptionError } from "./errors.js";

/** Checks used at every public boundary; each returns the value it was given or throws an InvalidOptionError. */

export function checkInteger(option: string, value: unknown, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
    throw new InvalidOptionError(option, value, `a whole number ${range}`);
  }
  return value;
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

export function checkOneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  if (typeof value !== "string" || !(allowed as readonly string[]).includes(value)) {
    throw new InvalidOptionError(option, value, `one of ${allowed.map((name) => JSON.stringify(name)).join(", ")}`);
  }
  return value as T;
}

export function checkFloat32Array(option: string, value: unknown): Float32Array {
  if (!(value instanceof Float32Array)) throw new InvalidOptionError(option, value, "a Float32Array");
  return value;
}

export function checkObject(option: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new InvalidOptionError(option, value, "an object");
  return value as Record<string, unknown>;
}

/** Refuses options nobody reads: a misspelt name must not pass silently. */
export function checkKnownOptions(where: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new InvalidOptionError(`${where}.${key}`, (value as Record<string, unknown>)[key], `left out: ${where} knows ${known.join(", ")}`);
  }
}
