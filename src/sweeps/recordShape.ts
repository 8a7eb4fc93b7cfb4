import { describeValue } from "../boundary/describeValue.js";
import { isRecord } from "../boundary/realm.js";
import { taskKinds, taskNames } from "../tasks/index.js";

type Json = Readonly<Record<string, unknown>>;
type Kinds = Readonly<Record<string, "number" | "string" | "boolean">>;

/** What a record says of the machine, where it says it. */
const machineKinds: Kinds = {
  heavyball: "string",
  kernels: "string",
  wide: "boolean",
  threads: "number",
  cores: "number",
  node: "string",
  v8: "string",
  system: "string",
  processor: "string",
  browser: "string",
};
const measureKeys = [...new Set(taskNames.flatMap((name) => taskKinds[name].measures.map(({ key }) => key as string)))];
const measureKinds: Kinds = Object.fromEntries(measureKeys.map((key) => [key, "number"]));
const ownKinds: Kinds = {
  update: "number",
  seconds: "number",
  numerics: "number",
  casesProcessed: "number",
  conjugateGradientSteps: "number",
  data: "string",
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
    ["best", { update: "number", error: "number", measure: "string" }, ["update", "error", "measure"], false],
  ];
  const flaws = parts.map(([name, kinds, needed, isNeeded]) => {
    const part = value[name];
    if (isRecord(part)) return flawOf(`${name}.`, part, kinds, needed);
    return part === undefined && !isNeeded ? undefined : `${name} is ${describeValue(part)}; an object belongs there`;
  });
  return [flawOf("", value, ownKinds, ["update", "seconds", "numerics"]), ...flaws].find((flaw) => flaw !== undefined);
}

/** The first member that is of another kind than it should be, or is needed and missing. Numbers of JSON are finite. */
function flawOf(where: string, value: Json, kinds: Kinds, needed: readonly string[]): string | undefined {
  for (const [key, kind] of Object.entries(kinds)) {
    const member = value[key];
    if (member === undefined ? needed.includes(key) : typeof member !== kind)
      return `${where}${key} is ${describeValue(member)}; a ${kind} belongs there`;
  }
  return undefined;
}
