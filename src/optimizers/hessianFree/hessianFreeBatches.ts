import { InvalidOptionError } from "../../errors.js";
import type { Batch } from "../../networks/batch.js";
import { casesInTurn } from "../../networks/caseRange.js";
import type { Network } from "../../networks/network.js";
import { checkFinite, checkTargets } from "../../networks/status.js";
import { checkKnownOptions, checkObject } from "../../validate.js";
import type { HessianFreeBatches } from "./hessianFreeNetwork.js";
import type { HessianFreeSettings } from "./hessianFreeSettings.js";

/** Batches of their own for parts of an update of Hessian-free optimization. */
export interface HessianFreeStepOptions {
  /** The curvature's cases. Default: what `curvatureCases` takes of the gradient's. */
  curvature?: Batch;
  /** Cases on which backtracking and the line search judge steps. Default: the gradient's. */
  lineSearch?: Batch;
}

/**
 * The batches of an update: what was given for its parts, or else the cases of `batch` whose turn it is.
 *
 * @throws ShapeError or InvalidOptionError for batches that do not fit, are smaller than the description asks or not finite
 */
export function chooseBatches(
  network: Network,
  batch: Batch,
  options: HessianFreeStepOptions,
  settings: HessianFreeSettings,
): HessianFreeBatches {
  checkKnownOptions("options", checkObject("options", options), ["curvature", "lineSearch"]);
  const { curvature, lineSearch } = options;
  const { update, gradientCases, curvatureCases } = settings;
  if (lineSearch !== undefined && !settings.lineSearch && !settings.backtracking) {
    throw new InvalidOptionError(
      "options.lineSearch",
      lineSearch,
      "left out: this optimizer takes every step as it is, without line search or backtracking",
    );
  }
  for (const [name, given] of [
    ["batch", batch],
    ["options.curvature", curvature],
    ["options.lineSearch", lineSearch],
  ] as const) {
    if (given === undefined && name !== "batch") continue;
    network.check(given!, "needed", name);
    // Here, since what is found in a part of a batch would be named by its place in the part.
    checkFinite(`${name}.inputs`, given!.inputs);
    checkTargets(name, given!, network.description.loss);
  }
  const gradient = gradientCases === "all" ? batch : inTurn("gradientCases", batch, gradientCases, update);
  return {
    gradient,
    curvature: curvature ?? (curvatureCases === "gradient" ? gradient : inTurn("curvatureCases", gradient, curvatureCases, update)),
    search: lineSearch ?? gradient,
  };
}

/** `casesInTurn` of a batch that has so many. */
function inTurn(option: string, batch: Batch, count: number, update: number): Batch {
  if (count > batch.cases) {
    throw new InvalidOptionError(
      option,
      count,
      `at most ${batch.cases}, the cases there are to choose from: lower it, or give a larger batch`,
    );
  }
  return casesInTurn(batch, count, update);
}
