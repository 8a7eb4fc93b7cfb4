import type { Markup } from "../page/markup.js";
import { element, join } from "../page/markup.js";
import { plotElement } from "./frame.js";
import { type PictureRow, type PictureTable, pictureUrl } from "./images.js";

/** Pixels: a picture's width and most height, the gap between two, what its caption takes, and what the colors below take. */
const [wide, high, gap, captionHeight, colorsHeight] = [250, 400, 14, 24, 40];

/**
 * Rows of pictures as one self-contained SVG element, a file of its own: what a page shows as a table of pictures, with captions below the
 * pictures and the colors below all. Its text follows the viewer into dark mode.
 */
export function pictureFile(title: string, { width, height, rows, palette, scale }: PictureTable): Markup {
  const size = width * height;
  const tall = Math.min(high, Math.round((wide * height) / width));
  const counts = rows.map(({ values }) => Math.floor(values.length / size));
  const draw = (row: PictureRow, top: number, at: number): Markup => {
    const left = at * (wide + gap);
    const url = pictureUrl(row.values.subarray(at * size, (at + 1) * size), width, height, palette);
    const caption = element(
      "text",
      { class: "small", x: left + wide / 2, y: top + tall + 16, "text-anchor": "middle" },
      captionOf(row, at),
    );
    return join([image(left, top, tall, url), caption]);
  };
  const pictures = rows.flatMap((row, line) =>
    Array.from({ length: counts[line] }, (_, at) => draw(row, line * (tall + captionHeight), at)),
  );
  const bottom = rows.length * (tall + captionHeight);
  const colors = scale === undefined ? [] : [element("g", {}, ...colorsAt(bottom + 4, scale.ticks, palette))];
  const words = rows.flatMap((row, line) => Array.from({ length: counts[line] }, (_, at) => captionOf(row, at)));
  const whole = Math.max(...counts) * (wide + gap) - gap;
  return plotElement(whole, bottom + (scale === undefined ? 0 : colorsHeight), `${title}: ${words.join("; ")}`, [...pictures, ...colors]);
}

function captionOf({ name, captions }: PictureRow, at: number): string {
  return captions?.[at] ?? name;
}

/** Not smoothed: a pixel is a number. */
function image(x: number, y: number, height: number, href: string): Markup {
  return element("image", { x, y, width: wide, height, href, preserveAspectRatio: "none", style: "image-rendering:pixelated" });
}

function colorsAt(top: number, ticks: NonNullable<PictureTable["scale"]>["ticks"], palette: Uint8Array | undefined): Markup[] {
  const steps = Float32Array.from({ length: 256 }, (_, at) => at / 255);
  return [
    image(0, top, 10, pictureUrl(steps, 256, 1, palette)),
    ...ticks.map(({ place, label }) => {
      const anchor = place < 0.1 ? "start" : place > 0.9 ? "end" : "middle";
      return element("text", { class: "small", x: place * wide, y: top + 26, "text-anchor": anchor }, label);
    }),
  ];
}
