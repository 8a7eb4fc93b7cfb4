import { InvalidOptionError } from "../../errors.js";
import { fractionalPower } from "../../math/fractionalPower.js";
import { dot, norm } from "../../math/scaledSums.js";
import type { Objective } from "../../objectives/objective.js";
import { valueAndGradient } from "../../objectives/valueAndGradient.js";
import { checkWritten } from "../../objectives/written.js";
import { conjugateGradientSteps } from "../conjugateGradient/conjugateGradient.js";
import { createState, type Evaluated, type Iteration, type IterationState, type IterationStep, VALUE_ROUNDING } from "../iteration.js";
import type { HessianFreeDescription } from "./hessianFreeDescription.js";
import { hessianFreeSettings } from "./hessianFreeSettings.js";
import { type HessianFreeProblem, type HessianFreeReport, hessianFreeUpdate, runThrough } from "./hessianFreeUpdate.js";

/** An update in `minimize`, and what Hessian-free has to say of it. */
interface HessianFreeStep extends IterationStep {
  readonly hessianFree: HessianFreeReport;
}

/**
 * Hessian-free on a user's function in f64, the readable twin of HessianFreeOptimizer. Throws InvalidOptionError for an objective
 * or options that do not suit.
 */
export function hessianFreeIteration(
  objective: Objective,
  theta: Float64Array,
  description: HessianFreeDescription,
  total: number,
  evaluated: Evaluated,
): Iteration<HessianFreeStep> {
  checkSuits(objective, description);
  const state = createState(theta);
  const squares = objective.squaredGradient !== undefined;
  let lambda = description.damping.initial;
  let previous: Float64Array | undefined;
  return {
    state,
    advance(t) {
      const settings = hessianFreeSettings(description, t, total, squares);
      const problem = objectiveProblem(
        objective,
        state,
        previous,
        (x) => (previous = x),
        (value) => evaluated(t, value, state.gradient),
      );
      const before = state.theta.slice();
      const { loss, ...report } = runThrough(hessianFreeUpdate(problem, settings, lambda));
      lambda = report.nextLambda;
      for (let i = 0; i < before.length; i++) state.velocity[i] = state.theta[i] - before[i];
      return { value: loss, learningRate: settings.learningRate, momentum: settings.decay, hessianFree: report };
    },
  };
}

/**
 * One update's problem at `state.theta`; vectors are Float64Arrays. The gradient is looked at by `evaluated` before the weight decay joins
 * it.
 */
function objectiveProblem(
  objective: Objective,
  state: IterationState,
  previous: Float64Array | undefined,
  remember: (x: Float64Array | undefined) => void,
  evaluated: (value: number) => void,
): HessianFreeProblem<Float64Array> {
  const { theta, gradient, point } = state;
  const size = theta.length;
  const right = new Float64Array(size);
  const unused = new Float64Array(size);
  return {
    theta,
    right,
    rounding: VALUE_ROUNDING,
    searchesOnCurvature: true,
    *differentiate(weightDecay) {
      yield { step: 0, of: 1 };
      const loss = valueAndGradient(objective, theta, gradient);
      evaluated(loss);
      for (let i = 0; i < size; i++) {
        gradient[i] += weightDecay * theta[i];
        right[i] = -gradient[i];
      }
      return { loss, curvatureLoss: loss, searchLoss: loss };
    },
    *solve({ shift, exponent, decay, maximum, minimum, progress, keep }) {
      yield { step: 0, of: maximum };
      const product = (vector: Float64Array, out: Float64Array): void => {
        checkWritten("objective.gaussNewtonProduct", "(theta, vector, out)", objective.gaussNewtonProduct!(theta, vector, out), out);
        for (let i = 0; i < size; i++) out[i] += shift * vector[i];
      };
      const options = {
        start: decay > 0 ? previous?.map((value) => decay * value) : undefined,
        preconditioner: exponent === undefined ? undefined : diagonal(objective, theta, shift, exponent),
        maximum,
        minimum,
        progress,
        keep,
        // As far as f64 can tell.
        tolerance: Number.EPSILON,
      };
      const { x, phi, steps, reason, iterates } = runThrough(conjugateGradientSteps(product, right, options, RESIDUAL_ROUNDING));
      return { last: { step: steps, x, phi }, iterates, reason };
    },
    *lossAt(_cases, direction, rate) {
      yield { step: 0, of: 1 };
      for (let i = 0; i < size; i++) point[i] = theta[i] + rate * direction[i];
      const value = valueAndGradient(objective, point, unused);
      return Number.isFinite(value) ? value : Infinity;
    },
    dot,
    norm,
    move(direction, factor) {
      for (let i = 0; i < size; i++) theta[i] += factor * direction[i];
    },
    remember,
  };
}

/** Of a residual in f64: some units in the last place of what it is a difference of. */
const RESIDUAL_ROUNDING = 2 ** -49;

/** Smallest entry under the power, as in the kernels. */
const FLOOR = 2 ** -63;

/** M = max(squares + shift, 2^-63)^exponent. */
function diagonal(objective: Objective, theta: Float64Array, shift: number, exponent: number): Float64Array {
  const squares = new Float64Array(theta.length);
  checkWritten("objective.squaredGradient", "(theta, out)", objective.squaredGradient!(theta, squares), squares);
  squares.forEach((value, i) => {
    if (!(value >= 0 && value < Infinity))
      throw new InvalidOptionError(`objective.squaredGradient's entry ${i}`, value, "a mean of squares: finite and not negative");
  });
  return squares.map((value) => fractionalPower(Math.max(value + shift, FLOOR), exponent));
}

function checkSuits(
  objective: Objective,
  { preconditioner, structuralDamping, gradientCases, curvatureCases }: HessianFreeDescription,
): void {
  if (objective.gaussNewtonProduct === undefined) {
    const allowed =
      "a function (theta, vector, out) that writes G(theta) vector into out, G the Gauss-Newton matrix J'HJ (or the Hessian, where " +
      "it is positive semidefinite): hessianFree needs it";
    throw new InvalidOptionError("objective.gaussNewtonProduct", undefined, allowed);
  }
  if (typeof preconditioner === "object" && objective.squaredGradient === undefined) {
    throw new InvalidOptionError(
      "preconditioner",
      preconditioner,
      '"none" or "auto": this objective has no squaredGradient(theta, out) to make it of',
    );
  }
  if (structuralDamping !== 0)
    throw new InvalidOptionError("structuralDamping", structuralDamping, "0 in minimize: it damps the hidden states of recurrent networks");
  if (gradientCases !== "all")
    throw new InvalidOptionError("gradientCases", gradientCases, '"all" in minimize: an objective has no cases to choose from');
  if (curvatureCases !== "gradient")
    throw new InvalidOptionError("curvatureCases", curvatureCases, '"gradient" in minimize: an objective has no cases to choose from');
}
