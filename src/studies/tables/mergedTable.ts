import type { Budget } from "./budget.js";
import type { Ordering } from "./ordering.js";
import type { TableCell } from "./tableCell.js";
import type { TableResult } from "./tableResult.js";

/** A cell, and the budget of its trials. */
export interface BudgetedCell extends TableCell {
  readonly budget: Budget;
}

/** An ordering, and the budget of the numbers that it compares. */
export interface BudgetedOrdering extends Ordering {
  readonly budget: Budget;
}

/** One table from results of one study at several budgets. */
export interface MergedTable {
  /** Those of what is shown, the largest first; all where there is nothing to show. */
  readonly budgets: readonly Budget[];
  /** Each at the largest budget at which it is complete; where there is none, at the largest of which something is there. */
  readonly cells: readonly BudgetedCell[];
  /** Each at the largest budget at which all that it compares is there. Numbers of different budgets are never compared. */
  readonly orderings: readonly BudgetedOrdering[];
  readonly baselines: Readonly<Record<string, number>>;
  readonly isComplete: boolean;
}

/** Results of one study in the order of their budgets, the largest first. */
export function byBudget<Result extends TableResult>(results: readonly Result[]): Result[] {
  return [...results].sort((a, b) => {
    const [one, other] = [budgetOf(a), budgetOf(b)];
    const byKernels = (one.kernels ?? "") < (other.kernels ?? "") ? -1 : 1;
    return other.fraction - one.fraction || other.seeds - one.seeds || inFull(other) - inFull(one) || byKernels;
  });
}

/** The share of a trial in which every learning rate is tried. */
function inFull({ pilot }: Budget): number {
  return pilot === 0 ? 1 : pilot;
}

/** Merges results in the order of their budgets; they have the same cells and claims, in the same order. */
export function mergeTables(results: readonly TableResult[]): MergedTable {
  const cells = results[0].cells.map((_, at): BudgetedCell => {
    const every = results.map((result): BudgetedCell => ({ ...result.cells[at], budget: budgetOf(result) }));
    return firstOf(
      every,
      ({ state }) => state === "complete",
      ({ state }) => state === "partial",
    );
  });
  const orderings = results[0].orderings.map((_, at): BudgetedOrdering => {
    const every = results.map((result): BudgetedOrdering => ({ ...result.orderings[at], budget: budgetOf(result) }));
    const found = firstOf(every, ({ isMissing }) => isMissing !== true);
    // What one budget lacks, another may have: a number that is shown was run.
    return found.isMissing !== true || every.length === 1 ? found : { ...found, numbers: "no budget has all that it compares" };
  });
  const all = results.map(budgetOf);
  const shown = [...cells.filter(({ state }) => state !== "missing"), ...orderings.filter(({ isMissing }) => isMissing !== true)];
  const budgets = all.filter((one) => shown.some(({ budget }) => isSameBudget(budget, one)));
  return {
    budgets: budgets.length === 0 ? all : budgets,
    cells,
    orderings,
    baselines: Object.assign({}, ...[...results].reverse().map(({ baselines }) => baselines)),
    isComplete: cells.every(({ state }) => state === "complete"),
  };
}

/** The budget of a result is part of its spec, but for its kernels. */
export function budgetOf({ spec, kernels }: Pick<TableResult, "spec" | "kernels">): Budget {
  return { ...plannedBudget(spec), kernels };
}

/** The budget that a spec plans. */
export function plannedBudget(spec: unknown): Budget {
  const { fraction, seeds, pilot } = spec as Budget;
  return { fraction, seeds, pilot };
}

export function isSameBudget(one: Budget, other: Budget): boolean {
  const parts = ["fraction", "seeds", "pilot", "kernels"] as const;
  return parts.every((part) => one[part] === other[part]);
}

/** The first that passes the first test that any passes; the first of all where none does. */
function firstOf<Item>(items: readonly Item[], ...tests: readonly ((item: Item) => boolean)[]): Item {
  for (const test of tests) {
    const found = items.find(test);
    if (found !== undefined) return found;
  }
  return items[0];
}
