import type { Point, Stroke } from "./skeletons.js";

export const SIDE = 28;
export const SIZE = SIDE * SIDE;

/** Pixels of the longer side of a digit, as in MNIST. */
const BOX = 20;

/** Strokes of the pen as a picture in MNIST's manner: 20 pixels long, its center of mass in the middle of 28 x 28; 0 paper, 1 ink. */
export function render(strokes: readonly Stroke[], radius: number): Float32Array<ArrayBuffer> {
  const fitted = boxed(strokes);
  const draft = paint(fitted, radius, 0, 0);
  const [x, y] = center(draft);
  return paint(fitted, radius, (SIDE - 1) / 2 - x, (SIDE - 1) / 2 - y);
}

/** Moved and scaled until the longer side has its length; a dot stays one. */
function boxed(strokes: readonly Stroke[]): Point[][] {
  const points = strokes.flat();
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const scale = (BOX - 2) / Math.max(width, height, 1e-3);
  const place = ([x, y]: Point): Point => [
    SIDE / 2 + (x - left - width / 2) * scale - 0.5,
    SIDE / 2 + (y - top - height / 2) * scale - 0.5,
  ];
  return strokes.map((stroke) => stroke.map(place));
}

function paint(strokes: readonly Stroke[], radius: number, dx: number, dy: number): Float32Array<ArrayBuffer> {
  const picture = new Float32Array(SIZE);
  for (const stroke of strokes) {
    for (let at = 0; at < Math.max(1, stroke.length - 1); at++) {
      const [x0, y0] = [stroke[at][0] + dx, stroke[at][1] + dy];
      const [x1, y1] = [(stroke[at + 1] ?? stroke[at])[0] + dx, (stroke[at + 1] ?? stroke[at])[1] + dy];
      paintSegment(picture, x0, y0, x1, y1, radius);
    }
  }
  return picture;
}

/** Ink by the distance from a segment, soft at its edge. */
function paintSegment(picture: Float32Array, x0: number, y0: number, x1: number, y1: number, radius: number): void {
  const reach = radius + 1;
  const [lx, ly] = [x1 - x0, y1 - y0];
  const squared = lx * lx + ly * ly || 1;
  const first = (a: number, b: number): number => Math.max(0, Math.floor(Math.min(a, b) - reach));
  const last = (a: number, b: number): number => Math.min(SIDE - 1, Math.ceil(Math.max(a, b) + reach));
  for (let y = first(y0, y1); y <= last(y0, y1); y++) {
    for (let x = first(x0, x1); x <= last(x0, x1); x++) {
      const along = Math.min(1, Math.max(0, ((x - x0) * lx + (y - y0) * ly) / squared));
      const [ox, oy] = [x - x0 - along * lx, y - y0 - along * ly];
      const ink = Math.min(1, Math.max(0, radius + 0.5 - Math.sqrt(ox * ox + oy * oy)));
      const at = y * SIDE + x;
      if (ink > picture[at]) picture[at] = ink;
    }
  }
}

function center(picture: Float32Array): Point {
  let [mass, x, y] = [1e-9, 0, 0];
  picture.forEach((ink, at) => {
    mass += ink;
    x += ink * (at % SIDE);
    y += ink * Math.floor(at / SIDE);
  });
  return [x / mass, y / mass];
}
