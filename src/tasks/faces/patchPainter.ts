import type { RandomStream } from "../../random/stream.js";
import { SIDE } from "./faceImages.js";

/** Pixels along a side of a patch, and in all. */
export const PATCH = 25;
export const PATCH_PIXELS = PATCH * PATCH;

const SMALLEST = 1.4;
const LARGEST = 1.8;

/** What is added up over patches: the gray levels of each pixel, and the squares of all. */
export interface PatchSums {
  readonly levels: Float64Array;
  squares: number;
}

/**
 * Paints one patch of a photograph (`photograph` of `photographs`, each 64 x 64) into 25 x 25 numbers of `out` from `at` on, and adds it to
 * `sums`. Drawn from the stream, in this order:
 *
 *     the rotation      from -90 to 90 degrees: (x, y) uniform in the half disc x >= 0, cos = x / r, sin = y / r
 *     the scale s       uniform on [1.4, 1.8]: a patch covers 25 s pixels
 *     the center        uniform, where the square of 25 s stays inside: from e to 64 - e either way, e = 12.5 s (cos + |sin|)
 *
 * Pixel (row i, column j) is the bilinear interpolation of the photograph, whose pixel centers are at 0.5, 1.5 ..., at
 *
 *     center + s [cos a - sin b, sin a + cos b],   a = j - 12, b = i - 12
 *
 * Only + - * / and sqrt: the same bits on every engine.
 */
export function paintPatch(
  stream: RandomStream,
  photographs: Float32Array,
  photograph: number,
  out: Float32Array,
  at: number,
  sums: PatchSums,
): void {
  let x: number;
  let y: number;
  let square: number;
  do {
    x = stream.uniform();
    y = 2 * stream.uniform() - 1;
    square = x * x + y * y;
  } while (square > 1 || square === 0);
  const radius = Math.sqrt(square);
  const scale = SMALLEST + (LARGEST - SMALLEST) * stream.uniform();
  const extent = 0.5 * PATCH * scale * ((x + Math.abs(y)) / radius);
  const room = SIDE - 2 * extent;
  // Where pixel centers are whole numbers.
  const centerX = extent + room * stream.uniform() - 0.5;
  const centerY = extent + room * stream.uniform() - 0.5;
  const cos = (scale * x) / radius;
  const sin = (scale * y) / radius;
  const begin = photograph * SIDE * SIDE;
  const { levels } = sums;
  let { squares } = sums;
  let pixel = 0;
  const half = (PATCH - 1) / 2;
  for (let b = -half; b <= half; b++) {
    for (let a = -half; a <= half; a++) {
      const fromLeft = centerX + (cos * a - sin * b);
      const fromTop = centerY + (sin * a + cos * b);
      // Never negative, and never in the last row or column: the outermost samples lie half a step inside the square.
      const column = fromLeft | 0;
      const row = fromTop | 0;
      const [right, down] = [fromLeft - column, fromTop - row];
      const corner = begin + row * SIDE + column;
      const upper = photographs[corner] + right * (photographs[corner + 1] - photographs[corner]);
      const lower = photographs[corner + SIDE] + right * (photographs[corner + SIDE + 1] - photographs[corner + SIDE]);
      const level = upper + down * (lower - upper);
      out[at + pixel] = level;
      levels[pixel++] += level;
      squares += level * level;
    }
  }
  sums.squares = squares;
}
