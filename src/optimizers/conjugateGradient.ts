import { InvalidOptionError } from "../errors.js";
import { checkConjugateGradientOptions, checkRightHandSide } from "./conjugateGradientOptions.js";
import { type ConjugateGradientReason, count, madeLittleProgress, stopped } from "./conjugateGradientReason.js";
import { dot } from "./recurrence.js";

/** Writes A vector into `out`, which arrives filled with 0; keeps neither. */
export type LinearProduct = (vector: Float64Array, out: Float64Array) => void;

/** Writes M^-1 r into `out`, M symmetric and positive definite; keeps neither. */
export type Preconditioner = (r: Float64Array, out: Float64Array) => void;

/** What a step reports. `x` is the live iterate: read it, copy what you keep. */
export interface ConjugateGradientStep {
  /** Steps made, from 1. */
  step: number;
  /** |A x - b|, as the recurrence carries it. */
  residual: number;
  /** phi(x) = x'Ax / 2 - b'x. */
  phi: number;
  x: Float64Array;
}

export interface ConjugateGradientOptions {
  /** x_0. Default 0, which saves a product. */
  start?: ArrayLike<number>;
  /** Diagonal of M, all positive, or a function that applies M^-1. Default: the identity. */
  preconditioner?: ArrayLike<number> | Preconditioner;
  /** Steps at most. Default 10 n. */
  maximum?: number;
  /** Steps before `tolerance` or `progress` may end the solve. Default 0. */
  minimum?: number;
  /** Stop once |A x - b| <= tolerance |b|. Default 1e-5. */
  tolerance?: number;
  /** Martens' rule, stop once phi falls by less than this share of itself a step; Hessian-free takes 5e-4. Default 0: never. */
  progress?: number;
  /** Steps after which a copy of x is wanted. */
  keep?: ArrayLike<number>;
  /** Looked at before every step. An abort ends the solve with what it has, and is not an error. */
  signal?: AbortSignal;
  onStep?: (report: ConjugateGradientStep) => void;
}

/** x after so many steps. */
export interface ConjugateGradientIterate {
  step: number;
  x: Float64Array;
  phi: number;
}

export interface ConjugateGradientResult {
  x: Float64Array;
  /** Steps made. */
  steps: number;
  /** |A x - b|, as the recurrence carries it. */
  residual: number;
  /** phi(x) = x'Ax / 2 - b'x. */
  phi: number;
  reason: ConjugateGradientReason;
  /** The iterates of `keep` that were reached before the last one, which is `x` itself; in order. */
  iterates: ConjugateGradientIterate[];
}

/** Residuals below this may have an r'M^-1 r that underflows to 0; with larger ones a 0 means that M^-1 is singular. */
const UNDERFLOW = 1e-140;

/**
 * Solves A x = b, A symmetric and positive definite and known by its products only, by preconditioned conjugate gradient (Hestenes & Stiefel 1952,
 * in the form of Martens 2010): it minimises phi(x) = x'Ax / 2 - b'x.
 *
 *     r_0 = A x_0 - b,   y_0 = M^-1 r_0,   p_0 = -y_0
 *     alpha = r'y / p'Ap,   x <- x + alpha p,   r <- r + alpha A p,   y <- M^-1 r
 *     beta = r'y (new) / r'y (old),   p <- -y + beta p
 *
 *     const poisson = (v, out) => { for (let i = 0; i < v.length; i++) out[i] = 2 * v[i] - (v[i - 1] ?? 0) - (v[i + 1] ?? 0); };
 *     conjugateGradient(poisson, [1, 0, 0, 1]).x   // [1, 1, 1, 1]
 *
 * In exact arithmetic it needs no more steps than M^-1 A has distinct eigenvalues. One product a step, and one more for a start that is not 0.
 *
 * @throws InvalidOptionError, ShapeError for wrong arguments (b zero or not finite, a preconditioner that is not positive definite)
 */
export function conjugateGradient(product: LinearProduct, b: ArrayLike<number>, options: ConjugateGradientOptions = {}): ConjugateGradientResult {
  for (const solve = conjugateGradientSteps(product, b, options); ; ) {
    const next = solve.next();
    if (next.done) return next.value;
    options.onStep?.(next.value);
  }
}

/** @internal The same solve, yielding after every step; it may be left at any yield. */
export function* conjugateGradientSteps(product: LinearProduct, b: ArrayLike<number>, options: Omit<ConjugateGradientOptions, "onStep"> = {}): Generator<ConjugateGradientStep, ConjugateGradientResult, void> {
  if (typeof product !== "function") throw new InvalidOptionError("product", product, "a function (vector, out) that writes A vector into out");
  const rhs = checkRightHandSide(b);
  const size = rhs.length;
  const { x: start, started, precondition, maximum, minimum, tolerance, progress, keep, signal } = checkConjugateGradientOptions(options, size);
  const goal = tolerance * norm(rhs);

  let x = start;
  // Where the next iterate is made, so that a step that overflows leaves the last one as it was.
  let next: Float64Array = new Float64Array(size);
  const ap = new Float64Array(size);
  if (started) product(x, ap);
  const r = ap.map((value, i) => value - rhs[i]);
  const y = new Float64Array(size);
  precondition(r, y);
  const p = y.map((value) => -value);
  let ry = dot(r, y);
  let residual = norm(r);
  const phis = [phiOf(x, r, rhs)];
  const iterates: ConjugateGradientIterate[] = [];

  const finish = (reason: ConjugateGradientReason): ConjugateGradientResult => {
    const steps = phis.length - 1;
    return { x, steps, residual, phi: phis[steps], reason, iterates: iterates.filter(({ step }) => step < steps) };
  };
  if (!Number.isFinite(ry + residual + phis[0])) return finish(stopped.nonFinite(0));

  for (let steps = 0; ; steps++) {
    // Both, as in the kernels: squares of a residual that is not 0 may be.
    if (residual === 0 || (ry === 0 && residual < UNDERFLOW)) return finish(stopped.solved(steps));
    if (steps >= minimum && residual <= goal) {
      return finish({ code: "converged", message: `After ${count(steps)} the residual ${residual} was within the tolerance of ${tolerance} times |b|.` });
    }
    if (progress > 0 && steps >= minimum && madeLittleProgress(phis, progress)) return finish(stopped.progress(steps, progress));
    if (steps >= maximum) return finish(stopped.maximum(steps));
    if (signal?.aborted) return finish({ code: "aborted", message: `The signal asked to stop after ${count(steps)}.` });
    if (ry <= 0) throw new InvalidOptionError("preconditioner", `indefinite (r'M^-1 r is ${ry})`, "symmetric and positive definite, like A");

    product(p, ap.fill(0));
    const curvature = dot(p, ap);
    if (curvature <= 0 && Number.isFinite(curvature)) return finish(stopped.negativeCurvature(steps, curvature));
    const alpha = ry / curvature;
    for (let i = 0; i < size; i++) {
      next[i] = x[i] + alpha * p[i];
      r[i] += alpha * ap[i];
    }
    precondition(r, y);
    const newRy = dot(r, y);
    const newResidual = norm(r);
    const phi = phiOf(next, r, rhs);
    if (!Number.isFinite(curvature + newRy + newResidual + phi)) return finish(stopped.nonFinite(steps));
    const beta = newRy / ry;
    for (let i = 0; i < size; i++) p[i] = -y[i] + beta * p[i];
    [x, next] = [next, x];
    ry = newRy;
    residual = newResidual;
    phis.push(phi);
    if (keep.has(steps + 1)) iterates.push({ step: steps + 1, x: x.slice(), phi });
    yield { step: steps + 1, residual, phi, x };
  }
}

/** phi(x) = x'Ax / 2 - b'x = (r - b)'x / 2 with r = A x - b: no product of its own. */
function phiOf(x: Float64Array, r: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (r[i] - b[i]) * x[i];
  return 0.5 * sum;
}

function norm(v: Float64Array): number {
  return Math.sqrt(dot(v, v));
}
