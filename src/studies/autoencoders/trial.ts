import { formatCount } from "../../report/text/format.js";
import { kindOf } from "../../tasks/index.js";
import { checkInteger } from "../../validate.js";
import type { StudyOptions } from "../study.js";
import { budgetOptions, type Counted, type StandardBudget } from "../tables/budget.js";
import type { DataDigests } from "../tables/tableResult.js";

/** The paper's trials on the three autoencoders (section 3): 750,000 updates from minibatches of 200, no regularization. */
export const autoencoderUpdates = 750_000;
/** Each number is the best of these. */
export const autoencoderRates = [0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001] as const;
/** Updates between two steps of Eq. 5; updates of the final phase, and its momentum. */
const period = 250;
const final = { updates: 1000, value: 0.9 } as const;

/** The options of tables of autoencoders. */
export function autoencoderOptions(standard: Omit<StandardBudget, "updates" | "paperSeeds">) {
  return {
    ...budgetOptions({ ...standard, updates: autoencoderUpdates, paperSeeds: 1 }),
    /** Training cases, the first of each task's; half as many to test on. Default: all. */
    cases: {
      flag: "cases",
      kind: "number",
      value: "N",
      help: "training cases, for a quick look (default: all of each task)",
      standard: undefined,
      check: (option: string, value: unknown) => (value === undefined ? undefined : checkInteger(option, value, 200, 20_000)),
    },
  } as const satisfies StudyOptions;
}

/** That there were fewer cases than the paper has. */
export function fewerCases(cases: number | undefined): string[] {
  return cases === undefined ? [] : [`Of each task there were the first ${formatCount(cases)} cases alone, and half as many to test on.`];
}

/** The paper's measure, on all training images. */
export const autoencoderMeasure = { key: "trainingError", title: "Squared error of the training images, summed over pixels" } as const;

/** What is counted in updates. */
export const autoencoderCounted: readonly Counted[] = [
  { what: "the trial", updates: autoencoderUpdates },
  { what: "the period of Eq. 5", updates: period },
  { what: "the final phase", updates: final.updates },
];

/** The tasks, by what the paper calls them. */
export const autoencoderTasks = {
  // All seeds have the same images.
  CURVES: { name: "curves", seed: 1 },
  MNIST: { name: "mnist" },
  FACES: { name: "faces", seed: 1 },
} as const;

export type AutoencoderRow = keyof typeof autoencoderTasks;
export const autoencoderRows = Object.keys(autoencoderTasks) as AutoencoderRow[];

/** Momentum by Eq. 5 up to `max`, and 0.9 in the final phase. */
export function momentumUpTo(max: number) {
  return { schedule: "sutskever", max, period, final } as const;
}

/** What a trial may have besides its row and its optimizer. */
interface TrialSettings {
  /** Multiplies the weights of the initialization. Default 1. */
  readonly scale?: number;
  /** Training cases. Default: all. */
  readonly cases?: number | undefined;
}

/** A trial of the paper's on one of them, without its learning rate and seed. */
export function autoencoderTrial(row: AutoencoderRow, optimizer: Readonly<Record<string, unknown>>, settings: TrialSettings = {}) {
  const { scale = 1, cases } = settings;
  return {
    task: { ...autoencoderTasks[row], ...(cases === undefined ? {} : { cases, testCases: Math.ceil(cases / 2) }) },
    initialization: { method: "sparse", scale },
    optimizer,
    batchSize: 200,
    updates: autoencoderUpdates,
  };
}

const dataSentences: Readonly<Record<AutoencoderRow, string>> = {
  CURVES:
    "CURVES is a stand-in: the original images are not distributed, and these are drawn by a recipe that matches what is published of " +
    "them (variance, entropy, the errors of the mean image and of 18 principal components). Compare orders and ratios, not digits.",
  MNIST: "MNIST is the original: 60,000 images of digits.",
  FACES:
    "FACES is made from the Olivetti photographs by the published recipe: 103,500 patches of 25 persons, the whole set scaled so that " +
    "the mean variance of a pixel is 1; the patches are not those of the paper.",
};

/** In what the data of rows differ from the paper's; `data` are those that their trials took from files, which may be any. */
export function dataDifferences(rows: readonly AutoencoderRow[], data: DataDigests): string[] {
  return rows.map((row) => {
    const published = kindOf(autoencoderTasks[row]).files?.publishedDigest;
    const others = data[row]?.filter((digest) => digest !== published) ?? [];
    if (others.length === 0) return dataSentences[row];
    const whose = `others (SHA-256 of the data ${others.join(", ")})`;
    return `${row} is not from the files that are published, but from ${whose}: its numbers are not to be compared with the paper's.`;
  });
}
