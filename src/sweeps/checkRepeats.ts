import { describeValue, shorten } from "../boundary/describeValue.js";
import type { CheckedPart } from "./checkedSweep.js";
import { gridOf, valueAt } from "./checkValues.js";
import type { Problems } from "./invalidSweepError.js";
import { plannedAt } from "./places.js";
import { canonicalJson } from "./trialKey.js";

/**
 * Notes what a sweep has twice. A value that occurs twice in a list would count twice in means, and be two of those that are halved, though
 * its trials are the same; an entry of the list of trials that is another again would be another row of the same trial. Entries that have
 * names of their own are told apart by them, and may well share trials.
 */
export function checkRepeats(parts: readonly CheckedPart[], problems: Problems): void {
  checkNames(parts, problems);
  checkEntries(parts, problems);
  checkTitles(parts, problems);
  for (const part of parts) for (const axis of part.axes.keys()) checkAxis(part, axis, problems);
}

function checkAxis(part: CheckedPart, axis: number, problems: Problems): void {
  const { values } = part.axes[axis];
  const first = new Map<unknown, number>();
  for (const [at, { value }] of values.entries()) {
    if (problems.isFull) return;
    const text = textOf(value);
    const before = first.get(text);
    if (before === undefined) first.set(text, at);
    else {
      const [place, other] = [at, before].map((one) => valueAt(part.axes[axis], one));
      problems.add(
        `${gridOf(part, axis)}${place}`,
        `is ${describeValue(value)}, as ${other} is; leave one of them out: it would count twice`,
      );
    }
  }
}

function checkNames(parts: readonly CheckedPart[], problems: Problems): void {
  const first = new Map<string, string>();
  for (const { name, isNamed, where } of parts) {
    if (problems.isFull) return;
    const place = isNamed ? where.replace(/trial$/, "name") : where.replace(/\.trial$/, "");
    const before = first.get(name);
    const quoted = JSON.stringify(shorten(name));
    if (before === undefined) first.set(name, place);
    else if (isNamed) problems.add(place, `is ${quoted}, as ${before} is; give one of them another name`);
    else problems.add(place, `has no name, and its number, ${quoted}, is that of ${before}; give one of them another name`);
  }
}

/** Two columns of one name could not be told apart. */
function checkTitles(parts: readonly CheckedPart[], problems: Problems): void {
  const told = new Set<string>();
  for (const { axes } of parts) {
    const first = new Map<string, string>();
    for (const { path, title } of axes) {
      if (problems.isFull) return;
      const before = first.get(title);
      if (before === undefined) first.set(title, path);
      else if (!told.has(path)) {
        told.add(path);
        // A name may also be what another path is called without one.
        const [named, other] = title === path ? [before, path] : [path, before];
        const [place, quoted, called] = [named, shorten(title), other].map((text) => JSON.stringify(text));
        problems.add(`names[${place}]`, `is ${quoted}, as ${called} is called; give one of them another name`);
      }
    }
  }
}

/** An entry that has no name of its own says nothing but its trials. */
function checkEntries(parts: readonly CheckedPart[], problems: Problems): void {
  const first = new Map<unknown, string>();
  for (const part of parts) {
    if (problems.isFull) return;
    if (part.isNamed) continue;
    const place = part.where.replace(/\.trial$/, "");
    const text = textOf(part.axes.length === 0 ? meantBy(part) : [part.trial, part.axes.map(({ path, values }) => [path, values])]);
    const before = first.get(text);
    if (before === undefined) first.set(text, place);
    else problems.add(place, `is the same as ${before}; leave one of them out, or give both names of their own`);
  }
}

/** The spec of a part's only trial with its defaults filled in, by which trials are told apart; as it is where it is none. */
function meantBy(part: CheckedPart): unknown {
  return plannedAt(part, []).spec;
}

/** The same for values that mean the same JSON; what is no JSON is the same as nothing else. */
function textOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  try {
    return `json ${canonicalJson(value)}`;
  } catch {
    return Symbol("no JSON");
  }
}
