import { present } from "../../boundary/present.js";
import { formatCount, formatCountOf } from "../../report/text/format.js";
import { countTrials } from "../../sweeps/expandSweep.js";
import { roundsOf } from "../../sweeps/pilot.js";
import type { SweepResult } from "../../sweeps/sweepResult.js";
import { checkStudyOptions, type Rendering, type StudyFacts, type StudyOptions, type SweepStudy } from "../study.js";
import { describeBudgets } from "./describeBudgets.js";
import { plannedBudget } from "./mergedTable.js";
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
  const plan = (spec: Spec) => sweepOfCells(definition.cells(spec), plannedBudget(spec), measure);
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
      const { pilot } = plannedBudget(spec);
      const counts = definition.cells(spec).map(({ rates }) => rates.length);
      return [
        `${title}: ${formatCountOf(trials.length, "cell")}, ${formatCountOf(full, "trial")}${halvingText(counts, pilot)}`,
        ...describeBudgets([plannedBudget(spec)], definition).map((line) => `  ${line}`),
      ];
    },
    plan,
    read(spec: Spec, swept: SweepResult): TableResult<Spec> {
      const planned = definition.cells(spec);
      const cells = readCells(planned, plan(spec).trials, swept, measure);
      const facts = factsOf(swept, measure, planned);
      const at = (row: string, column: string) => cells.find((cell) => cell.row === row && cell.column === column);
      const orderings = definition.orderings({ cells, baselines: facts.baselines, at }, spec);
      const isComplete = cells.every(({ state }) => state === "complete");
      return { spec, isComplete, cells, orderings, ...facts };
    },
    render: (result: TableResult<Spec>, facts: StudyFacts): Rendering => renderTables(definition, [result], facts),
    renderTogether: (results: readonly TableResult<Spec>[], facts: StudyFacts): Rendering => renderTables(definition, results, facts),
  } as const satisfies SweepStudy<Spec, TableResult<Spec>>;
}

/**
 * ", by successive halving in 3 rounds": how the rates of cells that have so many of them are chosen. A cell of one rate has no rounds, nor
 * has one without a pilot.
 */
function halvingText(counts: readonly number[], pilot: number): string {
  const several = counts.filter((count) => count > 1);
  if (pilot === 0 || several.length === 0) return "";
  const rounds = several.map((count) => roundsOf(count, pilot).length);
  const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)];
  const range = fewest === most ? formatCount(most) : `${formatCount(fewest)} to ${formatCount(most)}`;
  const where = several.length < counts.length ? " where there are several rates" : "";
  return `, by successive halving in ${range} rounds${where}`;
}
