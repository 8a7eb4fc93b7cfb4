/**
 * Paints one CURVES image: ink along a natural cubic spline, then blurred. Pixel centers are at 1..28 in both coordinates.
 */

const SIDE = 28;
// One pixel of zeros round the image, so that neither ink nor filter needs to ask where the edge is.
const STRIDE = SIDE + 2;
const COARSE_POINTS = 17;
const BLUR = 0.285;
const GAIN = 0.693 * (1 + BLUR);
const PASSES = 4;
// The filter, center 1 - a, edges a/6, corners a/12, is (1 - 4a/3) I + (a/12) [1 2 1]' [1 2 1]; the gain goes into both parts.
const CENTER = GAIN * (1 - (4 * BLUR) / 3);
const SMOOTH = (GAIN * BLUR) / 12;

export interface CurvePainter {
  /**
   * The image of the curve through (x[k], y[k]), k = 0, 1, 2, x ascending: 784 values to `out[at ..]`, rows (y) first. `out` must be zero
   * there.
   */
  paint(x: Float64Array, y: Float64Array, out: Float32Array, at: number): void;
}

/** A painter owns its scratch space; one serves any number of images. */
export function createCurvePainter(): CurvePainter {
  const ink = new Float64Array(STRIDE * STRIDE);
  const across = new Float64Array(STRIDE * STRIDE);
  // The rectangle of pixels that ink has reached.
  let left = 0;
  let right = 0;
  let top = 0;
  let bottom = 0;

  /** Shares `amount` among the 4 nearest pixels; ink outside [0.5, 28.5] is dropped, and so is what would fall on pixels 0 and 29. */
  function deposit(x: number, y: number, amount: number): void {
    if (!(x >= 0.5 && x <= 28.5 && y >= 0.5 && y <= 28.5)) return;
    const column = Math.floor(x);
    const row = Math.floor(y);
    const fx = x - column;
    const fy = y - row;
    const at = row * STRIDE + column;
    ink[at] += amount * (1 - fx) * (1 - fy);
    ink[at + 1] += amount * fx * (1 - fy);
    ink[at + STRIDE] += amount * (1 - fx) * fy;
    ink[at + STRIDE + 1] += amount * fx * fy;
    if (column < left) left = column;
    if (column + 1 > right) right = column + 1;
    if (row < top) top = row;
    if (row + 1 > bottom) bottom = row + 1;
  }

  /**
   * 17 points equally spaced in x, 2 units of ink each; where neighbors are further than 1 apart, 3 more between them on the straight
   * line.
   */
  function draw(x: Float64Array, y: Float64Array): void {
    const h1 = x[1] - x[0];
    const h2 = x[2] - x[1];
    // The natural spline through three points has one unknown second derivative, m, at the middle one.
    const m = (3 * ((y[2] - y[1]) / h2 - (y[1] - y[0]) / h1)) / (h1 + h2);
    let lastX = 0;
    let lastY = 0;
    for (let k = 0; k < COARSE_POINTS; k++) {
      const px = x[0] + ((x[2] - x[0]) * k) / (COARSE_POINTS - 1);
      let py: number;
      if (px <= x[1]) {
        const s = (px - x[0]) / h1;
        py = y[0] * (1 - s) + y[1] * s + ((s * s * s - s) * h1 * h1 * m) / 6;
      } else {
        const s = (x[2] - px) / h2;
        py = y[2] * (1 - s) + y[1] * s + ((s * s * s - s) * h2 * h2 * m) / 6;
      }
      deposit(px, py, 2);
      if (k > 0) {
        const dx = px - lastX;
        const dy = py - lastY;
        const amount = 2 * Math.min(Math.max(Math.sqrt(dx * dx + dy * dy) - 1, 0), 1);
        if (amount > 0) for (let j = 1; j <= 3; j++) deposit(lastX + (dx * j) / 4, lastY + (dy * j) / 4, amount);
      }
      lastX = px;
      lastY = py;
    }
  }

  /** One pass of the filter over the rectangle, which has been widened for it; pixels outside the image stay 0. */
  function blur(): void {
    for (let row = top; row <= bottom; row++) {
      for (let at = row * STRIDE + left, end = row * STRIDE + right; at <= end; at++) across[at] = ink[at - 1] + 2 * ink[at] + ink[at + 1];
    }
    // Rows beside the rectangle hold no ink, but may hold sums of an earlier image.
    across.fill(0, (top - 1) * STRIDE + left, (top - 1) * STRIDE + right + 1);
    across.fill(0, (bottom + 1) * STRIDE + left, (bottom + 1) * STRIDE + right + 1);
    for (let row = top; row <= bottom; row++) {
      for (let at = row * STRIDE + left, end = row * STRIDE + right; at <= end; at++) {
        ink[at] = CENTER * ink[at] + SMOOTH * (across[at - STRIDE] + 2 * across[at] + across[at + STRIDE]);
      }
    }
  }

  function clearFrame(): void {
    ink.fill(0, 0, STRIDE);
    ink.fill(0, (SIDE + 1) * STRIDE);
    for (let row = 1; row <= SIDE; row++) {
      ink[row * STRIDE] = 0;
      ink[row * STRIDE + SIDE + 1] = 0;
    }
  }

  function paint(x: Float64Array, y: Float64Array, out: Float32Array, at: number): void {
    ink.fill(0);
    left = SIDE + 1;
    right = 0;
    top = SIDE + 1;
    bottom = 0;
    draw(x, y);
    clearFrame();
    for (let pass = 0; pass < PASSES; pass++) {
      // Ink spreads by one pixel.
      left = Math.max(left - 1, 1);
      right = Math.min(right + 1, SIDE);
      top = Math.max(top - 1, 1);
      bottom = Math.min(bottom + 1, SIDE);
      blur();
    }
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) out[at + (row - 1) * SIDE + column - 1] = Math.min(ink[row * STRIDE + column], 1);
    }
  }

  return { paint };
}
