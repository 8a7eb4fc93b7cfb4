import { formatCount, formatCountOf, formatRate } from "../../report/text/format.js";
import { enumerate } from "../../report/text/words.js";
import { type Budget, type Counted, updateCount, updatesAt } from "./budget.js";
import { budgetColumns, choiceText } from "./budgetColumns.js";
import type { Shown } from "./cellTable.js";
import type { TableMeasure } from "./plannedCell.js";

/** The study whose budgets are described. */
interface Described {
  /** What is counted in updates, the trial first. */
  readonly counted: readonly Counted[];
  /** How many learning rates there are, in a sentence. */
  readonly rates: string;
  readonly shown: Pick<Shown, "everySeed">;
  readonly measure: Pick<TableMeasure, "rounds">;
}

/**
 * "Each trial has 1,500 of the paper's 750,000 updates, and as much shorter are the period of Eq. 5 (1 for 250) and the final phase (2 for
 * 1,000)." Of several budgets each is described by what stands in the columns in which they differ (budgetColumns.ts), and what they have
 * in common once.
 */
export function describeBudgets(budgets: readonly Budget[], { counted, rates, shown, measure }: Described): string[] {
  const several = severalText(budgets, counted[0]);
  const fractions = unique(budgets.map(({ fraction }) => fraction));
  const lengths = fractions.map((fraction) => lengthText({ fraction }, counted, fractions.length === 1));
  const first = several.length === 0 && lengths.length === 1 ? [`${lengths[0]} ${rates}`] : [...several, ...lengths, rates];
  return [...first, ...seedsTexts(unique(budgets.map(({ seeds }) => seeds)), shown.everySeed === true), ...choiceTexts(budgets, measure)];
}

/** Where they differ, and where it is told of each number. */
function severalText(budgets: readonly Budget[], trial: Counted): string[] {
  const differing = budgetColumns(budgets, trial).map(({ noun }) => noun);
  if (differing.length === 0) return [];
  const stand = differing.length === 1 && differing[0] === "choice of rates" ? "stands" : "stand";
  return [
    "Not every cell had the same budget. Each number is that of the largest that its cell has in full, and its " +
      `${enumerate(differing)} ${stand} beside it; numbers are compared at one budget only, the largest that all of them have.`,
  ];
}

function lengthText(budget: Pick<Budget, "fraction">, [trial, ...others]: readonly Counted[], isOne: boolean): string {
  const counts = others.map((one) => `${one.what} (${updatesAt(budget, one)} for ${formatCount(one.updates)})`);
  const [own, all] = [updatesAt(budget, trial), formatCount(trial.updates)];
  const subject = isOne ? `Each trial has ${own}` : `A trial of ${formatCountOf(updateCount(budget, trial), "update")} has so many`;
  if (budget.fraction === 1)
    return isOne ? `Each trial has the paper's ${all} updates.` : `A trial of ${all} updates has all of the paper's.`;
  const percent = formatRate((100 * updateCount(budget, trial)) / trial.updates);
  return (
    `${subject} of the paper's ${all} updates, ${percent} %; as much shorter, but never less than 1, ` +
    `${counts.length === 1 ? "is" : "are"} ${enumerate(counts)}.`
  );
}

function seedsTexts(counts: readonly number[], everySeed: boolean): string[] {
  const isOne = counts.length === 1;
  const beside = everySeed ? "stands that of each" : "stand the lowest and the highest";
  return counts.map((seeds) => {
    const number = isOne ? "Every number" : `A number beside which ${seeds} stands for its seeds`;
    return seeds === 1
      ? `${number} is that of one trial, from one seed; how far seeds lie apart is not known from it.`
      : `${number} is the mean over ${formatCountOf(seeds, "seed")}; beside it ${beside}.`;
  });
}

function choiceTexts(budgets: readonly Budget[], { rounds }: Pick<TableMeasure, "rounds">): string[] {
  const judged = rounds === undefined ? "" : ` Rounds before the last were judged by ${rounds.words}.`;
  const pilots = unique(budgets.map(({ pilot }) => pilot));
  return pilots.flatMap((pilot) => {
    const chosen = pilots.length === 1 ? "Learning rates were" : `Where it says "${choiceText({ pilot })}", learning rates were`;
    if (pilot === 0) return pilots.length === 1 ? [] : [`${chosen} each run in full.`];
    return [
      `${chosen} chosen by successive halving: each was tried in ${formatRate(pilot)} of these updates, the better half in twice ` +
        `that, and so on, what was left in full.${judged} A trial in full of the others may have come to a lower error.`,
    ];
  });
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
