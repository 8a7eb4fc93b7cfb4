import { dot, norm } from "../../math/scaledSums.js";
import type { Objective } from "../../objectives/objective.js";
import { valueAndGradient } from "../../objectives/valueAndGradient.js";
import { type IterationState, VALUE_ROUNDING } from "../iteration.js";
import { momentumUpdate } from "../momentum/recurrence.js";

/**
 * State of Nesterov's 1983 method. Its theta_{-1} is the starting point y_0; the velocity is v_t = theta_t - theta_{t-1}, and so
 * y_t = theta_{t-1} + mu_{t-1} v_{t-1} with mu_t = (a_t - 1) / a_{t+1} (Eq. 10-12): NAG with a schedule and a rate of its own.
 */
export interface AcceleratedState extends IterationState {
  /** a_t: 1 at first, then about (t + 4) / 2. */
  a: number;
  /** mu_{t-1}, with which the next y_t looks ahead; 0 at first. */
  momentum: number;
  /** eps_{t-1}, from which a search for the next one starts; it never grows. */
  learningRate: number;
}

/** The same with what the search for the rate needs. */
export interface Nesterov1983State extends AcceleratedState {
  /** Largest |f(y)| so far, by which the rounding of f is judged. */
  largestValue: number;
  /** Working space of the search. */
  readonly trial: Float64Array;
}

/** A sum of squares below this may have lost squares that vanished. */
const SOUND_SQUARE = 2 ** -900;

/**
 * The search of Eq. 6 at y_t = `point`: eps_t = 2^{-i} eps_{t-1} with the smallest i >= 0 for which
 *
 *     f(y_t) - f(y_t - eps_t grad f(y_t)) >= eps_t |grad f(y_t)|^2 / 2
 *
 * The paper prints "smallest positive i", which would halve the rate at every update even where it is fine; Nesterov's own
 * non-negative i is meant and used. With eps <= 1/L (L the Lipschitz constant of the gradient) the test always holds.
 * Near a minimum the difference drowns in the rounding of f; the rate is then kept, since halving it would be acting on noise, and
 * should it be too large after all, the values soon grow out of the noise and the test bites again.
 *
 * @returns eps_t, or undefined when `maximumHalvings` halvings did not do
 */
export function searchRate(objective: Objective, state: Nesterov1983State, value: number, maximumHalvings: number): number | undefined {
  const { point, gradient, trial } = state;
  const size = norm(gradient);
  const squaredNorm = dot(gradient, gradient);
  const isSound = squaredNorm >= SOUND_SQUARE && squaredNorm < Infinity;
  const unused = new Float64Array(point.length);
  state.largestValue = Math.max(state.largestValue, Math.abs(value));
  let rate = state.learningRate;
  for (let halvings = 0; halvings <= maximumHalvings && rate > 0; halvings++, rate /= 2) {
    const wanted = isSound ? 0.5 * rate * squaredNorm : 0.5 * (rate * size) * size;
    if (wanted <= VALUE_ROUNDING * state.largestValue) return rate;
    for (let i = 0; i < trial.length; i++) trial[i] = point[i] - rate * gradient[i];
    // A trial value that is NaN or infinite fails the comparison, and the rate is halved.
    if (value - valueAndGradient(objective, trial, unused) >= wanted) return rate;
  }
  return undefined;
}

/**
 * One update with the rate found (Eq. 13-14), then a_{t+1} and mu_t for the next (Eq. 8 and 11):
 *
 *     v_t = mu_{t-1} v_{t-1} - eps_t grad f(y_t)
 *     theta_t = theta_{t-1} + v_t
 */
export function nesterov1983Update(state: AcceleratedState, learningRate: number): void {
  state.learningRate = learningRate;
  momentumUpdate(state, { lookAhead: true, momentum: state.momentum, learningRate, weightDecay: 0 });
  const next = (1 + Math.sqrt(4 * state.a * state.a + 1)) / 2;
  state.momentum = (state.a - 1) / next;
  state.a = next;
}

/**
 * eps_{-1} = |y_0 - z| / |grad f(y_0) - grad f(z)|, which is at least 1/L whatever z is. z lies down the gradient from y_0 by
 * 2^-13 of the scale of y_0: near enough to see the local curvature, far enough that the difference of gradients keeps half its digits.
 * Where the gradient does not change (a linear function), is 0, or is not finite, the rate is 1: there is no way down to go.
 */
export function automaticRate(objective: Objective, start: Float64Array): number {
  const gradient = new Float64Array(start.length);
  const other = new Float64Array(start.length);
  valueAndGradient(objective, start.slice(), gradient);
  const slope = norm(gradient);
  const distance = (1 / 8192) * Math.max(1, norm(start));
  if (!(slope > 0 && slope < Infinity && distance < Infinity)) return 1;
  const along = distance / slope;
  const z = start.map((x, i) => x - (along < Infinity ? along * gradient[i] : distance * (gradient[i] / slope)));
  valueAndGradient(objective, z, other);
  const rate = distance / norm(other.map((g, i) => g - gradient[i]));
  return Number.isFinite(rate) && rate > 0 ? rate : 1;
}
