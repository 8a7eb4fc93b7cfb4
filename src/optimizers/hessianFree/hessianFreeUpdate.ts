import { DivergedError } from "../../errors.js";
import { runThrough, type Work } from "../../networks/work.js";
import { type ConjugateGradientReason, geometricSteps } from "../conjugateGradient/conjugateGradientReason.js";
import { nextDamping, type Reduction, reductionRatio } from "./dampingRule.js";
import type { HessianFreeSettings } from "./hessianFreeSettings.js";

export { runThrough, type Work };

/** How far an update under way has come. */
export interface HessianFreeProgress {
  readonly update: number;
  readonly phase: "gradient" | "conjugateGradient" | "search";
  /** Parts of the data done, CG steps made, trial points evaluated; out of at most `of`. */
  readonly step: number;
  readonly of: number;
}

/** What an update says of itself. */
export interface HessianFreeReport {
  /** lambda of the system that was solved. */
  readonly lambda: number;
  /** lambda of the next update. */
  readonly nextLambda: number;
  /**
   * Reduction ratio of the chosen iterate: change of f over the change that the model predicts; -Infinity where f rose, NaN where there was
   * no step.
   */
  readonly rho: number;
  readonly conjugateGradientSteps: number;
  /** Why conjugate gradient ended. */
  readonly reason: ConjugateGradientReason;
  /** CG step whose iterate was taken. */
  readonly chosenStep: number;
  /** What the line search shortened the step to: a power of 0.8, 1 without a line search, 0 where no step was taken. */
  readonly lineSearchRate: number;
  /** eps_t. The step is eps_t times the line search's rate times the chosen iterate. */
  readonly learningRate: number;
}

export interface HessianFreeOutcome extends HessianFreeReport {
  /** Mean loss over the gradient's cases at theta_t, without weight decay. */
  readonly loss: number;
}

export interface HessianFreeSystem {
  /** G + structural S + shift I. */
  readonly shift: number;
  readonly structural: number;
  /** Exponent of the preconditioner, if there is one. */
  readonly exponent: number | undefined;
  /** x_0 = decay times what was remembered. */
  readonly decay: number;
  readonly maximum: number;
  readonly minimum: number;
  readonly progress: number;
  /** Steps whose iterates are wanted. */
  readonly keep: readonly number[];
}

export interface HessianFreeIterate<V> {
  readonly step: number;
  readonly x: V;
  /** phi(x) = x'Ax / 2 - b'x. */
  readonly phi: number;
}

export interface HessianFreeSolution<V> {
  readonly last: HessianFreeIterate<V>;
  /** Those kept before the last, in order. */
  readonly iterates: readonly HessianFreeIterate<V>[];
  readonly reason: ConjugateGradientReason;
}

/**
 * What the update needs of a problem, a network's or a function's; V is the problem's handle of a vector. Vectors hold until the next
 * solve.
 */
export interface HessianFreeProblem<V> {
  readonly theta: V;
  /** b = -(g + w theta), once `differentiate` is done. */
  readonly right: V;
  /** How far f's values may be off through rounding, as a share of them. */
  readonly rounding: number;
  /** Whether the cases of the curvature are those that steps are judged on. */
  readonly searchesOnCurvature: boolean;
  /** Gradient and curvature at theta; mean losses there over the cases of the gradient, of the curvature and of the search. */
  differentiate(weightDecay: number): Work<{ readonly loss: number; readonly curvatureLoss: number; readonly searchLoss: number }>;
  solve(system: HessianFreeSystem): Work<HessianFreeSolution<V>>;
  /** Mean loss at theta + rate d; Infinity where it is not finite. */
  lossAt(cases: "curvature" | "search", direction: V, rate: number): Work<number>;
  dot(a: V, b: V): number;
  /** |v|: 0 only where v is 0. */
  norm(v: V): number;
  /** theta <- theta + factor d. Throws DivergedError before anything changes. */
  move(direction: V, factor: number): void;
  /** Keeps a copy of x for the next solve to start from; 0 where undefined. */
  remember(x: V | undefined): void;
}

/**
 * The line search: f may not exceed its start by more than this share of what the slope promises; each trial is this much shorter; so many
 * trials.
 */
const SUFFICIENT = 1e-2;
const SHORTEN = 0.8;
const TRIALS = 60;

/**
 * One Hessian-free update (Martens 2010), with f = loss + (w/2)|theta|^2, g its gradient and G the Gauss-Newton matrix on the curvature's
 * cases:
 *
 * 1. Conjugate gradient on (G + lambda mu S + (lambda + w) I) x = -g, S structural damping, from decay times its last solution; iterates
 *   x_i kept.
 * 2. Backtracking: from the last iterate to earlier ones while f(theta + x_i) does not rise, on the search's cases. d is the one chosen.
 * 3. rho = (f(theta + d) - f(theta)) / q(d) on the curvature's cases, -Infinity where f rose; q(d) = d'(G + lambda mu S + w I) d / 2 + g'd:
 *   the model without
 *    lambda's own damping, weight decay and structural damping kept, which is phi(d) - lambda d'd / 2 and costs no product.
 *    lambda <- lambda / drop where rho < 1/4 (or there is none), lambda drop where rho > 3/4 (dampingRule.ts).
 * 4. Line search: rate = 0.8^j with the smallest j <= 60 for which f(theta + rate d) <= f(theta) + 0.01 rate g'd; else no step, and the
 *   next solve starts from 0.
 *    Without a line search rate = 1, unless f is not finite there: then no step either.
 * 5. theta <- theta + eps rate d.
 *
 * Nothing changes, in the problem or elsewhere, before the last part of the work is done: it may be left at any yield.
 */
export function* hessianFreeUpdate<V>(
  problem: HessianFreeProblem<V>,
  settings: HessianFreeSettings,
  lambda: number,
): Generator<HessianFreeProgress, HessianFreeOutcome, void> {
  const {
    update,
    weightDecay: w,
    drop,
    maximum,
    minimum,
    progress,
    decay,
    exponent,
    learningRate,
    structuralDamping,
    backtracking,
    lineSearch,
  } = settings;
  const { right, theta } = problem;
  const { loss, curvatureLoss, searchLoss } = yield* inPhase("gradient", update, problem.differentiate(w));
  const outcome = { loss, lambda, learningRate };

  const pull = problem.norm(right);
  if (!Number.isFinite(pull))
    throw new DivergedError(update, loss, "the gradient", "lower the learning rate, raise damping.initial, or scale the data down");
  if (pull === 0) {
    const reason: ConjugateGradientReason = { code: "converged", message: "The gradient is 0: there is nothing to solve." };
    return { ...outcome, nextLambda: lambda, rho: NaN, conjugateGradientSteps: 0, reason, chosenStep: 0, lineSearchRate: 0 };
  }

  const keep = backtracking ? geometricSteps(maximum) : [];
  const system = { shift: lambda + w, structural: lambda * structuralDamping, exponent, decay, maximum, minimum, progress, keep };
  const { last, iterates, reason } = yield* inPhase("conjugateGradient", update, problem.solve(system));

  const penalty = 0.5 * w * problem.dot(theta, theta);
  const measured = (iterate: HessianFreeIterate<V>) => ({
    ...iterate,
    square: problem.dot(iterate.x, iterate.x),
    along: problem.dot(theta, iterate.x),
  });
  type Candidate = ReturnType<typeof measured>;
  const most = 2 + keep.length + (lineSearch ? TRIALS : 0);
  let trials = 0;
  /** f(theta + rate d). */
  function* objective(
    cases: "curvature" | "search",
    { x, square, along }: Candidate,
    rate: number,
  ): Generator<HessianFreeProgress, number, void> {
    for (const work = problem.lossAt(cases, x, rate); ; ) {
      const next = work.next();
      if (next.done) {
        trials++;
        return next.value + penalty + w * rate * (along + 0.5 * rate * square);
      }
      yield { update, phase: "search", step: trials, of: most };
    }
  }

  let chosen = measured(last);
  // Where even the start overflowed, or there was none and no step was made, there is no direction to take.
  const isUsable = Number.isFinite(last.phi) && problem.norm(last.x) > 0;
  let reduction: Reduction | undefined;
  let rate = isUsable ? 1 : 0;
  if (isUsable) {
    yield { update, phase: "search", step: 0, of: most };
    let value = backtracking || lineSearch ? yield* objective("search", chosen, 1) : NaN;
    if (backtracking) {
      for (const iterate of [...iterates].reverse()) {
        const earlier = measured(iterate);
        const there = yield* objective("search", earlier, 1);
        if (there > value) break;
        chosen = earlier;
        value = there;
      }
    }

    const model = chosen.phi - 0.5 * lambda * chosen.square;
    const after = problem.searchesOnCurvature && !Number.isNaN(value) ? value : yield* objective("curvature", chosen, 1);
    const before = curvatureLoss + penalty;
    reduction = { change: after - before, predicted: model, rounding: problem.rounding * Math.abs(before) };

    if (lineSearch) {
      const start = searchLoss + penalty;
      // A direction that is no descent may not raise f either.
      const slope = Math.min(0, -problem.dot(right, chosen.x));
      for (let j = 0; !(value <= start + SUFFICIENT * rate * slope); j++) {
        if (j === TRIALS) {
          rate = 0;
          break;
        }
        rate *= SHORTEN;
        value = yield* objective("search", chosen, rate);
      }
    } else if (!Number.isFinite(after)) {
      rate = 0;
    }
  }

  if (rate > 0) problem.move(chosen.x, learningRate * rate);
  problem.remember(rate > 0 ? last.x : undefined);
  return {
    ...outcome,
    nextLambda: nextDamping(lambda, drop, reduction),
    rho: reduction === undefined ? NaN : reductionRatio(reduction),
    conjugateGradientSteps: last.step,
    reason,
    chosenStep: chosen.step,
    lineSearchRate: rate,
  };
}

/** Names the phase that a part of the work belongs to. */
function* inPhase<Result>(
  phase: HessianFreeProgress["phase"],
  update: number,
  work: Work<Result>,
): Generator<HessianFreeProgress, Result, void> {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    yield { update, phase, ...next.value };
  }
}
