import type { Section } from "../../report/page/page.js";
import { formatCount, formatError } from "../../report/text/format.js";
import { enumerate } from "../../report/text/words.js";
import type { PlotAxis, Shown, ShownTrial, TaskKind } from "../task.js";
import type { PreparedData } from "./preparedData.js";

type ShownData = Shown<{ readonly name: "data" }, PreparedData>;

/** Classes beyond which a matrix of all pairs is no picture any more. */
const mostClasses = 30;

/** What the page about trials on data of one's own says and draws. */
export const dataPage: TaskKind<{ readonly name: "data" }, PreparedData>["page"] = {
  title: "A network for data of one's own",
  lead({ trials, prepared }) {
    const { watched, baseline, held, classes } = prepared;
    const what = classes === undefined ? "squared error" : "share wrong";
    const errors = trials.flatMap(({ name, measures }) =>
      measures === undefined ? [] : [`${formatError(measures[watched.key])} with ${name}`],
    );
    const measured =
      errors.length === 0
        ? "nothing could be measured"
        : `the ${what} on ${formatCount(held.cases)} cases held out was ${enumerate(errors)}`;
    const answer = classes === undefined ? "Answering with the mean of the targets" : "Answering with the most frequent class";
    return `After ${trials[0].made} ${measured}. ${answer} would cost ${formatError(baseline.measures[watched.key])}.`;
  },
  tableCaption({ prepared: { held, classes, outputs } }) {
    const numbers = "Squared errors are summed over the outputs and averaged over cases.";
    const shares = "Shares wrong are of cases whose largest output is not that of their class.";
    return `${classes === undefined && outputs > 0 ? numbers : shares} ${formatCount(held.cases)} cases were held out.`;
  },
  figures: (shown) => [...shown.axes.flatMap((axis) => curves(shown, axis)), ...shown.trials.flatMap((trial) => confusion(shown, trial))],
  explanation: () => [
    "The distance between the two curves is what the network knows of the cases it was trained on and of no others. Where the " +
      "held-out curve rises again, a " +
      "smaller network, more data or weight decay help; best.safetensors in the run's directory has the parameters of its lowest point.",
  ],
};

/** The learning curves: the error, then the loss, each on both parts. */
function curves(
  { prepared: { classes, watchedCases, watched, baseline } }: ShownData,
  { title, label, note, series }: PlotAxis,
): Section[] {
  const kinds = classes === undefined ? (["Error", "Loss"] as const) : (["Wrong", "Loss"] as const);
  const words = { Error: "squared error", Wrong: "share wrong", Loss: "loss" };
  return kinds.map((kind): Section => {
    const held = series(`heldOut${kind}`).map((line) => ({ ...line, name: `${line.name}, held out` }));
    const training = series(`training${kind}`).map((line) => ({
      ...line,
      name: `${line.name}, training`,
      style: (line.style ?? 0) + held.length,
    }));
    const level = kind === "Loss" ? undefined : baseline.measures[watched.key];
    return {
      kind: "plot",
      title: `${kind === "Loss" ? "Loss" : kind === "Error" ? "Squared error" : "Share wrong"} against ${title}`,
      plot: {
        title: words[kind],
        xLabel: label,
        yLabel: words[kind],
        series: [...held, ...training],
        levels: level === undefined ? undefined : [{ name: baseline.name, value: level }],
        yResolution: kind === "Wrong" ? 1 / watchedCases : undefined,
      },
      caption: ["Held-out cases, and the first of those trained on, while the trial ran. Both axes are logarithmic.", ...note].join(" "),
    };
  });
}

/** Which classes were taken for which, on the cases held out. */
function confusion({ prepared: { held, classes } }: ShownData, { name, network }: ShownTrial): Section[] {
  if (network === undefined || classes === undefined || classes.length > mostClasses) return [];
  const counts = confusionMatrix(network.predict({ inputs: held.inputs, cases: held.cases }), held.targets, classes.length);
  return [
    {
      kind: "table",
      title: `What was taken for what${name === "" ? "" : `, ${name}`}`,
      table: {
        columns: [{ title: "is \\ said" }, ...classes.map((said) => ({ title: said, align: "right" as const }))],
        rows: classes.map((is, row) => [is, ...classes.map((_, column) => formatCount(counts[row * classes.length + column]))]),
      },
      caption: "Cases held out: a row for each class, a column for each answer. What stands beside the diagonal is wrong.",
    },
  ];
}

/** counts[is x said] of the largest outputs against one-hot targets. */
export function confusionMatrix(outputs: Float32Array, targets: Float32Array, classes: number): Uint32Array {
  const counts = new Uint32Array(classes * classes);
  const largest = (values: Float32Array, from: number): number => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (values[from + k] > values[from + best]) best = k;
    return best;
  };
  for (let from = 0; from < targets.length; from += classes) counts[largest(targets, from) * classes + largest(outputs, from)]++;
  return counts;
}
