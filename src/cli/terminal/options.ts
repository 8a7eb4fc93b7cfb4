import { nearest } from "../../boundary/nearest.js";
import { inexact } from "./exactNumber.js";

export { nearest };

/**
 * Options of a command, from one table that reads the arguments and writes the help. `--name value` and `--name=value` are the same;
 * `--` ends the options. A mistake is answered by one sentence and exit code 2.
 */

/** A mistake on the command line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What the value of an option is: a number, text, one of some words, or nothing (a flag). */
export interface Option {
  readonly kind: "number" | "text" | "flag";
  /** Stands for the value in the help, e.g. "N". */
  readonly value?: string;
  readonly help: string;
  /** One letter for short. */
  readonly letter?: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The values given: `undefined` for options that were not. */
export type Values<T extends Options> = {
  readonly [Name in keyof T]: (T[Name]["kind"] extends "flag" ? true : T[Name]["kind"] extends "number" ? number : string) | undefined;
};

/** Reads the arguments of `command`. Throws UsageError. */
export function parseOptions<T extends Options>(
  command: string,
  table: T,
  args: readonly string[],
): { values: Values<T>; words: string[] } {
  const values: Record<string, string | number | true> = {};
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (arg === "--") {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!/^-[^\d.]/.test(arg)) {
      words.push(arg);
      continue;
    }
    const equals = arg.indexOf("=");
    const given = equals < 0 ? arg : arg.slice(0, equals);
    const name = findName(command, table, given);
    const option = table[name];
    if (values[name] !== undefined) throw new UsageError(`--${name} is given twice`);
    if (option.kind === "flag") {
      if (equals >= 0) throw new UsageError(`--${name} takes no value, and is given ${JSON.stringify(arg.slice(equals + 1))}`);
      values[name] = true;
      continue;
    }
    const text = equals >= 0 ? arg.slice(equals + 1) : args[++at];
    if (text === undefined || text === "" || (equals < 0 && text.startsWith("--")))
      throw new UsageError(`--${name} needs a value: --${name} ${option.value ?? "VALUE"}`);
    values[name] = option.kind === "number" ? readNumber(name, text) : text;
  }
  return { values: values as Values<T>, words };
}

function findName(command: string, table: Options, given: string): string {
  const name = given.replace(/^--?/, "");
  if (given.startsWith("--") && Object.hasOwn(table, name)) return name;
  const short = Object.keys(table).find((key) => given === `-${table[key].letter}`);
  if (short !== undefined) return short;
  const near = nearest(name, Object.keys(table));
  throw new UsageError(
    `${given} is not an option of ${command}${near === undefined ? `; heavyball --help lists them` : `; did you mean --${near}?`}`,
  );
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new UsageError(`--${name} is ${JSON.stringify(text)}; --${name} must be a number`);
  const expected = inexact(text);
  if (expected !== undefined) throw new UsageError(`--${name} is ${text}; --${name} must be ${expected}`);
  return value;
}

/** The options as lines of the help: names in one column, what they do in another. */
export function describeOptions(table: Options): string {
  const names = Object.entries(table).map(
    ([name, { value, letter }]) => `${letter === undefined ? "" : `-${letter}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
  );
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return Object.values(table)
    .map(({ help }, at) => `  ${names[at].padEnd(width)}${help.split("\n").join(`\n  ${" ".repeat(width)}`)}`)
    .join("\n");
}
