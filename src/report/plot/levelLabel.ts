import type { Markup } from "../page/markup.js";
import { element } from "../page/markup.js";

/** A point of the picture in pixels, y downward. */
export type Pixel = readonly [x: number, y: number];

/** The part of the picture that curves are drawn in. */
export interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels between the points that stand for a curve: less than a line of type is high. */
const spacing = 4;

/** Height of 12 px type and half the width of an average letter; `gap` is what it keeps from the level, the ends of the area and curves. */
const [type, letter, gap] = [12, 6.5, 6];

/** Points along the line through `points`, dense enough that none of it passes through a word unseen. */
export function pointsAlong(points: readonly Pixel[]): Pixel[] {
  return points.flatMap(([x, y], at): Pixel[] => {
    if (at === 0) return [[x, y]];
    const [fromX, fromY] = points[at - 1];
    const parts = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY) / spacing));
    return Array.from(
      { length: parts },
      (_, part): Pixel => [fromX + ((x - fromX) * (part + 1)) / parts, fromY + ((y - fromY) * (part + 1)) / parts],
    );
  });
}

/**
 * The name of a horizontal line at height `y`: above or below it, at its right, its left or its middle, whichever covers the fewest of the
 * points `curves`. Of places equally free it takes the first in this order, since falling curves leave room above at the right. Where none
 * is free, a halo keeps it legible.
 */
export function levelLabel(name: string, y: number, { left, top, width, height }: PlotArea, curves: readonly Pixel[]): Markup {
  const length = letter * name.length;
  const ends = [
    { x: left + width - gap, anchor: "end", from: left + width - gap - length },
    { x: left + gap, anchor: "start", from: left + gap },
    { x: left + width / 2, anchor: "middle", from: left + (width - length) / 2 },
  ];
  // From one baseline to the other: the type's height, of which a quarter hangs below the baseline, and the gap.
  const above = y - gap - 1;
  const below = y + gap + type - 2;
  const places = ends.flatMap((end) => [above, below].map((baseline) => ({ ...end, baseline })));
  const covered = places.map(({ from, baseline }) => {
    const [upper, lower] = [baseline - type, baseline + type / 4];
    if (upper < top || lower > top + height) return Infinity;
    return curves.filter(([px, py]) => px >= from - gap && px <= from + length + gap && py >= upper && py <= lower).length;
  });
  const { x, anchor, baseline } = places[covered.indexOf(Math.min(...covered))];
  return element("text", { class: "small halo", x, y: baseline, "text-anchor": anchor }, name);
}
