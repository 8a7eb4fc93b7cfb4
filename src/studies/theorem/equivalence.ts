import { quadratic } from "../../objectives/quadratic.js";
import { nesterov } from "../../optimizers/momentum/momentumDescriptions.js";
import { nesterov1983 } from "../../optimizers/nesterov1983/nesterov1983Description.js";
import { schedules, scheduleValue } from "../../schedules/index.js";
import { trajectory } from "../trajectory.js";
import { LARGEST, normals, spectrum } from "./problems.js";
import type { TheoremSpec } from "./spec.js";
import { largestDifference, type Methods, type Part, scheduleOf } from "./trajectory.js";

/** Appendix A.1 as numbers: the method of 1983 as momentum. */
export interface MomentumEquivalence {
  /** Of theta_t by Eq. 3-4, given (a_t - 1) / a_{t+1} and the rates that were found, from theta_t by Eq. 6-9. */
  readonly asNesterov: number;
  /** Of theta_t by Eq. 13-14 with a search of its own, which is `nesterov1983`, from theta_t by Eq. 6-9. */
  readonly asNesterov1983: number;
  /** How often the rate was halved, and what it came to, times L. */
  readonly halvings: number;
  readonly lastRate: number;
  /** a_t and mu_t = (a_t - 1) / a_{t+1}, the momentum that the library used, at some t. */
  readonly momenta: readonly { readonly t: number; readonly a: number; readonly momentum: number }[];
  /** From t = 100 on: largest |a_t / ((t + 4) / 2) - 1| and largest |mu_t - (1 - 3/(t + 5))|. */
  readonly approximation: { readonly a: number; readonly momentum: number };
}

/** Where the approximations are taken for good: they are of large t, mu_0 being 0 and 1 - 3/5 being 0.4. */
export const APPROXIMATE_FROM = 100;
const SHOWN = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000];

/** Too large, so that the search has something to do; three halvings bring it below 1 / L, where the test of Eq. 6 always passes. */
const FIRST_RATE = 6 / LARGEST;

/** Runs three forms of one method, each with its own code, from one start on a quadratic whose minimum is 0. */
export function* equivalence(
  { seed, dimensions: n, updates, conditionNumber }: TheoremSpec,
  { minimize, published1983 }: Methods,
): Part<MomentumEquivalence> {
  const objective = quadratic({ eigenvalues: spectrum(n, conditionNumber) });
  const start = normals(n, seed, "start");
  const published = published1983(objective, start, FIRST_RATE, updates);
  yield 0.3;
  const { theta, rates, a } = published;
  // Update t of the library makes theta_t from theta_{t-1} and so looks ahead by mu_{t-1}; before the first there is no velocity.
  const ahead = a.map((_, t) => (t === 0 ? 0 : (a[t - 1] - 1) / a[t]));
  const asNesterov = trajectory(
    minimize,
    objective,
    start,
    nesterov({ learningRate: scheduleOf(rates), momentum: scheduleOf(ahead) }),
    updates,
  );
  yield 0.6;
  const asNesterov1983 = trajectory(minimize, objective, start, nesterov1983({ initialRate: FIRST_RATE }), updates);
  const momentum = asNesterov1983.momentum.slice(1);
  const approximate = schedules.nesterov1983();
  const approximation = { a: 0, momentum: 0 };
  // Of updates that were not made there is no momentum, and the largest difference no number.
  for (let t = APPROXIMATE_FROM; t < updates - 1; t++) {
    approximation.a = Math.max(approximation.a, Math.abs(a[t] / ((t + 4) / 2) - 1));
    approximation.momentum = Math.max(approximation.momentum, Math.abs(momentum[t] - scheduleValue(approximate, t)));
  }
  let halvings = 0;
  for (let rate = FIRST_RATE; rate > rates[rates.length - 1]; rate /= 2) halvings++;
  return {
    asNesterov: largestDifference(theta, asNesterov.theta),
    asNesterov1983: largestDifference(theta, asNesterov1983.theta),
    halvings,
    lastRate: rates[rates.length - 1] * LARGEST,
    momenta: SHOWN.filter((t) => t < momentum.length).map((t) => ({ t, a: a[t], momentum: momentum[t] })),
    approximation,
  };
}
