import { present } from "../../boundary/present.js";
import type { Section } from "../../report/page/page.js";
import { formatCount, formatCountOf } from "../../report/text/format.js";
import { countTrials } from "../../sweeps/expandSweep.js";
import { roundsOf } from "../../sweeps/pilot.js";
import type { SweepResult } from "../../sweeps/sweepResult.js";
import { checkStudyOptions, type Rendering, type StudyFacts, type StudyOptions, type SweepStudy, type ValuesOf } from "../study.js";
import { type Counted, describeBudgets } from "./budget.js";
import type { Shown } from "./cellTable.js";
import { type BudgetedCell, budgetOf } from "./mergedTable.js";
import type { Ordering, OrderingWords } from "./ordering.js";
import { type PlannedCell, type QuotedCell, sweepOfCells, type TableMeasure } from "./plannedCell.js";
import { renderTables } from "./renderTables.js";
import type { TableCell } from "./tableCell.js";
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

/** What is shown of a table: of results at several budgets its cells are those of the largest budget that each has. */
export interface ShownTable<Spec> {
  /** That of the largest budget. */
  readonly spec: Spec;
  readonly cells: readonly BudgetedCell[];
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
  /** Sections of the page after the tables, from the cells that are shown. Default: none. */
  sections?(result: ShownTable<TableSpec<Options>>): readonly Section[];
}

/** The study of a table. */
export function tableStudy<Options extends StudyOptions, const Paper extends Readonly<Record<string, unknown>>>(
  definition: TableDefinition<Options> & { readonly paper: Paper },
) {
  type Spec = TableSpec<Options>;
  const { name, title, description, options, paper, measure } = definition;
  const plan = (spec: Spec) => sweepOfCells(definition.cells(spec), budgetOf({ spec }), measure);
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
      const { pilot } = budgetOf({ spec });
      const rounds = pilot === 0 ? undefined : roundsOf(definition.cells(spec)[0].rates.length, pilot);
      const halving = rounds === undefined ? "" : `, by successive halving in ${formatCount(rounds.length)} rounds`;
      return [
        `${title}: ${formatCountOf(trials.length, "cell")}, ${formatCountOf(full, "trial")}${halving}`,
        ...describeBudgets([budgetOf({ spec })], definition.counted, definition.rates).map((line) => `  ${line}`),
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
    render: (result: TableResult<Spec>, facts: StudyFacts): Rendering => renderTables(definition, [result], facts),
    renderTogether: (results: readonly TableResult<Spec>[], facts: StudyFacts): Rendering => renderTables(definition, results, facts),
  } as const satisfies SweepStudy<Spec, TableResult<Spec>>;
}
