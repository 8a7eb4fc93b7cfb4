import { logPlot } from "../../report/plot/logPlot.js";
import { formatError } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { describeOptimizer, describeTask } from "../../trials/page/describeSpec.js";
import type { Computation } from "../study.js";
import { type Figure5Progress, type Figure5Result, runFigure5 } from "./figure5.js";
import { describeQuadratic, figure5Csv, figure5Outcome, figure5Page, figure5Plot, figure5Table } from "./figure5Page.js";
import { type Figure5Spec, figure5OptionTable, figure5Paper, figure5Spec } from "./spec.js";

/** Figure 5 of the paper: conjugate gradient beside NAG on one quadratic of Hessian-free. */
export const figure5 = {
  kind: "computation",
  name: "figure5",
  title: "Figure 5: conjugate gradient beside Nesterov momentum",
  description:
    "Conjugate gradient beside Nesterov momentum (NAG) on one and the same quadratic, the one that Hessian-free optimization meets in " +
    "the middle of a run on CURVES. Runs Hessian-free on the CURVES autoencoder until the training error is low enough, freezes the " +
    "damped Gauss-Newton quadratic there, and minimizes it from zero both ways.",
  options: figure5OptionTable,
  paper: figure5Paper,
  usesRuntime: true,
  // Not the functions themselves: a program that exports a study would have to name their types.
  check: (options) => figure5Spec(options),
  announce: ({ error, trial }) => [
    `Hessian-free on the CURVES autoencoder until the training error is ${formatError(error)}`,
    `  ${describeTask(trial)}`,
    `  ${describeOptimizer(trial)}`,
  ],
  run: (runtime, spec) => runFigure5(runtime!, spec),
  render: (result, facts) => ({
    page: figure5Page(result, facts),
    files: { "figure5.csv": figure5Csv(result), "figure5.svg": `${logPlot(figure5Plot(result)).markup}\n` },
    summary: [describeQuadratic(result), "", textTable(figure5Table(result)), "", ...figure5Outcome(result)],
  }),
} as const satisfies Computation<Figure5Spec, Figure5Result, Figure5Progress>;
