import { InvalidOptionError } from "../errors.js";
import { enumerate } from "../report/text/words.js";
import type { SweepPart } from "../sweeps/sweep.js";
import type { TaskSpec } from "../tasks/index.js";
import { sameParts } from "./tables/plannedCell.js";

/** Which cells of a study are to be run. */
export interface AskedCells {
  /** Their names, with those of cells whose trials are the same. */
  readonly names: ReadonlySet<string>;
  /** What their trials train, each task once. */
  readonly tasks: readonly TaskSpec[];
  /** Tasks that are left out for want of data, each once. */
  readonly leftOut: readonly TaskSpec[];
}

/** Names that a message gives as examples. */
const mostNamed = 6;

/**
 * The cells whose names have every word of `only`, whatever their case; all without it. Those of tasks for which `isReady` is false are
 * left out, which may be all of them.
 *
 * @throws InvalidOptionError where no name has the words
 */
export function askedCells(parts: readonly SweepPart[], only: string | undefined, isReady: (task: TaskSpec) => boolean): AskedCells {
  const words = wordsOf(only ?? "");
  const asked = parts.filter(({ name = "" }) => words.every((word) => wordsOf(name).includes(word)));
  if (asked.length === 0) throw new InvalidOptionError("only", only, `words of the name of a cell, such as ${examples(parts)}`);
  const ready = asked.filter((part) => isReady(taskOf(part)));
  const leftOut = tasksOf(asked.filter((part) => !isReady(taskOf(part))));
  return { names: namesOf(ready, parts), tasks: tasksOf(ready), leftOut };
}

/** The words of a name or of what is asked for, whole, so that "0.9" is not "0.99" too. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? [];
}

/** Of some of the parts, and of those that are the same trials as one of them: what is run for one is there for all. */
function namesOf(ready: readonly SweepPart[], parts: readonly SweepPart[]): Set<string> {
  const same = sameParts(parts);
  const first = ({ name = "" }: SweepPart): string => same.get(name) ?? name;
  const firsts = new Set(ready.map(first));
  return new Set(parts.filter((part) => firsts.has(first(part))).map(({ name = "" }) => name));
}

function examples(parts: readonly SweepPart[]): string {
  const names = parts.map(({ name = "" }) => JSON.stringify(name));
  const others = names.length - mostNamed;
  return others > 1 ? `${names.slice(0, mostNamed).join("; ")}; and ${others} others` : enumerate(names);
}

function taskOf({ trial }: SweepPart): TaskSpec {
  return trial.task as TaskSpec;
}

function tasksOf(parts: readonly SweepPart[]): TaskSpec[] {
  return [...new Map(parts.map((part) => [JSON.stringify(taskOf(part)), taskOf(part)])).values()];
}
