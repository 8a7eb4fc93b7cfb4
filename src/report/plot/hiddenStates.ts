import type { Section } from "../page/page.js";
import { formatCount } from "../text/format.js";
import type { ColorScale, PictureRow } from "./images.js";
import { divergingPalette } from "./palette.js";

/** The hidden states of some sequences, steps x cases x hidden as `network.activations(batch, 1)` gives them. */
export interface HiddenStates {
  readonly values: Float32Array;
  readonly steps: number;
  readonly cases: number;
  readonly hidden: number;
  /** Steps of each sequence; what comes after is left blank. */
  readonly lengths: readonly number[];
}

/** A section of heat maps, time downward and units across, as in Figure 3 of the paper: `width` units and `height` steps. */
export interface HeatMaps {
  readonly title: string;
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  readonly rows: readonly PictureRow[];
}

/**
 * Where the color of h stands between the palette's ends, from 0 to 1: by the signed square root, since states at the start of training
 * are a hundredth of those at its end and both should show.
 */
function place(h: number): number {
  return 0.5 + (h < 0 ? -0.5 : 0.5) * Math.sqrt(Math.abs(h));
}

/** Rows of pixels of a heat map: more are not seen at the height a page gives it, and make the page heavy. */
const mostRows = 1000;

/** Steps that share a row of pixels. */
function stepsARow(steps: number): number {
  return Math.ceil(steps / mostRows);
}

/** Rows of the heat map of so many steps. */
function rowCount(steps: number): number {
  return Math.ceil(steps / stepsARow(steps));
}

/**
 * The heat map of one sequence, rows x hidden, as places on the palette. A row is a step; of more than 1,000 steps it is the mean of 2, 3,
 * ... neighboring ones, as few as give no more than 1,000 rows, without those after the sequence's end.
 */
export function heatMap({ values, steps, cases, hidden, lengths }: HiddenStates, sequence: number): Float32Array {
  const together = stepsARow(steps);
  const map = new Float32Array(rowCount(steps) * hidden).fill(0.5);
  for (let from = 0; from < lengths[sequence]; from += together) {
    const end = Math.min(from + together, lengths[sequence]);
    for (let unit = 0; unit < hidden; unit++) {
      let sum = 0;
      for (let t = from; t < end; t++) sum += values[(t * cases + sequence) * hidden + unit];
      map[(from / together) * hidden + unit] = place(sum / (end - from));
    }
  }
  return map;
}

/** Heat maps beside each other as one row. */
export function heatMapRow(name: string, maps: readonly Float32Array[], captions?: readonly string[]): PictureRow {
  const size = maps[0].length;
  const values = new Float32Array(size * maps.length);
  maps.forEach((map, at) => values.set(map, at * size));
  return { name, values, captions };
}

const scale: ColorScale = {
  ticks: [-1, -0.25, -0.04, 0.04, 0.25, 1].map((h) => ({ place: place(h), label: String(h).replace("-", "\u2212") })),
};

export function heatMapSection({ title, caption, width, height, rows }: HeatMaps): Extract<Section, { kind: "pictures" }> {
  const together = stepsARow(height);
  const averaged = together === 1 ? "" : ` The ${formatCount(height)} steps are drawn ${together} steps a row, averaged.`;
  return {
    kind: "pictures",
    title,
    caption: caption + averaged,
    pictures: { width, height: rowCount(height), rows, palette: divergingPalette(), scale },
  };
}
