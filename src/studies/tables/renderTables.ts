import type { Section } from "../../report/page/page.js";
import { formatCount, formatCountOf, formatDuration, formatRate } from "../../report/text/format.js";
import { type Table, textTable } from "../../report/text/table.js";
import { describeMachine } from "../../trials/page/describeMachine.js";
import type { Rendering, StudyFacts, StudyOptions } from "../study.js";
import type { Budget } from "./budget.js";
import { type BudgetColumn, budgetColumns, budgetName } from "./budgetColumns.js";
import { cellsTable, countOf, ratesTable } from "./cellTable.js";
import { describeBudgets } from "./describeBudgets.js";
import {
  type BudgetedCell,
  type BudgetedOrdering,
  budgetOf,
  byBudget,
  isSameBudget,
  type MergedTable,
  mergeTables,
} from "./mergedTable.js";
import { describeOrderings, orderingsTable, paperOrderings } from "./ordering.js";
import type { TableMeasure } from "./plannedCell.js";
import { hasDiverged, type TableCell } from "./tableCell.js";
import type { TableDefinition, TableSpec } from "./tableDefinition.js";
import { tableFiles } from "./tableFiles.js";
import type { TableResult } from "./tableResult.js";

/** Results of a table on one page, each number at the largest budget that it has; most often there is one. */
export function renderTables<Options extends StudyOptions>(
  definition: TableDefinition<Options>,
  unordered: readonly TableResult<TableSpec<Options>>[],
  { facts, footer }: StudyFacts,
): Rendering {
  const { name, title, description, measure, shown, counted, orderingWords = paperOrderings } = definition;
  const results = byBudget(unordered);
  const merged = mergeTables(results);
  const { cells, orderings } = merged;
  const [{ spec }] = results;
  const quoted = definition.quoted?.(spec) ?? [];
  const rows = [...new Set(cells.map(({ row }) => row))];
  const ofRow = (row: string): BudgetedCell[] => cells.filter((cell) => cell.row === row);
  const budgets = budgetColumns(merged.budgets, counted[0]);
  const ran = budgetColumns(results.map(budgetOf), counted[0]);
  const tables = rows.map((row) => {
    const ofOthers = quoted.filter((one) => one.row === row);
    return { row, table: cellsTable(ofRow(row), ofOthers, { ...shown, budgets }) };
  });
  const found = orderingsTable<BudgetedOrdering>(orderings, orderingWords, budgets);
  const differences = [...new Set(results.flatMap((result) => definition.differs(result.spec, result.data ?? {})))];
  const outcome = describeOutcome(definition, merged, results);
  const sections: Section[] = [
    ...tables.map(({ row, table }): Section => {
      const caption = `${measure.title}; the paper's number, ours at the best learning rate, and that rate.${notes(merged, row, measure)}`;
      return { kind: "table", title: row, table, caption };
    }),
    {
      kind: "table",
      title: orderingWords.title,
      table: found,
      caption: `${describeOrderings(orderings, orderingWords)} ${orderingWords.decided}`,
    },
    {
      kind: "prose",
      title: "In what this differs from the paper",
      paragraphs: [...describeBudgets(merged.budgets, definition), ...differences],
    },
    ...(definition.sections?.({ spec, cells }) ?? []),
    ...rows.flatMap((row) =>
      ratesOf(row, merged, results, shown.heading).map(({ table, budget, rounds }): Section => {
        const caption = `${measure.title} by learning rate${rounds}.`;
        return { kind: "table", title: named(`Every rate: ${row}`, ", ", budget, budgets), table, caption };
      }),
    ),
    {
      kind: "facts",
      title: "What was run",
      facts: [...results.flatMap((result) => runFacts(result, named("Trials", " of ", budgetOf(result), ran))), ...facts],
    },
    {
      kind: "data",
      title: "The study as data",
      caption: "Its options; the trials' specs are in their directories.",
      values: results.map((result) => ({ name, value: result.spec })),
    },
  ];
  return {
    page: { title, lead: `${description} ${outcome}`, sections, footer },
    files: tableFiles(name, merged, results, quoted),
    summary: [
      ...tables.flatMap(({ row, table }) => [row, "", textTable(table), ""]),
      textTable(found),
      "",
      describeOrderings(orderings, orderingWords),
      outcome,
    ],
  };
}

/** A title with what tells its budget from those of the others. */
function named(title: string, before: string, budget: Budget, columns: readonly BudgetColumn[]): string {
  return columns.length === 0 ? title : `${title}${before}${budgetName(budget, columns)}`;
}

/** What has to be said below a row's table. */
function notes({ cells, baselines }: MergedTable, row: string, { diverged }: TableMeasure): string {
  const [own, baseline] = [cells.filter((cell) => cell.row === row), baselines[row]];
  const stars = own.some(({ best }) => best?.trials.some(hasDiverged));
  const partly = own.some(({ candidates }) => candidates.some(({ trials }) => trials.some(hasDiverged) && !trials.every(hasDiverged)));
  return (
    (baseline === undefined ? "" : ` Answering every case the same costs ${formatRate(baseline)}.`) +
    (stars ? " * A trial that diverged counts for what answering without looking at the inputs costs." : "") +
    (partly && diverged === undefined ? " A rate at which a seed diverged is out, whatever the others came to." : "")
  );
}

/** All rates of a row, at the budgets of which a number of it is shown. */
function ratesOf(row: string, { cells }: MergedTable, results: readonly TableResult[], heading: string) {
  return results.flatMap((result): { readonly budget: Budget; readonly table: Table; readonly rounds: string }[] => {
    const budget = budgetOf(result);
    const isShown = cells.some((cell) => cell.row === row && isSameBudget(cell.budget, budget));
    const own = result.cells.filter((cell) => cell.row === row);
    const isThere = own.some(({ candidates }) => candidates.length > 0);
    return isShown && isThere ? [{ budget, table: ratesTable(own, heading), rounds: roundsText(own) }] : [];
  });
}

/** What the shares in a table of rates are; nothing where all are of trials in full. */
function roundsText(cells: readonly TableCell[]): string {
  const shares = cells.flatMap(({ candidates }) => candidates.flatMap(({ share }) => (share < 1 ? [share] : [])));
  if (shares.length === 0) return "";
  return `; "at ${formatRate(Math.min(...shares))}" is after that share of the updates, in a round of successive halving`;
}

/** "All cells are there.", or how many are, and what runs the others. */
function describeOutcome<Options extends StudyOptions>(
  { name, options }: Pick<TableDefinition<Options>, "name" | "options">,
  { cells, budgets, isComplete }: MergedTable,
  results: readonly Pick<TableResult<TableSpec<Options>>, "spec" | "kernels">[],
): string {
  if (isComplete) return "All cells are there.";
  const complete = cells.filter(({ state }) => state === "complete").length;
  const there = `${formatCount(complete)} of ${formatCountOf(cells.length, "cell")} ${complete === 1 ? "is" : "are"} there`;
  const isDamaged = cells.some(({ candidates }) => countOf(candidates, "damaged") > 0);
  const lacking = isDamaged ? "missing or damaged" : "missing";
  const missing = `${there}; trials of the others are ${lacking}, and heavyball reproduce ${name}${isDamaged ? " --repair" : ""}`;
  const shown = results.filter((result) => budgets.some((budget) => isSameBudget(budget, budgetOf(result))));
  if (shown.length > 1) return `${missing} with the options of one of their budgets, and where these trials are, runs them.`;
  return `${missing}${givenOptions(options, shown[0].spec)} runs them, given the --out, --kernels and --data that these had.`;
}

/** " --fraction 0.01": the options of a spec that are not the usual ones, as they are typed. */
function givenOptions(options: StudyOptions, spec: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(options).filter(([option, { standard }]) => spec[option] !== standard);
  return given.map(([option, { flag }]) => ` --${flag} ${String(spec[option])}`).join("");
}

function runFacts({ trials, kernels, numerics, machine }: TableResult, title: string): [string, string][] {
  const { ended, inRounds, diverged, failed, damaged, seconds } = trials;
  const parts = [
    `${formatCountOf(ended, "trial")} ended`,
    ...(inRounds > 0 ? [`${formatCount(inRounds)} of them shorter ones of rounds of successive halving`] : []),
    ...(diverged > 0 ? [`${formatCount(diverged)} of them diverged`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(damaged > 0 ? [`${formatCount(damaged)} damaged`] : []),
  ];
  return [
    [title, `${parts.join(", ")}; ${formatDuration(seconds)} of updates in all`],
    ["Numbers", `${kernels} kernels, numerics version ${numerics}`],
    ...(machine === undefined ? [] : describeMachine(machine).map(([what, value]): [string, string] => [`First trial: ${what}`, value])),
  ];
}
