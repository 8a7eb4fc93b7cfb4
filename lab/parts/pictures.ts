import { divergingPalette } from "#internal/report/plot/palette";
import { element } from "./element.js";

/** Rows of small pictures of one size, drawn on canvases: values from 0 to 1, gray or on the diverging palette. */
export class PictureRow {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { role: "img" });
  private readonly title = element("h3");
  private readonly palette: Uint8Array | undefined;

  constructor(
    title: string,
    private readonly width: number,
    private readonly height: number,
    private readonly columns: number,
    isDiverging = false,
  ) {
    this.palette = isDiverging ? divergingPalette() : undefined;
    // There is nothing to see before something is drawn.
    this.root = element("div", { class: "pictures", hidden: true }, this.title, this.canvas);
    this.name(title);
  }

  name(title: string): void {
    this.title.textContent = title;
    this.canvas.setAttribute("aria-label", title);
  }

  /** Pictures one after another, each `width` x `height`, row-major. */
  draw(values: ArrayLike<number>): void {
    const { width, height, columns, canvas } = this;
    this.root.hidden = false;
    const size = width * height;
    const count = Math.floor(values.length / size);
    const rows = Math.ceil(count / columns);
    const gap = Math.max(1, Math.round(width / 14));
    canvas.width = columns * (width + gap) - gap;
    canvas.height = rows * (height + gap) - gap;
    const context = canvas.getContext("2d")!;
    for (let at = 0; at < count; at++) {
      const image = context.createImageData(width, height);
      for (let pixel = 0; pixel < size; pixel++) this.paint(image.data, pixel, values[at * size + pixel]);
      context.putImageData(image, (at % columns) * (width + gap), Math.floor(at / columns) * (height + gap));
    }
  }

  private paint(data: Uint8ClampedArray, pixel: number, value: number): void {
    const level = Math.round(255 * Math.min(1, Math.max(0, value)));
    const { palette } = this;
    for (let channel = 0; channel < 3; channel++) data[4 * pixel + channel] = palette === undefined ? level : palette[3 * level + channel];
    data[4 * pixel + 3] = 255;
  }
}

/** Values of any size as places on the palette: 0 in its middle, the largest at its ends. */
export function centered(values: Float32Array): Float32Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return values.map((value) => 0.5 + value / (2 * largest));
}
