import type { Page } from "../../report/page/page.js";
import { formatCount, formatCountOf, formatError, formatRate } from "../../report/text/format.js";
import { statementTable, verdict } from "../statement.js";
import type { StudyFacts } from "../study.js";
import { boundPlot, momentumPlot, speedUpPlot } from "./plots.js";
import { contestantNames, contestants } from "./speedUp.js";
import { momentumTable, rotationTable, speedUpTable } from "./tables.js";
import type { TheoremResult } from "./theorem.js";
import { worst } from "./trajectory.js";

/** What momentum is worth on the worst of the quadratics, in one sentence. */
export function speedUpOutcome({ spec, speedUp: { conditionNumbers, iterations } }: TheoremResult): string {
  const last = conditionNumbers.length - 1;
  const r = conditionNumbers[last];
  const [descent, nag] = [iterations.descent[last], iterations.nesterov[last]];
  return (
    `At a condition number of ${formatCount(r)}, whose square root is ${formatCount(Math.sqrt(r))}, gradient descent takes ` +
    `${formatCount(descent)} iterations to come to ${spec.reduction} of its first distance from the minimum and NAG ` +
    `${formatCount(nag)}, ${formatCount(descent / nag)} times fewer.`
  );
}

export const theoremTitle = "Theorem 2.1 and more: the paper's statements about momentum on quadratics";

export function theoremPage(result: TheoremResult, { facts, footer }: StudyFacts): Page {
  const { spec, effectiveMomentum, rotation, equivalence, bounds } = result;
  const { constant, withoutFactor } = effectiveMomentum;
  const steepest = constant.coordinates[0];
  const mostOfBound = Math.max(...bounds.map(({ largest }) => largest));
  return {
    title: theoremTitle,
    lead: `${verdict(result)} ${speedUpOutcome(result)}`,
    sections: [
      {
        kind: "table",
        title: "What was found",
        table: statementTable(result),
        caption:
          "Verdicts are computed from the numbers; statements.csv says what each number is. Two computations that are the same but for " +
          `rounding may differ by 2^-52 times the ${formatCountOf(spec.updates, "update")} times the condition number of ` +
          `${formatCount(spec.conditionNumber)}, as a share of the largest parameter or velocity.`,
      },
      {
        kind: "plot",
        title: "Theorem 2.1: the momentum that NAG has in each direction",
        plot: momentumPlot(result),
        caption:
          `Momentum ${formatRate(constant.momentum)} and learning rate ${formatRate(constant.learningRate)}. NAG's is measured in its ` +
          "steps, as the m for which v_{t+1} = m v_t - eps grad f(theta_t), and is mu (1 - lambda eps): that of CM in flat directions, " +
          "less in steep ones, none where the eigenvalue times the rate is 1, and negative beyond " +
          `(${formatError(steepest.measured)} in the steepest).`,
      },
      {
        kind: "prose",
        title: "Theorem 2.1: trajectories",
        paragraphs: [
          `With another momentum and another rate at each of ${formatCountOf(spec.updates, "update")}, NAG in all ${spec.dimensions} ` +
            "coordinates was held against CM with mu_t (1 - lambda_i eps_t), run in every coordinate alone. They are never further apart " +
            `than ${formatError(worst(effectiveMomentum.deviation))} of the largest value; CM with mu_t itself comes as far from NAG ` +
            `as ${formatError(worst(withoutFactor))} of it.`,
        ],
      },
      {
        kind: "table",
        title: "Proposition 6.1: other axes, the same way",
        table: rotationTable(result),
        caption:
          "q(x) = x'Ax/2 + b'x with A = U'DU, and p(y) = q(U'y), from y_0 = U x_0 at rest, with the same momenta and rates: largest " +
          "deviations, as shares of the largest parameter and velocity. U is a product of random reflections, orthonormal to " +
          `${formatError(rotation.orthonormality)}.`,
      },
      {
        kind: "table",
        title: "Nesterov's method of 1983 is NAG",
        table: momentumTable(result),
        caption:
          "a_{t+1} = (1 + sqrt(4 a_t^2 + 1))/2 and mu_t = (a_t - 1)/a_{t+1}. With these and the rates that its search finds, Eq. 3-4 " +
          `reach the points of Eq. 6-9, which know no velocity: parameters differ by ${formatError(equivalence.asNesterov)} at most, as ` +
          `a share of the largest. The search halved the rate ${formatCountOf(equivalence.halvings, "time")}, to ` +
          `${formatRate(equivalence.lastRate)}/L. The approximations are of large t: the first momentum is 0, not 0.4.`,
      },
      {
        kind: "plot",
        title: "The bound of the method of 1983",
        plot: boundPlot(result),
        caption:
          "f(theta_t) - f* over 4 L |theta_{-1} - theta*|^2 / (t + 2)^2, for quadratics of several condition numbers R; the largest of " +
          `all is ${formatError(mostOfBound)}, and lines end where they fall below a millionth. The bound is that of every smooth ` +
          "convex function, and quadratics leave some of it unused.",
      },
      {
        kind: "plot",
        title: "Iterations against the condition number",
        plot: speedUpPlot(result),
        caption:
          `Updates until the distance from the minimum is ${spec.reduction} of what it was. ` +
          `${contestantNames.map((name) => `${contestants[name].label}: ${contestants[name].coefficients}`).join("; ")}. L and m are ` +
          "the largest and the smallest eigenvalue, R = L/m.",
      },
      {
        kind: "table",
        title: "The square root of the condition number",
        table: speedUpTable(result),
        caption:
          "Iterations, what the last factor of ten in R multiplies them by, and the exponent p of a fitted R^p. Ten times the condition " +
          "number costs gradient descent ten times the iterations, and momentum sqrt 10 = 3.16 times and a little more, since its " +
          "slowest direction shrinks as t rho^t, not as rho^t.",
      },
      { kind: "facts", title: "Where", facts: [["Arithmetic", "f64, the same on every engine"], ...facts] },
      { kind: "data", title: "What was run", caption: "The study as data.", values: [{ name: "theorem", value: spec }] },
    ],
    footer,
  };
}
