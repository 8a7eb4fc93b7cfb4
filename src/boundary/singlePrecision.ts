import { InvalidOptionError } from "../errors.js";
import { checkNumber, checkPositive } from "../validate.js";

/**
 * The numbers that f32 holds with all its digits. What the kernels compute with is rounded to f32, and outside these bounds a number would
 * become 0, lose digits or become infinite without a word.
 */
const SMALLEST = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Whether f32 holds a finite number: 0, or within its range. */
export function fitsSinglePrecision(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || (size >= SMALLEST && size <= LARGEST);
}

/** Throws InvalidOptionError for a number, 0 or more, that f32 does not hold; `isPositive` says that 0 is no choice. */
export function checkSinglePrecision(option: string, value: number, isPositive = false): void {
  if (!fitsSinglePrecision(value)) {
    throw new InvalidOptionError(option, value, `${isPositive ? "" : "0 or "}from 1.2e-38 to 3.4e38: the kernels compute in f32`);
  }
}

/**
 * Scales and biases of starting points: within these bounds no parameter overflows or vanishes in f32 whatever is drawn, and what is wrong
 * is said of the option, not of one of the parameters made from it.
 */
export const SMALLEST_SCALE = 1e-30;
export const LARGEST_SCALE = 1e30;

export function checkScale(option: string, value: unknown): number {
  checkPositive(option, value);
  return checkNumber(option, value, SMALLEST_SCALE, LARGEST_SCALE);
}

export function checkBias(option: string, value: unknown): number {
  const bias = checkNumber(option, value, -Number.MAX_VALUE);
  const size = Math.abs(bias);
  if (size !== 0 && (size < SMALLEST_SCALE || size > LARGEST_SCALE)) {
    throw new InvalidOptionError(option, bias, "0 or from 1e-30 to 1e30 in size: parameters are f32");
  }
  return bias;
}
