import type { Child, Markup } from "../page/markup.js";
import { coordinate, element, join } from "../page/markup.js";
import type { Axis } from "./axis.js";
import type { PlotArea } from "./labelPlace.js";
import { lineStyles } from "./palette.js";

/** What plots with two axes have in common: where things are drawn, how they look, grid, labels and legend. */

/** The part of the picture that curves are drawn in, and its axes. */
export interface Frame extends PlotArea {
  readonly x: Axis;
  readonly y: Axis;
}

/** Where a value of y is drawn, from the top of the picture. */
export function heightOf(value: number, { top, height, y }: Frame): number {
  return top + height - y.position(value);
}

/** A picture of its own, `width` x `height` pixels, that says in `label` what it shows; `looks` are rules beside those of all plots. */
export function plotElement(width: number, height: number, label: string, children: readonly Child[], looks = ""): Markup {
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      class: "plot",
      "aria-label": label,
    },
    element("style", {}, { markup: style + looks }),
    ...children,
  );
}

/** Scoped by the class of the svg element, and complete, so that the picture also stands alone in a file. */
const style = [
  ".plot{font:13px system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;max-width:100%;height:auto}",
  ".plot text{fill:#57606a}.plot .small{font-size:12px}.plot .name{font-weight:600}.plot .halo{paint-order:stroke;stroke:#fff;" +
    "stroke-width:4px;stroke-linejoin:round}",
  ".plot .grid{stroke:#e1e5ea}.plot .fine{stroke:#f1f3f5}.plot .level{stroke:#8c959f;stroke-dasharray:1 4;stroke-linecap:round;" +
    "stroke-width:1.5}",
  ".plot path{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}.plot path.frame{stroke:#8c959f;stroke-width:1}",
  ...lineStyles.map(
    ({ light, dash }, at) =>
      `.plot path.line${at}{stroke:${light}${dash === "" ? "" : `;stroke-dasharray:${dash}`}}.plot text.line${at}{fill:${light}}`,
  ),
  "@media(prefers-color-scheme:dark){.plot text{fill:#a4adb8}.plot .grid{stroke:#2c333b}.plot .fine{stroke:#1e242a}.plot " +
    "path.frame,.plot .level{stroke:#6b7580}.plot .halo{stroke:#14181d}",
  ...lineStyles.map(({ dark }, at) => `.plot path.line${at}{stroke:${dark}}.plot text.line${at}{fill:${dark}}`),
  "}",
].join("");

/** The class of lines, and of their names, in a style of the palette. */
export function lineClass(at: number): string {
  return `line${at % lineStyles.length}`;
}

export function grid({ left, top, width, height, x, y }: Frame): Markup {
  const parts: Child[] = [];
  for (const tick of x.ticks) {
    const at = left + x.position(tick.value);
    parts.push(element("line", { class: tick.label === "" ? "grid fine" : "grid", x1: at, x2: at, y1: top, y2: top + height }));
    if (tick.label !== "") parts.push(element("text", { x: at, y: top + height + 18, "text-anchor": "middle" }, tick.label));
  }
  for (const tick of y.ticks) {
    const at = top + height - y.position(tick.value);
    parts.push(element("line", { class: tick.label === "" ? "grid fine" : "grid", x1: left, x2: left + width, y1: at, y2: at }));
    if (tick.label !== "") parts.push(element("text", { x: left - 8, y: at + 4.5, "text-anchor": "end" }, tick.label));
  }
  parts.push(element("path", { class: "frame", d: `M${left} ${top}V${coordinate(top + height)}H${coordinate(left + width)}` }));
  return element("g", {}, ...parts);
}

export function axisLabels(
  { xLabel, yLabel }: { readonly xLabel: string; readonly yLabel: string },
  { left, top, width, height }: Frame,
): Markup {
  return join([
    element("text", { class: "small", x: 4, y: 14 }, yLabel),
    element("text", { class: "small", x: left + width, y: top + height + 38, "text-anchor": "end" }, xLabel),
  ]);
}

/** Names with a sample of their line, right-aligned above the plot; none where they do not fit, since every line's end has its name. */
export function legend(series: readonly { readonly name: string; readonly style: number }[], { left, top, width }: Frame): Markup {
  const parts: Child[] = [];
  let at = left + width;
  for (const { name, style } of [...series].reverse()) {
    at -= 8 * name.length + 44;
    parts.push(
      element("path", { class: lineClass(style), d: `M${coordinate(at)} ${top - 12}h26` }),
      element("text", { class: "small", x: at + 32, y: top - 8 }, name),
    );
  }
  return at < 0 ? join([]) : element("g", { "aria-hidden": "true" }, ...parts);
}
