import type { Page } from "../../report/page/page.js";
import type { LogPlot } from "../../report/plot/logPlot.js";
import { formatCount, formatCountOf, formatError } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import { describeInitialization, describeOptimizer, describeTask } from "../../trials/page/describeSpec.js";
import type { StudyFacts } from "../study.js";
import type { Figure5Result } from "./figure5.js";

/** Lines of the palette for the two: those that Hessian-free and NAG have elsewhere. */
const STYLES = { conjugateGradient: 3, nesterov: 2 } as const;

/** The figure: phi against iterations, both axes linear, as in the paper. */
export function figure5Plot({ phi }: Figure5Result): LogPlot {
  const points = (curve: readonly number[]): [number, number][] => curve.map((value, iteration) => [iteration, value]);
  return {
    title: "Conjugate gradient and NAG on one quadratic of Hessian-free",
    xLabel: "iterations",
    yLabel: "phi, the value of the quadratic",
    xScale: "linear",
    yScale: "linear",
    series: [
      { name: "NAG", points: points(phi.nesterov), style: STYLES.nesterov },
      { name: "CG", points: points(phi.conjugateGradient), style: STYLES.conjugateGradient },
    ],
  };
}

/** phi after some of the iterations. */
export function figure5Table({ spec: { iterations }, phi }: Figure5Result): Table {
  const shown = [1, 2, 5, 10, 20, 40, 60, 80, 100].filter((iteration) => iteration < iterations);
  return {
    columns: [
      { title: "Iterations", align: "right" },
      { title: "phi by CG", align: "right" },
      { title: "phi by NAG", align: "right" },
      { title: "NAG's share of CG's decrease", align: "right" },
    ],
    rows: [...shown, iterations].map((iteration) => {
      const [cg, nag] = [phi.conjugateGradient[iteration], phi.nesterov[iteration]];
      return [formatCount(iteration), formatError(cg), formatError(nag), percent(nag / cg)];
    }),
  };
}

/** What was compared, in one sentence. */
export function describeQuadratic({ spec, quadratic }: Figure5Result): string {
  const { update, trainingError, cases, lambda } = quadratic;
  const missed = trainingError > spec.error ? ` (not yet ${formatError(spec.error)}, where it was to be taken, but the run ends here)` : "";
  return (
    `The quadratic is that of a Hessian-free run on CURVES after ${formatCountOf(update, "update")}, at a training error of ` +
    `${formatError(trainingError)}${missed}: the Gauss-Newton matrix and the gradient of ${formatCount(cases)} cases, with damping ` +
    `lambda ${formatError(lambda)}.`
  );
}

/** What came of it, in two sentences. */
export function figure5Outcome({ spec: { iterations }, phi, overtaken }: Figure5Result): [string, string] {
  const [cg, nag] = [phi.conjugateGradient[iterations], phi.nesterov[iterations]];
  const ahead = overtaken === undefined ? "" : `; conjugate gradient had come as far after ${formatCount(overtaken)}`;
  return [
    `After ${formatCountOf(iterations, "iteration")} from zero, conjugate gradient has lowered the quadratic by ${formatError(-cg)} ` +
      `and NAG by ${formatError(-nag)}, ${percent(nag / cg)} of that${ahead}.`,
    "Both pay one curvature product an iteration and move in the same space; conjugate gradient always takes the best point of it, " +
      "while NAG has one rate for all directions, which the steepest one limits, and is slow along the flat ones.",
  ];
}

/** What the paper shows, and in what this is another quadratic. */
export function figure5Difference({ quadratic: { cases, trainingError } }: Figure5Result): string {
  return (
    "In the paper's figure, 120 iterations on a damped quadratic from the middle of a Hessian-free run on the real CURVES, conjugate " +
    "gradient is clearly but not dramatically better; its point of the run, its damping and its cases are not told. Here CURVES is a " +
    `stand-in, the run ends at an error of ${formatError(trainingError)}, and the quadratic is that of ` +
    `${formatCountOf(cases, "case")} of 20,000: another one, on which the distance between the two may be another.`
  );
}

export function figure5Page(result: Figure5Result, { facts, footer }: StudyFacts): Page {
  const { spec, quadratic, phi } = result;
  const { trial } = spec;
  const errors = result.training.flatMap(({ update, trainingError }): [number, number][] =>
    trainingError === undefined ? [] : [[update, trainingError]],
  );
  return {
    title: "Figure 5: conjugate gradient beside Nesterov momentum",
    lead: describeQuadratic(result),
    sections: [
      {
        kind: "plot",
        title: "The quadratic against iterations",
        plot: figure5Plot(result),
        caption:
          "phi(x) = x'Ax/2 - b'x with A = G + (lambda + weight decay) I and b = -gradient, frozen; x starts at zero, where phi is 0. " +
          `Conjugate gradient (CG) has no preconditioner here. NAG has the rate 1/${formatError(phi.largestEigenvalue)}, one over the ` +
          "largest eigenvalue of A by power iteration, and momentum (a_t - 1)/a_{t+1}.",
      },
      { kind: "prose", title: "What to see", paragraphs: [...figure5Outcome(result), figure5Difference(result)] },
      {
        kind: "table",
        title: "Numbers",
        table: figure5Table(result),
        caption: "All iterations are in figure5.csv; figure5.json has the settings and the run as well.",
      },
      {
        kind: "plot",
        title: "Where the quadratic was taken",
        plot: {
          title: "Training error",
          xLabel: "updates",
          yLabel: "squared error",
          series: [{ name: "HF", points: errors, style: STYLES.conjugateGradient }],
          xScale: "linear",
        },
        caption:
          "Squared error of the run on its training cases; the quadratic is taken at its end, with the damping of the next update, " +
          "on the cases whose turn it is to give the curvature. The level stretch is the mean image, which Hessian-free, too, takes " +
          "its time to leave.",
      },
      {
        kind: "facts",
        title: "Settings",
        facts: [
          ["Run", `${describeTask(trial)}; ${describeOptimizer(trial)}`],
          ["Initialization", describeInitialization(trial)],
          [
            "Quadratic",
            `${formatCount(quadratic.parameters)} parameters, ${formatCount(quadratic.cases)} cases, lambda ` +
              `${formatError(quadratic.lambda)}, weight decay ${quadratic.weightDecay}`,
          ],
          ...facts,
        ],
      },
      { kind: "data", title: "What was run", caption: "The study as data.", values: [{ name: "figure5", value: spec }] },
    ],
    footer,
  };
}

/** iteration,conjugateGradient,nesterov: phi after each iteration, every digit of it. */
export function figure5Csv({ phi }: Figure5Result): string {
  const rows = phi.conjugateGradient.map((value, iteration) => `${iteration},${value},${phi.nesterov[iteration]}`);
  return `iteration,conjugateGradient,nesterov\n${rows.join("\n")}\n`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
