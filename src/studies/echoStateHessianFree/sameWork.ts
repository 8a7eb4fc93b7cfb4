import { formatCount, formatRate } from "../../report/text/format.js";
import { recurrentUpdates } from "../table5/options.js";
import { type Budget, updateCount, updatesAt } from "../tables/budget.js";
import { lower, type Ordering, rangeOf } from "../tables/ordering.js";
import type { TableCell } from "../tables/tableCell.js";
import { costOfUpdate, type UpdateSize } from "./gradientEquivalents.js";
import { hessianFreeUpdates } from "./trials.js";
import { workOfTrial } from "./workSection.js";

/** Works are about the same up to a quarter more. */
const alike = 1.25;

/**
 * What both methods make of their budget, in a sentence. Hessian-free makes whole updates, and one at least, which may be far more than a
 * small fraction pays for.
 */
export function budgetText(spec: Budget & UpdateSize): string {
  const trial = { updates: recurrentUpdates };
  const updates = hessianFreeUpdates(spec, spec.fraction);
  const [theirs, own] = [100 * updateCount(spec, trial), updates * costOfUpdate(spec)];
  const isSame = own <= alike * theirs && theirs <= alike * own;
  return (
    `These are the updates of NAG. Beside its ${updatesAt(spec, trial)}, of 100 gradients each, HF makes ${formatCount(updates)} of ` +
    `${formatCount(costOfUpdate(spec))} each, evaluations apart: ${formatCount(own)} gradients for ${formatCount(theirs)}` +
    `${isSame ? "." : ", which is not the same work: that budget is no whole number of them."}`
  );
}

/** Whether Hessian-free has the lower error for the same work; where the better of the two had more of it nothing is decided. */
export function forSameWork(row: string, hessianFree: TableCell | undefined, nesterov: TableCell | undefined, size: UpdateSize): Ordering {
  const claim = `${row}: HF has the lower error`;
  const ordering = lower(claim, rangeOf(hessianFree, `${row}, HF`), rangeOf(nesterov, `${row}, NAG`));
  if (ordering.verdict === "not decided") return ordering;
  const share = meanWork(hessianFree, size) / meanWork(nesterov, size);
  if (ordering.verdict === "found" ? !(share > alike) : !(share < 1 / alike)) return ordering;
  return { ...ordering, verdict: "not decided", numbers: `${ordering.numbers}: HF had ${formatRate(share)} times the work of NAG` };
}

/** The mean over the seeds of a cell's best rate, in gradients of one sequence. */
function meanWork(cell: TableCell | undefined, size: UpdateSize): number {
  const works = (cell?.best?.trials ?? []).flatMap((trial) => workOfTrial(cell!, trial, size)?.gradientEquivalents ?? []);
  return works.reduce((sum, work) => sum + work, 0) / works.length;
}
