import { type Statement, statement } from "../statement.js";
import { APPROXIMATE_FROM } from "./equivalence.js";
import type { TheoremNumbers } from "./numbers.js";
import { contestantNames, contestants, type SpeedUpContestant } from "./speedUp.js";
import { worst } from "./trajectory.js";

/** How far a fitted exponent may be from the one stated: iterations grow by R^p only up to a factor that varies slowly. */
const EXPONENT_TOLERANCE = 0.1;

/** "About", of the approximations of 1983 from t = 100 on: within a hundredth for a_t, within a thousandth for mu_t. */
const A_TOLERANCE = 0.01;
const MOMENTUM_TOLERANCE = 0.001;

/**
 * What two computations that are the same but for rounding may differ by, as a share: a rounding of 2^-52 at every update, enlarged by the
 * condition number at most. A wrong recurrence is off by a thousandth and more.
 */
export function roundingTolerance({ updates, conditionNumber }: TheoremNumbers["spec"]): number {
  return 2 ** -52 * updates * conditionNumber;
}

/** The verdicts, from the numbers alone. A value that is no number is none that holds. */
export function judge({ spec, effectiveMomentum, rotation, equivalence, bounds, speedUp }: TheoremNumbers): Statement[] {
  const rounding = roundingTolerance(spec);
  const same = "largest deviation of parameters and velocities, as a share of the largest of them";
  const { constant } = effectiveMomentum;
  const momentumErrors = constant.coordinates.map(({ predicted, measured }) => Math.abs(predicted - measured));
  return [
    statement("trajectories", "Theorem 2.1, trajectories", same, worst(effectiveMomentum.deviation), rounding),
    statement(
      "effectiveMomentum",
      "Theorem 2.1, momentum of NAG's steps",
      "largest difference from mu (1 - lambda eps)",
      Math.max(...momentumErrors),
      rounding,
    ),
    statement("rotatedCm", "Proposition 6.1, CM", same, worst(rotation.classicalMomentum), rounding),
    statement("rotatedNag", "Proposition 6.1, NAG", same, worst(rotation.nesterov), rounding),
    statement(
      "asNesterov",
      "Eq. 6-9 are NAG, Eq. 3-4",
      "largest deviation of parameters, as a share of the largest",
      equivalence.asNesterov,
      rounding,
    ),
    statement(
      "asNesterov1983",
      "Eq. 6-9 are Eq. 13-14",
      "largest deviation of parameters, as a share of the largest",
      equivalence.asNesterov1983,
      rounding,
    ),
    statement(
      "a",
      "a_t is about (t + 4)/2",
      `largest |a_t / ((t + 4)/2) - 1| from t = ${APPROXIMATE_FROM} on`,
      equivalence.approximation.a,
      A_TOLERANCE,
    ),
    statement(
      "momentum1983",
      "mu_t is about 1 - 3/(t + 5)",
      `largest |mu_t - 1 + 3/(t + 5)| from t = ${APPROXIMATE_FROM} on`,
      equivalence.approximation.momentum,
      MOMENTUM_TOLERANCE,
    ),
    statement(
      "bound",
      "Bound of the method of 1983",
      "largest (f(theta_t) - f*) / (4 L |theta_{-1} - theta*|^2 / (t + 2)^2)",
      Math.max(...bounds.map(({ largest }) => largest)),
      1,
    ),
    ...contestantNames.map((name) => growth(name, speedUp.exponents[name])),
  ];
}

function growth(name: SpeedUpContestant, exponent: number): Statement {
  const { label, exponent: stated } = contestants[name];
  const power = stated === 1 ? "R" : "sqrt R";
  const measure = `distance of the fitted exponent from ${stated === 1 ? "1" : "1/2"}`;
  return statement(`growth.${name}`, `${label}, iterations as ${power}`, measure, Math.abs(exponent - stated), EXPONENT_TOLERANCE);
}
