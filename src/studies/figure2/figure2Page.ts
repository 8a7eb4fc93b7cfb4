import type { Page } from "../../report/page/page.js";
import type { PlanePlot } from "../../report/plot/planePlot.js";
import { csvText } from "../../report/text/csvText.js";
import { formatCountOf, formatError, formatRate } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import { levelSets } from "../planeQuadratic.js";
import { statementTable, verdict } from "../statement.js";
import type { StudyFacts } from "../study.js";
import { contestantNames, contestants, type Figure2Contestant, type Figure2Result } from "./figure2.js";
import { SETTLED } from "./spec.js";

export const figure2Title = "Figure 2: gradient descent, CM and NAG on an oblong quadratic";

/** Lines of the palette: those that the methods have elsewhere. */
const STYLES: Readonly<Record<Figure2Contestant, number>> = { descent: 0, classicalMomentum: 1, nesterov: 2 };

/** The figure: the three ways over level sets. What leaves the surroundings of the start, as a method that diverges does, is cut off. */
export function figure2Plot({ spec: { conditionNumber, start }, ways }: Figure2Result): PlanePlot {
  const [x, y] = start.map((coordinate) => [-1.15 * Math.abs(coordinate), 1.15 * Math.abs(coordinate)] as const);
  return {
    title: "Gradient descent, CM and NAG on a quadratic",
    xLabel: "x, the flat direction",
    yLabel: "y, the steep direction",
    x,
    y,
    ellipses: levelSets(conditionNumber, x, y),
    paths: contestantNames.map((name) => ({ name: contestants[name].label, points: ways[name].points, style: STYLES[name] })),
    points: [{ at: start, name: "start" }],
  };
}

/** What each method does, in numbers. */
export function figure2Table({ spec: { updates }, ways }: Figure2Result): Table {
  const right = (title: string) => ({ title, align: "right" as const });
  return {
    columns: [
      { title: "Method" },
      right(`Largest |y| after update ${SETTLED}`),
      right(`x after ${updates}`),
      right("Value there"),
      right("Diverges from rate"),
    ],
    rows: contestantNames.map((name) => {
      const { swing, last, rateLimit } = ways[name];
      return [contestants[name].label, formatError(swing), formatError(last.x), formatError(last.value), formatRate(rateLimit)];
    }),
  };
}

/** What came of it, in one sentence. */
export function figure2Outcome({ spec: { updates }, ways: { descent, classicalMomentum, nesterov } }: Figure2Result): string {
  return (
    `After update ${SETTLED} CM still swings as far as ${formatError(classicalMomentum.swing)} across the valley and NAG no further than ` +
    `${formatError(nesterov.swing)}; after ${formatCountOf(updates, "update")} gradient descent is at x = ` +
    `${formatError(descent.last.x)}, CM at ${formatError(classicalMomentum.last.x)} and NAG at ${formatError(nesterov.last.x)}.`
  );
}

/** Why both behave so, and what NAG pays for it. */
function explanation({ spec, ways }: Figure2Result): string[] {
  const { conditionNumber, learningRate, momentum } = spec;
  const steep = conditionNumber * learningRate;
  return [
    "In the paper's figure CM oscillates in the steep direction and NAG almost does not, while both outrun gradient descent along the " +
      "flat one. The paper does not say on what quadratic.",
    `By Theorem 2.1 NAG is CM with the momentum mu (1 - lambda eps) in each direction. Along x that is ` +
      `${formatRate(momentum * (1 - learningRate))}, nearly the ${formatRate(momentum)} of CM; along y, where lambda eps is ` +
      `${formatRate(steep)}, it is ${formatRate(momentum * (1 - steep))}; the smaller it is, the sooner an oscillation dies out.`,
    "That is no license for larger rates: CM converges for lambda eps < 2 (1 + mu), NAG only for lambda eps < 2 (1 + mu) / (1 + 2 mu). " +
      `Here CM diverges from a rate of ${formatRate(ways.classicalMomentum.rateLimit)} on, NAG already from ` +
      `${formatRate(ways.nesterov.rateLimit)} on. NAG damps steep directions better, and has the lower limit.`,
  ];
}

export function figure2Page(result: Figure2Result, { facts, footer }: StudyFacts): Page {
  const { conditionNumber, momentum, learningRate, updates, start } = result.spec;
  return {
    title: figure2Title,
    lead: `${verdict(result)} ${figure2Outcome(result)}`,
    sections: [
      {
        kind: "plane",
        title: "Three ways to the minimum",
        plane: figure2Plot(result),
        caption:
          `The quadratic (x^2 + ${formatRate(conditionNumber)} y^2) / 2, whose level sets are drawn faintly and whose minimum is at ` +
          `(0, 0); the axes have different scales. ${formatCountOf(updates, "update")} from (${start.join(", ")}) at rest, each a mark ` +
          `and the last a ring, with a learning rate of ${formatRate(learningRate)}, that is ` +
          `${formatRate(conditionNumber * learningRate)} over the curvature along y, and for CM and NAG the momentum ` +
          `${formatRate(momentum)}.`,
      },
      { kind: "prose", title: "What to see", paragraphs: explanation(result) },
      {
        kind: "table",
        title: "What was found",
        table: statementTable(result),
        caption: "Verdicts are computed from the ways; statements.csv says what each number is.",
      },
      {
        kind: "table",
        title: "Numbers",
        table: figure2Table(result),
        caption: "All points are in figure2.csv; figure2.json has the settings as well.",
      },
      { kind: "facts", title: "Where", facts: [["Arithmetic", "f64, the same on every engine"], ...facts] },
      { kind: "data", title: "What was run", caption: "The study as data.", values: [{ name: "figure2", value: result.spec }] },
    ],
    footer,
  };
}

/** Every point of every way, with all digits; where a method diverged its columns end early. */
export function figure2Csv({ spec: { updates }, ways }: Figure2Result): string {
  const columns = contestantNames.flatMap((name) => [`${name}.x`, `${name}.y`]);
  return csvText(
    ["update", ...columns],
    Array.from({ length: updates + 1 }, (_, t) => [t, ...contestantNames.flatMap((name) => ways[name].points[t] ?? ["", ""])]),
  );
}
