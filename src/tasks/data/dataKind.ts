import { present } from "../../boundary/present.js";
import { isArray } from "../../boundary/realm.js";
import { InvalidOptionError } from "../../errors.js";
import { checkInitialization, type Initialization } from "../../initialize/index.js";
import { feedForward } from "../../networks/describe.js";
import { formatCountOf } from "../../report/text/format.js";
import { checkInteger, checkKnownOptions, checkNumber, checkOneOf, orDefault } from "../../validate.js";
import { withHessianFreeDefaults } from "../optimizerDefaults.js";
import type { TaskKind } from "../task.js";
import { checkDataArrays, type DataArrays, holdOut, type Scaling, scaleInputs } from "./arrays.js";
import { dataPage } from "./dataPage.js";
import { type DataMeasure, dataMeasures, type PreparedData, prepareData } from "./preparedData.js";
import { readDataFiles } from "./readDataFiles.js";

/** A feed-forward network on data of one's own. */
export interface DataTask {
  readonly name: "data";
  /** Units of the hidden layers, in order; none for a linear model. Default one layer of 100. */
  readonly hidden: readonly number[];
  /** Activation of the hidden units. Default tanh. */
  readonly activation: "tanh" | "relu" | "logistic";
  /** What is predicted: a class, by softmax and cross-entropy, or numbers, by linear outputs and squared error. Default classes. */
  readonly predict: "classes" | "numbers";
  /** Share of the cases that is held out. Default 0.2. */
  readonly held: number;
  /** How inputs are scaled; see `scaleInputs`. Default standard. */
  readonly scaling: Scaling;
  /** Of a table, the column that is predicted: its name, or its number from 0, or from the end. Default -1, the last. */
  readonly label?: string | number;
  /** Seed of the choice of the cases held out. Default: the trial's. */
  readonly seed?: number;
}

/** Layers more than anybody trains. */
const mostLayers = 100;

/** Why options of other tasks mean nothing to data of one's own. */
const elsewhere: Readonly<Record<string, string>> = {
  cases: "which takes all cases there are",
  "test-cases": "whose share of cases to test on is --held",
  "initialization-scale": "whose initialization is a spec's: its file says initialization.scale",
  period: "whose momentum is constant",
  hidden: "whose hidden layers are --layers",
  length: "whose cases are no sequences",
  "spectral-radius": "whose network is not recurrent",
  "initial-hidden": "whose network is not recurrent",
  target: "whose targets are the data's",
  "no-flags": "whose inputs are the data's",
  "no-centering": "whose inputs are scaled by --scaling",
  scored: "whose cases are no sequences",
  "length-means": "whose cases are no sequences",
  "structural-damping": "whose network has no hidden state over time",
};

export const dataKind: TaskKind<DataTask, PreparedData, DataArrays, DataMeasure> = {
  name: "data",
  title: "data of one's own",
  family: "feedForward",
  measures: dataMeasures,
  options: [
    {
      name: "layers",
      kind: "text",
      value: "N,N,...",
      elsewhere: "whose layers are given",
      help: "data: units of the hidden layers (default 100; none for a\nlinear model)",
      path: "task.hidden",
      // What is no number stays as it is, for the check to name it.
      read: (text) => (text === "none" ? [] : text.split(",").map((units) => (/^\s*\d+\s*$/.test(units) ? Number(units) : units))),
    },
    {
      name: "activation",
      kind: "text",
      value: "WHICH",
      elsewhere: "whose hidden units are given",
      help: "data: of hidden units, tanh (default), relu or logistic",
      path: "task.activation",
    },
    {
      name: "predict",
      kind: "text",
      value: "WHAT",
      elsewhere: "which has targets of its own",
      help: "data: classes (default) or numbers",
      path: "task.predict",
    },
    {
      name: "held",
      kind: "number",
      value: "SHARE",
      elsewhere: "which has held-out cases of its own",
      help: "data: share of the cases held out (default 0.2)",
      path: "task.held",
    },
    {
      name: "scaling",
      kind: "text",
      value: "HOW",
      elsewhere: "which scales its inputs itself",
      help: "data: inputs to mean 0 and deviation 1 each (standard, the\ndefault), all to [0, 1] (unit), or none",
      path: "task.scaling",
    },
    {
      name: "label",
      kind: "text",
      value: "COLUMN",
      elsewhere: "which reads no table",
      help: "data: the column of a table that is predicted, by name or by\nnumber from 0, or from the end (default -1, the last)",
      path: "task.label",
      read: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
    },
  ],
  why: (option) => elsewhere[option],
  check(given) {
    checkKnownOptions("task", given, ["name", "hidden", "activation", "predict", "held", "scaling", "label", "seed"]);
    return present({
      name: "data" as const,
      hidden: checkLayers(orDefault(given.hidden, [100])),
      activation: checkOneOf("task.activation", orDefault(given.activation, "tanh"), ["tanh", "relu", "logistic"]),
      predict: checkOneOf("task.predict", orDefault(given.predict, "classes"), ["classes", "numbers"]),
      held: checkShare(orDefault(given.held, 0.2)),
      scaling: checkOneOf("task.scaling", orDefault(given.scaling, "standard"), ["standard", "unit", "none"]),
      label: given.label === undefined ? undefined : checkLabel(given.label),
      seed: given.seed === undefined ? undefined : checkInteger("task.seed", given.seed, 0),
    });
  },
  checkInitialization: ({ activation }, value) => checkStart(orDefault(value, activation === "relu" ? heStart : glorotStart)),
  batchSize: () => ({ standard: 100, largest: Number.MAX_SAFE_INTEGER }),
  optimizer: (_task, given) =>
    withHessianFreeDefaults(given, (isHybrid) => ({ curvatureCases: "gradient", ...(isHybrid ? { gradientCases: 1000 } : {}) })),
  defaults: { learningRate: 0.02, updates: 2000, seed: 1 },
  momentum: (asked, before) =>
    asked?.maximum === undefined && before !== undefined ? before : { schedule: "constant", value: asked?.maximum ?? 0.9 },
  prepare(task, root, data) {
    const { hidden, activation, predict, held, scaling, seed = root } = task;
    const parts = scaleInputs(holdOut(suited(task, data), held, seed), scaling);
    const outputs = data.targets.length / data.cases;
    const sizes = [data.inputs.length / data.cases, ...hidden, outputs];
    const activations = [...hidden.map(() => activation), predict === "classes" ? ("softmax" as const) : ("linear" as const)];
    return prepareData(feedForward({ sizes, activations }), parts);
  },
  files: {
    wanted: "a table (.csv, .tsv), or inputs and targets as .npy or IDX files",
    read: readDataFiles,
    reading: ({ predict, label }) => [predict, label],
    check: checkDataArrays,
    checkEnough: (task, data) => void suited(task, data),
    arrays: ({ inputs, targets }) => [inputs, targets],
  },
  describeNetwork({ hidden, activation, predict }) {
    const layers =
      hidden.length === 0
        ? "no hidden layer"
        : `${formatCountOf(hidden.length, "hidden layer")} of ${hidden.join(", ")} ${activation} units`;
    return `a network with ${layers}, which predicts ${predict}`;
  },
  describe: ({ held, scaling }, training) => {
    const words = { standard: "inputs standardized", unit: "inputs scaled to [0, 1]", none: "inputs as they are" };
    return `${words[scaling]}, ${Number((100 * held).toPrecision(3))} % of the cases held out, ${training}`;
  },
  page: dataPage,
};

const heStart = { method: "dense", scale: "he" };
const glorotStart = { method: "dense", distribution: "glorot" };

function checkStart(value: unknown): Initialization {
  const checked = checkInitialization("initialization", value);
  if (checked.method === "echoState") {
    throw new InvalidOptionError("initialization.method", checked.method, 'one of "sparse", "dense": data trains a feed-forward network');
  }
  return checked;
}

function checkLayers(value: unknown): number[] {
  if (!isArray(value) || value.length > mostLayers)
    throw new InvalidOptionError("task.hidden", value, `a list of at most ${mostLayers} numbers of units`);
  return Array.from(value, (units, at) => checkInteger(`task.hidden[${at}]`, units, 1, 1 << 24));
}

function checkShare(value: unknown): number {
  const share = checkNumber("task.held", value, 0, 1);
  if (share === 0 || share === 1)
    throw new InvalidOptionError("task.held", value, "greater than 0 and less than 1: some cases are held out, and some trained on");
  return share;
}

function checkLabel(value: unknown): string | number {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number") return checkInteger("task.label", value, -Number.MAX_SAFE_INTEGER);
  throw new InvalidOptionError("task.label", value, "the name of a column, or its number from 0, or from the end: -1 is the last");
}

/**
 * The data as what is to be predicted of them: for classes one-hot targets of at least two, which are called by their numbers where they
 * have no names; for numbers any targets, without names. Throws InvalidOptionError for targets that are not one-hot.
 */
function suited({ predict }: DataTask, data: DataArrays): DataArrays {
  const { inputs, targets, cases } = data;
  if (predict === "numbers") return { inputs, targets, cases };
  const outputs = targets.length / cases;
  const remedy = 'or for numbers, predict "numbers"';
  if (outputs < 2) throw new InvalidOptionError("data.targets", `${outputs} a case`, `one-hot, of at least two classes, ${remedy}`);
  for (let row = 0; row < cases; row++) {
    let ones = 0;
    for (let at = row * outputs; at < (row + 1) * outputs; at++) {
      if (targets[at] !== 0 && targets[at] !== 1)
        throw new InvalidOptionError(`data.targets[${at}]`, targets[at], `0 or 1, one-hot, ${remedy}`);
      ones += targets[at];
    }
    if (ones !== 1) throw new InvalidOptionError(`data.targets of case ${row}`, `${ones} ones`, `one 1 and zeros, ${remedy}`);
  }
  return { ...data, classes: data.classes ?? Array.from({ length: outputs }, (_, output) => String(output)) };
}
