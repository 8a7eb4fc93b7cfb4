import { formatCountOf, formatRate } from "../../report/text/format.js";
import { type Budget, type Counted, updateCount, updatesAt } from "./budget.js";

/** Something in which budgets differ, as a column of a table. */
export interface BudgetColumn {
  readonly title: string;
  /** What it is called in a sentence. */
  readonly noun: string;
  /** What stands in the line of a number of that budget. */
  text(one: { readonly budget: Budget }): string;
  /** The same where it stands alone: "2 seeds". */
  alone(budget: Budget): string;
}

/** "by halving from 0.1": how the learning rates of a budget were chosen. */
export function choiceText({ pilot }: Pick<Budget, "pilot">): string {
  return pilot === 0 ? "all in full" : `by halving from ${formatRate(pilot)}`;
}

/** A column for everything in which some budgets differ; none for one budget. `trial` says how many updates the paper's has. */
export function budgetColumns(budgets: readonly Budget[], trial: Counted): BudgetColumn[] {
  const differ = (part: keyof Budget): boolean => new Set(budgets.map((budget) => budget[part])).size > 1;
  const updates: BudgetColumn = {
    title: "Updates",
    noun: "updates",
    text: ({ budget }) => updatesAt(budget, trial),
    alone: (budget) => formatCountOf(updateCount(budget, trial), "update"),
  };
  const seeds: BudgetColumn = {
    title: "Seeds",
    noun: "seeds",
    text: ({ budget }) => String(budget.seeds),
    alone: (budget) => formatCountOf(budget.seeds, "seed"),
  };
  const choice: BudgetColumn = {
    title: "Rates chosen",
    noun: "choice of rates",
    text: ({ budget }) => choiceText(budget),
    alone: (budget) => `rates ${choiceText(budget)}`,
  };
  const kernels: BudgetColumn = {
    title: "Kernels",
    noun: "kernels",
    text: ({ budget }) => budget.kernels ?? "-",
    alone: (budget) => `${budget.kernels} kernels`,
  };
  const columns = { fraction: updates, seeds, pilot: choice, kernels } as const;
  return (Object.keys(columns) as (keyof Budget)[]).filter(differ).map((part) => columns[part]);
}

/** "7,500 updates, 2 seeds": a budget by what tells it from others; empty where there is nothing. */
export function budgetName(budget: Budget, columns: readonly BudgetColumn[]): string {
  return columns.map(({ alone }) => alone(budget)).join(", ");
}
