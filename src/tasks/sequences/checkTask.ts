import { InvalidOptionError } from "../../errors.js";
import { checkInteger, checkKnownOptions, checkObject } from "../../validate.js";

/**
 * The options of a task, misspelled ones refused. `name` may be among them, so that a description is accepted as options, if it is the
 * task's.
 */
export function checkTaskOptions(name: string, options: object, known: readonly string[]): Record<string, unknown> {
  const given = checkObject(name, options);
  checkKnownOptions(name, given, ["name", ...known, "seed"]);
  if (given.name !== undefined && given.name !== name) throw new InvalidOptionError(`${name}.name`, given.name, JSON.stringify(name));
  return given;
}

/** A task's own seed, as a part of its description: nothing when it is left to the trial. */
export function checkSeed(name: string, seed: unknown): { seed?: number } {
  return seed === undefined ? {} : { seed: checkInteger(`${name}.seed`, seed, 0) };
}
