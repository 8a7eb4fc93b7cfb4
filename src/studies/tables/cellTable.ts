import { formatCount, formatError, formatRate } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import type { BudgetColumn } from "./budgetColumns.js";
import type { BudgetedCell } from "./mergedTable.js";
import { errorsOf } from "./ordering.js";
import type { QuotedCell } from "./plannedCell.js";
import {
  divergenceOf,
  edgeOf,
  hasDiverged,
  hasLearnedNothing,
  nothingLearned,
  type TableCandidate,
  type TableCell,
  type TableTrial,
} from "./tableCell.js";

const right = (title: string) => ({ title, align: "right" }) as const;
const NONE = "-";

/** What tables show beside the numbers themselves. */
export interface Shown {
  /** "SI scale": what the columns of the paper's table are. */
  readonly heading: string;
  /** Every seed's error, in place of the lowest and the highest. */
  readonly everySeed?: boolean;
  /** The errors before the final phase. */
  readonly beforeFinal?: boolean;
  /** What cells differ in by their budgets. */
  readonly budgets?: readonly BudgetColumn[];
}

/** The cells of one row of the paper's table, a line each: our number beside the paper's. */
export function cellsTable(cells: readonly BudgetedCell[], quoted: readonly QuotedCell[], shown: Shown): Table {
  const { heading, everySeed = false, beforeFinal = false, budgets = [] } = shown;
  const hasBefore = cells.some(({ paperBefore }) => paperBefore !== undefined);
  const hasSeeds = cells.some(({ best }) => (best?.trials.length ?? 0) > 1);
  const columns = [
    { title: heading },
    ...(hasBefore ? [right("Before, paper"), right("Before, here")] : []),
    right(hasBefore ? "After, paper" : "Paper"),
    right(hasBefore ? "After, here" : "Here"),
    ...(hasSeeds ? [right(everySeed ? "Each seed" : "Lowest to highest")] : []),
    ...budgets.map(({ title }) => right(title)),
    right("Rate"),
    ...(beforeFinal && !hasBefore ? [right("Before the final phase")] : []),
    { title: "Remark" },
  ];
  const ours = cells.map((cell) => [
    cell.column,
    ...(hasBefore ? [paperText(cell.paperBefore), formatError(meanBefore(cell.best))] : []),
    paperText(cell.paper),
    ourText(cell),
    ...(hasSeeds ? [everySeed ? eachSeed(cell.best) : spread(cell.best)] : []),
    ...budgets.map(({ text }) => (cell.state === "missing" ? NONE : text(cell))),
    cell.best === undefined ? NONE : formatRate(cell.best.rate),
    ...(beforeFinal && !hasBefore ? [formatError(meanBefore(cell.best))] : []),
    remarkOf(cell),
  ]);
  const others = quoted.map(({ column, paper, here, remark }) => {
    const line = columns.map(() => NONE);
    [line[0], line[1], line[2], line[line.length - 1]] = [column, paperText(paper), formatError(here), remark];
    return line;
  });
  return { columns, rows: [...ours, ...others] };
}

/** The error of every rate that was tried, a line a cell. */
export function ratesTable(cells: readonly TableCell[], heading: string): Table {
  const rates = [...new Set(cells.flatMap(({ candidates }) => candidates.map(({ rate }) => rate)))].sort((a, b) => b - a);
  const textAt = (cell: TableCell, rate: number): string => {
    const candidate = cell.candidates.find((one) => one.rate === rate);
    if (candidate === undefined) return NONE;
    const share = candidate.share < 1 ? ` at ${formatRate(candidate.share)}` : "";
    return `${candidateText(candidate)}${share}`;
  };
  return {
    columns: [{ title: heading }, ...rates.map((rate) => right(formatRate(rate)))],
    rows: cells.map((cell) => [cell.column, ...rates.map((rate) => textAt(cell, rate))]),
  };
}

/** A number as the paper prints it. */
export function paperText(value: number | undefined): string {
  return value === undefined ? NONE : String(value);
}

/** Our number in a cell. */
export function ourText({ state, best, candidates }: TableCell): string {
  if (state === "missing") return "not run";
  if (best !== undefined) return formatError(best.error);
  return state === "partial" ? "not yet" : candidates.length === 0 ? NONE : "diverged";
}

function candidateText({ error, trials }: TableCandidate): string {
  if (error !== undefined) return formatError(error);
  const worst = ["failed", "damaged", "stopped"].find((end) => trials.some((trial) => trial.end === end));
  if (worst !== undefined) return worst;
  const diverged = trials.filter(hasDiverged).length;
  if (diverged === 0) return NONE;
  return trials.length === 1 ? "diverged" : `${formatCount(diverged)} of ${formatCount(trials.length)} diverged`;
}

function eachSeed(best: TableCandidate | undefined): string {
  const texts = best?.trials.map(({ error, end }) => `${formatError(error)}${hasDiverged({ end }) ? "*" : ""}`);
  return texts?.join(", ") ?? NONE;
}

function spread(best: TableCandidate | undefined): string {
  const errors = best === undefined ? [] : errorsOf(best.trials);
  return errors.length < 2 ? NONE : `${formatError(Math.min(...errors))} to ${formatError(Math.max(...errors))}`;
}

/** The mean of the errors before the final phase; undefined where one is missing. */
export function meanBefore(best: TableCandidate | undefined): number | undefined {
  const before = best?.trials.map(({ beforeFinal }) => beforeFinal) ?? [];
  if (before.length === 0 || before.includes(undefined)) return undefined;
  return (before as number[]).reduce((sum, value) => sum + value, 0) / before.length;
}

/** What has to be said of a cell. */
export function remarkOf(cell: TableCell): string {
  const { state, best, candidates, sameAs } = cell;
  const diverged = best?.trials.filter(hasDiverged).length ?? 0;
  const [failed, damaged] = (["failed", "damaged"] as const).map((end) => countOf(candidates, end));
  const edge = edgeOf(cell);
  const parts = [
    ...(sameAs === undefined ? [] : [`the same trials as ${sameAs.split(", ").at(-1)}`]),
    ...(state === "partial" ? ["so far: trials are missing"] : []),
    ...(state === "complete" && best === undefined ? [divergenceOf(cell).words] : []),
    ...(hasLearnedNothing(cell) ? [`nothing learned: ${nothingLearned} or more of what answering every case the same costs`] : []),
    ...(edge === undefined ? [] : [`best at the ${edge} rate tried`]),
    ...(diverged > 0 ? [`* ${formatCount(diverged)} of ${formatCount(best!.trials.length)} diverged`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(damaged > 0 ? [`${formatCount(damaged)} damaged`] : []),
  ];
  return parts.join("; ");
}

/** How many trials of a cell, those of earlier rounds too, came to an end of this kind. */
export function countOf(candidates: readonly TableCandidate[], end: TableTrial["end"]): number {
  return candidates.flatMap(({ trials, earlier = [] }) => [...earlier, ...trials]).filter((trial) => trial.end === end).length;
}
