import type { Batch } from "../../networks/batch.js";
import { caseRange } from "../../networks/caseRange.js";
import { hessianFreeSettings } from "../../optimizers/hessianFree/hessianFreeSettings.js";
import { minibatches } from "../../tasks/minibatches.js";
import type { Source } from "../../tasks/task.js";
import type { HessianFreeTrialSpec } from "../spec.js";

/** What an update of a Hessian-free trial is made from; which of the batch's cases the curvature takes, the optimizer says. */
export interface HessianFreeTrialBatches {
  /** Gradient and curvature. */
  readonly batch: Batch;
  /** Where steps are judged, if not on the gradient's cases. */
  readonly lineSearch?: Batch;
}

/** The batches of one update, a function of spec and update alone. */
export function hessianFreeBatches(source: Source, spec: HessianFreeTrialSpec, update: number): HessianFreeTrialBatches {
  return source.kind === "cases" ? dataBatches(source.train, spec, update) : drawnBatches(source.draw, spec, update);
}

/**
 * The cases of update t out of a data set: all of them; or the minibatch of `gradientCases` that `minibatches` of this size has at update
 * t. As a function of t alone it is the same whether the trial was stopped before or not, and sizes may change: from the update at which
 * they do, minibatches are those of the new size.
 */
function dataBatches(train: Batch, { optimizer, updates, seed }: HessianFreeTrialSpec, update: number): HessianFreeTrialBatches {
  const { gradientCases: size } = hessianFreeSettings(optimizer, update, updates, false);
  if (size === "all" || size === train.cases) return { batch: train };
  const [batch] = minibatches(train, { size, seed, from: update, updates: update + 1 });
  return { batch };
}

/**
 * Fresh sequences for update t: `gradientCases` of them, and where steps are judged others, as many as the curvature has (Martens &
 * Sutskever 2011): a step that suits only the sequences it was made from is found out.
 */
function drawnBatches(
  draw: (update: number, cases: number) => Batch,
  { optimizer, updates }: HessianFreeTrialSpec,
  update: number,
): HessianFreeTrialBatches {
  const { gradientCases, curvatureCases, lineSearch, backtracking } = hessianFreeSettings(optimizer, update, updates, false);
  // "all" is refused by the spec's check.
  const cases = gradientCases as number;
  if (!lineSearch && !backtracking) return { batch: draw(update, cases) };
  const judging = curvatureCases === "gradient" ? cases : curvatureCases;
  const drawn = draw(update, cases + judging);
  return { batch: caseRange(drawn, 0, cases), lineSearch: caseRange(drawn, cases, judging) };
}
