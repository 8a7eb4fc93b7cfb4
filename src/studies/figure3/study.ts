import { formatCountOf } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { describeNetwork, describeOptimizer, describeTask } from "../../trials/page/describeSpec.js";
import { allHold, statementsCsv, statementTable, verdict } from "../statement.js";
import type { Computation, StudyProgress } from "../study.js";
import { type Figure3Result, runFigure3 } from "./figure3.js";
import { figure3Csv, figure3Outcome, figure3Page, figure3Svg, figure3Table, figure3Title, statesCsv } from "./figure3Page.js";
import { type Figure3Spec, figure3OptionTable, figure3Paper, figure3Spec } from "./spec.js";

/** Figure 3 of the paper: hidden states over time, and what the output bias does to them. */
export const figure3 = {
  kind: "computation",
  name: "figure3",
  title: figure3Title,
  description:
    "The hidden states over time of a recurrent network on the addition problem: at the start, after 1,000 updates from there with the " +
    "output bias starting at the mean target, and after as many with it starting at 0. The paper's argument for the mean target: the " +
    "states stay as they were, where from 0 they lose their oscillations. Takes two trainings of 1,000 updates.",
  options: figure3OptionTable,
  paper: figure3Paper,
  usesRuntime: true,
  // Not the functions themselves: a program that exports a study would have to name their types.
  check: (options) => figure3Spec(options),
  announce: ({ trial }) => [
    `${describeNetwork(trial)}: ${formatCountOf(trial.updates, "update")} from the mean target as output bias, and as many from 0`,
    `  ${describeTask(trial)}`,
    `  ${describeOptimizer(trial)}`,
  ],
  run: (runtime, spec) => runFigure3(runtime!, spec),
  holds: (result) => allHold(result),
  render: (result, facts) => ({
    page: figure3Page(result, facts),
    files: {
      "figure3.csv": figure3Csv(result),
      "states.csv": statesCsv(result),
      "statements.csv": statementsCsv(result),
      "figure3.svg": figure3Svg(result),
    },
    summary: [textTable(statementTable(result)), "", textTable(figure3Table(result)), "", verdict(result), figure3Outcome(result)],
  }),
} as const satisfies Computation<Figure3Spec, Figure3Result, StudyProgress>;
