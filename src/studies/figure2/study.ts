import { planePlot } from "../../report/plot/planePlot.js";
import { formatCountOf, formatRate } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { allHold, statementsCsv, statementTable, verdict } from "../statement.js";
import type { Computation, StudyProgress } from "../study.js";
import { type Figure2Result, runFigure2 } from "./figure2.js";
import { figure2Csv, figure2Outcome, figure2Page, figure2Plot, figure2Table, figure2Title } from "./figure2Page.js";
import { type Figure2Spec, figure2OptionTable, figure2Spec } from "./spec.js";

/** Figure 2 of the paper: gradient descent, CM and NAG on an oblong quadratic of two parameters. */
export const figure2 = {
  kind: "computation",
  name: "figure2",
  title: figure2Title,
  description:
    "The ways of gradient descent (GD), classical momentum (CM) and Nesterov momentum (NAG) on an oblong quadratic of two parameters, " +
    "with one learning rate, from one start. CM oscillates in the steep direction, NAG almost does not, and both outrun gradient " +
    "descent along the flat one; each of these statements gets a verdict computed from the ways.",
  options: figure2OptionTable,
  usesRuntime: false,
  // Not the functions themselves: a program that exports a study would have to name their types.
  check: (options) => figure2Spec(options),
  announce: ({ conditionNumber, updates, learningRate, momentum }) => [
    `A quadratic of condition number ${formatRate(conditionNumber)}: ${formatCountOf(updates, "update")} with learning rate ` +
      `${formatRate(learningRate)}, momentum ${formatRate(momentum)}`,
  ],
  run: (_runtime, spec) => runFigure2(spec),
  holds: (result) => allHold(result),
  render: (result, facts) => ({
    page: figure2Page(result, facts),
    files: {
      "figure2.csv": figure2Csv(result),
      "statements.csv": statementsCsv(result),
      "figure2.svg": `${planePlot(figure2Plot(result)).markup}\n`,
    },
    summary: [textTable(statementTable(result)), "", textTable(figure2Table(result)), "", verdict(result), figure2Outcome(result)],
  }),
} as const satisfies Computation<Figure2Spec, Figure2Result, StudyProgress>;
