import { methodOf } from "../../optimizers/index.js";
import type { Section } from "../../report/page/page.js";
import type { Series } from "../../report/plot/logPlot.js";
import type { PlotAxis } from "../../tasks/task.js";
import { measureOf, type Report } from "../report.js";
import type { EndedTrial } from "../runTrialOptions.js";
import { isHessianFree } from "../spec.js";

/** What the x axis of a plot counts: a number in every report, once it is known. */
type Against = "update" | "seconds" | "casesProcessed" | "totalConjugateGradientSteps";

/** What these are called in a title and at the axis, and what has to be said of them. */
const axes: Readonly<Record<Against, Omit<PlotAxis, "series">>> = {
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

/** What the page about trials needs of each to draw its lines. */
export type Drawn = Pick<EndedTrial, "name" | "record">;

/**
 * What the errors of these trials are drawn against: updates, unless Hessian-free is among them, whose updates cannot be compared with
 * others, nor with each other.
 */
export function errorAxes(trials: readonly Drawn[]): PlotAxis[] {
  const count = trials.filter(({ record }) => isHessianFree(record.spec)).length;
  const against: Against[] =
    count === 0 ? ["update"] : count < trials.length ? ["update", "seconds", "casesProcessed"] : ["totalConjugateGradientSteps", "seconds"];
  return against.map((x) => ({ ...axes[x], series: (key) => series(trials, key, x) }));
}

/** Lines that follow a number of the reports through the trials, each optimizer's always in the same style. */
function series(trials: readonly Drawn[], key: string, against: Against): Series[] {
  return trials.map(({ name, record: { spec, events = [], reports } }) => {
    const points = (some: readonly Report[]) =>
      some.flatMap((report): [number, number][] => {
        const x = measureOf(report, against);
        const value = measureOf(report, key);
        return x === undefined || value === undefined ? [] : [[x, value]];
      });
    // Where the error was last known before something was changed.
    const before = events.flatMap((event) => points(reports.filter(({ update }) => update <= event.update)).slice(-1));
    return { name, points: points(reports), style: methodOf(spec.optimizer).style, ...(before.length === 0 ? {} : { marks: before }) };
  });
}

/** How the damping of Hessian-free trials went, where the page is about nothing else. */
export function dampingPlot(trials: readonly Drawn[]): Section[] {
  if (!trials.every(({ record }) => isHessianFree(record.spec))) return [];
  return [
    {
      kind: "plot",
      title: "Damping",
      plot: { title: "Damping", xLabel: "updates", yLabel: "lambda", series: series(trials, "lambda", "update") },
      caption:
        "Damping falls where the quadratic model predicts the change of the error well and rises where it does not: how far the " +
        "model is trusted. Both axes are logarithmic.",
    },
  ];
}
