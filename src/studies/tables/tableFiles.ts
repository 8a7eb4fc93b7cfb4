import { csvText } from "../../report/text/csvText.js";
import { meanBefore } from "./cellTable.js";
import { errorsOf } from "./ordering.js";
import type { QuotedCell } from "./plannedCell.js";
import type { TableResult } from "./tableResult.js";

/** The numbers of a table in full: its cells, and all of their trials. */
export function tableFiles(
  name: string,
  { cells, orderings }: Pick<TableResult, "cells" | "orderings">,
  quoted: readonly QuotedCell[],
): Readonly<Record<string, string>> {
  return { [`${name}.csv`]: cellsCsv(cells, quoted), "trials.csv": trialsCsv(cells), "orderings.csv": orderingsCsv(orderings) };
}

function cellsCsv(cells: TableResult["cells"], quoted: readonly QuotedCell[]): string {
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
  ];
  const ours = cells.map(({ row, column, paper, state, best, sameAs }) => {
    const errors = best === undefined ? [] : errorsOf(best.trials);
    const [lowest, highest] = errors.length === 0 ? [] : [Math.min(...errors), Math.max(...errors)];
    const diverged = best?.trials.filter(({ end }) => end === "diverged").length;
    return [row, column, paper, best?.error, lowest, highest, best?.trials.length, diverged, best?.rate, meanBefore(best), state, sameAs];
  });
  const others = quoted.map(({ row, column, paper }) => [row, column, paper, ...titles.slice(4).map(() => undefined), "quoted", undefined]);
  return csvText(titles, [...ours, ...others.map((line) => line.slice(0, titles.length))]);
}

function trialsCsv(cells: TableResult["cells"]): string {
  return csvText(
    ["Row", "Column", "Rate", "Share", "Seed", "End", "Updates", "Error", "Before the final phase", "Seconds", "Trial", "Failure"],
    cells.flatMap(({ row, column, candidates }) =>
      candidates.flatMap(({ rate, share, trials }) =>
        trials.map(({ seed, end, updates, error, beforeFinal, seconds, key, failure }) => {
          return [row, column, rate, share, seed, end, updates, error, beforeFinal, seconds, key, failure];
        }),
      ),
    ),
  );
}

function orderingsCsv(orderings: TableResult["orderings"]): string {
  return csvText(
    ["In the paper", "Here", "Our numbers"],
    orderings.map(({ claim, verdict, numbers }) => [claim, verdict, numbers]),
  );
}
