import type { Section } from "../../report/page/page.js";
import type { StudyOptions, ValuesOf } from "../study.js";
import type { Counted } from "./budget.js";
import type { Shown } from "./cellTable.js";
import type { BudgetedCell } from "./mergedTable.js";
import type { Ordering, OrderingWords } from "./ordering.js";
import type { PlannedCell, QuotedCell, TableMeasure } from "./plannedCell.js";
import type { TableCell } from "./tableCell.js";
import type { DataDigests } from "./tableResult.js";

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
  orderings(table: ReadTable, spec: TableSpec<Options>): readonly Ordering[];
  /** What they are called where the paper does not print them. */
  readonly orderingWords?: OrderingWords;
  /** In what our numbers differ from the paper's, a sentence each; `data` are those of the trials. */
  differs(spec: TableSpec<Options>, data: DataDigests): readonly string[];
  /** Sections of the page after the tables, from the cells that are shown. Default: none. */
  sections?(result: ShownTable<TableSpec<Options>>): readonly Section[];
}
