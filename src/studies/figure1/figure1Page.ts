import type { Page } from "../../report/page/page.js";
import type { PlaneArrow, PlanePlot, PlanePoint } from "../../report/plot/planePlot.js";
import { csvText } from "../../report/text/csvText.js";
import { formatCountOf, formatError, formatRate } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import { levelSets } from "../planeQuadratic.js";
import { statementTable, verdict } from "../statement.js";
import type { StudyFacts } from "../study.js";
import type { Figure1Result, Figure1Step } from "./figure1.js";

export const figure1Title = "Figure 1: the vectors of one update of CM and of NAG";

/** Lines of the palette: those that the methods have elsewhere, and two for what they are made of. */
const STYLES = { carried: 0, classicalMomentum: 1, nesterov: 2, correction: 4 } as const;

function plus(one: PlanePoint, other: PlanePoint): PlanePoint {
  return [one[0] + other[0], one[1] + other[1]];
}

/** The upper half: both vectors begin at theta_t, and theta_{t+1} is the far corner of their parallelogram. */
export function classicalMomentumPlot(result: Figure1Result): PlanePlot {
  const { theta, carried, classicalMomentum: step } = result;
  const [ahead, corrected] = [plus(theta, carried), plus(theta, step.correction)];
  return plotOf(result, "Classical momentum", step, [
    { from: ahead, to: step.theta },
    { from: corrected, to: step.theta },
    { from: theta, to: ahead, name: "μvₜ", style: STYLES.carried },
    { from: theta, to: corrected, name: "−ε∇f(θₜ)", style: STYLES.correction },
    { from: theta, to: step.theta, name: "vₜ₊₁", style: STYLES.classicalMomentum },
  ]);
}

/** The lower half: the gradient is taken where mu v_t leads, and begins there. */
export function nesterovPlot(result: Figure1Result): PlanePlot {
  const { theta, carried, nesterov: step } = result;
  return plotOf(result, "Nesterov momentum", step, [
    { from: theta, to: plus(theta, carried), name: "μvₜ", style: STYLES.carried },
    { from: step.point, to: plus(step.point, step.correction), name: "−ε∇f(θₜ + μvₜ)", style: STYLES.correction },
    { from: theta, to: step.theta, name: "vₜ₊₁", style: STYLES.nesterov },
  ]);
}

/** Both halves show the same part of the plane. */
function plotOf(result: Figure1Result, title: string, step: Figure1Step, arrows: readonly PlaneArrow[]): PlanePlot {
  const { spec, theta, carried, classicalMomentum: cm, nesterov: nag } = result;
  const met = [theta, plus(theta, carried), plus(theta, cm.correction), cm.theta, nag.theta];
  const [x, y] = [0, 1].map((i) => around(met.map((point) => point[i])));
  return {
    title,
    xLabel: "x",
    yLabel: "y",
    x,
    y,
    isIsometric: true,
    ellipses: levelSets(spec.conditionNumber, x, y),
    arrows,
    points: [
      { at: theta, name: "θₜ" },
      { at: step.theta, name: "θₜ₊₁" },
    ],
  };
}

/** From the least to the largest, and a fifth of that on both sides. */
function around(values: readonly number[]): [number, number] {
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const more = 0.2 * (to - from) || Math.abs(to) || 1;
  return [from - more, to + more];
}

/** Every vector by its name: x, y. */
function vectors({ theta, carried, classicalMomentum: cm, nesterov: nag }: Figure1Result): [string, PlanePoint][] {
  return [
    ["theta_t", theta],
    ["mu v_t", carried],
    ["CM: -eps grad f(theta_t)", cm.correction],
    ["CM: v_{t+1}", cm.velocity],
    ["CM: theta_{t+1}", cm.theta],
    ["NAG: theta_t + mu v_t", nag.point],
    ["NAG: -eps grad f(theta_t + mu v_t)", nag.correction],
    ["NAG: v_{t+1}", nag.velocity],
    ["NAG: theta_{t+1}", nag.theta],
  ];
}

export function figure1Table(result: Figure1Result): Table {
  return {
    columns: [{ title: "Vector" }, { title: "x", align: "right" }, { title: "y", align: "right" }],
    rows: vectors(result).map(([name, [x, y]]) => [name, formatError(x), formatError(y)]),
  };
}

/** The same with all digits. */
export function figure1Csv(result: Figure1Result): string {
  return csvText(
    ["vector", "x", "y"],
    vectors(result).map(([name, [x, y]]) => [name, x, y]),
  );
}

/** What this update does, in one sentence. */
export function figure1Outcome({ value, valueAhead, classicalMomentum: cm, nesterov: nag }: Figure1Result): string {
  return (
    `From a value of ${formatError(value)}, which mu v_t alone would take to ${formatError(valueAhead)}, the update of CM comes to ` +
    `${formatError(cm.value)} and that of NAG to ${formatError(nag.value)}.`
  );
}

export function figure1Page(result: Figure1Result, { facts, footer }: StudyFacts): Page {
  const { conditionNumber, momentum, learningRate, updates, start } = result.spec;
  return {
    title: figure1Title,
    lead: `${verdict(result)} ${figure1Outcome(result)}`,
    sections: [
      {
        kind: "plane",
        title: "Classical momentum",
        plane: classicalMomentumPlot(result),
        caption:
          "v_{t+1} = mu v_t - eps grad f(theta_t) and theta_{t+1} = theta_t + v_{t+1}: the gradient is taken at theta_t, and " +
          "theta_{t+1} is the far corner of the parallelogram.",
      },
      {
        kind: "plane",
        title: "Nesterov momentum",
        plane: nesterovPlot(result),
        caption:
          "v_{t+1} = mu v_t - eps grad f(theta_t + mu v_t): first mu v_t is followed, and the gradient is taken where it leads. " +
          "theta_t and v_t are those of the other picture.",
      },
      {
        kind: "prose",
        title: "What to see",
        paragraphs: [
          "The paper's figure shows the two updates as vectors: above CM, whose gradient begins at theta_t, below NAG, whose gradient " +
            "begins at the tip of mu v_t. It is a sketch; here the vectors are computed, on the quadratic whose level sets are drawn " +
            "faintly.",
          "Where mu v_t leads astray, the gradient at its tip already points back, while that at theta_t knows nothing of it: NAG " +
            "corrects an update that is too long one update earlier. On a quadratic with the curvature A, NAG's correction is CM's " +
            "less eps A mu v_t, which always has a part along mu v_t.",
        ],
      },
      {
        kind: "table",
        title: "What was found",
        table: statementTable(result),
        caption: "Verdicts are computed from the vectors; statements.csv says what each number is.",
      },
      {
        kind: "table",
        title: "Vectors",
        table: figure1Table(result),
        caption:
          `On (x^2 + ${formatRate(conditionNumber)} y^2) / 2, after ${formatCountOf(updates, "update")} of CM from ` +
          `(${start.join(", ")}) at rest, with momentum ${formatRate(momentum)} and learning rate ${formatRate(learningRate)}. All ` +
          "digits are in figure1.csv.",
      },
      { kind: "facts", title: "Where", facts: [["Arithmetic", "f64, the same on every engine"], ...facts] },
      { kind: "data", title: "What was run", caption: "The study as data.", values: [{ name: "figure1", value: result.spec }] },
    ],
    footer,
  };
}
