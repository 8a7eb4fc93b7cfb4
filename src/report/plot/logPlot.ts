import type { Markup } from "../page/markup.js";
import { element, join, text } from "../page/markup.js";
import type { Axis } from "./axis.js";
import { linearAxis, logAxis, logAxisWithZero } from "./axis.js";
import { axisLabels, type Frame, grid, heightOf, legend, lineClass, plotElement } from "./frame.js";
import { type Pixel, type PlotArea, pointsAlong } from "./labelPlace.js";
import { levelLabel } from "./levelLabel.js";
import { lineStyles } from "./palette.js";
import { labelWidth } from "./ticks.js";

/**
 * One line: its name and its points (x, y). Points that have no place on the axes, such as those not positive on a logarithmic one, are
 * left out.
 */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** Which of the palette's line styles it has; by default each line has the next. */
  readonly style?: number;
  /** Points to be seen on it, such as where something was changed: rings. */
  readonly marks?: readonly (readonly [number, number])[];
}

/** What a plot shows. `levels` are horizontal lines with a name, e.g. the error of a trivial predictor. */
export interface LogPlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly levels?: readonly { readonly name: string; readonly value: number }[];
  /** The axes are logarithmic unless these say otherwise. */
  readonly xScale?: "log" | "linear";
  readonly yScale?: "log" | "linear";
  /** The smallest value other than 0 that y can have: values of 0 are then drawn, below all others. */
  readonly yResolution?: number;
}

/** A line that knows its style. */
type Styled = Required<Series>;

/** Whether a point can be drawn; `least` and `lowest` are the least x and y that have a place. */
function isDrawable([x, y]: readonly [number, number], least: number, lowest: number): boolean {
  return x >= least && y >= lowest && Number.isFinite(x) && Number.isFinite(y);
}

/**
 * A line plot, each axis logarithmic or linear, as one self-contained SVG element, `width` x `height` pixels (default 760 x 460): grid,
 * ticks, axis labels, a legend above if it fits, every line's name at its end. Its colors follow the page or viewer into dark mode.
 */
export function logPlot(plot: LogPlot, width = 760, height = 460): Markup {
  const { xScale = "log", yScale = "log" } = plot;
  const least = xScale === "linear" ? -Infinity : Number.MIN_VALUE;
  const lowest = yScale === "linear" ? -Infinity : plot.yResolution === undefined ? Number.MIN_VALUE : 0;
  const series = plot.series.map((line, at) => ({
    style: at,
    ...line,
    points: line.points.filter((point) => isDrawable(point, least, lowest)),
    marks: (line.marks ?? []).filter((point) => isDrawable(point, least, lowest)),
  }));
  const points = series.flatMap((line) => line.points);
  const levels = (plot.levels ?? []).filter((level) => isDrawable([1, level.value], least, lowest));
  const longest = Math.max(0, ...series.map((line) => line.name.length));
  const top = 40;
  const y = yAxis(plot, [...points.map(([, value]) => value), ...levels.map(({ value }) => value)], height - top - 46);
  const left = Math.max(52, 8 + Math.max(0, ...y.ticks.map((tick) => labelWidth(tick.label))));
  const area: PlotArea = { left, top, width: width - left - Math.min(130, 18 + 8 * longest), height: height - top - 46 };
  const xs = points.map(([x]) => x);
  const axes: Frame = { ...area, x: xScale === "linear" ? linearAxis(xs, area.width, 0) : logAxis(xs, area.width, 1, labelWidth), y };
  const curves = series.flatMap((line) => pointsAlong(pixels(line, axes)));
  const label =
    `${plot.title}: ${plot.yLabel} against ${plot.xLabel} for ${series.map((line) => line.name).join(", ")}, ` +
    `${scales[`${xScale} ${yScale}`]}`;
  const parts = [
    grid(axes),
    axisLabels(plot, axes),
    ...(series.length > 1 ? [legend(series, axes)] : []),
    ...levels.map((level) => levelLine(level.value, axes)),
    ...series.map((line) => path(line, axes)),
    ...series.flatMap((line) => rings(line, axes)),
    ...levels.map((level) => levelLabel(level.name, heightOf(level.value, axes), area, curves)),
    endLabels(series, axes),
  ];
  return plotElement(width, height, label, parts, series.some(({ marks }) => marks.length > 0) ? ringLooks : "");
}

/** The scales of x and y in words. */
const scales = {
  "log log": "both axes logarithmic",
  "log linear": "x axis logarithmic",
  "linear log": "y axis logarithmic",
  "linear linear": "both axes linear",
} as const;

function yAxis({ yScale, yResolution }: LogPlot, values: readonly number[], height: number): Axis {
  if (yScale === "linear") return linearAxis(values, height);
  return yResolution !== undefined && values.includes(0)
    ? logAxisWithZero(values, height, yResolution, 1.15)
    : logAxis(values, height, 1.15);
}

function levelLine(value: number, frame: Frame): Markup {
  const at = heightOf(value, frame);
  return element("line", { class: "level", x1: frame.left, x2: frame.left + frame.width, y1: at, y2: at });
}

function path(line: Styled, frame: Frame): Markup {
  const steps = pixels(line, frame).map(([x, y], at) => `${at === 0 ? "M" : "L"}${tenth(x)} ${tenth(y)}`);
  return element("path", { class: lineClass(line.style), d: steps.join("") });
}

function rings({ marks, style }: Styled, frame: Frame): Markup[] {
  return pixels({ points: marks }, frame).map(([cx, cy]) => element("circle", { class: lineClass(style), cx, cy, r: 5 }));
}

const ringLooks = [
  ".plot circle{fill:#fff;stroke-width:2.25}",
  ...lineStyles.map(({ light }, at) => `.plot circle.line${at}{stroke:${light}}`),
  "@media(prefers-color-scheme:dark){.plot circle{fill:#14181d}",
  ...lineStyles.map(({ dark }, at) => `.plot circle.line${at}{stroke:${dark}}`),
  "}",
].join("");

function pixels({ points }: Pick<Series, "points">, frame: Frame): Pixel[] {
  return points.map(([x, y]) => [frame.left + frame.x.position(x), heightOf(y, frame)]);
}

/** Names at the ends of the lines, moved apart until none overlaps another. */
function endLabels(series: readonly Styled[], frame: Frame): Markup {
  const spacing = 16;
  const labels = series
    .map((line) => ({ line, end: line.points[line.points.length - 1] }))
    .filter(({ end }) => end !== undefined)
    .map(({ line, end }) => ({
      name: line.name,
      style: line.style,
      x: frame.left + frame.x.position(end[0]) + 8,
      y: heightOf(end[1], frame) + 4.5,
    }))
    .sort((a, b) => a.y - b.y);
  for (let at = labels.length - 2; at >= 0; at--) labels[at].y = Math.min(labels[at].y, labels[at + 1].y - spacing);
  for (let at = 0; at < labels.length; at++) labels[at].y = Math.max(labels[at].y, at === 0 ? frame.top + 6 : labels[at - 1].y + spacing);
  return join(
    labels.map((label) => element("text", { class: `name ${lineClass(label.style)}`, x: label.x, y: label.y }, text(label.name))),
  );
}

function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}
