import type { Objective } from "../../objectives/objective.js";

/** What the method of 1983 leaves: theta_t, the rate eps_t that was found, and a_t, each from t = 0 on. */
export interface Published1983 {
  readonly theta: readonly Float64Array[];
  readonly rates: readonly number[];
  readonly a: readonly number[];
}

/**
 * Nesterov's method in the form of 1983, which knows no velocity: a recurrence of its own, to be held against the library's. From
 * theta_{-1} = y_0 and a_0 = 1,
 *
 *     (6)  eps_t = 2^-i eps_{t-1}, i >= 0 the least with f(y_t) - f(y_t - eps_t grad f(y_t)) >= eps_t |grad f(y_t)|^2 / 2
 *     (7)  theta_t = y_t - eps_t grad f(y_t)
 *     (8)  a_{t+1} = (1 + sqrt(4 a_t^2 + 1)) / 2
 *     (9)  y_{t+1} = theta_t + (a_t - 1) (theta_t - theta_{t-1}) / a_{t+1}
 *
 * The paper prints a positive i, which would halve the rate at every update; Nesterov's own is meant, which is not negative.
 *
 * For an f whose least value is 0, so that (6) is not lost in rounding.
 */
export function asPublished(objective: Objective, start: Float64Array, firstRate: number, updates: number): Published1983 {
  const n = start.length;
  const thetas: Float64Array[] = [];
  const rates: number[] = [];
  const as: number[] = [];
  const gradient = new Float64Array(n);
  const unused = new Float64Array(n);
  let previous = Float64Array.from(start);
  let y = Float64Array.from(start);
  let a = 1;
  let rate = firstRate;
  for (let t = 0; t < updates; t++) {
    const value = objective.gradient(y, gradient.fill(0));
    let square = 0;
    for (const slope of gradient) square += slope * slope;
    const down = () => y.map((entry, i) => entry - rate * gradient[i]);
    let theta = down();
    while (!(value - objective.gradient(theta, unused.fill(0)) >= 0.5 * rate * square) && rate > 0) {
      rate /= 2;
      theta = down();
    }
    const next = (1 + Math.sqrt(4 * a * a + 1)) / 2;
    const factor = (a - 1) / next;
    const last = previous;
    y = theta.map((entry, i) => entry + factor * (entry - last[i]));
    thetas.push(theta);
    rates.push(rate);
    as.push(a);
    previous = theta;
    a = next;
  }
  return { theta: thetas, rates, a: as };
}
