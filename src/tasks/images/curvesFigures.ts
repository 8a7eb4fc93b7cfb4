import type { Section } from "../../report/page/page.js";
import type { PictureRow } from "../../report/plot/images.js";
import { formatCountOf, formatError } from "../../report/text/format.js";
import type { Outcome } from "../../trials/outcome.js";
import { type Against, axes, dampingPlot, errorAxes, measuredSeries } from "../../trials/page/measuredSeries.js";
import type { PreparedTask } from "../../trials/preparedTask.js";

/** Test images and what the networks of the trials make of them. */
export interface Reconstructions {
  /** cases x pixels. */
  readonly inputs: Float32Array;
  readonly width: number;
  readonly height: number;
  /** For each outcome what its network puts out, none when it diverged. */
  readonly outputs: readonly (Float32Array | undefined)[];
}

/** The figures of the page about trials on CURVES; `watchedCases` is how many training cases the error was watched on. */
export function curvesFigures(
  outcomes: readonly Outcome[],
  task: PreparedTask,
  watchedCases: number,
  reconstructions: Reconstructions,
): Section[] {
  const error = (against: Against): Section => ({
    kind: "plot",
    title: `Training error against ${axes[against].title}`,
    plot: {
      title: "Training error",
      xLabel: axes[against].label,
      yLabel: "squared error",
      series: measuredSeries(outcomes, "trainingError", against),
      levels: [{ name: "answering with the mean image", value: task.baseline.trainingError ?? NaN }],
    },
    caption: [
      `Measured on the first ${formatCountOf(watchedCases, "training case")} while the trial ran. Both axes are logarithmic.`,
      ...axes[against].note,
    ].join(" "),
  });
  return [...errorAxes(outcomes).map(error), ...dampingPlot(outcomes), pictures(outcomes, reconstructions)];
}

function pictures(outcomes: readonly Outcome[], { inputs, width, height, outputs }: Reconstructions): Section {
  const size = width * height;
  const rows: PictureRow[] = [{ name: "Input", values: inputs }];
  outcomes.forEach(({ name, measures }, index) => {
    const values = outputs[index];
    if (values === undefined) return;
    const captions = Array.from({ length: inputs.length / size }, (_, at) => shortError(squaredDistance(inputs, values, at * size, size)));
    rows.push({ name, note: `${formatError(measures?.testError)} over the test set`, values, captions });
  });
  return {
    kind: "pictures",
    title: "Test images and their reconstructions",
    pictures: { width, height, rows },
    caption:
      "The first test images, none of which was trained on, and what each network makes of them from the few numbers of its code " +
      "layer. The number below a reconstruction is its squared error.",
  };
}

/** Of each picture, at `from` and `length` long: inputs minus outputs, squared and summed. */
function squaredDistance(a: Float32Array, b: Float32Array, from: number, length: number): number {
  let sum = 0;
  for (let at = from; at < from + length; at++) sum += (a[at] - b[at]) * (a[at] - b[at]);
  return sum;
}

function shortError(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
