import type { Runtime } from "../../createRuntime.js";
import { casesInTurn, firstInTurn } from "../../networks/caseRange.js";
import type { HessianFreeState } from "../../optimizers/hessianFree/hessianFreeOptimizer.js";
import { hessianFreeSettings } from "../../optimizers/hessianFree/hessianFreeSettings.js";
import { NUMERICS_VERSION } from "../../runtime/numericsVersion.js";
import { prepareCurves } from "../../tasks/curves/curvesTask.js";
import { checkTrialSpec, type HessianFreeTrialSpec } from "../../trials/spec.js";
import type { CurvesTask } from "../../trials/taskSpec.js";
import { type Report, startTrial } from "../../trials/trial.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkPositive } from "../../validate.js";
import { DampedQuadratic } from "./dampedQuadratic.js";
import { type ComparisonProgress, compareSolvers, firstAtMost, type SolverComparison } from "./solverComparison.js";

/**
 * Figure 5 of the paper: conjugate gradient beside NAG on one damped Gauss-Newton quadratic, taken from the middle of a Hessian-free run on
 * CURVES.
 */
export interface Figure5Spec {
  readonly study: "figure5";
  /** The run that the quadratic is taken from. */
  readonly trial: HessianFreeTrialSpec;
  /** It is taken after the first update that leaves a training error of at most this, or after the trial's last. */
  readonly error: number;
  /** Iterations of each method. */
  readonly iterations: number;
}

export interface Figure5Options {
  /** Share of CURVES' 20,000 training cases that the run has. Default 0.05. */
  fraction?: number;
  /** Default 2, on the way from the mean image's 17 to the less than 0.1 where such runs end. */
  error?: number;
  /** Default 120, the paper's. */
  iterations?: number;
  /** Updates of the run at most. Default 300. */
  updates?: number;
  /** Default 1. */
  seed?: number;
}

const TRAINING_CASES = 20_000;
const LEAST_CASES = 4;
/** What Martens' published run has beside the defaults of `hessianFree`. */
const OPTIMIZER = { method: "hessianFree" } as const;

/** Validates options and fills in defaults: the whole study as plain data. Throws InvalidOptionError. */
export function figure5Spec(options: Figure5Options = {}): Figure5Spec {
  checkKnownOptions("figure5", checkObject("options of figure5", options), ["fraction", "error", "iterations", "updates", "seed"]);
  const fraction = checkNumber("fraction", options.fraction ?? 0.05, LEAST_CASES / TRAINING_CASES, 1);
  const trial = checkTrialSpec({
    // Its test images are not looked at.
    task: { name: "curves", cases: Math.round(fraction * TRAINING_CASES), testCases: 1 },
    optimizer: OPTIMIZER,
    updates: checkInteger("updates", options.updates ?? 300, 1),
    seed: checkInteger("seed", options.seed ?? 1, 0),
  }) as HessianFreeTrialSpec;
  return {
    study: "figure5",
    trial,
    error: checkPositive("error", options.error ?? 2),
    iterations: checkInteger("iterations", options.iterations ?? 120, 1),
  };
}

/** What the study found, as plain data: the same for the same spec and kernels, whatever the team. */
export interface Figure5Result {
  readonly spec: Figure5Spec;
  /** Numerics version of the code, and its kernels. */
  readonly numerics: number;
  readonly kernels: string;
  /** The run up to the quadratic, one report an update. */
  readonly training: readonly Omit<Report, "seconds">[];
  readonly quadratic: {
    /** Updates made before it. */
    readonly update: number;
    /** Squared error on the cases that the trial watches. */
    readonly trainingError: number;
    /** Cases of its gradient and its curvature, from `firstCase` of the training cases on. */
    readonly cases: number;
    readonly firstCase: number;
    readonly lambda: number;
    readonly weightDecay: number;
    readonly parameters: number;
  };
  readonly phi: SolverComparison;
  /** The first iteration after which conjugate gradient is where NAG is after its last. */
  readonly overtaken: number | undefined;
}

/** How far a study has come: in its run, whose reports come as they are made, or in the comparison. */
export type Figure5Progress =
  | {
      readonly part: "run";
      /** Of the way from the mean image's error to the one asked for, which the error goes by factors. */
      readonly share: number;
      readonly report?: Report;
      readonly detail: string;
    }
  | ({ readonly part: "comparison" } & ComparisonProgress);

/**
 * Runs Hessian-free on the CURVES autoencoder from sparse initialization until the error is the one asked for and freezes a quadratic
 * there, A = G + (lambda + w) I and b = -grad, minimized from x = 0 both ways: lambda is that of the next update and the cases are those
 * whose turn it is to give the curvature; unlike in the update, where all cases do, they give the gradient too, so that both are of one
 * function.
 *
 * In slices of some tens of milliseconds (at full size: of one product each); it may be left at any yield. Throws DivergedError,
 * OutOfMemoryError.
 */
export function* runFigure5(runtime: Runtime, spec: Figure5Spec): Generator<Figure5Progress, Figure5Result, void> {
  const { trial: trialSpec, error, iterations } = spec;
  const task = prepareCurves(trialSpec.task as CurvesTask, trialSpec.seed);
  const trial = startTrial(runtime, trialSpec, task);
  const training: Omit<Report, "seconds">[] = [];
  let last: Report | undefined;
  let share = 0;
  const way = Math.log(task.baseline.trainingError! / error);
  for (const slice of trial.slices) {
    if (slice.report === undefined) {
      yield { part: "run", share, detail: slice.detail };
      continue;
    }
    last = slice.report;
    const { seconds: _, ...report } = last;
    training.push(report);
    const { trainingError = Infinity } = last;
    if (way > 0) share = Math.max(share, Math.min(1, 1 - Math.log(trainingError / error) / way));
    yield { part: "run", share, report: last, detail: "" };
    if (trainingError <= error) break;
  }

  const { lambda, update } = trial.getState().optimizer as HessianFreeState;
  const { curvatureCases, weightDecay } = hessianFreeSettings(trialSpec.optimizer, update, trialSpec.updates, true);
  const cases = curvatureCases === "gradient" ? task.train.cases : curvatureCases;
  const firstCase = firstInTurn(task.train.cases, cases, update);
  const quadratic = new DampedQuadratic(trial.network, casesInTurn(task.train, cases, update), lambda, weightDecay);
  try {
    const phi = yield* inPart(compareSolvers(quadratic.product, quadratic.b, iterations));
    return {
      spec,
      numerics: NUMERICS_VERSION,
      kernels: runtime.kernels,
      training,
      quadratic: {
        update,
        trainingError: last!.trainingError!,
        cases,
        firstCase,
        lambda,
        weightDecay,
        parameters: trial.network.parameterCount,
      },
      phi,
      overtaken: firstAtMost(phi.conjugateGradient, phi.nesterov[iterations]),
    };
  } finally {
    quadratic.release();
  }
}

function* inPart(work: Generator<ComparisonProgress, SolverComparison, void>): Generator<Figure5Progress, SolverComparison, void> {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    yield { part: "comparison", ...next.value };
  }
}
