import { csvText } from "../../report/text/csvText.js";
import { meanBefore } from "./cellTable.js";
import { budgetOf, type MergedTable } from "./mergedTable.js";
import { errorsOf } from "./ordering.js";
import type { QuotedCell } from "./plannedCell.js";
import { hasDiverged } from "./tableCell.js";
import type { TableResult } from "./tableResult.js";

/**
 * The numbers of a table in full: its cells, and all trials, those of budgets too of which nothing is shown. Fraction and Pilot are the
 * budget's: of the paper's updates, and of these the first share of successive halving, 0 where every rate was run in full.
 */
export function tableFiles(
  name: string,
  { cells, orderings }: Pick<MergedTable, "cells" | "orderings">,
  results: readonly TableResult[],
  quoted: readonly QuotedCell[],
): Readonly<Record<string, string>> {
  return { [`${name}.csv`]: cellsCsv(cells, quoted), "trials.csv": trialsCsv(results), "orderings.csv": orderingsCsv(orderings) };
}

function cellsCsv(cells: MergedTable["cells"], quoted: readonly QuotedCell[]): string {
  const titles = [
    "Row",
    "Column",
    "Paper",
    "Here",
    "Lowest",
    "Highest",
    "Seeds",
    "Diverged",
    "Rate",
    "Before the final phase",
    "State",
    "Same as",
    "Fraction",
    "Pilot",
    "Kernels",
  ];
  const ours = cells.map(({ row, column, paper, state, best, sameAs, budget }) => {
    const errors = best === undefined ? [] : errorsOf(best.trials);
    const [lowest, highest] = errors.length === 0 ? [] : [Math.min(...errors), Math.max(...errors)];
    const diverged = best?.trials.filter(hasDiverged).length;
    const ours = [best?.error, lowest, highest, best?.trials.length, diverged, best?.rate, meanBefore(best)];
    return [row, column, paper, ...ours, state, sameAs, ...(state === "missing" ? [] : [budget.fraction, budget.pilot, budget.kernels])];
  });
  const none = titles.slice(4, -5).map(() => undefined);
  const others = quoted.map(({ row, column, paper, here }) => [row, column, paper, here, ...none, "quoted"]);
  return csvText(
    titles,
    [...ours, ...others].map((line) => titles.map((_, at) => line[at])),
  );
}

/** A trial of several budgets of one fraction stands there once. */
function trialsCsv(results: readonly TableResult[]): string {
  const rows = results.flatMap((result) =>
    result.cells.flatMap(({ row, column, candidates }) =>
      candidates.flatMap(({ rate, trials, earlier = [] }) =>
        [...earlier, ...trials].map(({ share, seed, end, updates, error, beforeFinal, seconds, key, failure }) => {
          const { fraction } = budgetOf(result);
          return [row, column, fraction, rate, share, seed, end, updates, error, beforeFinal, seconds, key, result.kernels, failure];
        }),
      ),
    ),
  );
  const titles = ["Row", "Column", "Fraction", "Rate", "Share", "Seed", "End", "Updates", "Error", "Before the final phase"];
  return csvText(
    [...titles, "Seconds", "Trial", "Kernels", "Failure"],
    [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()],
  );
}

function orderingsCsv(orderings: MergedTable["orderings"]): string {
  return csvText(
    ["In the paper", "Here", "Our numbers", "Fraction", "Seeds", "Pilot", "Kernels"],
    orderings.map(({ claim, verdict, numbers, isMissing, budget: { fraction, seeds, pilot, kernels } }) => {
      return [claim, verdict, numbers, ...(isMissing ? [undefined, undefined, undefined, undefined] : [fraction, seeds, pilot, kernels])];
    }),
  );
}
