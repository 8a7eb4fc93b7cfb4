import { choiceOption, countOption } from "../optionKinds.js";
import type { StudyOption, ValuesOf } from "../study.js";
import { budgetOptions } from "../tables/budget.js";

/** Updates of the paper's recurrent trials, and of the first phase, whose momentum is 0.9 whatever mu_0. */
export const recurrentUpdates = 50_000;
export const firstPhase = 1000;

/** The options of table5: its budget, and readings of what the paper leaves open (docs/reproducing-the-paper.md). */
export const table5Options = {
  ...budgetOptions({ updates: recurrentUpdates, fraction: 0.02, time: "about half an hour on two cores", paperSeeds: 4 }),
  /** What the paper's learning rates are for: the loss summed over the scored outputs (default), or its mean over them. */
  rates: choiceOption(
    "rates",
    ["sum", "mean"],
    "what the paper's learning rates are for: the loss summed over\nscored outputs (sum, default) or its mean over them (mean); the\n" +
      "latter are divided by the scored outputs here",
  ),
  /** The target of addition: half the sum (default), or the sum. */
  target: choiceOption("target", ["halfSum", "sum"], "target of addition: halfSum (default) or sum"),
  /** Which steps of the memory problems are scored: the last ones (default), or all. */
  scored: choiceOption(
    "scored",
    ["last", "all"],
    "steps of the memory problems that are scored: last (default),\nwhich repeat the symbols, or all",
  ),
  /** What T means in the memory problems: the whole length (default), or the steps between symbols and repetition. */
  lengthMeans: choiceOption(
    "length-means",
    ["total", "delay"],
    "what T is in the memory problems: the whole length (total,\ndefault) or the delay",
  ),
  /** The hidden state before the first step: 0 (default), or learned. */
  initialHidden: choiceOption("initial-hidden", ["zero", "learned"], "hidden state before the first step: zero (default) or learned"),
  /** Held-out sequences that each trial is measured on. Default 10,000. */
  testCases: countOption("test-cases", 10_000, "held-out sequences that each trial is measured on (default\n10,000)"),
} as const satisfies Readonly<Record<string, StudyOption>>;

export type Table5Values = ValuesOf<typeof table5Options>;
