import { hidePasswords } from "../../boundary/hidePasswords.js";
import type { Terminal } from "../../report/text/progressBars.js";

/**
 * Standard output and standard error of the command line. Both may be closed or full, and neither may end a run with files half made: the
 * first failure of standard output is noted, nothing more is written to it, and whoever does long work is told; what standard error does
 * not take is lost.
 */

/**
 * What became of standard output; undefined while it takes what it is given. EPIPE: nobody reads on, as in `heavyball train curves | head`.
 */
let failure: NodeJS.ErrnoException | undefined;
const listeners = new Set<() => void>();

/** The exit code that a shell gives a process that writes where nobody reads: 128 + SIGPIPE. */
export const nobodyReads = 141;

/** To be called once, before anything is written. */
export function guardOutput(): void {
  process.stdout.on("error", noteFailure);
  process.stderr.on("error", () => {});
}

function noteFailure(error: NodeJS.ErrnoException): void {
  if (failure !== undefined) return;
  failure = error;
  for (const listener of listeners) listener();
}

/**
 * The exit code of work that stops because its output goes nowhere: 141 where nobody reads, 1 for other failures; undefined while there is
 * none.
 */
export function outputFailed(): number | undefined {
  return failure === undefined ? undefined : failure.code === "EPIPE" ? nobodyReads : 1;
}

/** Tells when standard output fails; returns how to stop listening. */
export function onOutputFailure(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * The exit code of a command that ends with `code`, once all that it wrote has been taken or refused. A full disk is a failure; a reader
 * who has had enough is none.
 */
export async function settleOutput(code: number): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  if (failure === undefined || failure.code === "EPIPE") return code;
  complain(`standard output cannot be written: ${failure.message}`);
  return code === 0 ? 1 : code;
}

/** Text on standard output. */
export function print(text: string): void {
  if (failure !== undefined) return;
  try {
    process.stdout.write(text);
  } catch (error) {
    noteFailure(error as NodeJS.ErrnoException);
  }
}

/** Text on standard error. Whatever it is about, such as a mistyped command line, no password of an address is in it. */
export function printError(text: string): void {
  try {
    process.stderr.write(hidePasswords(text));
  } catch {
    // There is nobody left to tell.
  }
}

/** A sentence on standard error. */
export function complain(sentence: string): void {
  printError(`heavyball: ${sentence}\n`);
}

/** The terminal or pipe that standard output is. Colors follow the custom of NO_COLOR (no-color.org) and FORCE_COLOR. */
export function standardOutput(): Terminal {
  const { stdout, env } = process;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0";
  const interactive = stdout.isTTY === true && env.TERM !== "dumb";
  return {
    write: print,
    interactive,
    color: forced || (interactive && (env.NO_COLOR === undefined || env.NO_COLOR === "")),
    columns: () => stdout.columns ?? 80,
  };
}

/** One line of text on standard output. */
export function say(line = ""): void {
  print(`${line}\n`);
}

/** One value as a line of JSON on standard output, `kind` first, which tells such lines apart. */
export function sayJson(kind: string, value: object): void {
  say(JSON.stringify({ kind, ...value }));
}
