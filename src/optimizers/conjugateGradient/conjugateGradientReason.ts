/** Why a conjugate-gradient solve ended: `code` for programs, `message` a full sentence for people. */
export interface ConjugateGradientReason {
  code: "converged" | "maximum" | "negativeCurvature" | "indefinitePreconditioner" | "nonFinite" | "aborted";
  message: string;
}

/** Steps over which Martens' rule looks back from step i: k = max(10, ceil(i / 10)). */
export function progressGap(step: number): number {
  return Math.max(10, Math.ceil(step / 10));
}

/**
 * Martens' (2010) relative-progress rule at step i = `phis.length - 1`, phis[j] being phi after j steps: with k = `progressGap(i)`,
 *
 *     i > k,   phi_i < 0   and   (phi_i - phi_{i-k}) / phi_i < k * progress
 */
export function madeLittleProgress(phis: readonly number[], progress: number): boolean {
  const step = phis.length - 1;
  const gap = progressGap(step);
  return step > gap && phis[step] < 0 && (phis[step] - phis[step - gap]) / phis[step] < gap * progress;
}

const GROWTH = 1.3;
const FIRST_STEP = 5;

/** Steps whose iterates Hessian-free keeps to backtrack over: ceil(5 * 1.3^j), up to `maximum`. */
export function geometricSteps(maximum: number): number[] {
  const steps: number[] = [];
  // Repeated products, not Math.pow, whose bits differ between engines: a step may not.
  for (let step = FIRST_STEP; Math.ceil(step) <= maximum; step *= GROWTH) steps.push(Math.ceil(step));
  return steps;
}

/** Reasons that the readable twin and the kernels share; `steps` were made. */
export const stopped = {
  solved: (steps: number): ConjugateGradientReason => ({
    code: "converged",
    message: `After ${count(steps)} the residual was 0: x solves the system, as far as its numbers can tell.`,
  }),
  rounding: (steps: number): ConjugateGradientReason => ({
    code: "converged",
    message: `After ${count(steps)} what was left of the system was rounding: x solves it, as far as its numbers can tell.`,
  }),
  zero: { code: "converged", message: "The right-hand side is 0, and so is the solution." } as ConjugateGradientReason,
  progress: (steps: number, progress: number): ConjugateGradientReason => ({
    code: "converged",
    message:
      `After ${count(steps)} phi had fallen by less than ${progress} of its value per step ` + `over the last ${progressGap(steps)} steps.`,
  }),
  maximum: (steps: number): ConjugateGradientReason => ({ code: "maximum", message: `The most steps allowed, ${steps}, were made.` }),
  /** `isEmpty`: the product was 0 in every entry. */
  negativeCurvature: (steps: number, curvature: number, isEmpty = false): ConjugateGradientReason => ({
    code: "negativeCurvature",
    message:
      `After ${count(steps)} the curvature p'Ap along the next direction was ${curvature}: A is not positive definite` +
      `${isEmpty ? ", or its product wrote nothing into out" : ""}; add damping, a multiple of the identity.`,
  }),
  indefinitePreconditioner: (steps: number, square: number): ConjugateGradientReason => ({
    code: "indefinitePreconditioner",
    message:
      `After ${count(steps)} r'M^-1 r was ${square} for a residual r that is not 0: ` +
      "the preconditioner M is not positive definite; x is what was reached until then.",
  }),
  nonFinite: (steps: number): ConjugateGradientReason => ({
    code: "nonFinite",
    message:
      `After ${count(steps)} the product or the next iterate was not finite, so that step was not made; check the product, or scale ` +
      "the system down.",
  }),
};

/** "1 step", "2 steps". */
export function count(steps: number): string {
  return `${steps} step${steps === 1 ? "" : "s"}`;
}
