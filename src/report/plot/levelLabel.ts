import type { Markup } from "../page/markup.js";
import { element } from "../page/markup.js";
import { freest, gap, type LabelPlace, type Pixel, type PlotArea, type } from "./labelPlace.js";

/**
 * The name of a horizontal line at height `y`: above or below it, at its right, its left or its middle, whichever covers the fewest of the
 * points `curves`. Of places equally free it takes the first in this order, since falling curves leave room above at the right. Where none
 * is free, a halo keeps it legible.
 */
export function levelLabel(name: string, y: number, area: PlotArea, curves: readonly Pixel[]): Markup {
  const { left, width } = area;
  const ends = [
    { x: left + width - gap, anchor: "end" },
    { x: left + gap, anchor: "start" },
    { x: left + width / 2, anchor: "middle" },
  ] as const;
  const above = y - gap - 1;
  const below = y + gap + type - 2;
  const places = ends.flatMap((end) => [above, below].map((baseline): LabelPlace => ({ ...end, baseline })));
  const { x, baseline, anchor } = freest(name, places, area, curves);
  return element("text", { class: "small halo", x, y: baseline, "text-anchor": anchor }, name);
}
