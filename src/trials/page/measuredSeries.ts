import type { Section } from "../../report/page/page.js";
import type { Series } from "../../report/plot/logPlot.js";
import type { Outcome } from "../outcome.js";
import type { Measures } from "../preparedTask.js";
import { isHessianFree } from "../spec.js";

/** What the x axis of a plot counts: a number in every report, once it is known. */
export type Against = "update" | "seconds" | "casesProcessed" | "totalConjugateGradientSteps";

/** What these are called in a title and at the axis, and what has to be said of them. */
export const axes: Readonly<Record<Against, { readonly title: string; readonly label: string; readonly note: readonly string[] }>> = {
  update: { title: "updates", label: "updates", note: [] },
  seconds: { title: "time", label: "seconds", note: ["Seconds are those spent inside the updates of each trial, on this machine."] },
  casesProcessed: {
    title: "cases processed",
    label: "cases processed",
    note: [
      "A minibatch counts once. Hessian-free's cases count once for the gradient and once for each curvature product, the " +
        "preconditioner and each point at which a step is judged.",
    ],
  },
  totalConjugateGradientSteps: { title: "steps of conjugate gradient", label: "steps of conjugate gradient", note: [] },
};

/**
 * What the errors of these trials are drawn against: updates, unless Hessian-free is among them, whose updates cannot be compared with
 * others, nor with each other.
 */
export function errorAxes(outcomes: readonly Outcome[]): readonly Against[] {
  const count = outcomes.filter(({ spec }) => isHessianFree(spec)).length;
  if (count === 0) return ["update"];
  return count < outcomes.length ? ["update", "seconds", "casesProcessed"] : ["totalConjugateGradientSteps", "seconds"];
}

/** Lines that follow one of the measures, or Hessian-free's damping, through the trials, each optimizer's always in the same style. */
export function measuredSeries(outcomes: readonly Outcome[], key: keyof Measures | "lambda", against: Against = "update"): Series[] {
  return outcomes.map(({ name, spec, reports }) => ({
    name,
    points: reports.flatMap(({ [against]: x, [key]: value }): [number, number][] =>
      x === undefined || value === undefined ? [] : [[x, value]],
    ),
    style: optimizerStyles[spec.optimizer.method],
  }));
}

/** How the damping of Hessian-free trials went, where the page is about nothing else. */
export function dampingPlot(outcomes: readonly Outcome[]): Section[] {
  if (!outcomes.every(({ spec }) => isHessianFree(spec))) return [];
  return [
    {
      kind: "plot",
      title: "Damping",
      plot: { title: "Damping", xLabel: "updates", yLabel: "lambda", series: measuredSeries(outcomes, "lambda") },
      caption:
        "Damping falls where the quadratic model predicts the change of the error well and rises where it does not: how far the " +
        "model is trusted. Both axes are logarithmic.",
    },
  ];
}

const optimizerStyles = { sgd: 0, classicalMomentum: 1, nesterov: 2, hessianFree: 3 } as const;
