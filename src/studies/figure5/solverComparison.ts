import { dot } from "../../math/scaledSums.js";
import type { Objective } from "../../objectives/objective.js";
import { valueAndGradient } from "../../objectives/valueAndGradient.js";
import { conjugateGradientSteps, type LinearProduct } from "../../optimizers/conjugateGradient/conjugateGradient.js";
import { createState } from "../../optimizers/iteration.js";
import { momentumGradient } from "../../optimizers/momentum/recurrence.js";
import { type AcceleratedState, nesterov1983Update } from "../../optimizers/nesterov1983/recurrence.js";

/** phi after 0, 1, ..., n iterations of each method, both from x = 0, where phi is 0. */
export interface SolverComparison {
  readonly conjugateGradient: readonly number[];
  readonly nesterov: readonly number[];
  /** An upper bound of A's largest eigenvalue, as `largestEigenvalue` finds it; NAG's rate is 1 over it. */
  readonly largestEigenvalue: number;
}

/** How far one of the solvers has come: `step` of `of` products with the matrix. */
export interface SolverProgress {
  readonly solver: "powerIteration" | "conjugateGradient" | "nesterov";
  readonly step: number;
  readonly of: number;
}

type Work<Result> = Generator<SolverProgress, Result, void>;

/**
 * Two ways to minimize phi(x) = x'Ax / 2 - b'x, A symmetric and positive definite and known by its products only, from x = 0, each with
 * `iterations` products:
 *
 * - conjugate gradient, without a preconditioner;
 * - NAG with the rate 1/L, L >= lambda_max, and mu_t = (a_t - 1) / a_{t+1}: the best that is known of A's largest eigenvalue alone, with
 *   phi(x_t) - phi(x*) <= 2 L |x*|^2 / (t + 1)^2 (Beck & Teboulle 2009, theorem 4.4).
 *
 * Everything is f64, in plain sums. It may be left at any yield. Throws InvalidOptionError for a b that is 0 or not finite.
 */
export function* compareSolvers(product: LinearProduct, b: Float64Array, iterations: number): Work<SolverComparison> {
  const conjugateGradient = yield* conjugateGradientCurve(product, b, iterations);
  const bound = yield* largestEigenvalue(product, b);
  const nesterov = yield* nesterovCurve(product, b, 1 / bound, iterations);
  return { conjugateGradient, nesterov, largestEigenvalue: bound };
}

function* conjugateGradientCurve(product: LinearProduct, b: Float64Array, iterations: number): Work<number[]> {
  const curve = [0];
  for (const { step, phi } of conjugateGradientSteps(product, b, { maximum: iterations, tolerance: 0 })) {
    curve.push(phi);
    yield { solver: "conjugateGradient", step, of: iterations };
  }
  // Where it was solved sooner, to the last bit, it stays so.
  while (curve.length <= iterations) curve.push(curve[curve.length - 1]);
  return curve;
}

function* nesterovCurve(product: LinearProduct, b: Float64Array, learningRate: number, iterations: number): Work<number[]> {
  const objective = quadraticOf(product, b);
  const state: AcceleratedState = { ...createState(new Float64Array(b.length)), a: 1, momentum: 0, learningRate };
  const unused = new Float64Array(b.length);
  const curve = [0];
  for (let step = 1; step <= iterations; step++) {
    momentumGradient(objective, state, { lookAhead: true, momentum: state.momentum, learningRate, weightDecay: 0 });
    nesterov1983Update(state, learningRate);
    // A product that the method does not need: its own was at the look-ahead point.
    curve.push(valueAndGradient(objective, state.theta, unused));
    yield { solver: "nesterov", step, of: iterations };
  }
  return curve;
}

/** phi as a function to minimize. */
function quadraticOf(product: LinearProduct, b: Float64Array): Objective {
  return {
    size: b.length,
    gradient(x, out) {
      product(x, out);
      let value = 0;
      for (let i = 0; i < b.length; i++) {
        value += (0.5 * out[i] - b[i]) * x[i];
        out[i] -= b[i];
      }
      return value;
    },
  };
}

/** The power iteration stops when |A v - theta v| is this share of theta, or after so many products. */
const ACCURACY = 0.01;
const PRODUCTS = 300;

/**
 * theta + |A v - theta v| for v = A^k b, normalized, and theta = v'Av: an eigenvalue lies no further than that from theta, and after enough
 * products it is the largest. The start is b since neither method ever leaves the space of b, A b, A^2 b, ...: an eigenvector that has no
 * part in b does not count.
 */
export function* largestEigenvalue(product: LinearProduct, b: Float64Array): Work<number> {
  const v = b.slice();
  const av = new Float64Array(b.length);
  let norm = Math.sqrt(dot(v, v));
  for (let step = 1; ; step++) {
    for (let i = 0; i < v.length; i++) v[i] /= norm;
    product(v, av.fill(0));
    const theta = dot(v, av);
    let square = 0;
    for (let i = 0; i < v.length; i++) square += (av[i] - theta * v[i]) * (av[i] - theta * v[i]);
    const residual = Math.sqrt(square);
    yield { solver: "powerIteration", step, of: PRODUCTS };
    if (residual <= ACCURACY * theta || step === PRODUCTS) return theta + residual;
    v.set(av);
    norm = Math.sqrt(dot(v, v));
  }
}

/** The first iteration after which phi is at most `goal`, or undefined. */
export function firstAtMost(curve: readonly number[], goal: number): number | undefined {
  const at = curve.findIndex((phi) => phi <= goal);
  return at < 0 ? undefined : at;
}
