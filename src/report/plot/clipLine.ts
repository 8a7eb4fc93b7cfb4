import type { Pixel, PlotArea } from "./labelPlace.js";

/** The share of the line between two points, from where to where, that lies in an area, by Liang and Barsky; undefined where none does. */
function insideShare([x, y]: Pixel, [toX, toY]: Pixel, { left, top, width, height }: PlotArea): readonly [number, number] | undefined {
  const [alongX, alongY] = [toX - x, toY - y];
  let [from, to] = [0, 1];
  // A point of the line is inside of a side where its share of `along` is at most `room`.
  for (const [along, room] of [
    [-alongX, x - left],
    [alongX, left + width - x],
    [-alongY, y - top],
    [alongY, top + height - y],
  ]) {
    if (along === 0 && room < 0) return undefined;
    if (along < 0) from = Math.max(from, room / along);
    if (along > 0) to = Math.min(to, room / along);
  }
  return from <= to ? [from, to] : undefined;
}

/**
 * The parts of the line through `points` that lie in an area, each a line of its own: what a drawing needs of a line that goes as far as
 * 1e100, and all that can cover a name.
 */
export function clipLine(points: readonly Pixel[], area: PlotArea): Pixel[][] {
  const parts: Pixel[][] = [];
  let goesOn = false;
  for (let at = 1; at < points.length; at++) {
    const [start, end] = [points[at - 1], points[at]];
    const inside = insideShare(start, end, area);
    if (inside !== undefined) {
      const [first, last] = inside.map((share): Pixel => {
        // The ends themselves, not what rounding makes of them.
        if (share === 0 || share === 1) return share === 0 ? start : end;
        return [start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])];
      });
      if (goesOn && inside[0] === 0) parts[parts.length - 1].push(last);
      else parts.push([first, last]);
    }
    goesOn = inside !== undefined && inside[1] === 1;
  }
  return parts;
}
