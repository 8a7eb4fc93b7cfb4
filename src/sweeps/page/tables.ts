import { csvText } from "../../report/text/csvText.js";
import { formatError, formatRate } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import type { SweepCell, SweepRow } from "../sweepResult.js";
import { sweepColumns } from "./columns.js";

/** All trials as a table. */
export function trialsTable(rows: readonly SweepRow[]): Table {
  const columns = sweepColumns(rows);
  return {
    columns: columns.map(({ title, align }) => ({ title, ...(align === undefined ? {} : { align }) })),
    rows: rows.map((row) => columns.map(({ text }) => text(row))),
  };
}

/** What was chosen in every cell: its coordinates, then the value, its error, and the errors of all. */
export function cellsTable(cells: readonly SweepCell[], title: string): Table {
  const paths = new Map(cells.flatMap(({ coordinates }) => coordinates.map(({ path, title: name }) => [path, name] as const)));
  const hasParts = cells.some(({ part }) => part !== "");
  const right = (name: string) => ({ title: name, align: "right" }) as const;
  return {
    columns: [
      ...(hasParts ? [{ title: "Part" }] : []),
      ...[...paths.values()].map((name) => ({ title: name })),
      right(`Best ${title}`),
      right("Error"),
      { title: "Measure" },
      { title: "All" },
    ],
    rows: cells.map(({ part, coordinates, best, measure, candidates, isComplete }) => [
      ...(hasParts ? [part] : []),
      ...[...paths.keys()].map((path) => coordinates.find((coordinate) => coordinate.path === path)?.name ?? "-"),
      `${best === undefined ? "none" : (best.coordinate?.name ?? "-")}${isComplete ? "" : " so far"}`,
      formatError(best?.error),
      measure,
      candidates.map((candidate) => describeCandidate(candidate)).join("; "),
    ]),
  };
}

/** "0.01: 3.85", "0.05: diverged", "0.001: 12.7 at 0.2 of the updates". */
function describeCandidate({ coordinate, error, share, rows }: SweepCell["candidates"][number]): string {
  const what = error === Infinity ? "diverged" : error === undefined ? describeMissing(rows) : formatError(error);
  const where = share < 1 && error !== undefined && rows.length > 0 ? ` at ${formatRate(share)} of the updates` : "";
  return `${coordinate === undefined ? "" : `${coordinate.name}: `}${what}${where}`;
}

function describeMissing(rows: readonly SweepRow[]): string {
  return rows.find(({ state }) => state !== "ended")?.state ?? "not run";
}

/** The rows as CSV with a heading: numbers in full, keys whole, failures with their sentences. */
export function trialsCsv(rows: readonly SweepRow[]): string {
  const columns = sweepColumns(rows);
  return csvText(
    [...columns.map(({ title }) => title), "Failure"],
    rows.map((row) => [...columns.map(({ value }) => value(row)), row.failure?.message]),
  );
}
