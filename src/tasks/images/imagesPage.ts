import type { Section } from "../../report/page/page.js";
import type { PictureRow } from "../../report/plot/images.js";
import { formatCount, formatCountOf, formatError } from "../../report/text/format.js";
import { enumerate } from "../../report/text/words.js";
import type { PlotAxis, Shown } from "../task.js";
import type { PreparedImages } from "./imagesTask.js";

/** Test cases whose reconstructions are shown. */
const samples = 10;

type ShownImages = Shown<unknown, PreparedImages>;

/** The outcome in two sentences. */
export function imagesLead({ trials, prepared: { baseline, test } }: ShownImages): string {
  const errors = trials.flatMap(({ name, measures }) =>
    measures === undefined ? [] : [`${formatError(measures.testError)} with ${name}`],
  );
  const measured =
    errors.length === 0
      ? "nothing could be measured"
      : `the squared error on ${formatCount(test.cases)} test images was ${enumerate(errors)}`;
  const failed = trials.filter(({ measures }) => measures === undefined).map(({ name }) => name);
  const mean = `Answering every image with the mean image would cost ${formatError(baseline.measures.trainingError)}.`;
  return `After ${trials[0].made} ${measured}.${failed.length === 0 ? "" : ` ${enumerate(failed)} diverged.`} ${mean}`;
}

export function imagesTableCaption({ prepared: { train, test } }: ShownImages): string {
  const means = `averaged over all ${formatCount(train.cases)} training cases or all ${formatCount(test.cases)} test cases`;
  return `Errors are squared errors: summed over the outputs, ${means}.`;
}

/**
 * The figures of the page about trials of an autoencoder: the error against what matters, and test images beside what the networks make of
 * them.
 */
export function imagesFigures(shown: ShownImages): Section[] {
  return [...shown.axes.map((axis) => errorPlot(shown, axis)), pictures(shown)];
}

function errorPlot({ prepared: { baseline, watchedCases } }: ShownImages, { title, label, note, series }: PlotAxis): Section {
  const watched = `Measured on the first ${formatCountOf(watchedCases, "training case")} while the trial ran. Both axes are logarithmic.`;
  return {
    kind: "plot",
    title: `Training error against ${title}`,
    plot: {
      title: "Training error",
      xLabel: label,
      yLabel: "squared error",
      series: series("trainingError"),
      levels: [{ name: "answering with the mean image", value: baseline.measures.trainingError ?? NaN }],
    },
    caption: [watched, ...note].join(" "),
  };
}

function pictures({ trials, prepared: { test, width, height, grayLevels } }: ShownImages): Section {
  const cases = Math.min(samples, test.cases);
  const size = width * height;
  const inputs = test.inputs.subarray(0, cases * size);
  const rows: PictureRow[] = [{ name: "Input", values: grayLevels(inputs) }];
  for (const { name, network, measures } of trials) {
    if (network === undefined) continue;
    const values = network.predict({ inputs, cases });
    const captions = Array.from({ length: cases }, (_, at) => shortError(squaredDistance(inputs, values, at * size, size)));
    rows.push({ name, note: `${formatError(measures?.testError)} over the test set`, values: grayLevels(values), captions });
  }
  return {
    kind: "pictures",
    title: "Test images and their reconstructions",
    pictures: { width, height, rows },
    caption:
      "The first test images, none of which was trained on, and what each network makes of them from the few numbers of its code layer. " +
      "The number below a reconstruction is its squared error.",
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

/** What is to be seen in the error's curve. */
export const meanImagePlateau =
  "The error first falls to that of the mean image (the dotted line), which the biases of the output layer can learn alone. " +
  "The level stretch that follows is not a minimum: the directions that lead on have little curvature, and progress along them is " +
  "slow until it adds up.";
