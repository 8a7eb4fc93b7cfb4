import type { ColourScale, PictureRow } from "./images.js";
import type { Section } from "./page.js";
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

/** A section of heat maps, time downwards and units across, as in Figure 3 of the paper. */
export interface HeatMaps {
  readonly title: string;
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  readonly rows: readonly PictureRow[];
}

/**
 * Where the colour of h stands between the palette's ends, from 0 to 1: by the signed square root, since states at the start of training are a hundredth
 * of those at its end and both should show.
 */
function place(h: number): number {
  return 0.5 + (h < 0 ? -0.5 : 0.5) * Math.sqrt(Math.abs(h));
}

/** The heat map of one sequence, steps x hidden, as places on the palette. */
export function heatMap({ values, steps, cases, hidden, lengths }: HiddenStates, sequence: number): Float32Array {
  const map = new Float32Array(steps * hidden).fill(0.5);
  for (let t = 0; t < lengths[sequence]; t++) {
    const from = (t * cases + sequence) * hidden;
    for (let unit = 0; unit < hidden; unit++) map[t * hidden + unit] = place(values[from + unit]);
  }
  return map;
}

/** Heat maps beside each other as one row. */
export function heatMapRow(name: string, maps: readonly Float32Array[], captions?: readonly string[]): PictureRow {
  const size = maps[0].length;
  const values = new Float32Array(size * maps.length);
  maps.forEach((map, at) => values.set(map, at * size));
  return { name, values, ...(captions === undefined ? {} : { captions }) };
}

const scale: ColourScale = { ticks: [-1, -0.25, -0.04, 0.04, 0.25, 1].map((h) => ({ place: place(h), label: String(h).replace("-", "\u2212") })) };

export function heatMapSection({ title, caption, width, height, rows }: HeatMaps): Section {
  return { kind: "pictures", title, caption, pictures: { width, height, rows, palette: divergingPalette(), scale } };
}
