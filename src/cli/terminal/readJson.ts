import { closeSync, constants, openSync, readSync } from "node:fs";
import { shorten } from "../../boundary/describeValue.js";
import { inexact } from "./exactNumber.js";
import { UsageError } from "./options.js";
import { repeatedKey } from "./repeatedKey.js";

/** Brackets within brackets: a trial has about five, and what walks through one may do so by recursion. */
const deepest = 100;
const ofTrial = { what: "trial", longest: 1_000_000, usual: "a few hundred" };
/** A sweep may be a list of many trials. */
export const ofSweep = { what: "sweep", longest: 100_000_000, usual: "a few hundred, or a few hundred for each trial of a list" };
/** Numbers that a message gives. */
const mostTold = 10;
/** Strings, which are passed over, then numbers and brackets. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{}]/g;

/** What a file should hold, how many characters it may have, and how many such files have. */
export interface JsonFile {
  readonly what: string;
  readonly longest: number;
  readonly usual: string;
}

/**
 * The value in a JSON file that a person wrote, a trial unless something else is said; a byte order mark before it, as some editors write
 * one, is passed over. Throws UsageError.
 */
export function readJson(path: string, { what, longest, usual }: JsonFile = ofTrial): unknown {
  let text: string;
  try {
    text = readAtMost(path, 3 * longest).replace(/^\uFEFF/, "");
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
  if (text.length > longest) throw new UsageError(`${path} has more than ${longest} characters, and is no ${what}: one has ${usual}`);
  if (text === "") throw new UsageError(`${path} is empty, and is no ${what}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
  let depth = 0;
  const numbers = new Set<string>();
  for (const [token] of text.matchAll(tokens)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token[0] !== '"' && numbers.size <= mostTold && inexact(token) !== undefined) numbers.add(token);
    if (depth > deepest) throw new UsageError(`${path} has more than ${deepest} brackets within each other, and is no ${what}`);
  }
  if (numbers.size > 0) throw new UsageError(`${path} has ${numbersText([...numbers])}`);
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    throw new UsageError(`${path} has ${shorten(repeated)} twice, of which the last alone would count; make one of both`);
  return value;
}

/**
 * No more than a little beyond so many bytes of a file, which may be a pipe, as the shell's <(command) is one, or a device without an end.
 * A pipe that nobody writes is empty, rather than waited for.
 */
function readAtMost(path: string, most: number): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= most; length += chunks.at(-1)!.length) {
      const chunk = readChunk(file);
      if (chunk.length === 0) break;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    closeSync(file);
  }
}

/** Waits while a pipe has a writer that has written nothing yet. */
function readChunk(file: number): Buffer {
  const chunk = Buffer.allocUnsafe(65_536);
  for (;;) {
    try {
      return chunk.subarray(0, readSync(file, chunk));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/** "the number 1e999, which must be ..., and the number ...": those that f64 does not hold as they are written. */
function numbersText(numbers: readonly string[]): string {
  const told = numbers.slice(0, mostTold).map((token) => {
    const shown = token.length > 60 ? `${token.slice(0, 57)}...` : token;
    return `the number ${shown}, which must be ${inexact(token)}`;
  });
  return `${told.join(", and ")}${numbers.length > mostTold ? ", and others like these" : ""}`;
}
