import { describeValue } from "../boundary/describeValue.js";
import { isRecord } from "../boundary/realm.js";
import { taskKinds, taskNames } from "../tasks/index.js";
import type { TrialSpec } from "./spec.js";

type Json = Readonly<Record<string, unknown>>;
/** What belongs in a member, by what it is called in messages. */
const kindTests = {
  // JSON has no other, but 1e999 is read as Infinity.
  "finite number": (value: unknown) => Number.isFinite(value),
  "number of at least 0": (value: unknown) => Number.isFinite(value) && (value as number) >= 0,
  "whole number": (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0,
  text: (value: unknown) => typeof value === "string",
  boolean: (value: unknown) => typeof value === "boolean",
};

type Kinds = Readonly<Record<string, keyof typeof kindTests>>;

/** What a record says of the machine, where it says it. */
const machineKinds: Kinds = {
  heavyball: "text",
  kernels: "text",
  wide: "boolean",
  threads: "whole number",
  cores: "whole number",
  node: "text",
  v8: "text",
  system: "text",
  processor: "text",
  browser: "text",
};
const measureKeys = [...new Set(taskNames.flatMap((name) => taskKinds[name].measures.map(({ key }) => key as string)))];
const measureKinds: Kinds = Object.fromEntries(measureKeys.map((key) => [key, "finite number"]));
const ownKinds: Kinds = {
  update: "whole number",
  seconds: "number of at least 0",
  numerics: "whole number",
  casesProcessed: "whole number",
  conjugateGradientSteps: "whole number",
  data: "text",
};

/**
 * What keeps a value that was read from being a record, apart from its spec; undefined where nothing does. Numbers that were changed by
 * hand into others cannot be told from what they were; all else that is read of a record is looked at.
 */
export function flawOfRecord(value: Json): string | undefined {
  const { end, baseline, kernels } = value;
  if (!isRecord(end) || typeof end.message !== "string") return "it does not say how its trial ended";
  if (end.code !== "finished" && end.code !== "diverged") return `end.code is ${describeValue(end.code)}`;
  if (kernels !== "simd" && kernels !== "relaxed") return `kernels is ${describeValue(kernels)}`;
  const parts: [name: string, kinds: Kinds, needed: readonly string[], isNeeded: boolean][] = [
    ["machine", machineKinds, ["heavyball", "kernels", "threads", "cores"], true],
    ["baseline", measureKinds, [], true],
    // A trial that ended has measured at least what its baseline has.
    ["final", measureKinds, measureKeys.filter((key) => isRecord(baseline) && baseline[key] !== undefined), end.code === "finished"],
    ["beforeFinal", measureKinds, [], false],
    ["best", { update: "whole number", error: "finite number", measure: "text" }, ["update", "error", "measure"], false],
  ];
  const flaws = parts.map(([name, kinds, needed, isNeeded]) => {
    const part = value[name];
    if (isRecord(part)) return flawOf(`${name}.`, part, kinds, needed);
    return part === undefined && !isNeeded ? undefined : `${name} is ${describeValue(part)}; an object belongs there`;
  });
  return [flawOf("", value, ownKinds, ["update", "seconds", "numerics"]), ...flaws].find((flaw) => flaw !== undefined);
}

/** What a record of that shape says that cannot be so together, or of the trial of a spec; undefined where nothing is. */
export function contradictionIn(value: Json, spec: TrialSpec): string | undefined {
  const { update, end, best, final } = value as { update: number; end: Json; best?: { update: number }; final?: unknown };
  if (update > spec.updates) return `update is ${update}, of the ${spec.updates} updates of its spec`;
  if (best !== undefined && best.update > update) return `best.update is ${best.update}, and only ${update} updates were made`;
  if (end.code === "diverged" && final !== undefined) return "final is there, though its trial diverged";
  return undefined;
}

/** The first member that is of another kind than it should be, or is needed and missing. */
function flawOf(where: string, value: Json, kinds: Kinds, needed: readonly string[]): string | undefined {
  for (const [key, kind] of Object.entries(kinds)) {
    const member = value[key];
    if (member === undefined ? needed.includes(key) : !kindTests[kind](member))
      return `${where}${key} is ${describeValue(member)}; ${kind === "text" ? "text" : `a ${kind}`} belongs there`;
  }
  return undefined;
}
