import type { Page, Section } from "../../report/page/page.js";
import type { Series } from "../../report/plot/logPlot.js";
import { formatCount, formatCountOf, formatDuration, formatRate } from "../../report/text/format.js";
import { markdownTable } from "../../report/text/markdownTable.js";
import type { MachineFacts } from "../../runtime/machineFacts.js";
import { describeMachine, footer } from "../../trials/page/describeMachine.js";
import type { Sweep } from "../sweep.js";
import type { SweepCell, SweepResult } from "../sweepResult.js";
import { cellsTable, trialsTable } from "./tables.js";

/** More lines in one plot are not told apart. */
const mostLines = 12;

/** What can be said of a sweep in a paragraph: how many trials, how they ended, how values were chosen. */
export function describeSweep({ rows, total, kernels, pilot, isStopped, cells }: SweepResult): string[] {
  const count = (test: (row: SweepResult["rows"][number]) => boolean): number => rows.filter(test).length;
  const ended = count(({ state }) => state === "ended");
  const diverged = count(({ record }) => record?.end.code === "diverged");
  const [failed, damaged] = (["failed", "damaged"] as const).map((end) => count(({ state }) => state === end));
  const seconds = rows.reduce((sum, { record }) => sum + (record?.seconds ?? 0), 0);
  const parts = [
    `${formatCount(ended)} of ${formatCountOf(total, "trial")} ended`,
    ...(diverged > 0 ? [`${formatCount(diverged)} of them diverged`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(damaged > 0 ? [`${formatCount(damaged)} damaged`] : []),
  ];
  const time = `${formatDuration(seconds)} of updates in all, ${kernels} kernels`;
  const halving =
    pilot === undefined
      ? []
      : [
          `Values were chosen by successive halving: each was tried in ${formatRate(pilot.share)} of the updates, the better half went ` +
            `on to twice that, and what was left was run in full.${judgedBy(pilot.by)} ` +
            "A trial in full of the others may have come to a lower error.",
        ];
  const open = cells.some(({ isComplete }) => !isComplete) ? ["Where it says so far, trials are missing, and the choice may change."] : [];
  return [`${parts.join(", ")}: ${time}.${isStopped ? " The sweep was stopped before its end." : ""}`, ...halving, ...open];
}

function judgedBy(by: string | undefined): string {
  return by === undefined ? "" : ` Rounds before the last were judged by ${by}.`;
}

/** The page about a sweep: what was chosen, all trials, what failed, and the sweep as data. */
export function sweepPage(sweep: Sweep | undefined, result: SweepResult): Page {
  const { rows, cells, troubles } = result;
  const machine = rows.find(({ record }) => record !== undefined)?.record?.machine;
  const chosen = chosenPath(cells);
  const failures = rows.flatMap(({ key, failure }) =>
    failure === undefined ? [] : [key === "" ? failure.message : `${key.slice(0, 12)}: ${failure.message}`],
  );
  const sections: Section[] = [
    ...(cells.length === 0 ? [] : [cellsSection(cells, chosen), ...plot(cells, chosen)]),
    { kind: "table", title: "Trials", table: trialsTable(rows), caption: "Times are those of the updates alone." },
    ...(failures.length + troubles.length === 0
      ? []
      : [{ kind: "prose", title: "What went wrong", paragraphs: [...failures, ...troubles] } as const]),
    ...(machine === undefined ? [] : [{ kind: "facts", title: "Machine", facts: describeMachine(machine) } as const]),
    ...(sweep === undefined
      ? []
      : [
          {
            kind: "data",
            title: "What was run",
            caption: "The sweep as data. Saved to a file, it can be run again: heavyball sweep file.json --out DIR",
            values: [{ name: "sweep", value: sweep }],
          } as const,
        ]),
  ];
  const [lead, ...more] = describeSweep(result);
  const last = machine === undefined ? "Made by heavyball." : footer(machine as MachineFacts);
  return { title: "Sweep", lead: [lead, ...more].join(" "), sections, footer: last };
}

/** The same as Markdown, without the plot. */
export function sweepMarkdown(result: SweepResult): string {
  const { cells, rows } = result;
  const chosen = chosenPath(cells);
  const parts = [
    "# Sweep",
    ...describeSweep(result),
    ...(cells.length === 0 ? [] : ["## Chosen", markdownTable(cellsTable(cells, chosen))]),
    "## Trials",
    markdownTable(trialsTable(rows)),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** What the chosen path is called. */
export function chosenPath(cells: readonly SweepCell[]): string {
  for (const { candidates } of cells) for (const { coordinate } of candidates) if (coordinate !== undefined) return coordinate.title;
  return "value";
}

function cellsSection(cells: readonly SweepCell[], chosen: string): Section {
  return {
    kind: "table",
    title: "Chosen",
    table: cellsTable(cells, chosen),
    caption: `The ${chosen} of the lowest error in each cell, among the trials in full.`,
  };
}

/** Errors against the chosen value, a line a cell, where the values are positive numbers. */
function plot(cells: readonly SweepCell[], chosen: string): Section[] {
  const series = cells.slice(0, mostLines).map(
    ({ name, candidates }): Series => ({
      name,
      points: candidates
        .flatMap(({ coordinate, error, share }): [number, number][] => {
          const x = coordinate?.value;
          return typeof x === "number" && x > 0 && share === 1 && error !== undefined && Number.isFinite(error) ? [[x, error]] : [];
        })
        .sort(([a], [b]) => a - b),
    }),
  );
  if (!series.some(({ points }) => points.length > 1)) return [];
  const rest = cells.length > mostLines ? ` The first ${mostLines} cells.` : "";
  return [
    {
      kind: "plot",
      title: `Errors by ${chosen}`,
      plot: { title: `Errors by ${chosen}`, xLabel: chosen, yLabel: "error", series },
      caption: `Trials in full that ended with a finite error; both axes are logarithmic.${rest}`,
    },
  ];
}
