import { formatCount } from "../../report/text/format.js";
import type { KernelVariant } from "../../runtime/kernels.js";
import { checkInteger, checkNumber } from "../../validate.js";
import type { StudyOption } from "../study.js";

/** How much of the paper's budget a study of trials is given, and in what numbers. */
export interface Budget {
  /** Share of the paper's updates. */
  readonly fraction: number;
  /** Trials of each setting, from seeds 1, 2, ... */
  readonly seeds: number;
  /** First share of successive halving; 0 where every trial is run in full. */
  readonly pilot: number;
  /** The kernels of results, which round differently; left out of what is only planned. */
  readonly kernels?: KernelVariant;
}

/** What the budget is unless an option says otherwise. */
export interface StandardBudget {
  /** Updates of the paper's trials. */
  readonly updates: number;
  readonly fraction: number;
  /** "about 14 minutes on two cores": how long that takes. */
  readonly time: string;
  /** Trials of each setting in the paper. */
  readonly paperSeeds: number;
}

/** The options that every study of trials has. */
export function budgetOptions({ updates, fraction, time, paperSeeds }: StandardBudget) {
  return {
    /** Share of the paper's updates that each trial has; what counts updates in its schedules is as much smaller, none less than 1. */
    fraction: {
      flag: "fraction",
      kind: "number",
      value: "X",
      help:
        `share of the paper's ${formatCount(updates)} updates that each trial has\n(default ${fraction}: ${time}); the period of\n` +
        "Eq. 5, first and final phases are as much shorter",
      standard: fraction,
      check: (option: string, value: unknown) => checkNumber(option, value, 1e-6, 1),
    },
    /** Trials of each setting, from seeds 1, 2, ... Default 1. */
    seeds: {
      flag: "seeds",
      kind: "number",
      value: "N",
      help: `trials of each setting, from seeds 1 to N (default 1; paper: ${paperSeeds})`,
      standard: 1,
      check: (option: string, value: unknown) => checkInteger(option, value, 1, 1000),
    },
    /** Chooses learning rates by successive halving, each first tried in this share of the updates. Default 0: all are run in full. */
    pilot: {
      flag: "pilot",
      kind: "number",
      value: "SHARE",
      help:
        "choose learning rates by successive halving: each in this share of\nthe updates, the better half in twice that, and so on\n" +
        "(default 0: all in full)",
      standard: 0,
      check: (option: string, value: unknown) => checkNumber(option, value, 0, 0.999),
    },
  } as const satisfies Readonly<Record<string, StudyOption<number>>>;
}

/** Something that is counted in updates, as many as the paper has. */
export interface Counted {
  readonly what: string;
  readonly updates: number;
}

/** How many there are of what is counted in updates at a fraction of the paper's. */
export function updateCount({ fraction }: Pick<Budget, "fraction">, { updates }: Pick<Counted, "updates">): number {
  return Math.max(1, Math.round(updates * fraction));
}

/** "7,500": the same as text. */
export function updatesAt(budget: Pick<Budget, "fraction">, counted: Pick<Counted, "updates">): string {
  return formatCount(updateCount(budget, counted));
}
