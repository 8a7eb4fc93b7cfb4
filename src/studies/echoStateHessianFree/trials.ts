import { checkStudyOptions } from "../study.js";
import { nagColumn, table5Cells } from "../table5/cells.js";
import { recurrentUpdates, table5Options } from "../table5/options.js";
import { table5Momenta } from "../table5/paper.js";
import type { PlannedCell } from "../tables/plannedCell.js";
import { costOfUpdate, type UpdateSize } from "./gradientEquivalents.js";

export const columns = { hessianFree: "HF", nesterov: nagColumn(Math.max(...table5Momenta)) } as const;

/**
 * NAG's trials are those of table5 with its usual readings, except that the paper's learning rates are taken for those of the mean over the
 * scored outputs: so read they are the ones that learned here (docs/long-term-dependencies.md).
 */
function nesterovCells(): PlannedCell[] {
  const readings = checkStudyOptions("table5", table5Options, { rates: "mean" });
  return table5Cells(readings).filter(({ column }) => column === columns.nesterov);
}

/** What a trial of NAG of full length costs, 100 gradients an update; no trial of Hessian-free costs more, evaluations apart. */
export const fullBudget = recurrentUpdates * 100;

/** Every problem both ways, at full length. Both start from the echo state of Table 4, which is what these tasks have. */
export function plannedCells(size: UpdateSize): PlannedCell[] {
  const { gradientCases, curvatureCases, steps } = size;
  const conjugateGradient = { maximum: steps, minimum: steps };
  const optimizer = { method: "hessianFree", gradientCases, curvatureCases, conjugateGradient };
  const updates = hessianFreeUpdates(size);
  return nesterovCells().flatMap((nesterov) => {
    const { row, trial } = nesterov;
    // Its step is found by a line search from 1: there is no rate to choose.
    return [{ row, column: columns.hessianFree, trial: { task: trial.task, optimizer, updates }, rates: [1] }, nesterov];
  });
}

/** Updates of Hessian-free that a fraction of the full budget pays for, to half an update, and one at least. */
export function hessianFreeUpdates(size: UpdateSize, fraction = 1): number {
  return Math.max(1, Math.round(Math.max(1, Math.floor(fullBudget / costOfUpdate(size))) * fraction));
}
