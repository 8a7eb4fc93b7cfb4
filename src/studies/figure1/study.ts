import { planePlot } from "../../report/plot/planePlot.js";
import { formatCountOf, formatRate } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { allHold, statementsCsv, statementTable, verdict } from "../statement.js";
import type { Computation, StudyProgress } from "../study.js";
import { type Figure1Result, runFigure1 } from "./figure1.js";
import { classicalMomentumPlot, figure1Csv, figure1Outcome, figure1Page, figure1Table, figure1Title, nesterovPlot } from "./figure1Page.js";
import { type Figure1Spec, figure1OptionTable, figure1Spec } from "./spec.js";

/** Figure 1 of the paper: the vectors of one update of CM and of NAG. */
export const figure1 = {
  kind: "computation",
  name: "figure1",
  title: figure1Title,
  description:
    "One update of classical momentum (CM) and one of Nesterov momentum (NAG), from the same parameters and velocity, as the vectors " +
    "that make them up: computed on a small quadratic, where the paper has a sketch. CM takes the gradient at theta_t, NAG where mu " +
    "v_t leads.",
  options: figure1OptionTable,
  usesRuntime: false,
  // Not the functions themselves: a program that exports a study would have to name their types.
  check: (options) => figure1Spec(options),
  announce: ({ conditionNumber, updates, learningRate, momentum }) => [
    `A quadratic of condition number ${formatRate(conditionNumber)}: ${formatCountOf(updates, "update")} of CM, and the next twice; ` +
      `learning rate ${formatRate(learningRate)}, momentum ${formatRate(momentum)}`,
  ],
  run: (_runtime, spec) => runFigure1(spec),
  holds: (result) => allHold(result),
  render: (result, facts) => ({
    page: figure1Page(result, facts),
    files: {
      "figure1.csv": figure1Csv(result),
      "statements.csv": statementsCsv(result),
      "figure1-cm.svg": `${planePlot(classicalMomentumPlot(result)).markup}\n`,
      "figure1-nag.svg": `${planePlot(nesterovPlot(result)).markup}\n`,
    },
    summary: [textTable(statementTable(result)), "", textTable(figure1Table(result)), "", verdict(result), figure1Outcome(result)],
  }),
} as const satisfies Computation<Figure1Spec, Figure1Result, StudyProgress>;
