import { InvalidOptionError } from "../../errors.js";
import { exponentOf, largest, norm, ratio, type Scaled, scaledDot, timesPower, valueOf } from "../../math/scaledSums.js";
import { checkWritten } from "../../objectives/written.js";
import {
  type ConjugateGradientOptions,
  type ConjugateGradientStep,
  checkConjugateGradientOptions,
  checkRightHandSide,
} from "./conjugateGradientOptions.js";
import { type ConjugateGradientReason, count, madeLittleProgress, stopped } from "./conjugateGradientReason.js";

/** Writes A vector into `out`, which arrives filled with 0; keeps neither. */
export type LinearProduct = (vector: Float64Array, out: Float64Array) => void;

/** x after so many steps. */
export interface ConjugateGradientIterate {
  step: number;
  x: Float64Array;
  phi: number;
}

/** What `conjugateGradient` found. */
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

/**
 * Right-hand sides and starts within these bounds are taken as they are; others are brought to about 1 by a power of 2, which changes no
 * digit of the solution.
 */
const SMALLEST_EXPONENT = -400;
const LARGEST_EXPONENT = 400;

/**
 * A start whose residual is so many times |b| is far: x then carries rounding of the start's size, of which the recurrence's residual knows
 * nothing. Where the residual has fallen to this share of one that was computed as A x - b, it is computed anew and the solve goes on from
 * there.
 */
const FAR = 2 ** 20;
const TRUSTED_SHARE = 2 ** -40;

/** Residuals below this may have an r'M^-1 r whose M^-1 r vanishes; with larger ones a 0 means that M^-1 is singular. */
const UNDERFLOW = 1e-140;

/**
 * Solves A x = b, A symmetric and positive definite and known by its products only, by preconditioned conjugate gradient (Hestenes &
 * Stiefel 1952, in the form of Martens 2010): it minimizes phi(x) = x'Ax / 2 - b'x.
 *
 *     r_0 = A x_0 - b,   y_0 = M^-1 r_0,   p_0 = -y_0
 *     alpha = r'y / p'Ap,   x <- x + alpha p,   r <- r + alpha A p,   y <- M^-1 r
 *     beta = r'y (new) / r'y (old),   p <- -y + beta p
 *
 *     const poisson = (v, out) => { for (let i = 0; i < v.length; i++) out[i] = 2 * v[i] - (v[i - 1] ?? 0) - (v[i + 1] ?? 0); };
 *     conjugateGradient(poisson, [1, 0, 0, 1]).x   // [1, 1, 1, 1]
 *
 * In exact arithmetic it needs no more steps than M^-1 A has distinct eigenvalues. One product a step, and one more for a start that is not
 * 0.
 *
 * Sums of squares are scaled, so that b may be of any size that f64 holds; `phi`, a product of two such sizes, is then reported as 0 or
 * -Infinity where f64 does not hold it. For b = 0 the solution is 0 and takes no step, whatever the start; a start far from the solution
 * takes a product more where rounding makes it necessary.
 *
 * @throws InvalidOptionError, ShapeError for wrong arguments, and for a product or preconditioner that returns its result instead of
 * writing it
 */
export function conjugateGradient(
  product: LinearProduct,
  b: ArrayLike<number>,
  options: ConjugateGradientOptions = {},
): ConjugateGradientResult {
  for (const solve = conjugateGradientSteps(product, b, options); ; ) {
    const next = solve.next();
    if (next.done) return next.value;
    options.onStep?.(next.value);
  }
}

/**
 * @internal The same solve, yielding after every step; it may be left at any yield. With `rounding` it ends, whatever the least number of
 *   steps, where the residual is at most
 * that share of |b|, or of |r_0| if that is larger, and where the curvature along a direction is that share of the steepest so far: of a
 * singular system nothing but rounding is left then, and a step would be as long as chance has it.
 */
export function* conjugateGradientSteps(
  product: LinearProduct,
  b: ArrayLike<number>,
  options: Omit<ConjugateGradientOptions, "onStep"> = {},
  rounding = 0,
): Generator<ConjugateGradientStep, ConjugateGradientResult, void> {
  if (typeof product !== "function")
    throw new InvalidOptionError("product", product, "a function (vector, out) that writes A vector into out");
  const given = checkRightHandSide(b);
  const size = given.length;
  const {
    x: givenStart,
    started,
    precondition,
    maximum,
    minimum,
    tolerance,
    progress,
    keep,
    signal,
  } = checkConjugateGradientOptions(options, size);
  if (largest(given) === 0) return { x: new Float64Array(size), steps: 0, residual: 0, phi: 0, reason: stopped.zero, iterates: [] };

  // The system that is solved is A (x / 2^scale) = b / 2^scale.
  const scale = scaleFor(Math.max(largest(given), largest(givenStart)));
  const shrunk = (v: Float64Array): Float64Array => (scale === 0 ? v : v.map((value) => timesPower(value, -scale)));
  const rhs = shrunk(given);
  const sizeOfB = norm(rhs);
  const goal = tolerance * sizeOfB;
  const apply = (vector: Float64Array, out: Float64Array): void => {
    checkWritten("product", "(vector, out)", product(vector, out.fill(0)), out);
  };
  const y = new Float64Array(size);
  const preconditioned = (): Scaled => {
    checkWritten("preconditioner", "(r, out)", precondition(r, y.fill(0)), y);
    return scaledDot(r, y);
  };

  let x = shrunk(givenStart);
  // Where the next iterate is made, so that a step that overflows leaves the last one as it was.
  let next: Float64Array = new Float64Array(size);
  /** The iterates of the caller's system; the same arrays where that is the one that is solved. */
  let shown = givenStart;
  let nextShown = scale === 0 ? next : new Float64Array(size);
  const ap = new Float64Array(size);
  if (started) apply(x, ap);
  const r = ap.map((value, i) => value - rhs[i]);
  let ry = preconditioned();
  const p = y.map((value) => -value);
  let residual = norm(r);
  const phis = [phiOf(x, r, rhs)];
  const iterates: ConjugateGradientIterate[] = [];
  const phiShown = (phi: number): number => timesPower(phi, 2 * scale);

  const finish = (reason: ConjugateGradientReason): ConjugateGradientResult => {
    const steps = phis.length - 1;
    const before = iterates.filter(({ step }) => step < steps);
    return { x: shown, steps, residual: timesPower(residual, scale), phi: phiShown(phis[steps]), reason, iterates: before };
  };
  if (!Number.isFinite(ry.mantissa + residual)) return finish(stopped.nonFinite(0));

  const noise = rounding * Math.max(sizeOfB, residual);
  let steepest = 0;
  let computed = residual;
  let isFar = started && residual > FAR * sizeOfB;
  for (let steps = 0; ; steps++) {
    if (isFar && steps > 0 && residual <= Math.max(goal, computed * TRUSTED_SHARE)) {
      apply(x, ap);
      for (let i = 0; i < size; i++) r[i] = ap[i] - rhs[i];
      ry = preconditioned();
      for (let i = 0; i < size; i++) p[i] = -y[i];
      residual = norm(r);
      phis[steps] = phiOf(x, r, rhs);
      if (!Number.isFinite(ry.mantissa + residual)) return finish(stopped.nonFinite(steps));
      // Where it has not come down, it will not.
      isFar = residual > FAR * sizeOfB && residual < computed / 2;
      computed = residual;
    }
    if (residual === 0 || (ry.mantissa === 0 && residual < UNDERFLOW)) return finish(stopped.solved(steps));
    if (residual <= noise) return finish(stopped.rounding(steps));
    if (steps >= minimum && residual <= goal) {
      const size = timesPower(residual, scale);
      return finish({
        code: "converged",
        message: `After ${count(steps)} the residual ${size} was within the tolerance of ${tolerance} times |b|.`,
      });
    }
    if (progress > 0 && steps >= minimum && madeLittleProgress(phis, progress)) return finish(stopped.progress(steps, progress));
    if (steps >= maximum) return finish(stopped.maximum(steps));
    if (signal?.aborted) return finish({ code: "aborted", message: `The signal asked to stop after ${count(steps)}.` });
    if (ry.mantissa <= 0) return finish(stopped.indefinitePreconditioner(steps, timesPower(valueOf(ry), 2 * scale)));

    apply(p, ap);
    const curvature = scaledDot(p, ap);
    if (curvature.mantissa <= 0 && Number.isFinite(curvature.mantissa)) {
      return finish(stopped.negativeCurvature(steps, timesPower(valueOf(curvature), 2 * scale), largest(ap) === 0));
    }
    if (rounding > 0) {
      const slope = ratio(curvature, scaledDot(p, p));
      steepest = Math.max(steepest, slope);
      if (slope <= rounding * steepest) return finish(stopped.rounding(steps));
    }
    const alpha = ratio(ry, curvature);
    for (let i = 0; i < size; i++) {
      next[i] = x[i] + alpha * p[i];
      r[i] += alpha * ap[i];
    }
    if (scale !== 0) for (let i = 0; i < size; i++) nextShown[i] = timesPower(next[i], scale);
    const newRy = preconditioned();
    const newResidual = norm(r);
    const phi = phiOf(next, r, rhs);
    if (!Number.isFinite(curvature.mantissa + newRy.mantissa + newResidual + largest(next) + largest(nextShown))) {
      return finish(stopped.nonFinite(steps));
    }
    const beta = ratio(newRy, ry);
    for (let i = 0; i < size; i++) p[i] = -y[i] + beta * p[i];
    [x, next] = [next, x];
    [shown, nextShown] = [nextShown, shown];
    ry = newRy;
    residual = newResidual;
    phis.push(phi);
    if (keep.has(steps + 1)) iterates.push({ step: steps + 1, x: shown.slice(), phi: phiShown(phi) });
    yield { step: steps + 1, residual: timesPower(residual, scale), phi: phiShown(phi), x: shown };
  }
}

/** The power of 2 that brings numbers of up to `size` to about 1; 0 where they are well within f64 already. */
function scaleFor(size: number): number {
  const exponent = exponentOf(size);
  return exponent < SMALLEST_EXPONENT || exponent > LARGEST_EXPONENT ? exponent : 0;
}

/** phi(x) = x'Ax / 2 - b'x = (r - b)'x / 2 with r = A x - b: no product of its own. */
function phiOf(x: Float64Array, r: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (r[i] - b[i]) * x[i];
  if (Number.isFinite(sum)) return 0.5 * sum;
  // Sums of both signs may overflow where the whole does not.
  return (
    0.5 *
    valueOf(
      scaledDot(
        r.map((value, i) => value - b[i]),
        x,
      ),
    )
  );
}
