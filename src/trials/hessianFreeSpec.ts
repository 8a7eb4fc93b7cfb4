import { isRecord } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import type { CaseCount, HessianFreeDescription, HessianFreeOptions } from "../optimizers/hessianFree/hessianFreeDescription.js";
import { hasWords, hessianFreeSettings } from "../optimizers/hessianFree/hessianFreeSettings.js";
import { needsTotalUpdates, type Schedule } from "../schedules/index.js";
import { checkInteger, orDefault } from "../validate.js";
import type { HessianFreeTrialSpec } from "./spec.js";
import { isSequencesTask, largestSequenceBatch, type SequencesTask, type TaskSpec } from "./taskSpec.js";

/** The hybrid's phase one in appendix A.6: a sixteenth of the data. */
const HYBRID_SHARE = 16;
/** Martens (2010): curvature on a quarter of the data. */
const CURVATURE_SHARE = 4;
/**
 * Martens & Sutskever (2011): sequences for the gradient and for the curvature, steps an update, mu of structural damping, lambda_0 for
 * each scored output.
 */
const RECURRENT = { gradientCases: 10_000, curvatureCases: 1000, steps: 300, structuralDamping: 0.03, damping: 0.01 };

/**
 * What an optimizer `hessianFree` leaves out, by task.
 *
 * Curves: Martens' published run, which has lambda_0 = 45, drop 2/3, the curvature of a quarter of the cases at a time, at most 250 steps
 * of conjugate gradient, decay 0.95, weight decay 2e-5. Recurrent problems: gradients of 10,000 fresh sequences, curvature of 1,000 of
 * them, 300 steps, structural damping 0.03, lambda_0 = 0.01 for each scored output. The momentum variant: gradient and curvature of one
 * minibatch, a sixteenth of curves or 1,000 sequences, and its own number of steps.
 */
export function hessianFreeDefaults(task: TaskSpec, variant: unknown): HessianFreeOptions {
  const isHybrid = variant === "momentum";
  const share = (of: number): number => (isSequencesTask(task) ? RECURRENT.curvatureCases : Math.max(1, Math.floor(task.cases / of)));
  const batches: HessianFreeOptions = isHybrid
    ? { gradientCases: share(HYBRID_SHARE), curvatureCases: "gradient" }
    : { curvatureCases: share(CURVATURE_SHARE) };
  if (!isSequencesTask(task)) return batches;
  return {
    gradientCases: RECURRENT.gradientCases,
    ...batches,
    damping: { initial: RECURRENT.damping * scoredOutputs(task) },
    structuralDamping: RECURRENT.structuralDamping,
    ...(isHybrid ? {} : { conjugateGradient: { maximum: RECURRENT.steps, minimum: RECURRENT.steps } }),
  };
}

/** The symbols to repeat times their kinds, and times the steps if all are scored; 1 for addition and multiplication. */
function scoredOutputs(task: SequencesTask): number {
  if (task.name !== "memory5" && task.name !== "memory20") return 1;
  return (task.name === "memory5" ? 5 * 2 : 10 * 5) * (task.scored === "all" ? task.length : 1);
}

/** The optimizer of a spec with what it leaves out, if it is `hessianFree`; whether it is one is for its own check to say. */
export function withTaskDefaults(task: TaskSpec, optimizer: unknown): unknown {
  if (!isRecord(optimizer) || optimizer.method !== "hessianFree") return optimizer;
  const { damping, conjugateGradient, ...defaults } = hessianFreeDefaults(task, optimizer.variant);
  const solver = optimizer.conjugateGradient;
  // Where the number of steps is fixed by default, it is so for another number too.
  const fixed =
    isRecord(solver) && solver.maximum !== undefined && conjugateGradient !== undefined
      ? { ...conjugateGradient, minimum: solver.maximum }
      : conjugateGradient;
  const given = Object.fromEntries(Object.entries(optimizer).filter(([, value]) => value !== undefined));
  const gradientCases = orDefault(given.gradientCases, defaults.gradientCases);
  const curvatureCases = defaultCurvature(gradientCases, defaults.curvatureCases);
  return { ...defaults, curvatureCases, ...given, damping: merged(damping, optimizer.damping), conjugateGradient: merged(fixed, solver) };
}

/** Curvature is of the gradient's cases: by default not of more than there are, and of all of them where their number changes. */
function defaultCurvature(gradientCases: unknown, standard: unknown): unknown {
  if (typeof gradientCases === "number" && typeof standard === "number") return Math.min(gradientCases, standard);
  return isRecord(gradientCases) ? "gradient" : standard;
}

function merged(defaults: object | undefined, given: unknown): unknown {
  if (defaults === undefined || given === undefined) return orDefault(given, defaults);
  return isRecord(given) ? { ...defaults, ...given } : given;
}

type Parts = Omit<HessianFreeTrialSpec, "conjugateGradientSteps">;

/** The rest of a spec's check, its parts being sound each by itself. Throws InvalidOptionError. */
export function checkHessianFreeTrial(
  parts: Parts,
  given: Record<string, unknown>,
  checkFinal: (option: string, schedule: Schedule, updates: number) => void,
): HessianFreeTrialSpec {
  const { task, optimizer, updates, seed, initialization } = parts;
  if (given.batchSize !== undefined)
    throw new InvalidOptionError("batchSize", given.batchSize, "left out: hessianFree has gradientCases and curvatureCases instead");
  const { gradientCases, structuralDamping, preconditioner } = optimizer;
  const budget =
    given.conjugateGradientSteps === undefined ? undefined : checkInteger("conjugateGradientSteps", given.conjugateGradientSteps, 1);
  for (const [option, schedule] of Object.entries(schedulesOf(optimizer))) {
    checkFinal(option, schedule, updates);
    if (budget !== undefined && typeof schedule === "object" && needsTotalUpdates(schedule)) {
      throw new InvalidOptionError(
        `${option}.final`,
        schedule.final,
        "counted from the start, { from, value }: where conjugateGradientSteps ends the trial, nobody knows how many updates are left",
      );
    }
  }
  if (isSequencesTask(task)) {
    if (gradientCases === "all" || hasWords(gradientCases))
      throw new InvalidOptionError(
        "gradientCases",
        gradientCases,
        `a number of sequences or a schedule of such numbers: ${task.name} draws as many as it is asked for`,
      );
    if (typeof preconditioner === "object")
      throw new InvalidOptionError(
        "preconditioner",
        preconditioner,
        '"none" or left out for a recurrent network: squared gradients of a case do not factor over time',
      );
  } else if (structuralDamping !== 0) {
    throw new InvalidOptionError(
      "structuralDamping",
      structuralDamping,
      `0 or left out: ${task.name} trains a feed-forward network, which has no hidden state over time`,
    );
  }
  checkCases(optimizer, updates, isSequencesTask(task) ? Math.floor(largestSequenceBatch(task) / 2) : task.cases);
  return { task, initialization, optimizer, updates, ...(budget === undefined ? {} : { conjugateGradientSteps: budget }), seed };
}

/** Every part of a description that is a schedule of numbers, by the name it has in a spec. */
function schedulesOf({
  learningRate,
  damping,
  structuralDamping,
  conjugateGradient,
  preconditioner,
  gradientCases,
  curvatureCases,
  weightDecay,
}: HessianFreeDescription): Record<string, Schedule> {
  const counts: [string, Schedule][] = [];
  for (const [option, cases] of Object.entries({ gradientCases, curvatureCases } as Record<string, CaseCount<string>>)) {
    if (typeof cases !== "string" && !hasWords(cases)) counts.push([option, cases]);
  }
  return {
    learningRate,
    "damping.drop": damping.drop,
    structuralDamping,
    "conjugateGradient.maximum": conjugateGradient.maximum,
    "conjugateGradient.minimum": conjugateGradient.minimum,
    "conjugateGradient.decay": conjugateGradient.decay,
    "conjugateGradient.progress": conjugateGradient.progress,
    ...(typeof preconditioner === "object" ? { "preconditioner.exponent": preconditioner.exponent } : {}),
    ...Object.fromEntries(counts),
    weightDecay,
  };
}

/** No more cases than there are, at any update. Every schedule has its extremes where it turns. */
function checkCases(optimizer: HessianFreeDescription, updates: number, available: number): void {
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
