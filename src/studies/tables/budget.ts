import { formatCount, formatCountOf, formatRate } from "../../report/text/format.js";
import { enumerate } from "../../report/text/words.js";
import { checkInteger, checkNumber } from "../../validate.js";
import type { StudyOption } from "../study.js";

/** How much of the paper's budget a study of trials is given. */
export interface Budget {
  /** Share of the paper's updates. */
  readonly fraction: number;
  /** Trials of each setting, from seeds 1, 2, ... */
  readonly seeds: number;
  /** First share of successive halving; 0 where every trial is run in full. */
  readonly pilot: number;
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

/** "7,500": what is counted in updates at a fraction of the paper's. */
export function updatesAt({ fraction }: Pick<Budget, "fraction">, { updates }: Pick<Counted, "updates">): string {
  return formatCount(Math.max(1, Math.round(updates * fraction)));
}

/**
 * "Each trial has 1,500 of the paper's 750,000 updates, and as much shorter are the period of Eq. 5 (1 for 250) and the final phase (2 for
 * 1,000)." The first of `counted` is the trial. Of several budgets each is described, and what they have in common once.
 */
export function describeBudgets(budgets: readonly Budget[], counted: readonly Counted[], rates: string): string[] {
  const lengths = unique(budgets.map((budget) => lengthText(budget, counted)));
  const others = unique(budgets.flatMap((budget) => [seedsText(budget), ...halvingText(budget)]));
  if (lengths.length === 1) return [`${lengths[0]} ${rates}`, ...others];
  const several =
    "Not every cell had the same budget. Each number is that of the largest that its cell has in full, and its updates stand beside it; " +
    "numbers are compared at one budget only, the largest that all of them have.";
  return [several, ...lengths, rates, ...others];
}

function lengthText(budget: Budget, [trial, ...others]: readonly Counted[]): string {
  const counts = others.map((one) => `${one.what} (${updatesAt(budget, one)} for ${formatCount(one.updates)})`);
  if (budget.fraction === 1) return `Each trial has the paper's ${formatCount(trial.updates)} updates.`;
  return (
    `Each trial has ${updatesAt(budget, trial)} of the paper's ${formatCount(trial.updates)} updates, ` +
    `${formatRate(100 * budget.fraction)} %; as much shorter, but never less than 1, ${counts.length === 1 ? "is" : "are"} ` +
    `${enumerate(counts)}.`
  );
}

function seedsText({ seeds }: Budget): string {
  return seeds === 1
    ? "Every number is that of one trial, from one seed; how far seeds lie apart is not known from it."
    : `Every number is the mean over ${formatCountOf(seeds, "seed")}; beside it stand the lowest and the highest.`;
}

function halvingText({ pilot }: Budget): string[] {
  if (pilot === 0) return [];
  return [
    `Learning rates were chosen by successive halving: each was tried in ${formatRate(pilot)} of these updates, the better half in twice ` +
      "that, and so on, what was left in full. A trial in full of the others may have come to a lower error.",
  ];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
