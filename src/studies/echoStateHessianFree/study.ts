import { InvalidOptionError } from "../../errors.js";
import { hessianFree } from "../../optimizers/hessianFree/hessianFreeDescription.js";
import { formatCount, formatCountOf, formatRate } from "../../report/text/format.js";
import { countOption } from "../optionKinds.js";
import type { StudyOptions } from "../study.js";
import { errorsText, sequenceMeasure } from "../table5/measure.js";
import { firstPhase, recurrentUpdates, table5Options } from "../table5/options.js";
import { table5Paper } from "../table5/paper.js";
import { budgetOptions } from "../tables/budget.js";
import { type Ordering, paperOrderings } from "../tables/ordering.js";
import type { ReadTable } from "../tables/tableDefinition.js";
import { tableStudy } from "../tables/tableStudy.js";
import type { UpdateSize } from "./gradientEquivalents.js";
import { budgetText, forSameWork } from "./sameWork.js";
import { columns, plannedCells } from "./trials.js";
import { workSections } from "./workSection.js";

/** Far fewer than the 10,000 and 1,000 of Martens and Sutskever, of which NAG's budget pays for 12 updates. */
const standard = { gradientCases: 2000, curvatureCases: 100, steps: 300 } as const;

/** Held-out sequences of a trial, those of table5. */
const held = table5Options.testCases.standard;

const options = {
  ...budgetOptions({ updates: recurrentUpdates, fraction: 0.2, time: "about an hour on two cores", paperSeeds: 4 }),
  /** Sequences that each gradient of Hessian-free is the mean of. Default 2,000. */
  gradientCases: countOption(
    "gradient-cases",
    standard.gradientCases,
    `sequences of each gradient of Hessian-free (default ${standard.gradientCases})`,
  ),
  /** Sequences that its curvature is the mean of, at most as many as the gradient's. Default 100. */
  curvatureCases: countOption(
    "curvature-cases",
    standard.curvatureCases,
    `sequences of its curvature (default ${standard.curvatureCases})`,
  ),
  /** Its steps of conjugate gradient in each update. Default 300, those of Martens and Sutskever. */
  steps: countOption("cg-steps", standard.steps, `its steps of conjugate gradient an update (default ${standard.steps})`),
} as const satisfies StudyOptions;

/** Its initialization with Hessian-free on the problems with long-term dependencies, beside NAG for the same work. */
const study = tableStudy({
  name: "echoStateHessianFree",
  title: "Beyond the paper: Hessian-free from the echo state, beside Nesterov momentum",
  description:
    "What the paper suggests and leaves to others: its echo-state initialization with Hessian-free optimization (HF) and structural " +
    "damping, on the four problems with long-term dependencies. HF gets the work of NAG, counted in gradients of one sequence.",
  options,
  paper: table5Paper,
  measure: sequenceMeasure,
  shown: { heading: "Method", everySeed: true },
  counted: [
    { what: "the trial", updates: recurrentUpdates },
    { what: "the first phase", updates: firstPhase },
  ],
  rates:
    "NAG's number is that of the best of four learning rates, the paper's for the loss as a mean over the scored steps; HF has no rate " +
    "to choose.",
  cells: plannedCells,
  orderings,
  orderingWords: { ...paperOrderings, title: "HF against NAG", claims: "For the same work", counted: "comparisons" },
  differs: (spec) => [
    budgetText(spec),
    "The paper has no numbers of HF from its initialization; those printed for NAG are of 50,000 updates, the mean of four seeds.",
    "HF has the settings of Martens and Sutskever (2011): structural damping of 0.03 times lambda, which starts at 0.01 for each " +
      "scored output, no preconditioner, conjugate gradient from 0.95 times its last solution, steps judged on sequences of their own. " +
      `But its gradient is that of ${formatCount(spec.gradientCases)} sequences for their 10,000, its curvature that of ` +
      `${formatCount(spec.curvatureCases)} for 1,000, and it makes ${formatCountOf(spec.steps, "step")} an update for their 300. Its ` +
      `loss has a weight decay of ${formatRate(hessianFree().weightDecay as number)}, that of NAG none.`,
    errorsText(held),
  ],
  sections: ({ cells, spec }) => workSections(cells, spec),
});

/** Beyond the paper: its echo state with Hessian-free on the problems with long-term dependencies, beside NAG for the same work. */
export const echoStateHessianFree = {
  ...study,
  check(given: unknown = {}) {
    const spec = study.check(given);
    const { gradientCases, curvatureCases } = spec;
    if (curvatureCases <= gradientCases) return spec;
    throw new InvalidOptionError("curvatureCases", curvatureCases, `at most ${gradientCases}, the sequences of the gradient`);
  },
} as const;

function orderings({ at }: ReadTable, size: UpdateSize): Ordering[] {
  return table5Paper.rows.map(({ row }) => forSameWork(row, at(row, columns.hessianFree), at(row, columns.nesterov), size));
}
