import { describeValue } from "../errors.js";
import type { TrialSpec } from "../trials/spec.js";
import { goingOn } from "./goingOn.js";
import { UsageError } from "./terminal/options.js";
import { optionOfPath, setsPart, type TrainValues } from "./trainOptions.js";

/** A setting in which the trial that is asked for is not the one that was begun; undefined where one of them has none. */
interface Difference {
  /** As in "task.length". */
  readonly part: string;
  /** Its option on the command line, if it has one. */
  readonly option: string | undefined;
  readonly begun: unknown;
  readonly asked: unknown;
}

/**
 * Throws UsageError unless the trial that a command line asks for is the one that was begun in `directory`; `values` are its
 * options.
 *
 * One option may change several settings (`--variant` does). Of all that differ, the sentence is about the task, or else about an option
 * that was given: that is what the person did.
 */
export function requireSameTrial(begun: TrialSpec, asked: TrialSpec, values: TrainValues, directory: string): void {
  const given = Object.keys(values);
  const isGiven = ({ option }: Difference): boolean => given.includes(option?.slice(2) ?? "");
  const found = differences("", begun, asked).map((difference) => ({ ...difference, option: optionOf(begun, difference.part) }));
  const told = found.find(({ part }) => part === "task.name") ?? found.find(isGiven) ?? found[0];
  if (told === undefined) return;
  throw new UsageError(
    `${describe(told, isGiven(told), directory)}; to go on with it, leave its settings out: ` +
      `${goingOn(directory, values.data)}; for another run, give another directory with --out`,
  );
}

function describe({ part, option, begun, asked }: Difference, isGiven: boolean, directory: string): string {
  const run = `the run in ${directory}`;
  if (option !== undefined && setsPart(option.slice(2)))
    return `${option} is ${isGiven ? "given" : "left out"}, and ${run} was begun ${isGiven ? "without" : "with"} it`;
  if (option !== undefined && !isGiven) return `${option} is left out, which makes it ${valueOf(asked)}, and ${run} has ${valueOf(begun)}`;
  return `${part === "task.name" ? "the task" : (option ?? part)} is ${valueOf(asked)}, and ${run} has ${valueOf(begun)}`;
}

function valueOf(value: unknown): string {
  return value === undefined ? "none" : describeValue(value);
}

/** The option behind a part; the parts of the optimizer go by their own names, as in its error messages. */
function optionOf({ task }: TrialSpec, part: string): string | undefined {
  return optionOfPath(task.name, part.replace(/^optimizer\.(?!method$)/, ""));
}

/** Every number, word or flag that differs, in the order of the spec. */
function differences(part: string, begun: unknown, asked: unknown): Omit<Difference, "option">[] {
  const members = membersOf(begun, asked);
  if (members === undefined) return JSON.stringify(begun) === JSON.stringify(asked) ? [] : [{ part, begun, asked }];
  const one = (begun ?? {}) as Record<string, unknown>;
  const other = (asked ?? {}) as Record<string, unknown>;
  return members.flatMap((name) => differences(nameOf(part, name, Array.isArray(begun)), one[name], other[name]));
}

function nameOf(part: string, name: string, isEntry: boolean): string {
  if (isEntry) return `${part}[${name}]`;
  return part === "" ? name : `${part}.${name}`;
}

/** The names under which two values are to be compared part by part; undefined when they are to be compared as they are. */
function membersOf(begun: unknown, asked: unknown): string[] | undefined {
  if (Array.isArray(begun) && Array.isArray(asked) && begun.length === asked.length) return Object.keys(begun);
  const isPlain = (value: unknown): boolean =>
    value === undefined || (typeof value === "object" && value !== null && !Array.isArray(value));
  if (!isPlain(begun) || !isPlain(asked) || begun === asked) return undefined;
  return [...new Set([...Object.keys(begun ?? {}), ...Object.keys(asked ?? {})])];
}
