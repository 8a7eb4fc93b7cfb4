import { type TaskName, taskNames } from "../trials/taskSpec.js";
import type { Option, Options } from "./terminal/options.js";

/** The options of `heavyball train`, in the order of its help. */
export const trainOptions = {
  optimizer: { kind: "text", value: "METHOD", help: "nesterov, classicalMomentum, sgd or hessianFree (default\nnesterov)" },
  "learning-rate": {
    kind: "number",
    value: "EPSILON",
    help: "learning rate (default: one that suits the task, see below;\nhessianFree: a factor of every step, default 1)",
  },
  "momentum-max": {
    kind: "number",
    value: "MU",
    help:
      "curves: highest momentum of the schedule of Eq. 5 (default 0.99);\nsequences: momentum from update 1,000 on (default 0.995), " +
      "0.9 before",
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
    help:
      "updates to make (default: curves 2000, about half a minute;\nsequences 50000, the paper's: 5 to 30 minutes; hessianFree " +
      "100,\nwhich are long: about an hour)",
  },
  "batch-size": { kind: "number", value: "N", help: "cases of a minibatch (default: curves 200, sequences 100)" },
  "test-cases": { kind: "number", value: "N", help: "test cases (default: curves half of --cases, sequences 10000)" },
  seed: {
    kind: "number",
    value: "N",
    help: "root of all random streams: data, starting point, minibatches\n(default: by task, see below)",
  },
  threads: { kind: "number", value: "N", help: "threads of the team (default: all cores); any number gives the\nsame bits" },
  kernels: {
    kind: "text",
    value: "VARIANT",
    help: "simd (same bits on every machine), relaxed (faster, needs\nNode 22) or auto (default: relaxed where it runs)",
  },
  out: {
    kind: "text",
    value: "DIR",
    help:
      "directory for spec.json, reports.jsonl, checkpoints,\nbest.safetensors (where the error was lowest), " +
      "model.safetensors,\nrecord.json and report.html (default: nothing is written)",
  },
  "checkpoint-seconds": { kind: "number", value: "S", help: "seconds between checkpoints (default 30)" },
  resume: { kind: "flag", help: "go on with the run in --out from its last checkpoint, to the\nsame bits as if it had never stopped" },
  json: { kind: "flag", help: "JSON lines instead of progress and text" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const satisfies Options;

/** Options of curves alone. */
export const curvesOptions = {
  period: {
    kind: "number",
    value: "N",
    help: "updates between the steps of Eq. 5 (default 250, the paper's);\n0.99 is reached after 49 periods",
  },
  cases: { kind: "number", value: "N", help: "training cases (default 20000)" },
  "initialization-scale": { kind: "number", value: "X", help: "multiplies the weights of the sparse initialization (default 1)" },
} as const satisfies Options;

/** Options of the recurrent problems; some concern only some of them. */
export const sequenceOptions = {
  length: { kind: "number", value: "T", help: "nominal length of the sequences (default 80; memory5: 200)" },
  hidden: { kind: "number", value: "N", help: "hidden units (default 100)" },
  "spectral-radius": { kind: "number", value: "R", help: "spectral radius of the hidden-to-hidden weights at the start\n(default 1.1)" },
  "initial-hidden": { kind: "text", value: "WHAT", help: "hidden state before the first step: zero (default) or learned" },
  target: { kind: "text", value: "WHAT", help: "addition: halfSum (default) or sum" },
  "no-flags": { kind: "flag", help: "addition, multiplication: without the -1 marks at the start and\nnear the end of a sequence" },
  "no-centering": { kind: "flag", help: "addition, multiplication: values in [0, 1), not [-0.5, 0.5)" },
  figure3: {
    kind: "flag",
    help:
      "addition, multiplication: the paper's Figure 3 in report.html, two\nmore trainings of 1,000 updates (from 10,000 updates on it " +
      "is\nthere anyway)",
  },
  scored: { kind: "text", value: "STEPS", help: "memory5, memory20: last (default; the steps that repeat the\nsymbols) or all" },
  "length-means": {
    kind: "text",
    value: "WHAT",
    help: "memory5, memory20: total (default; T is the whole sequence) or\ndelay (T steps between the symbols and their repetition)",
  },
} as const satisfies Options;

/** Options of `--optimizer hessianFree`. */
export const hessianFreeOptions = {
  variant: {
    kind: "text",
    value: "WHICH",
    help: "standard (default; Martens 2010) or momentum (the paper's hybrid:\nsmall minibatches, no line search)",
  },
  "gradient-cases": {
    kind: "number",
    value: "N",
    help: "cases that give the gradient (default: curves all, momentum\nvariant a sixteenth; sequences 10000, momentum variant 1000)",
  },
  "curvature-cases": {
    kind: "number",
    value: "N",
    help: "cases that give the curvature, in turn (default: curves a\nquarter; sequences 1000; momentum variant the gradient's)",
  },
  damping: {
    kind: "number",
    value: "LAMBDA",
    help: "damping of the first update (default: curves 45, sequences 0.01\nfor each scored output)",
  },
  "damping-drop": {
    kind: "number",
    value: "X",
    help: "what damping falls by where the model is good and rises by where\nit is bad (default 2/3)",
  },
  "structural-damping": {
    kind: "number",
    value: "MU",
    help: "sequences: damps the change of hidden states, by MU times the\ndamping (default 0.03)",
  },
  "cg-maximum": {
    kind: "number",
    value: "N",
    help: "steps of conjugate gradient in an update at most (default:\ncurves 250; sequences exactly 300; momentum variant exactly 50)",
  },
  "cg-minimum": {
    kind: "number",
    value: "N",
    help: "steps before a lack of progress may end it (default: curves 1,\nelsewhere as many as --cg-maximum)",
  },
  "cg-decay": {
    kind: "number",
    value: "X",
    help: "share of the last solution that the next starts from, the\nmomentum of the paper's section 5 (default 0.95)",
  },
  "cg-steps": {
    kind: "number",
    value: "N",
    help: "ends the trial when the steps of all updates together reach N,\nif --updates, where given, do not end it sooner",
  },
} as const satisfies Options;

/** Options that the command line will have when what they are about exists: understood, so that they can be refused in a sentence. */
const laterOptions = { data: { kind: "text", value: "DIR", help: "" } } as const satisfies Options;

export const allOptions = {
  ...trainOptions,
  ...curvesOptions,
  ...sequenceOptions,
  ...hessianFreeOptions,
  ...laterOptions,
} as const satisfies Record<string, Option>;
export type TrainOptionName = keyof typeof allOptions;

const sequences = taskNames.filter((name) => name !== "curves");
const marked = ["addition", "multiplication"] as const;
const memory = ["memory5", "memory20"] as const;

/** The tasks that an option applies to, and why it means nothing to another; options that are not here apply to all. */
const applies: Partial<Record<TrainOptionName, { readonly tasks: readonly TaskName[]; readonly why: (task: TaskName) => string }>> = {
  period: { tasks: ["curves"], why: () => "whose momentum is 0.9 for 1,000 updates and then --momentum-max" },
  cases: { tasks: ["curves"], why: () => "which draws new sequences for every minibatch" },
  "initialization-scale": { tasks: ["curves"], why: () => "whose echo-state initialization is scaled by --spectral-radius" },
  length: { tasks: sequences, why: () => "whose cases are images, not sequences" },
  hidden: { tasks: sequences, why: () => "whose autoencoder is that of the paper, 784-400-200-100-50-25-6" },
  "spectral-radius": { tasks: sequences, why: () => "whose network is not recurrent" },
  "initial-hidden": { tasks: sequences, why: () => "whose network is not recurrent" },
  target: {
    tasks: ["addition"],
    why: (task) => (task === "multiplication" ? "whose target is the product" : "whose targets are its inputs"),
  },
  "no-flags": { tasks: marked, why: () => "whose inputs have no marks" },
  "no-centering": { tasks: marked, why: () => "whose inputs are not centered" },
  figure3: { tasks: marked, why: (task) => (task === "curves" ? "whose network is not recurrent" : "whose output biases are 0 anyway") },
  scored: {
    tasks: memory,
    why: (task) => (task === "curves" ? "whose cases are images, not sequences" : "which is scored at its last step alone"),
  },
  "length-means": {
    tasks: memory,
    why: (task) => (task === "curves" ? "whose cases are images, not sequences" : "whose sequences have T to 1.1 T steps"),
  },
  "structural-damping": { tasks: sequences, why: () => "whose network has no hidden state over time" },
  data: { tasks: [], why: (task) => (task === "curves" ? "which draws its images itself" : "which draws its sequences itself") },
};

/** Why options of the momentum optimizers mean nothing to hessianFree. */
const notHessianFree: Partial<Record<TrainOptionName, string>> = {
  "momentum-max": "whose momentum is --cg-decay",
  period: "whose momentum is --cg-decay",
  "final-updates": "whose momentum is --cg-decay",
  "batch-size": "whose batches are --gradient-cases and --curvature-cases",
  figure3: "1,000 updates of which would take hours",
};

/** The sentence that refuses the first of the options given that does not apply to the task or to the optimizer; undefined when all do. */
export function refusal(task: TaskName, method: unknown, given: readonly string[]): string | undefined {
  for (const name of given) {
    const rule = applies[name as TrainOptionName];
    if (rule !== undefined && !rule.tasks.includes(task)) return `--${name} does not apply to ${task}, ${rule.why(task)}`;
    if (method === "hessianFree") {
      const why = notHessianFree[name as TrainOptionName];
      if (why !== undefined) return `--${name} does not apply to hessianFree, ${why}`;
    } else if (Object.hasOwn(hessianFreeOptions, name)) return `--${name} applies to hessianFree alone: --optimizer hessianFree`;
  }
  return undefined;
}

/** The option of the command line behind a part of the spec that is not as it must be. */
export const optionOfSpec: Readonly<Record<string, string>> = {
  "optimizer.method": "--optimizer",
  learningRate: "--learning-rate",
  "momentum.max": "--momentum-max",
  "momentum.values[1]": "--momentum-max",
  "momentum.period": "--period",
  "momentum.final.updates": "--final-updates",
  weightDecay: "--weight-decay",
  variant: "--variant",
  gradientCases: "--gradient-cases",
  curvatureCases: "--curvature-cases",
  "damping.initial": "--damping",
  "damping.drop": "--damping-drop",
  structuralDamping: "--structural-damping",
  "conjugateGradient.maximum": "--cg-maximum",
  "conjugateGradient.minimum": "--cg-minimum",
  "conjugateGradient.decay": "--cg-decay",
  conjugateGradientSteps: "--cg-steps",
  updates: "--updates",
  batchSize: "--batch-size",
  "task.cases": "--cases",
  "task.testCases": "--test-cases",
  "task.length": "--length",
  "task.hidden": "--hidden",
  "task.target": "--target",
  "task.scored": "--scored",
  "task.lengthMeans": "--length-means",
  "task.initialHidden": "--initial-hidden",
  "initialization.scale": "--initialization-scale",
  "initialization.spectralRadius": "--spectral-radius",
  seed: "--seed",
  threads: "--threads",
  kernels: "--kernels",
};
