import { present } from "../../boundary/present.js";
import { InvalidOptionError } from "../../errors.js";
import type { CaseCount, HessianFreeDescription } from "../../optimizers/hessianFree/hessianFreeDescription.js";
import { hasWords, hessianFreeSettings } from "../../optimizers/hessianFree/hessianFreeSettings.js";
import { methodOf, type OptimizerDescription } from "../../optimizers/index.js";
import { needsTotalUpdates } from "../../schedules/index.js";
import { kindOf } from "../../tasks/index.js";
import { checkInteger } from "../../validate.js";
import type { SharedSpec } from "../sharedSpec.js";

/** `gradientCases` and `curvatureCases` of the optimizer are its batch sizes. */
export interface HessianFreeTrialSpec extends SharedSpec {
  /** What is left out of it is the task's: see the kinds of tasks. */
  readonly optimizer: HessianFreeDescription;
  /**
   * If given, the trial ends with the update in which the steps of conjugate gradient, of all updates together, reach this number; or after
   * `updates`, if that is sooner.
   */
  readonly conjugateGradientSteps?: number;
}

type Parts = Omit<HessianFreeTrialSpec, "conjugateGradientSteps">;

/** The rest of a spec's check, its parts being sound each by itself. Throws InvalidOptionError. */
export function checkHessianFreeTrial(parts: Parts, given: Record<string, unknown>): HessianFreeTrialSpec {
  const { task, optimizer, updates, seed, initialization } = parts;
  if (given.batchSize !== undefined) {
    throw new InvalidOptionError("batchSize", given.batchSize, "left out: hessianFree has gradientCases and curvatureCases instead");
  }
  const { gradientCases, structuralDamping, preconditioner } = optimizer;
  const budget =
    given.conjugateGradientSteps === undefined ? undefined : checkInteger("conjugateGradientSteps", given.conjugateGradientSteps, 1);
  checkFinalsOfBudget(optimizer, budget);
  const kind = kindOf(task);
  const { largest } = kind.batchSize(task);
  if (kind.family === "recurrent") {
    if (gradientCases === "all" || hasWords(gradientCases)) {
      const allowed = `a number of sequences or a schedule of such numbers: ${task.name} draws as many as it is asked for`;
      throw new InvalidOptionError("gradientCases", gradientCases, allowed);
    }
    if (typeof preconditioner === "object") {
      const allowed = '"none" or left out for a recurrent network: squared gradients of a case do not factor over time';
      throw new InvalidOptionError("preconditioner", preconditioner, allowed);
    }
  } else if (structuralDamping !== 0) {
    const allowed = `0 or left out: ${task.name} trains a feed-forward network, which has no hidden state over time`;
    throw new InvalidOptionError("structuralDamping", structuralDamping, allowed);
  }
  // Of sequences half of a batch may be there to judge steps by.
  checkCaseCounts(optimizer, updates, kind.family === "recurrent" ? Math.floor(largest / 2) : largest);
  return present({ task, initialization, optimizer, updates, conjugateGradientSteps: budget, seed });
}

/** No more cases than are available, at any update. Throws InvalidOptionError. Every schedule has its extremes where it turns. */
export function checkCaseCounts(optimizer: HessianFreeDescription, updates: number, available: number): void {
  const turns = [0, updates - 1, ...[optimizer.gradientCases, optimizer.curvatureCases].flatMap((cases) => turnsOf(cases, updates))];
  for (const t of turns) {
    if (t < 0 || t >= updates) continue;
    const { gradientCases, curvatureCases } = hessianFreeSettings(optimizer, t, updates, false);
    const gradient = gradientCases === "all" ? available : checkInteger("gradientCases", gradientCases, 1, available);
    if (curvatureCases !== "gradient") checkInteger("curvatureCases", curvatureCases, 1, gradient);
  }
}

function turnsOf(cases: CaseCount<string>, updates: number): number[] {
  if (typeof cases !== "object") return [];
  const final = "final" in cases ? cases.final : undefined;
  const last = final === undefined ? [] : ["from" in final ? final.from : updates - final.updates];
  const changes = cases.schedule === "piecewise" ? [...cases.at, ...cases.values.flatMap((piece) => turnsOf(piece, updates))] : [];
  // Before each turn too: where one schedule changes, the other may not have done so yet.
  return [...changes, ...last].flatMap((t) => [t - 1, t]);
}

/** Nothing is counted from the end of a trial that a budget of steps ends. Throws InvalidOptionError. */
export function checkFinalsOfBudget(optimizer: OptimizerDescription, budget: number | undefined): void {
  for (const [option, schedule] of Object.entries(methodOf(optimizer).schedules(optimizer))) {
    if (budget === undefined || typeof schedule !== "object" || !needsTotalUpdates(schedule)) continue;
    const why = "where conjugateGradientSteps ends the trial, nobody knows how many updates are left";
    throw new InvalidOptionError(`${option}.final`, schedule.final, `counted from the start, { from, value }: ${why}`);
  }
}
