import { describeValue, shorten } from "../boundary/describeValue.js";
import { nearest } from "../boundary/nearest.js";
import { present } from "../boundary/present.js";
import { isArray, isKeyed, isRecord } from "../boundary/realm.js";
import { kindOf, taskKinds, taskNames } from "../tasks/index.js";
import type { Axis, CheckedPart, CheckedSweep } from "./checkedSweep.js";
import { checkRepeats } from "./checkRepeats.js";
import { checkValues } from "./checkValues.js";
import { Problems } from "./invalidSweepError.js";
import type { CheckedPilot } from "./pilot.js";
import { plannedAt, taskPlaces } from "./places.js";
import { leadsInto, pathOf, type Steps, stepsOf } from "./specPath.js";
import type { Sweep } from "./sweep.js";

type Json = Record<string, unknown>;

/**
 * Validates a sweep. Every value of every grid is looked at in one trial, beside the first values of the others; of a product of a thousand
 * trials or fewer each is.
 *
 * @throws InvalidSweepError with all mistakes that could be found, each with its path
 */
export function checkSweep(sweep: Sweep): CheckedSweep {
  return checkForUse(sweep, true);
}

/** The same for one that is only read: earlier versions ran sweeps that have something twice, and what came of them is there. */
export function checkReadSweep(sweep: Sweep): CheckedSweep {
  return checkForUse(sweep, false);
}

function checkForUse(sweep: Sweep, isToRun: boolean): CheckedSweep {
  const problems = new Problems();
  const given: unknown = sweep;
  if (!isObject(given)) {
    problems.add("sweep", `is ${describeValue(given)}; it must be an object: { "trial", "grid" } or { "trials" }`);
    problems.throwIfAny();
  }
  const checked = checkForm(given as Json, problems);
  // Of a trial that is none there is nothing more to say.
  const isThere = ({ where }: CheckedPart): boolean => !problems.list.some(({ path }) => path === where);
  const there = checked.parts.filter(isThere);
  checkValues(there, problems);
  if (isToRun) checkRepeats(there, problems);
  checkMeasures(checked, problems);
  problems.throwIfAny();
  return checked;
}

function checkForm(given: Json, problems: Problems): CheckedSweep {
  refuseOthers("", given, ["trial", "grid", "trials", "choose", "pilot", "names"], problems);
  const names = checkNames(given.names, problems);
  const parts = checkParts(given, names, problems);
  for (const path of Object.keys(names)) {
    if (!parts.some(({ axes }) => axes.some((axis) => axis.path === path))) problems.add(`names[${quote(path)}]`, "is no path of a grid");
  }
  const choose = given.choose === undefined ? undefined : checkChoice(given.choose, parts, problems);
  const pilot = given.pilot === undefined ? undefined : checkPilot(given.pilot, problems);
  if (given.pilot !== undefined && given.choose === undefined)
    problems.add("pilot", 'chooses the value of a path, and needs to know which: "choose": { "path": "optimizer.learningRate" }');
  return { parts, ...(choose === undefined ? {} : { choose }), ...(pilot === undefined ? {} : { pilot }) };
}

function checkParts(given: Json, names: Readonly<Record<string, string>>, problems: Problems): CheckedPart[] {
  const { trial, grid, trials } = given;
  if (trials === undefined) {
    if (trial === undefined) problems.add("trial", 'is missing; a sweep has a "trial", perhaps with a "grid", or a list of "trials"');
    return [checkPart("", { trial, grid }, "", names, problems)];
  }
  for (const key of ["trial", "grid"]) {
    if (given[key] !== undefined) problems.add(key, 'must be left out beside "trials": give it to one of its entries');
  }
  if (!isArray(trials) || trials.length === 0) {
    problems.add("trials", `is ${describeValue(trials)}; it must be a list of trials, at least one`);
    return [];
  }
  return wholeList("trials", trials, "it must be a trial", problems).map((entry: unknown, at) => {
    const where = `trials[${at}]`;
    const name = trials.length === 1 ? "" : String(at + 1);
    if (isObject(entry) && Object.hasOwn(entry, "trial")) {
      refuseOthers(`${where}.`, entry, ["name", "trial", "grid"], problems);
      return checkPart(`${where}.`, entry, name, names, problems);
    }
    if (!isObject(entry)) problems.add(where, `is ${describeValue(entry)}; it must be a trial, or { "name", "trial", "grid" }`);
    return { name, isNamed: false, trial: isObject(entry) ? entry : {}, axes: [], where };
  });
}

function checkPart(where: string, given: Json, standard: string, names: Readonly<Record<string, string>>, problems: Problems): CheckedPart {
  const { name = standard, trial, grid } = given;
  if (typeof name !== "string") problems.add(`${where}name`, `is ${describeValue(name)}; it must be text`);
  if (trial !== undefined && !isObject(trial)) problems.add(`${where}trial`, `is ${describeValue(trial)}; it must be the spec of a trial`);
  const axes = grid === undefined ? [] : checkGrid(`${where}grid`, grid, names, problems);
  const called = typeof name === "string" ? { name, isNamed: given.name !== undefined } : { name: standard, isNamed: false };
  return { ...called, trial: isObject(trial) ? trial : {}, axes, where: `${where}trial` };
}

function checkGrid(where: string, grid: unknown, names: Readonly<Record<string, string>>, problems: Problems): Axis[] {
  if (!isObject(grid)) {
    problems.add(where, `is ${describeValue(grid)}; it must be an object of lists by path: { "optimizer.learningRate": [0.05, 0.01] }`);
    return [];
  }
  const before: Steps[] = [];
  return Object.entries(grid).flatMap(([path, given]) => {
    const at = `${where}[${quote(path)}]`;
    const steps = stepsOf(path);
    const lost = steps && before.find((other) => leadsInto(other, steps));
    if (lost !== undefined) problems.add(at, `replaces what ${quote(pathOf(lost))} sets before it; put it first, or leave one of them out`);
    if (steps !== undefined) before.push(steps);
    if (steps === undefined)
      problems.add(at, 'has no path for a name; one is like "optimizer.learningRate" or "optimizer.momentum.values[1]"');
    const values = isObject(given) ? namedValues(at, given, problems) : listedValues(at, given, problems);
    // A list that begins with a hole is not empty, and told already.
    if (isArray(given) ? given.length === 0 : !isObject(given) || Object.keys(given).length === 0) {
      const found = describeValue(given);
      problems.add(at, `is ${found}; it must be a list of values, or an object of values by their names, with at least one`);
    }
    return steps === undefined || values.length === 0
      ? []
      : [{ path, steps, title: names[path] ?? path, values, isListed: isArray(given) }];
  });
}

function namedValues(at: string, given: Json, problems: Problems): Axis["values"] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (value !== undefined) return [{ name, value }];
    problems.add(`${at}[${quote(name)}]`, "is undefined; it must be a value");
    return [];
  });
}

function listedValues(at: string, given: unknown, problems: Problems): Axis["values"] {
  return isArray(given) ? wholeList(at, given, "it must be a value", problems).map(valueOf) : [];
}

/** The elements of a list as far as it has no holes; the first of them is told: JSON has none, and what was meant nobody knows. */
function wholeList(where: string, list: readonly unknown[], allowed: string, problems: Problems): readonly unknown[] {
  // It comes to holes too, over which indexOf goes.
  const hole = list.findIndex((_, at) => list[at] === undefined);
  if (hole < 0) return list;
  problems.add(`${where}[${hole}]`, `is ${hole in list ? "undefined" : "a hole in the list"}; ${allowed}`);
  return list.slice(0, hole);
}

/** An object whose members are its own: a Map has none, and would be taken for an empty one. */
function isObject(value: unknown): value is Json {
  return isRecord(value) && !isKeyed(value);
}

function valueOf(value: unknown): { readonly name: string; readonly value: unknown } {
  return { value, name: typeof value === "string" ? shorten(value) : describeValue(value) };
}

function checkChoice(value: unknown, parts: readonly CheckedPart[], problems: Problems): CheckedSweep["choose"] {
  if (!isObject(value)) {
    problems.add("choose", `is ${describeValue(value)}; it must be an object: { "path": "optimizer.learningRate" }`);
    return undefined;
  }
  refuseOthers("choose.", value, ["path", "by", "over", "diverged"], problems);
  const { path, by, over, diverged } = value;
  const paths = [...new Set(parts.flatMap(({ axes }) => axes.map((axis) => axis.path)))];
  // Values that are none are told by themselves: their path is there all the same.
  const isTyped = (path: string): boolean => problems.list.some((problem) => problem.path.includes(`grid[${quote(path)}]`));
  const checkPath = (option: string, given: unknown): void => {
    if (typeof given === "string" && (paths.includes(given) || isTyped(given))) return;
    problems.add(option, `is ${describeValue(given)}; it must be a path of the grid: ${paths.map(quote).join(", ") || "there is none"}`);
  };
  checkPath("choose.path", path);
  if (over !== undefined) checkPath("choose.over", over);
  if (over !== undefined && over === path)
    problems.add("choose.over", `is ${describeValue(over)}; it must be another path than choose.path`);
  checkBy("choose.by", by, problems);
  if (diverged !== undefined && diverged !== "out" && diverged !== "baseline")
    problems.add("choose.diverged", `is ${describeValue(diverged)}; it must be one of "out", "baseline"`);
  return present({
    path: String(path),
    by: by === undefined ? undefined : String(by),
    over: over === undefined ? undefined : String(over),
    diverged: diverged === "baseline" ? ("baseline" as const) : undefined,
  });
}

/** A measure is one of some task. */
function checkBy(option: string, by: unknown, problems: Problems): void {
  const measures = [...new Set(taskNames.flatMap((name) => taskKinds[name].measures.map(({ key }) => key as string))), "best"];
  if (by !== undefined && !(measures as unknown[]).includes(by))
    problems.add(option, `is ${describeValue(by)}; it must be one of ${measures.map(quote).join(", ")}`);
}

/** The measures by which values are chosen are of every task. */
function checkMeasures({ parts, choose, pilot }: CheckedSweep, problems: Problems): void {
  // Of a trial that is none it is not known what is measured; other mistakes hide nothing.
  if (problems.list.some(({ path }) => !/^(names|choose|pilot)\b/.test(path))) return;
  const asked = Object.entries({ "choose.by": choose?.by, "pilot.by": pilot?.by });
  for (const [option, by] of asked) {
    // What is measured nowhere is told already.
    if (by === undefined || by === "best" || problems.list.some(({ path }) => path === option)) continue;
    for (const part of parts) {
      for (const place of taskPlaces(part)) {
        const { task } = plannedAt(part, place).spec;
        const keys = kindOf(task).measures.map(({ key }) => key as string);
        if (keys.includes(by)) continue;
        problems.add(option, `is ${quote(by)}, which is not measured of ${task.name}: of it are ${keys.map(quote).join(", ")}`);
      }
    }
  }
}

function checkPilot(value: unknown, problems: Problems): CheckedPilot | undefined {
  if (!isObject(value)) {
    problems.add("pilot", `is ${describeValue(value)}; it must be an object: { "share": 0.1 }`);
    return undefined;
  }
  refuseOthers("pilot.", value, ["share", "by"], problems);
  const { share = 0.1, by } = value;
  checkBy("pilot.by", by, problems);
  if (typeof share === "number" && share > 0 && share < 1) return present({ share, by: by === undefined ? undefined : String(by) });
  problems.add("pilot.share", `is ${describeValue(share)}; it must be a number between 0 and 1`);
  return undefined;
}

function checkNames(value: unknown, problems: Problems): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isObject(value)) {
    problems.add("names", `is ${describeValue(value)}; it must be an object of names by path: { "optimizer.momentum.max": "mu" }`);
    return {};
  }
  for (const [path, name] of Object.entries(value)) {
    if (typeof name !== "string" || name.trim() === "")
      problems.add(`names[${quote(path)}]`, `is ${describeValue(name)}; it must be text, and not empty`);
  }
  return Object.fromEntries(Object.entries(value).map(([path, name]) => [path, String(name)]));
}

function refuseOthers(where: string, given: object, allowed: readonly string[], problems: Problems): void {
  for (const key of Object.keys(given)) {
    if (allowed.includes(key)) continue;
    const near = nearest(key, allowed);
    const hint = near === undefined ? `known here are ${allowed.join(", ")}` : `did you mean ${near}?`;
    problems.add(`${where}${shorten(key)}`, `is not known; ${hint}`);
  }
}

function quote(text: string): string {
  return JSON.stringify(shorten(text));
}
