/**
 * What is wrong with a number as it was typed: JavaScript's have 53 bits, so that 9007199254740993 would silently be ...992, 1e999 infinite
 * and 1e-999 zero. Returns what to say after "must be", or undefined for a number that is what it says. Decimal fractions are rounded as
 * everywhere; whole numbers have to be the ones that were meant.
 */
export function inexact(text: string): string | undefined {
  const value = Number(text);
  const typed = decimalOf(text);
  if (typed === undefined) return Number.isSafeInteger(value) || !/^\s*0[box]/i.test(text) ? undefined : tooLong;
  if (!Number.isFinite(value)) return `a number of at most ${String(Number.MAX_VALUE).replace("e+", "e")}`;
  if (value === 0) return typed.digits === "" ? undefined : "0 or further from it: it is too small to be told from 0";
  if (!Number.isInteger(value)) return undefined;
  const held = decimalOf(String(value))!;
  return typed.digits === held.digits && typed.exponent === held.exponent ? undefined : tooLong;
}

const tooLong = "a number that 53 bits can hold: it would be rounded to another";

/** Digits without zeros at either end, and the power of ten of the last one. */
function decimalOf(text: string): { digits: string; exponent: number } | undefined {
  const [, whole, fraction = "", power = "0"] = /^\s*[+-]?(\d*)\.?(\d*)(?:e([+-]?\d+))?\s*$/i.exec(text) ?? [];
  if (whole === undefined || whole + fraction === "") return undefined;
  const all = whole + fraction;
  const digits = all.replace(/0+$/, "");
  return { digits: digits.replace(/^0+/, ""), exponent: Number(power) - fraction.length + all.length - digits.length };
}
