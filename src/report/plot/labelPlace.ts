/** A point of the picture in pixels, y downward. */
export type Pixel = readonly [x: number, y: number];

/** The part of the picture that curves are drawn in. */
export interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where a name may be written. */
export interface LabelPlace {
  readonly x: number;
  readonly baseline: number;
  readonly anchor: "start" | "middle" | "end";
}

/** Pixels between the points that stand for a curve: less than a line of type is high. */
const spacing = 4;

/** Height of 12 px type, half the width of an average letter of it, and what a name keeps from curves. */
export const [type, letter, gap] = [12, 6.5, 6];

/** Outside the area at its sides a name may be cut off: worse than any number of points that it covers. */
const outside = 1e6;

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

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a name takes: the type's height, of which a quarter hangs below the baseline. */
function boxOf(name: string, { x, baseline, anchor }: LabelPlace): Box {
  const length = letter * name.length;
  const left = anchor === "start" ? x : anchor === "end" ? x - length : x - length / 2;
  return { left, right: left + length, top: baseline - type, bottom: baseline + type / 4 };
}

/** Points all over what a name takes, as an obstacle to other names. */
export function pointsOn(name: string, place: LabelPlace): Pixel[] {
  const { left, right, top, bottom } = boxOf(name, place);
  return [top, (top + bottom) / 2, bottom].flatMap((y) =>
    pointsAlong([
      [left, y],
      [right, y],
    ]),
  );
}

/**
 * The place whose name covers the fewest of the points `obstacles` and lies within the area; of places equally free the first. Where none
 * is free, a halo keeps the name legible.
 */
export function freest(
  name: string,
  places: readonly LabelPlace[],
  { left, top, width, height }: PlotArea,
  obstacles: readonly Pixel[],
): LabelPlace {
  const covered = places.map((place) => {
    const box = boxOf(name, place);
    if (box.top < top || box.bottom > top + height) return Infinity;
    const hidden = obstacles.filter(([x, y]) => x >= box.left - gap && x <= box.right + gap && y >= box.top && y <= box.bottom).length;
    return hidden + (box.left < left || box.right > left + width ? outside : 0);
  });
  return places[covered.indexOf(Math.min(...covered))];
}
