import type { Runtime } from "../../createRuntime.js";
import { casesInTurn, firstInTurn } from "../../networks/caseRange.js";
import type { HessianFreeState } from "../../optimizers/hessianFree/hessianFreeOptimizer.js";
import { hessianFreeSettings } from "../../optimizers/hessianFree/hessianFreeSettings.js";
import { formatError } from "../../report/text/format.js";
import type { KernelVariant } from "../../runtime/kernels.js";
import { NUMERICS_VERSION } from "../../runtime/numericsVersion.js";
import type { PreparedImages } from "../../tasks/images/imagesTask.js";
import { prepareTask, type Report, startTrial, type Trial } from "../../trials/trial.js";
import type { StudyProgress } from "../study.js";
import { DampedQuadratic } from "./dampedQuadratic.js";
import { compareSolvers, firstAtMost, type SolverComparison, type SolverProgress } from "./solverComparison.js";
import type { Figure5Spec } from "./spec.js";

/** What the study found, as plain data: the same for the same spec and kernel variant, whatever the team. */
export interface Figure5Result {
  readonly spec: Figure5Spec;
  /** Numerics version of the code, and the variant of its kernels. */
  readonly numerics: number;
  readonly kernelVariant: KernelVariant;
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

/** How far it has come: in the run, whose reports come as they are made, or in the comparison. */
export type Figure5Progress = StudyProgress & ({ readonly part: "run" } | ({ readonly part: "comparison" } & SolverProgress));

/**
 * Runs Hessian-free on the CURVES autoencoder from sparse initialization until the error is the one asked for and freezes a quadratic
 * there, A = G + (lambda + w) I and b = -grad, minimized from x = 0 both ways: lambda is that of the next update and the cases are those
 * whose turn it is to give the curvature; unlike in the update, where all cases do, they give the gradient too, so that both are of one
 * function.
 *
 * In slices of some tens of milliseconds (at full size: of one product each); it may be left at any yield, by `return()`. Throws
 * DivergedError, OutOfMemoryError.
 */
export function* runFigure5(runtime: Runtime, spec: Figure5Spec): Generator<Figure5Progress, Figure5Result, void> {
  const { trial: trialSpec, iterations } = spec;
  const task = prepareTask(trialSpec) as PreparedImages;
  const trial = startTrial(runtime, trialSpec, task);
  try {
    const training = yield* runUntilError(trial, spec, task.baseline.measures.trainingError!);
    const { lambda, update } = trial.getState().optimizer as HessianFreeState;
    const { curvatureCases, weightDecay } = hessianFreeSettings(trialSpec.optimizer, update, trialSpec.updates, true);
    const cases = curvatureCases === "gradient" ? task.train.cases : curvatureCases;
    const quadratic = new DampedQuadratic(trial.network, casesInTurn(task.train, cases, update), lambda, weightDecay);
    try {
      const phi = yield* inPart(compareSolvers(quadratic.product, quadratic.b, iterations));
      return {
        spec,
        numerics: NUMERICS_VERSION,
        kernelVariant: runtime.kernels,
        training,
        quadratic: {
          update,
          trainingError: training[training.length - 1].trainingError!,
          cases,
          firstCase: firstInTurn(task.train.cases, cases, update),
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
  } finally {
    trial.network.dispose();
  }
}

/** Advances the trial until its error is the one asked for, or to its end; returns its reports. */
function* runUntilError(
  trial: Trial,
  { error, trial: { updates } }: Figure5Spec,
  meanImageError: number,
): Generator<Figure5Progress, Figure5Result["training"], void> {
  const training: Omit<Report, "seconds">[] = [];
  let share = 0;
  let at = "";
  let lastError: number | undefined;
  const way = Math.log(meanImageError / error);
  for (const slice of trial.slices) {
    if (slice.report === undefined) {
      yield { part: "run", share: RUN_SHARE * share, detail: `${at}, ${slice.detail}` };
      continue;
    }
    const { report } = slice;
    const { seconds: _, ...kept } = report;
    training.push(kept);
    const { trainingError = Infinity } = report;
    // A guess: the error goes by factors from the mean image's to the one asked for once it has left the level stretch, whose length nobody
    // knows beforehand.
    const come = way > 0 ? Math.max(0, Math.min(1, 1 - Math.log(trainingError / error) / way)) : 0;
    share = Math.max(share, LEVEL_SHARE * Math.min(1, report.update / LEVEL_UPDATES) + (1 - LEVEL_SHARE) * come);
    lastError = report.trainingError ?? lastError;
    at = `update ${report.update} of at most ${updates}, error ${formatError(lastError)}`;
    yield { part: "run", share: RUN_SHARE * share, detail: at, report };
    if (trainingError <= error) break;
  }
  return training;
}

/**
 * Share of the whole time that the run takes. A guess, on which only the time left depends: about that in runs at the default, but it is
 * the number of updates to the error asked for that decides.
 */
const RUN_SHARE = 0.7;

/** How long the run at the default stays on its level stretch, in updates and as a share of its time. Guesses of the same kind. */
const LEVEL_UPDATES = 40;
const LEVEL_SHARE = 0.4;

/**
 * Where each solver's part of the comparison begins, and its length, by products: n for conjugate gradient, two an iteration for NAG, and
 * for the power iteration a third of n, which is a guess, since it ends when it is accurate.
 */
const SOLVERS = {
  conjugateGradient: { begins: 0, length: 0.3, step: "CG iteration" },
  powerIteration: { begins: 0.3, length: 0.1, step: "power iteration" },
  nesterov: { begins: 0.4, length: 0.6, step: "NAG iteration" },
} as const;

function* inPart(work: Generator<SolverProgress, SolverComparison, void>): Generator<Figure5Progress, SolverComparison, void> {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    const { solver, step, of } = next.value;
    const { begins, length, step: name } = SOLVERS[solver];
    const share = RUN_SHARE + (1 - RUN_SHARE) * (begins + length * (step / of));
    yield { part: "comparison", share, detail: `${name} ${step}`, ...next.value };
  }
}
