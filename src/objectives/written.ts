import { isNumberList } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";

/**
 * Throws InvalidOptionError where a user's function returned its result (or a promise of it) instead of writing it into `out`, which
 * arrived filled with 0 and is so still. One that writes may return what it likes, `out` among others.
 */
export function checkWritten(option: string, call: string, returned: unknown, out: Float64Array): void {
  if (returned === undefined || returned === out) return;
  const isList = isNumberList(returned);
  if (!(isList || isPromise(returned)) || !out.every((value) => value === 0)) return;
  const what = isList ? "returns its result" : "returns a promise";
  const allowed = `a function ${call} that writes its result into out before it returns, as in out.set(result)`;
  throw new InvalidOptionError(option, `a function that ${what}`, allowed);
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
