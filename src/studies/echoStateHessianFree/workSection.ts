import type { Section } from "../../report/page/page.js";
import { formatCount, formatError, formatRate } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import type { TableCell, TableTrial } from "../tables/tableCell.js";
import { CASE_COST, costOfUpdate, type UpdateSize, type Work, workOf } from "./gradientEquivalents.js";
import { columns, fullBudget } from "./trials.js";

/** The work of the trials that are shown, Hessian-free's by its kind: one line a trial. */
export function workTable(cells: readonly TableCell[], size: UpdateSize): Table {
  const right = (title: string) => ({ title, align: "right" as const });
  return {
    columns: [
      { title: "Trial" },
      right("Error"),
      right("Updates"),
      right("Gradients"),
      right("Products"),
      right("Evaluations"),
      right("In all"),
      right("Share"),
    ],
    rows: cells.flatMap((cell) =>
      (cell.best?.trials ?? []).flatMap((trial) => {
        const work = workOfTrial(cell, trial, size);
        if (work === undefined) return [];
        const { gradients, linearizations, products, evaluations, gradientEquivalents } = work;
        return [
          [
            `${cell.name}, seed ${trial.seed}`,
            formatError(trial.error),
            formatCount(trial.updates!),
            ...[gradients + linearizations, products, evaluations, gradientEquivalents].map(formatCount),
            `${formatRate((100 * gradientEquivalents) / fullBudget)} %`,
          ],
        ];
      }),
    ),
  };
}

/** Undefined of a trial that has no record. */
export function workOfTrial({ column }: TableCell, trial: TableTrial, size: UpdateSize): Work | undefined {
  const { updates, casesProcessed, conjugateGradientSteps = 0 } = trial;
  if (updates === undefined || casesProcessed === undefined) return undefined;
  if (column === columns.hessianFree) return workOf(size, { updates, casesProcessed, conjugateGradientSteps });
  return { gradients: casesProcessed, linearizations: 0, products: 0, evaluations: 0, gradientEquivalents: casesProcessed };
}

/** How work is counted, and what was done. */
export function workSections(cells: readonly TableCell[], size: UpdateSize): Section[] {
  const { gradientCases, curvatureCases, steps } = size;
  const third = (cost: number): string => (cost === 1 ? "1" : `${Math.round(3 * cost)}/3`);
  const { gradient, evaluation, linearization, product } = CASE_COST;
  return [
    {
      kind: "prose",
      title: "How work is counted",
      paragraphs: [
        `In gradients of one sequence, by passes through the network. A gradient (${third(gradient)}) is a pass forward, one back, and ` +
          `the products that make the gradient of the weights. An evaluation (${third(evaluation)}) is a pass forward. A Gauss-Newton ` +
          `product (${third(product)}) is a pass forward with two products where a layer has one, a pass back, and the products of the ` +
          "weights; the states that it needs are kept from one pass forward and back at the beginning of the update " +
          `(${third(linearization)}).`,
        `An update of HF takes the gradient of ${formatCount(gradientCases)} sequences, the curvature of ` +
          `${formatCount(curvatureCases)} others, ${formatCount(steps)} steps of conjugate gradient with a product each, and one more ` +
          `product for a start other than zero: ${formatCount(costOfUpdate(size))} gradients. Its evaluations, each of ` +
          `${formatCount(curvatureCases)} sequences, come on top; how many there are is known when a step is chosen. Conjugate ` +
          "gradient that has solved its system to the last digit makes fewer steps, so that a trial may take less than the budget.",
        "Errors that are watched on the way are measured for the page, and count for neither method.",
      ],
    },
    {
      kind: "table",
      title: "The work of these trials",
      table: workTable(cells, size),
      caption:
        "In sequences: gradients, with the passes by which curvature begins; products; evaluations; all of them as gradients, and " +
        `their share of the ${formatCount(fullBudget)} gradients of NAG's 50,000 updates. NAG is shown at its best learning rate, and ` +
        "what the other rates cost is not counted.",
    },
  ];
}
