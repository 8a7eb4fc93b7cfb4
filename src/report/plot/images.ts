import type { Markup } from "../page/markup.js";
import { element } from "../page/markup.js";
import { encodePng } from "./png.js";

/**
 * A named row of pictures of one size: `values` holds them one after another, each `width` x `height`, row-major, 0 black and 1 white or
 * the ends of the palette.
 */
export interface PictureRow {
  readonly name: string;
  /** Said beside the name in small letters, e.g. the mean error. */
  readonly note?: string;
  readonly values: Float32Array;
  /** One short caption for each picture, e.g. its error. */
  readonly captions?: readonly string[];
}

/** The palette as a strip with numbers below it, `place` from 0 (its first color) to 1 (its last). */
export interface ColorScale {
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
}

/** Rows of pictures under one another, so that a column holds versions of one thing: inputs above their reconstructions. */
export interface PictureTable {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly PictureRow[];
  /** 256 colors, as `encodePng` takes them; shades of gray unless given. */
  readonly palette?: Uint8Array;
  /** Shown above the rows. */
  readonly scale?: ColorScale;
}

/** A picture as a `data:` URL, to be used as the source of an `img`. */
export function pictureUrl(values: ArrayLike<number>, width: number, height: number, palette?: Uint8Array): string {
  const bytes = encodePng(values, width, height, palette);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}

export function pictureTable({ width, height, rows, palette, scale }: PictureTable): Markup {
  const size = width * height;
  return element(
    "div",
    { class: "pictures" },
    ...(scale === undefined ? [] : [colorScale(scale, palette)]),
    ...rows.map((row) => {
      const count = Math.floor(row.values.length / size);
      const pictures = Array.from({ length: count }, (_, at) => {
        const caption = row.captions?.[at];
        return element(
          "figure",
          {},
          element("img", {
            src: pictureUrl(row.values.subarray(at * size, (at + 1) * size), width, height, palette),
            alt: `${row.name}, picture ${at + 1}${caption === undefined ? "" : ` (${caption})`}`,
            width,
            height,
          }),
          ...(caption === undefined ? [] : [element("figcaption", {}, caption)]),
        );
      });
      return element(
        "section",
        {},
        element("h3", {}, row.name, ...(row.note === undefined ? [] : [element("small", {}, row.note)])),
        element("div", { class: "strip", style: `--count:${count}` }, ...pictures),
      );
    }),
  );
}

function colorScale({ ticks }: ColorScale, palette: Uint8Array | undefined): Markup {
  const steps = Float32Array.from({ length: 256 }, (_, at) => at / 255);
  return element(
    "div",
    { class: "scale", role: "img", "aria-label": `Colors from ${ticks[0].label} to ${ticks[ticks.length - 1].label}` },
    element("img", { src: pictureUrl(steps, 256, 1, palette), alt: "", width: 256, height: 1 }),
    ...ticks.map(({ place, label }) => element("span", { style: `left:${(100 * place).toFixed(1)}%` }, label)),
  );
}
