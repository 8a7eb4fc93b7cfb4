import { InvalidOptionError } from "../../errors.js";
import { checkKnownOptions, checkObject } from "../../validate.js";

/**
 * The options of a task, misspelled ones refused. `name` may be among them, so that a description is accepted as options, if it is the
 * task's.
 */
export function checkTaskOptions(name: string, where: string, options: object, known: readonly string[]): Record<string, unknown> {
  const given = checkObject(where, options);
  checkKnownOptions(where, given, ["name", ...known, "seed"]);
  if (given.name !== undefined && given.name !== name) throw new InvalidOptionError(`${where}.name`, given.name, JSON.stringify(name));
  return given;
}
