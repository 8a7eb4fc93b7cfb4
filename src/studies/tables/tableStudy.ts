import { present } from "../../boundary/present.js";
import type { Section } from "../../report/page/page.js";
import { formatCount, formatCountOf, formatDuration, formatRate } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { countTrials } from "../../sweeps/expandSweep.js";
import { roundsOf } from "../../sweeps/pilot.js";
import type { SweepResult } from "../../sweeps/sweepResult.js";
import { describeMachine } from "../../trials/page/describeMachine.js";
import { checkStudyOptions, type Rendering, type StudyFacts, type StudyOptions, type SweepStudy, type ValuesOf } from "../study.js";
import { type Budget, type Counted, describeBudget } from "./budget.js";
import { cellsTable, ratesTable, type Shown } from "./cellTable.js";
import { describeOrderings, type Ordering, type OrderingWords, orderingsTable, paperOrderings } from "./ordering.js";
import { type PlannedCell, type QuotedCell, sweepOfCells, type TableMeasure } from "./plannedCell.js";
import type { TableCell } from "./tableCell.js";
import { tableFiles } from "./tableFiles.js";
import { factsOf, readCells, type TableResult } from "./tableResult.js";

/** A study's options after their check, and its name: the whole study as plain data. */
export type TableSpec<Options extends StudyOptions> = { readonly study: string } & ValuesOf<Options>;

/** What orderings are looked for in. */
export interface ReadTable {
  readonly cells: readonly TableCell[];
  readonly baselines: Readonly<Record<string, number>>;
  /** The cell of a row and a column. */
  at(row: string, column: string): TableCell | undefined;
}

/** A table of the paper whose numbers are the errors of trials, each at the best of several learning rates. */
export interface TableDefinition<Options extends StudyOptions> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly options: Options;
  readonly measure: TableMeasure;
  readonly shown: Shown;
  /** What is counted in updates, the trial first. */
  readonly counted: readonly Counted[];
  /** How many learning rates there are, in a sentence. */
  readonly rates: string;
  cells(spec: TableSpec<Options>): readonly PlannedCell[];
  /** Numbers of the paper that no trial is run for. Default: none. */
  quoted?(spec: TableSpec<Options>): readonly QuotedCell[];
  orderings(table: ReadTable): readonly Ordering[];
  /** What they are called where the paper does not print them. */
  readonly orderingWords?: OrderingWords;
  /** In what our numbers differ from the paper's, a sentence each. */
  differs(spec: TableSpec<Options>): readonly string[];
  /** Sections of the page after the tables. Default: none. */
  sections?(result: TableResult<TableSpec<Options>>): readonly Section[];
}

/** The study of a table. */
export function tableStudy<Options extends StudyOptions, const Paper extends Readonly<Record<string, unknown>>>(
  definition: TableDefinition<Options> & { readonly paper: Paper },
) {
  type Spec = TableSpec<Options>;
  const { name, title, description, options, paper, measure } = definition;
  const budgetOf = (spec: Spec): Budget => spec as unknown as Budget;
  const plan = (spec: Spec) => sweepOfCells(definition.cells(spec), budgetOf(spec), measure);
  return {
    kind: "sweep",
    name,
    title,
    description,
    options,
    paper,
    check: (given: unknown = {}): Spec => present({ study: name, ...checkStudyOptions(name, options, given) }),
    announce(spec: Spec): readonly string[] {
      const { trials, ...rest } = plan(spec);
      const full = countTrials({ trials, ...rest });
      const { pilot } = budgetOf(spec);
      const rounds = pilot === 0 ? undefined : roundsOf(definition.cells(spec)[0].rates.length, pilot);
      const halving = rounds === undefined ? "" : `, by successive halving in ${formatCount(rounds.length)} rounds`;
      return [
        `${title}: ${formatCountOf(trials.length, "cell")}, ${formatCountOf(full, "trial")}${halving}`,
        ...describeBudget(budgetOf(spec), definition.counted, definition.rates).map((line) => `  ${line}`),
      ];
    },
    plan,
    read(spec: Spec, swept: SweepResult): TableResult<Spec> {
      const planned = definition.cells(spec);
      const cells = readCells(planned, plan(spec).trials, swept, measure);
      const facts = factsOf(swept, measure, planned);
      const at = (row: string, column: string) => cells.find((cell) => cell.row === row && cell.column === column);
      const orderings = definition.orderings({ cells, baselines: facts.baselines, at });
      const isComplete = cells.every(({ state }) => state === "complete");
      return { spec, isComplete, cells, orderings, ...facts };
    },
    render: (result: TableResult<Spec>, facts: StudyFacts): Rendering => renderTable(definition, result, facts),
  } as const satisfies SweepStudy<Spec, TableResult<Spec>>;
}

function renderTable<Options extends StudyOptions>(
  definition: TableDefinition<Options>,
  result: TableResult<TableSpec<Options>>,
  { facts, footer }: StudyFacts,
): Rendering {
  const { name, title, description, measure, shown, orderingWords = paperOrderings } = definition;
  const { spec, cells, orderings } = result;
  const quoted = definition.quoted?.(spec) ?? [];
  const rows = [...new Set(cells.map(({ row }) => row))];
  const ofRow = (row: string): TableCell[] => cells.filter((cell) => cell.row === row);
  const tables = rows.map((row) => ({
    row,
    table: cellsTable(
      ofRow(row),
      quoted.filter((one) => one.row === row),
      shown,
    ),
  }));
  const budget = describeBudget(spec as unknown as Budget, definition.counted, definition.rates);
  const stars = cells.some(({ best }) => best?.trials.some(({ end }) => end === "diverged"));
  const starred = stars ? " * A trial that diverged counts for what answering without looking at the inputs costs." : "";
  const baseline = (row: string): string => {
    const value = result.baselines[row];
    return value === undefined ? "" : ` Answering every case the same costs ${formatRate(value)}.`;
  };
  const outcome = describeOutcome(result);
  const sections: Section[] = [
    ...tables.map(({ row, table }): Section => {
      const caption = `${measure.title}; the paper's number, ours at the best learning rate, and that rate.${baseline(row)}${starred}`;
      return { kind: "table", title: row, table, caption };
    }),
    {
      kind: "table",
      title: orderingWords.title,
      table: orderingsTable(orderings, orderingWords),
      caption:
        `${describeOrderings(orderings, orderingWords)} Where several seeds were run, an ordering is decided when all errors of one ` +
        "side lie below all of the other; of one seed each the numbers alone decide.",
    },
    { kind: "prose", title: "In what this differs from the paper", paragraphs: [...budget, ...definition.differs(spec)] },
    ...(definition.sections?.(result) ?? []),
    ...rows.map((row): Section => {
      const caption = `${measure.title} by learning rate; "at 0.1" is after that share of the updates, in a round of successive halving.`;
      return { kind: "table", title: `Every rate: ${row}`, table: ratesTable(ofRow(row), shown.heading), caption };
    }),
    { kind: "facts", title: "What was run", facts: [...runFacts(result), ...facts] },
    {
      kind: "data",
      title: "The study as data",
      caption: "Its options; the trials' specs are in their directories.",
      values: [{ name, value: spec }],
    },
  ];
  return {
    page: { title, lead: `${description} ${outcome}`, sections, footer },
    files: tableFiles(name, result, quoted),
    summary: [
      ...tables.flatMap(({ row, table }) => [row, "", textTable(table), ""]),
      textTable(orderingsTable(orderings, orderingWords)),
      "",
      describeOrderings(orderings, orderingWords),
      outcome,
    ],
  };
}

/** "Complete: ...", or how much is missing. */
function describeOutcome({ cells, isComplete }: TableResult): string {
  if (isComplete) return "All cells are there.";
  const complete = cells.filter(({ state }) => state === "complete").length;
  const there = `${formatCount(complete)} of ${formatCountOf(cells.length, "cell")} ${complete === 1 ? "is" : "are"} there`;
  return `${there}; trials of the others are missing, and the same command runs them.`;
}

function runFacts({ trials, kernels, numerics, machine }: TableResult): [string, string][] {
  const { ended, diverged, failed, seconds } = trials;
  const parts = [
    `${formatCountOf(ended, "trial")} ended`,
    ...(diverged > 0 ? [`${formatCount(diverged)} of them diverged`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
  ];
  return [
    ["Trials", `${parts.join(", ")}; ${formatDuration(seconds)} of updates in all`],
    ["Numbers", `${kernels} kernels, numerics version ${numerics}`],
    ...(machine === undefined ? [] : describeMachine(machine).map(([what, value]): [string, string] => [`First trial: ${what}`, value])),
  ];
}
