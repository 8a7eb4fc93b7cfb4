import type { Outcome } from "../trials/outcome.js";
import { describeInitialization, describeOptimizer, describeTask } from "./describeSpec.js";
import { formatCount, formatError } from "./format.js";
import type { PictureRow } from "./images.js";
import type { Page, Section } from "./page.js";
import type { Table } from "./table.js";

/** What the page about one or more trials on one task shows besides their outcomes. */
export interface TrialPageContent {
  readonly title: string;
  readonly lead: string;
  readonly outcomes: readonly Outcome[];
  /** The first test cases, and the shape of each as a picture. */
  readonly inputs: Float32Array;
  readonly pictureWidth: number;
  readonly pictureHeight: number;
  /** Squared error of answering every case with the mean case. */
  readonly meanPredictorError: number;
  /** Training cases on which the error was watched. */
  readonly watchedCases: number;
  /** What to see in the figures, a paragraph each. */
  readonly explanation: readonly string[];
  readonly machine: readonly (readonly [string, string])[];
  readonly footer: string;
}

/** The results as a table for terminal and page. */
export function outcomeTable(outcomes: readonly Outcome[]): Table {
  return {
    columns: [
      { title: "Optimizer" },
      { title: "Learning rate", align: "right" },
      { title: "Training error", align: "right" },
      { title: "Test error", align: "right" },
      { title: "ms per update", align: "right" },
    ],
    rows: outcomes.map(({ name, spec, trainingError, testError, update, seconds, failure }) => {
      const { learningRate } = spec.optimizer;
      return [
        name,
        typeof learningRate === "number" ? String(learningRate) : "scheduled",
        failure === undefined ? formatError(trainingError) : "diverged",
        failure === undefined ? formatError(testError) : "diverged",
        update === 0 ? "-" : ((1000 * seconds) / update).toFixed(1),
      ];
    }),
  };
}

export function trialPage(content: TrialPageContent): Page {
  const { outcomes } = content;
  const failures = outcomes.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name} ${failure}.`]));
  const sections: Section[] = [
    {
      kind: "table",
      title: "Result",
      table: outcomeTable(outcomes),
      caption: `Errors are squared errors: summed over the outputs, averaged over all ${formatCount(outcomes[0].spec.task.cases)} training cases or all ${formatCount(outcomes[0].spec.task.testCases)} test cases. Times are those of the updates alone.`,
    },
    {
      kind: "plot",
      title: "Training error against updates",
      plot: {
        title: "Training error",
        xLabel: "updates",
        yLabel: "squared error",
        series: outcomes.map(({ name, reports }) => ({
          name,
          points: reports.flatMap(({ update, trainingError }): [number, number][] => (trainingError === undefined ? [] : [[update, trainingError]])),
        })),
        levels: [{ name: "answering with the mean image", value: content.meanPredictorError }],
      },
      caption: `Measured on the first ${formatCount(content.watchedCases)} training cases while the trial ran. Both axes are logarithmic.`,
    },
    pictures(content),
    { kind: "prose", title: "What to see", paragraphs: [...failures, ...content.explanation] },
    { kind: "facts", title: "Settings", facts: [...settings(outcomes), ...content.machine] },
    {
      kind: "data",
      title: "What was run",
      caption: "Each trial as data. Saved to a file, it can be run again: heavyball train file.json",
      values: outcomes.map(({ name, spec }) => ({ name, value: spec })),
    },
  ];
  return { title: content.title, lead: content.lead, sections, footer: content.footer };
}

function settings(outcomes: readonly Outcome[]): [string, string][] {
  const [{ spec }] = outcomes;
  return [["Task", `${spec.task.name}: ${describeTask(spec)}`], ["Initialization", describeInitialization(spec)], ...outcomes.map((outcome): [string, string] => [outcome.name, describeOptimizer(outcome.spec)])];
}

function pictures({ outcomes, inputs, pictureWidth: width, pictureHeight: height }: TrialPageContent): Section {
  const size = width * height;
  const rows: PictureRow[] = [{ name: "Input", values: inputs }];
  for (const { name, reconstructions, testError } of outcomes) {
    if (reconstructions === undefined) continue;
    const captions = Array.from({ length: inputs.length / size }, (_, at) => shortError(squaredDistance(inputs, reconstructions, at * size, size)));
    rows.push({ name, note: `${formatError(testError)} over the test set`, values: reconstructions, captions });
  }
  return {
    kind: "pictures",
    title: "Test images and their reconstructions",
    pictures: { width, height, rows },
    caption: "The first test images, none of which was trained on, and what each network makes of them from the few numbers of its code layer. The number below a reconstruction is its squared error.",
  };
}

function squaredDistance(a: Float32Array, b: Float32Array, from: number, length: number): number {
  let sum = 0;
  for (let at = from; at < from + length; at++) sum += (a[at] - b[at]) * (a[at] - b[at]);
  return sum;
}

function shortError(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
