import { isArray, isRecord } from "../boundary/realm.js";

/** Where a part of a spec is: "optimizer.momentum.values[1]" as ["optimizer", "momentum", "values", 1]. */
export type Steps = readonly (string | number)[];

/** More are in no spec. */
const mostSteps = 100;

/** The steps of a path as a person writes it; undefined for what is none. */
export function stepsOf(path: string): Steps | undefined {
  // One of thousands would fill the stack.
  if (path.split(/[.[]/, mostSteps + 1).length > mostSteps) return undefined;
  if (!/^[A-Za-z_]\w*(\[\d{1,6}\]|\.[A-Za-z_]\w*)*$/.test(path)) return undefined;
  return path.match(/\w+/g)!.map((step) => (/^\d/.test(step) ? Number(step) : step));
}

/** The part of a value at a path; undefined where there is none. */
export function partAt(value: unknown, steps: Steps): unknown {
  return steps.reduce<unknown>((part, step) => {
    if (typeof step === "number") return isArray(part) ? part[step] : undefined;
    return isRecord(part) && Object.hasOwn(part, step) ? part[step] : undefined;
  }, value);
}

/**
 * A copy of a value in which the part at a path is another; `undefined` takes it out. Objects that are missing on the way are made, lists
 * are not: undefined where the way leads into a list that is not there, or past its end.
 */
export function withPartAt(value: unknown, [step, ...rest]: Steps, part: unknown): unknown {
  if (step === undefined) return part;
  if (typeof step === "number") {
    if (!isArray(value) || step >= value.length) return undefined;
    const changed = withPartAt(value[step], rest, part);
    return changed === undefined ? undefined : Array.from(value, (element, at) => (at === step ? changed : element));
  }
  if (value !== undefined && !isRecord(value)) return undefined;
  const changed = withPartAt(value !== undefined && Object.hasOwn(value, step) ? value[step] : undefined, rest, part);
  if (changed === undefined && !(rest.length === 0 && part === undefined)) return undefined;
  const { [step]: _, ...others } = value ?? {};
  if (changed === undefined) return others;
  return value !== undefined && Object.hasOwn(value, step) ? { ...value, [step]: changed } : { ...others, [step]: changed };
}

/** Whether one path is the other, or leads to something inside it. */
export function leadsInto(path: Steps, other: Steps): boolean {
  return path.length >= other.length && other.every((step, at) => step === path[at]);
}

/** Steps as text. */
export function pathOf(steps: Steps): string {
  return steps.map((step, at) => (typeof step === "number" ? `[${step}]` : at === 0 ? step : `.${step}`)).join("");
}
