import type { Batch } from "../../networks/batch.js";
import type { Section } from "../../report/page/page.js";
import { type HiddenStates, heatMap, heatMapRow, heatMapSection } from "../../report/plot/hiddenStates.js";
import { formatCount, formatCountOf, formatError } from "../../report/text/format.js";
import type { Shown, ShownTrial, TaskKind } from "../task.js";
import type { PreparedSequences } from "./preparedSequences.js";

/** Test sequences whose hidden states are shown. */
const samples = 3;

type ShownSequences = Shown<unknown, PreparedSequences>;

/** What the page about trials on a recurrent problem says; `explanation` is what is hard about it. */
export function sequencesPage(name: string, explanation: string): TaskKind<{ readonly name: string }, PreparedSequences>["page"] {
  return {
    title: `The ${name} problem`,
    lead: ({ trials: [{ made, measures }], prepared: { baseline, testCases } }) => {
      const measured =
        measures === undefined
          ? "the trial diverged"
          : `the zero-one error on ${formatCount(testCases)} held-out sequences was ${formatError(measures.zeroOne)}`;
      return (
        `After ${made} ${measured}. Answering from the biases of the output alone would cost ` +
        `${formatError(baseline.measures.zeroOne)}.`
      );
    },
    tableCaption: ({ trials: [{ best }], prepared: { sequences, watchedCases, testCases } }) => {
      const seen = best === undefined ? "" : ` was ${formatError(best.error)} after ${formatCountOf(best.update, "update")}.`;
      const lowest =
        best === undefined ? "" : ` The lowest zero-one error seen while training, on ${formatCount(watchedCases)} others,${seen}`;
      return (
        `Zero-one error: ${sequences.zeroOneMeaning}. Both errors are means over ${formatCount(testCases)} held-out ` +
        `sequences.${lowest}`
      );
    },
    figures: (shown) => [...sequencePlots(shown), beforeAndAfter(shown)],
    explanation: ({ trials: [{ spec }] }) => {
      const { initialization } = spec;
      const radius = initialization.method === "echoState" ? initialization.spectralRadius : undefined;
      if (radius === undefined || radius <= 1 || radius > 1.5) return [explanation];
      return [
        explanation,
        `At the start the recurrent weights have a spectral radius of ${radius}, a little above 1: a disturbance neither dies out at ` +
          "once nor explodes, " +
          "and the units ring on with what they have read. That is what training has to work with, and why the scale of the random " +
          "weights decides " +
          "whether it works at all.",
      ];
    },
  };
}

/** The plots of the page about trials on a recurrent problem. */
export function sequencePlots({ axes: [{ title, label: xLabel, series }], prepared }: ShownSequences): Section[] {
  const { baseline, sequences, watchedCases } = prepared;
  const where = `on ${formatCountOf(watchedCases, "sequence")} of its own while the trial ran`;
  const radii = series("spectralRadius");
  const values = radii.flatMap(({ points }) => points.map(([, radius]) => radius));
  const radiusPlot: Section = {
    kind: "plot",
    title: "Spectral radius of the recurrent weights",
    plot: {
      title: "Spectral radius",
      xLabel,
      yLabel: "spectral radius",
      series: radii,
      yScale: Math.max(...values) > 10 * Math.min(...values) ? "log" : "linear",
    },
    caption:
      "The largest modulus among the eigenvalues of the hidden-to-hidden weights. With a radius below 1 what was read dies away; " +
      "a training that explodes shows here as a radius that grows without end.",
  };
  return [
    {
      kind: "plot",
      title: `Zero-one error against ${title}`,
      plot: {
        title: "Zero-one error",
        xLabel,
        yLabel: "zero-one error",
        series: series("zeroOne"),
        levels: [{ name: "biases only", value: baseline.measures.zeroOne ?? NaN }],
        yResolution: 1 / watchedCases,
      },
      caption:
        `Zero-one error: ${sequences.zeroOneMeaning}; measured ${where}. Both axes are logarithmic; ` +
        "an error of 0, should there be one, is drawn at the bottom.",
    },
    {
      kind: "plot",
      title: `Loss against ${title}`,
      plot: {
        title: "Loss",
        xLabel,
        yLabel: "loss",
        series: series("heldOutLoss"),
        levels: [{ name: "biases only", value: baseline.measures.heldOutLoss ?? NaN }],
      },
      caption: `Measured ${where}. Both axes are logarithmic.`,
    },
    // Of large networks it is not watched.
    ...(values.length === 0 ? [] : [radiusPlot]),
  ];
}

function beforeAndAfter({ trials: [trial], prepared }: ShownSequences): Section {
  const batch = prepared.heldOut(Math.min(samples, prepared.testCases));
  const { hidden } = prepared.network;
  const states = hiddenStates(trial.activationsAtStart(batch, 1), batch, hidden);
  const rows = [row("At the start", states), ...after(trial, batch, hidden)];
  const isPadded = states.lengths.some((length) => length < batch.steps!);
  const blank = isPadded ? " Where a sequence is shorter than the longest there are, the bottom is blank." : "";
  return heatMapSection({
    title: "Hidden states before and after training",
    caption:
      `The first ${formatCountOf(batch.cases, "held-out sequence")}, one a column; in each picture time runs downwards and the ` +
      `${formatCount(hidden)} units lie side by side. Blue is negative, orange positive; ` +
      `the scale is that of the square root, so that small states show.${blank}`,
    width: hidden,
    height: batch.steps!,
    rows,
  });
}

function after({ network, update }: ShownTrial, batch: Batch, hidden: number) {
  if (network === undefined || update === 0) return [];
  return [row(`After ${formatCountOf(update, "update")}`, hiddenStates(network.activations(batch, 1), batch, hidden))];
}

function row(name: string, shown: HiddenStates) {
  return heatMapRow(
    name,
    Array.from({ length: shown.cases }, (_, sequence) => heatMap(shown, sequence)),
  );
}

/** Hidden states as a heat map draws them; each sequence ends with its last scored step. */
export function hiddenStates(values: Float32Array, { cases, steps, mask }: Batch, hidden: number): HiddenStates {
  const lengths = Array.from({ length: cases }, (_, sequence) => {
    let last = steps! - 1;
    while (last > 0 && mask![last * cases + sequence] === 0) last--;
    return last + 1;
  });
  return { values, steps: steps!, cases, hidden, lengths };
}
