import { present } from "../../boundary/present.js";
import { formatCount, formatCountOf } from "../../report/text/format.js";
import { countTrials } from "../../sweeps/expandSweep.js";
import { roundsOf } from "../../sweeps/pilot.js";
import type { SweepResult } from "../../sweeps/sweepResult.js";
import { checkStudyOptions, type Rendering, type StudyFacts, type StudyOptions, type SweepStudy } from "../study.js";
import { describeBudgets } from "./budget.js";
import { budgetOf } from "./mergedTable.js";
import { sweepOfCells } from "./plannedCell.js";
import { renderTables } from "./renderTables.js";
import type { TableDefinition, TableSpec } from "./tableDefinition.js";
import { factsOf, readCells, type TableResult } from "./tableResult.js";

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
