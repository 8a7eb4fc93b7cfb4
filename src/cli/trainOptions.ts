import { allMethods, methodNamed } from "../optimizers/index.js";
import type { SpecOption } from "../options.js";
import { wrap } from "../report/text/wrap.js";
import { kindOf, type TaskName, taskKinds, taskNames } from "../tasks/index.js";
import type { Option, Options, Values } from "./terminal/options.js";

/** Characters of a line of an option's help, beside its name. */
const helpWidth = 62;

/** The options of `heavyball train` that concern every trial, in the order of its help. */
export const trainOptions = {
  optimizer: { kind: "text", value: "METHOD", help: `${namesOfMethods().join(", ")}\n(default nesterov)` },
  "learning-rate": {
    kind: "number",
    value: "EPSILON",
    help: "learning rate (default: one that suits the task, see below;\nhessianFree: a factor of every step, default 1)",
  },
  "momentum-max": {
    kind: "number",
    value: "MU",
    help: "highest momentum (default: by task, see below)",
  },
  "final-updates": {
    kind: "number",
    value: "N",
    help: "updates at the end with momentum 0.9 (default 0; the paper's\nCURVES runs of 750,000 updates: 1000)",
  },
  "weight-decay": { kind: "number", value: "W", help: "adds (W/2)|theta|^2 to the loss (default 0; hessianFree: 2e-5)" },
  updates: {
    kind: "number",
    value: "N",
    help: "updates to make (default: by task, see below; hessianFree 100,\nwhich are long: about an hour)",
  },
  "batch-size": { kind: "number", value: "N", help: "cases of a minibatch (default: by task, see below)" },
  seed: {
    kind: "number",
    value: "N",
    help: "root of all random streams: data, starting point, minibatches\n(default: by task, see below)",
  },
  threads: { kind: "number", value: "N", help: "threads of the team (default: all cores); any number gives the\nsame bits" },
  kernels: {
    kind: "text",
    value: "VARIANT",
    help:
      "simd (same bits on every machine), relaxed (faster, needs\nNode 22), wide (the numbers of relaxed in 256-bit code by\n" +
      "an experimental flag of V8, Node 24 on x86-64) or auto\n(default: relaxed where it runs)",
  },
  data: { kind: "text", value: "PATH", help: "where the data are, for tasks that do not make their own: a\ndirectory or a file" },
  out: {
    kind: "text",
    value: "DIR",
    help:
      "directory for spec.json, reports.jsonl, checkpoints,\nbest.safetensors (where the error was lowest), " +
      "model.safetensors,\nrecord.json and report.html (default: nothing is written)",
  },
  "checkpoint-seconds": { kind: "number", value: "S", help: "seconds between checkpoints (default 30)" },
  resume: {
    kind: "flag",
    help: "go on with the run in --out from its last checkpoint, to the\nsame bits as if it had never stopped",
  },
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

function namesOfMethods(): string[] {
  return allMethods.flatMap((method) => (method.network === undefined ? [] : [method.name]));
}

/** Where parts of a spec that general options set may be wrong, and which option that is. */
const generalPaths: Readonly<Record<string, string>> = {
  "optimizer.method": "optimizer",
  learningRate: "learning-rate",
  "momentum.max": "momentum-max",
  "momentum.values[1]": "momentum-max",
  "momentum.final.updates": "final-updates",
  weightDecay: "weight-decay",
  updates: "updates",
  batchSize: "batch-size",
  seed: "seed",
  threads: "threads",
  kernels: "kernels",
  checkpointSeconds: "checkpoint-seconds",
  data: "data",
};

type OptionTable = Readonly<Record<string, SpecOption>>;

/** The options of tasks of one family, each once: several may have one, and differ in its default. */
function familyOptions(family: "feedForward" | "recurrent"): OptionTable {
  const table: Record<string, SpecOption> = {};
  const defaults: Record<string, string[]> = {};
  for (const { name: task, family: own, options } of taskNames.map((name) => kindOf({ name }))) {
    if (own !== family) continue;
    for (const option of options) {
      table[option.name] ??= option;
      if (option.fallback !== undefined) (defaults[option.name] ??= []).push(`${task} ${option.fallback}`);
    }
  }
  for (const [name, found] of Object.entries(defaults)) {
    const { help } = table[name];
    table[name] = { ...table[name], help: wrap(`${help} (default: ${found.join(", ")})`, helpWidth) };
  }
  return table;
}

/** The options of all methods and tasks. */
export const imageTaskOptions = familyOptions("feedForward");
export const sequenceTaskOptions = familyOptions("recurrent");
export const methodOptions: OptionTable = Object.fromEntries(
  allMethods.flatMap(({ options }) => options.map((option) => [option.name, option])),
);

/** Every option there is. */
export const allOptions: Options & typeof trainOptions = { ...imageTaskOptions, ...sequenceTaskOptions, ...methodOptions, ...trainOptions };

/** What was given: the general options by their types, others by what their kinds say. */
export type TrainValues = Values<typeof trainOptions> & Readonly<Record<string, string | number | true | undefined>>;

/** The options that set parts of the spec of a task or a method, among those that were given. */
export function givenOf(options: readonly SpecOption[], given: TrainValues): { readonly path: string; readonly value: unknown }[] {
  return options.flatMap(({ name, path, sets, read }) => {
    const value = given[name];
    return value === undefined ? [] : [{ path, value: sets ?? (read === undefined ? value : read(String(value))) }];
  });
}

/** Why an option means nothing to a task that does not have it; undefined where it is not one of a task's. */
function elsewhere(name: string): string | undefined {
  if (name === "data") return "which makes its data itself";
  const option = imageTaskOptions[name] ?? sequenceTaskOptions[name];
  return option && (option.elsewhere ?? "which has no such setting");
}

/** The sentence that refuses the first of the options given that does not apply to the task or to the optimizer; undefined when all do. */
export function refusal(task: TaskName, method: unknown, given: readonly string[]): string | undefined {
  const kind = kindOf({ name: task });
  const chosen = methodNamed(method);
  for (const name of given) {
    const isOfTask = kind.options.some((option) => option.name === name);
    const isOfMethod = Object.hasOwn(methodOptions, name);
    const hasData = name === "data" && kind.files !== undefined;
    const why = isOfTask || hasData ? undefined : (kind.why(name) ?? elsewhere(name));
    if (why !== undefined) return `--${name} does not apply to ${task}, ${why}`;
    const whyNot = chosen?.network?.refuses[name];
    if (whyNot !== undefined) return `--${name} does not apply to ${chosen!.name}, ${whyNot}`;
    if (isOfTask || !isOfMethod || chosen?.options.some((option) => option.name === name)) continue;
    const owners = allMethods.filter(({ options }) => options.some((option) => option.name === name));
    return `--${name} applies to ${owners.map((owner) => owner.name).join(" and ")} alone: --optimizer ${owners[0].name}`;
  }
  return undefined;
}

/** The option of the command line, with its dashes, behind a part of the spec of a task; undefined where there is none. */
export function optionOfPath(task: TaskName | undefined, path: string): string | undefined {
  const own = task === undefined ? taskNames.flatMap((name) => kindOf({ name }).options) : taskKinds[task].options;
  // Parts of the optimizer go by their own names in messages.
  const options = [...own, ...Object.values(methodOptions)];
  // A part of a list is wrong where the list was given.
  const list = path.replace(/\[\d+\]$/, "");
  const found = options.find((option) => [path, list].some((part) => option.path === part || option.path === `optimizer.${part}`));
  const name = generalPaths[path] ?? found?.name;
  return name === undefined ? undefined : `--${name}`;
}

/** Whether an option is a flag that sets its part of the spec. */
export function setsPart(name: string): boolean {
  const option: Option | SpecOption | undefined = sequenceTaskOptions[name] ?? imageTaskOptions[name] ?? methodOptions[name];
  return option !== undefined && "sets" in option && option.sets !== undefined;
}
