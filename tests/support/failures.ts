import { HeavyballError, InvalidOptionError } from "heavyball";
import { expect } from "vitest";

/** The typed error that `call` throws; fails when there is none or it is a bare one. */
export function failure(call: () => unknown, what = ""): HeavyballError {
  try {
    call();
  } catch (error) {
    expect(error, what).toBeInstanceOf(HeavyballError);
    return error as HeavyballError;
  }
  throw new Error(`nothing was thrown ${what}`);
}

/** Whatever a call throws; fails where it throws nothing. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** What a promise is rejected with; fails where it is not. */
export async function rejection(work: Promise<unknown>): Promise<Error> {
  const ended = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(ended, "what it was rejected with").toBeInstanceOf(Error);
  return ended as Error;
}

/** The InvalidOptionError that `call` throws, which names its option, and ends. */
export function refusal(call: () => unknown, what = ""): InvalidOptionError {
  const error = failure(call, what);
  expect(error, what).toBeInstanceOf(InvalidOptionError);
  expect(error.message.startsWith(`${(error as InvalidOptionError).option} is `), error.message).toBe(true);
  expect(error.message.length, error.message).toBeLessThan(600);
  return error as InvalidOptionError;
}

/** Expects an InvalidOptionError that names the option and says what is allowed. */
export function expectInvalid(call: () => unknown, option: string, allowed: RegExp | string): void {
  const error = failure(call);
  expect(error).toBeInstanceOf(InvalidOptionError);
  expect(error).toMatchObject({ code: "INVALID_OPTION", option });
  expect(error.message.startsWith(`${option} is `)).toBe(true);
  expect(error.message).toMatch(allowed);
}

/** What comes of a call: true where it went well, false where it ended in a typed error; any other error is thrown on. */
export function endsWell(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof HeavyballError) return false;
    throw error;
  }
}

/** What a call is given with whatever was typed, as JavaScript lets one. */
export const loose = <T>(value: unknown): T => value as T;
