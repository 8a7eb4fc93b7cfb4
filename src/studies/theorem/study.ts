import { formatCount, formatCountOf } from "../../report/text/format.js";
import { textTable } from "../../report/text/table.js";
import { allHold, statementTable, verdict } from "../statement.js";
import type { Computation, StudyProgress } from "../study.js";
import { theoremFiles } from "./files.js";
import { type TheoremSpec, theoremOptionTable, theoremSpec } from "./spec.js";
import { speedUpTable } from "./tables.js";
import { runTheorem, type TheoremResult } from "./theorem.js";
import { speedUpOutcome, theoremPage, theoremTitle } from "./theoremPage.js";

/** The paper's statements about momentum on quadratics: Theorem 2.1, Proposition 6.1, appendix A.1 and the speed-up of section 2. */
export const theorem = {
  kind: "computation",
  name: "theorem",
  title: theoremTitle,
  description:
    "Puts the paper's statements about momentum on quadratics to the test, in seconds: Nesterov momentum (NAG) is classical momentum " +
    "(CM) with a momentum of its own in each eigendirection (Theorem 2.1); both turn with the axes (Proposition 6.1); Nesterov's method " +
    "of 1983 is NAG (appendix A.1) and keeps its bound; momentum takes about the square root of the condition number times fewer " +
    "iterations. Every statement gets a verdict computed from the numbers.",
  options: theoremOptionTable,
  usesRuntime: false,
  // Not the function itself: a program that exports the study would have to name its type.
  check: (options) => theoremSpec(options),
  announce: ({ dimensions, updates, conditionNumbers }) => [
    `Quadratics of ${formatCountOf(dimensions, "parameter")}, trajectories of ${formatCountOf(updates, "update")}, condition numbers ` +
      `up to ${formatCount(conditionNumbers[conditionNumbers.length - 1])}`,
  ],
  run: (_runtime, spec) => runTheorem(spec),
  holds: (result) => allHold(result),
  render: (result, facts) => ({
    page: theoremPage(result, facts),
    files: theoremFiles(result),
    summary: [textTable(statementTable(result)), "", textTable(speedUpTable(result)), "", verdict(result), speedUpOutcome(result)],
  }),
} as const satisfies Computation<TheoremSpec, TheoremResult, StudyProgress>;
