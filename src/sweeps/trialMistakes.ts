import { nearest } from "../boundary/nearest.js";
import { isArray } from "../boundary/realm.js";
import { HeavyballError, InvalidOptionError } from "../errors.js";
import { methodNames } from "../optimizers/index.js";
import { taskNames } from "../tasks/index.js";
import { trialDefaults } from "../trials/defaults.js";
import { checkTrialSpec } from "../trials/spec.js";
import { MOST_PROBLEMS } from "./invalidSweepError.js";
import { leadsInto, partAt, pathOf, type Steps, withPartAt } from "./specPath.js";

/** A mistake in the spec of a trial. */
export interface TrialMistake {
  /** Where it is in the spec; empty where that is not known. */
  readonly steps: Steps;
  readonly message: string;
}

/**
 * All mistakes of a spec: `checkTrialSpec` tells the first, so what is wrong is put right, or taken out, and the rest looked at again, as
 * far as that goes. None for a spec that is right.
 */
export function trialMistakes(spec: unknown): TrialMistake[] {
  const mistakes: TrialMistake[] = [];
  let rest = spec;
  while (mistakes.length < MOST_PROBLEMS) {
    const mistake = firstMistake(rest);
    if (mistake === undefined) break;
    mistakes.push(mistake);
    const mended = mend(rest, mistake);
    if (mended === undefined) break;
    rest = mended;
  }
  return mistakes;
}

function firstMistake(spec: unknown): TrialMistake | undefined {
  try {
    checkTrialSpec(spec);
    return undefined;
  } catch (error) {
    if (!(error instanceof HeavyballError)) throw error;
    if (!(error instanceof InvalidOptionError)) return { steps: [], message: error.message };
    const steps = stepsInSpec(error.option);
    // The names that options have inside the optimizer's own messages are not where they stand in a spec.
    const words = error.renamed((option) => pathOf(stepsInSpec(option)) || "spec");
    return { steps, message: words.message };
  }
}

const parts = ["task", "initialization", "optimizer", "batchSize", "updates", "conjugateGradientSteps", "seed"];

/** Messages name parts of the optimizer without it, and keys that nobody knows after the method. */
function stepsInSpec(option: string): Steps {
  const steps = (option.match(/[^.[\]]+/g) ?? []).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const [first, ...rest] = steps;
  if (first === "spec") return rest;
  if ((methodNames as readonly unknown[]).includes(first)) return ["optimizer", ...rest];
  return parts.includes(String(first)) ? steps : ["optimizer", ...steps];
}

/** The spec without a mistake, so that others can be seen; undefined where it cannot be had. */
function mend(spec: unknown, { steps, message }: TrialMistake): unknown {
  // One of what was put in its place, or of what holds it, may have come with that.
  const isNew = (other: TrialMistake, taken: Steps): boolean =>
    other.message !== message &&
    pathOf(other.steps) !== pathOf(steps) &&
    !leadsInto(other.steps, taken) &&
    (other.steps.length === 0 || !leadsInto(taken, other.steps));
  // What cannot be mended alone is taken out with what holds it.
  for (let length = steps.length; length > 0; length--) {
    const part = steps.slice(0, length);
    const others = length === steps.length ? likely(spec, part, message) : [];
    for (const value of [undefined, ...standIns(spec, part), ...others]) {
      const mended = withPartAt(spec, part, value);
      const next = mended === undefined ? undefined : firstMistake(mended);
      if (mended !== undefined && (next === undefined || isNew(next, part))) return mended;
    }
  }
  return undefined;
}

/** Values that a part may have where it cannot be left out. */
function standIns(spec: unknown, steps: Steps): unknown[] {
  const path = pathOf(steps);
  const { task, optimizer } = spec as { task?: { name?: unknown }; optimizer?: { method?: unknown } };
  if (path === "task") return [{ name: "curves" }];
  if (path === "task.name") return near(task?.name, taskNames);
  if (path === "updates") return [1000];
  if (path === "optimizer.method") return near(optimizer?.method, methodNames);
  const name = taskNames.find((known) => known === task?.name) ?? "curves";
  const method = methodNames.find((known) => known === optimizer?.method);
  let standard: unknown;
  try {
    standard = trialDefaults(name, method).optimizer;
  } catch {
    standard = trialDefaults(name).optimizer;
  }
  if (path === "optimizer") return [standard];
  if (steps[0] !== "optimizer") return [];
  const value = (standard as Record<string, unknown>)[String(steps[1])];
  return steps.length === 2 && value !== undefined ? [value] : [];
}

/** What may do in place of a value of which nothing is known but its mistake: the word that was meant, a number, a list. */
function likely(spec: unknown, steps: Steps, message: string): unknown[] {
  const words = /must be one of ((?:"\w+"(?:, )?)+)/.exec(message)?.[1].match(/\w+/g) ?? [];
  const values = partAt(spec, [...steps.slice(0, -1), "values"]);
  // Where the values of a piecewise schedule give way to each other.
  const ascending = isArray(values) ? [Array.from(values.slice(1), (_, at) => at + 1)] : [];
  return [...near(partAt(spec, steps), words), 0.5, 1, 10, [], [0.5], ...ascending];
}

/** The word that was meant, where that can be seen: the rest then fits it. */
function near(word: unknown, words: readonly string[]): string[] {
  const found = typeof word === "string" ? nearest(word, words) : undefined;
  return found === undefined ? [] : [found];
}
