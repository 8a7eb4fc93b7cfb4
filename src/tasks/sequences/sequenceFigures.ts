import type { Section } from "../../report/page/page.js";
import { formatCountOf } from "../../report/text/format.js";
import type { Outcome } from "../../trials/outcome.js";
import { axes, dampingPlot, errorAxes, measuredSeries } from "../../trials/page/measuredSeries.js";
import type { PreparedTask } from "../../trials/preparedTask.js";

/** The plots of the page about trials on a recurrent problem; `cases` is how many sequences the errors were watched on. */
export function sequencePlots(outcomes: readonly Outcome[], { baseline }: PreparedTask, zeroOneMeaning: string, cases: number): Section[] {
  const where = `on ${formatCountOf(cases, "sequence")} of its own while the trial ran`;
  const [against] = errorAxes(outcomes);
  const { title, label: xLabel } = axes[against];
  const radii = measuredSeries(outcomes, "spectralRadius", against);
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
      "The largest modulus among the eigenvalues of the hidden-to-hidden weights. With a radius below 1 what was read dies away; a " +
      "training that explodes shows here as a radius that grows without end.",
  };
  return [
    {
      kind: "plot",
      title: `Zero-one error against ${title}`,
      plot: {
        title: "Zero-one error",
        xLabel,
        yLabel: "zero-one error",
        series: measuredSeries(outcomes, "zeroOne", against),
        levels: [{ name: "biases only", value: baseline.zeroOne ?? NaN }],
        yResolution: 1 / cases,
      },
      caption:
        `Zero-one error: ${zeroOneMeaning}; measured ${where}. Both axes are logarithmic; an error of 0, should there be one, is drawn ` +
        "at the bottom.",
    },
    {
      kind: "plot",
      title: `Loss against ${title}`,
      plot: {
        title: "Loss",
        xLabel,
        yLabel: "loss",
        series: measuredSeries(outcomes, "heldOutLoss", against),
        levels: [{ name: "biases only", value: baseline.heldOutLoss ?? NaN }],
      },
      caption: `Measured ${where}. Both axes are logarithmic.`,
    },
    // Of large networks it is not watched.
    ...(values.length === 0 ? [] : [radiusPlot]),
    ...dampingPlot(outcomes),
  ];
}
