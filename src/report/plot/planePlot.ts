import type { Markup } from "../page/markup.js";
import { coordinate, element, join } from "../page/markup.js";
import { linearAxis } from "./axis.js";
import { clipLine } from "./clipLine.js";
import { axisLabels, type Frame, grid, heightOf, legend, lineClass, plotElement } from "./frame.js";
import { freest, gap, type LabelPlace, type Pixel, type PlotArea, pointsAlong, pointsOn, type } from "./labelPlace.js";
import { lineStyles } from "./palette.js";
import { labelWidth } from "./ticks.js";

/** A point or a vector of the plane. */
export type PlanePoint = readonly [number, number];

/** A way through the plane: every point has a mark, and the last a ring. */
export interface PlanePath {
  readonly name: string;
  readonly points: readonly PlanePoint[];
  /** Which of the palette's line styles it has. */
  readonly style: number;
}

/** An arrow; without a style it is a dotted line that helps the eye, and has no head. */
export interface PlaneArrow {
  readonly from: PlanePoint;
  readonly to: PlanePoint;
  readonly name?: string;
  readonly style?: number;
}

/** What a plot of the plane shows. Both axes are linear. */
export interface PlanePlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** From where to where; what lies outside is cut off. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** Whether a unit is as long across as upward, so that angles are right; one of the axes then shows more than was asked for. */
  readonly isIsometric?: boolean;
  /** Ellipses along the axes, drawn faintly: the level sets of a quadratic. */
  readonly ellipses?: readonly { readonly center: PlanePoint; readonly semiAxes: PlanePoint }[];
  readonly paths?: readonly PlanePath[];
  readonly arrows?: readonly PlaneArrow[];
  readonly points?: readonly { readonly at: PlanePoint; readonly name: string }[];
}

/** Pixels: above and below the area, and the sides and the opening of an arrow's head. */
const [above, below, head, opening] = [40, 46, 11, 0.42];

/**
 * Curves and arrows in a plane as one self-contained SVG element, `width` x `height` pixels (default 760 x 460): grid, ticks, axis labels,
 * a legend of the paths, and names beside arrows and points, where they cover the least. Its colors follow the page or viewer into dark
 * mode.
 */
export function planePlot(plot: PlanePlot, width = 760, height = 460): Markup {
  const { paths = [], arrows = [], points = [] } = plot;
  const frame = frameOf(plot, width, height);
  const pixel = ([x, y]: PlanePoint): Pixel => [frame.left + frame.x.position(x), heightOf(y, frame)];
  const drawn = arrows.map((arrow) => ({ ...arrow, from: pixel(arrow.from), to: pixel(arrow.to) }));
  const marks = points.map(({ at, name }) => ({ at: pixel(at), name }));
  const ways = paths.map((path) => ({ ...path, pixels: path.points.map(pixel) }));
  const lines = [...drawn.map(({ from, to }) => [from, to]), ...ways.map(({ pixels }) => pixels)];
  const obstacles = lines.flatMap((points) => clipLine(points, frame)).flatMap(pointsAlong);
  const names = labels(drawn, marks, frame, [...obstacles, ...marks.map(({ at }) => at)]);
  const shown = [...paths.map(({ name }) => name), ...arrows.flatMap(({ name }) => name ?? []), ...points.map(({ name }) => name)];
  const inside = join([
    ...(plot.ellipses ?? []).map(({ center, semiAxes: [a, b] }) => {
      const [cx, cy] = pixel(center);
      const [right, upper] = pixel([center[0] + a, center[1] + b]);
      return element("ellipse", { cx, cy, rx: right - cx, ry: cy - upper });
    }),
    ...ways.map((way) => wayOf(way, frame)),
    ...drawn.map(arrowOf),
    ...marks.map(({ at: [cx, cy] }) => element("circle", { cx, cy, r: 4 })),
  ]);
  return plotElement(
    width,
    height,
    `${plot.title}: ${plot.yLabel} against ${plot.xLabel}; ${shown.join(", ")}`,
    [
      grid(frame),
      axisLabels(plot, frame),
      ...(paths.length > 1 ? [legend(paths, frame)] : []),
      window(frame, inside),
      // On top of all lines, since a name must be legible where it crosses one.
      ...names,
    ],
    looks,
  );
}

/** The axes: as far as asked for, or as far as units of one length need. */
function frameOf({ x, y, isIsometric }: PlanePlot, width: number, height: number): Frame {
  const innerHeight = height - above - below;
  // Wide enough for the labels of either set of ticks.
  const left = Math.max(52, 8 + Math.max(0, ...linearAxis(y, innerHeight, 0).ticks.map(({ label }) => labelWidth(label))));
  const innerWidth = width - left - 14;
  const unit = Math.min(innerWidth / (x[1] - x[0]), innerHeight / (y[1] - y[0]));
  const ends = ([from, to]: readonly [number, number], length: number): number[] => {
    const more = isIsometric === true ? (length / unit - (to - from)) / 2 : 0;
    return [from - more, to + more];
  };
  const axes = { x: linearAxis(ends(x, innerWidth), innerWidth, 0), y: linearAxis(ends(y, innerHeight), innerHeight, 0) };
  return { left, top: above, width: innerWidth, height: innerHeight, ...axes };
}

/** The area as a picture inside the picture, which cuts off what level sets and marks have outside. */
function window({ left, top, width, height }: Frame, inside: Markup): Markup {
  const viewBox = [left, top, width, height].map(coordinate).join(" ");
  return element("svg", { x: left, y: top, width, height, viewBox }, inside);
}

function line(points: readonly Pixel[]): string {
  return points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${coordinate(x)} ${coordinate(y)}`).join("");
}

function wayOf({ pixels, style }: { readonly pixels: readonly Pixel[]; readonly style: number }, area: PlotArea): Markup {
  const name = lineClass(style);
  const isInside = ([x, y]: Pixel): boolean =>
    x >= area.left && x <= area.left + area.width && y >= area.top && y <= area.top + area.height;
  const mark = ([cx, cy]: Pixel, r: number, className: string): Markup => element("circle", { class: className, cx, cy, r });
  const parts = clipLine(pixels, area).map(line).join("");
  return join([
    ...(parts === "" ? [] : [element("path", { class: `way ${name}`, d: parts })]),
    ...pixels.filter(isInside).map((pixel) => mark(pixel, 2.2, name)),
    ...pixels
      .slice(-1)
      .filter(isInside)
      .map((pixel) => mark(pixel, 5, `end ${name}`)),
  ]);
}

interface DrawnArrow {
  readonly from: Pixel;
  readonly to: Pixel;
  readonly name?: string;
  readonly style?: number;
}

/** A line with a head, which is smaller where the line is short; nothing where it has no length. */
function arrowOf({ from, to, style }: DrawnArrow): Markup {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(x, y);
  if (style === undefined) return element("path", { class: "level", d: line([from, to]) });
  if (length < 0.5) return join([]);
  const side = Math.min(head, 0.6 * length) / length;
  const back = (sign: number): Pixel => [to[0] - side * (x + sign * opening * y), to[1] - side * (y - sign * opening * x)];
  return element("path", { class: `arrow ${lineClass(style)}`, d: line([from, to]) + line([back(1), to, back(-1)]) });
}

/** Names of arrows beside them and of points around them, one after another, each where it is freest. */
function labels(
  arrows: readonly DrawnArrow[],
  marks: readonly { readonly at: Pixel; readonly name: string }[],
  frame: Frame,
  obstacles: readonly Pixel[],
): Markup[] {
  const taken = [...obstacles];
  const write = (name: string, places: readonly LabelPlace[], className: string): Markup => {
    const place = freest(name, places, frame, taken);
    taken.push(...pointsOn(name, place));
    return element("text", { class: `halo ${className}`, x: place.x, y: place.baseline, "text-anchor": place.anchor }, name);
  };
  return [
    ...arrows.flatMap(({ from, to, name, style }) =>
      name === undefined ? [] : [write(name, besides(from, to), style === undefined ? "small" : `name ${lineClass(style)}`)],
    ),
    ...marks.map(({ at, name }) => write(name, around(at), "point")),
  ];
}

/** On both sides of an arrow, at its middle first. */
function besides(from: Pixel, to: Pixel): LabelPlace[] {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(x, y) || 1;
  return [0.5, 0.35, 0.65, 0.2, 0.8].flatMap((share) =>
    [1, -1].map((side) => placeAt([from[0] + share * x, from[1] + share * y], [(side * y) / length, (-side * x) / length], gap + 2)),
  );
}

/** Above and below a point, beside it, and between. */
function around(at: Pixel): LabelPlace[] {
  const diagonal = Math.SQRT1_2;
  const directions = [
    [0, -1],
    [0, 1],
    [1, 0],
    [-1, 0],
  ].concat([-1, 1].flatMap((y) => [1, -1].map((x) => [x * diagonal, y * diagonal])));
  return directions.map(([x, y]) => placeAt(at, [x, y], gap + 4));
}

/** A name that begins `distance` pixels from a point in a direction of length 1. */
function placeAt([x, y]: Pixel, [towardX, towardY]: Pixel, distance: number): LabelPlace {
  const anchor = towardX > 0.35 ? "start" : towardX < -0.35 ? "end" : "middle";
  // The baseline of type that stands above the point, beside it, or hangs below it.
  return { x: x + distance * towardX, baseline: y + distance * towardY + (type * (1 + towardY)) / 2 - 1, anchor };
}

const looks = [
  ".plot ellipse{fill:none;stroke:#c3cad2}.plot circle{fill:#1f2328}.plot text.point{fill:#1f2328;font-weight:600}",
  ".plot path.way{stroke-width:1.75}.plot path.arrow{stroke-width:2.5;stroke-dasharray:none}",
  ...lineStyles.map(({ light }, at) => `.plot circle.line${at}{fill:${light}}.plot circle.end.line${at}{fill:#fff;stroke:${light}}`),
  ".plot circle.end{stroke-width:2.25}",
  "@media(prefers-color-scheme:dark){.plot ellipse{stroke:#434c56}.plot circle{fill:#e6e9ed}.plot text.point{fill:#e6e9ed}",
  ...lineStyles.map(({ dark }, at) => `.plot circle.line${at}{fill:${dark}}.plot circle.end.line${at}{fill:#14181d;stroke:${dark}}`),
  "}",
].join("");
