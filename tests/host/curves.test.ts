import { beforeAll, describe, expect, it } from "vitest";
import { InvalidOptionError } from "#internal/errors";
import { RandomStream } from "#internal/random/stream";
import { createCurvePainter } from "#internal/tasks/curves/curvePainter";
import { curves } from "#internal/tasks/curves/curves";

const PIXELS = 784;

async function sha256(values: Float32Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("curves", () => {
  it("has the same bits on every engine", async () => {
    expect(await sha256(curves({ cases: 500, seed: 1 }).inputs)).toBe("d9b32b4d05a8cb1dda40156742937fd9601b3c7699b902529ca13b44b6a2574d");
    expect(await sha256(curves({ cases: 500, seed: 1, set: "test" }).inputs)).toBe(
      "3385cf159382c56d823f1985ecff37e65f8bc58b2e50128efb3a0c9c65d074dc",
    );
  });

  it("draws image i whatever the number of images", () => {
    const many = curves({ cases: 50, seed: 3 });
    const few = curves({ cases: 7, seed: 3 });
    expect(few.inputs).toEqual(many.inputs.slice(0, 7 * PIXELS));
    expect([few.cases, few.features]).toEqual([7, PIXELS]);
  });

  it("differs by seed, set and image", () => {
    const first = curves({ cases: 2 }).inputs;
    expect(first.slice(0, PIXELS)).not.toEqual(first.slice(PIXELS));
    expect(curves({ cases: 2, seed: 2 }).inputs).not.toEqual(first);
    expect(curves({ cases: 2, set: "test" }).inputs).not.toEqual(first);
  });

  it("makes 20,000 training and 10,000 test images by default", () => {
    expect(curves().cases).toBe(20_000);
    expect(curves({ set: "test" }).cases).toBe(10_000);
  });

  it("agrees with a plain transcription of the recipe", () => {
    const stream = new RandomStream(8, "curve points");
    // One painter for all, so that nothing of one image may show in the next; every third curve leaves the picture.
    const painter = createCurvePainter();
    for (let i = 0; i < 300; i++) {
      const [low, high] = i % 3 === 0 ? [-2, 31] : [4.4, 23.6];
      const x = Float64Array.of(4.4 + 6 * stream.uniform(), 12.5 + 3 * stream.uniform(), 17.6 + 6 * stream.uniform());
      const y = Float64Array.from({ length: 3 }, () => low + (high - low) * stream.uniform());
      const out = new Float32Array(2 * PIXELS);
      painter.paint(x, y, out, PIXELS);
      expect(out.subarray(0, PIXELS).every((pixel) => pixel === 0)).toBe(true);
      const expected = plainImage(x, y);
      let worst = 0;
      for (let p = 0; p < PIXELS; p++) worst = Math.max(worst, Math.abs(out[PIXELS + p] - expected[p]));
      expect(worst).toBeLessThan(1e-7);
    }
  });

  it("puts at least half a unit and at most 1 into each image's darkest pixel", () => {
    const { inputs } = curves({ cases: 500, seed: 5 });
    for (let i = 0; i < 500; i++) {
      const image = inputs.subarray(i * PIXELS, (i + 1) * PIXELS);
      expect(Math.max(...image)).toBeGreaterThan(0.5);
      expect(Math.max(...image)).toBeLessThanOrEqual(1);
      expect(Math.min(...image)).toBe(0);
    }
  });

  it("refuses bad options", () => {
    for (const options of [{ cases: 0 }, { cases: 1.5 }, { cases: 1e9 }, { seed: -1 }, { set: "validation" }, { case: 5 }]) {
      expect(() => curves(options as object)).toThrow(InvalidOptionError);
    }
  });
});

/** The recipe, step by step, in the plainest way: one image of 28 x 28. */
function plainImage(x: Float64Array, y: Float64Array): number[] {
  let ink = Array.from({ length: 30 }, () => new Array<number>(30).fill(0));
  const deposit = (px: number, py: number, amount: number): void => {
    if (px < 0.5 || px > 28.5 || py < 0.5 || py > 28.5) return;
    for (let row = 0; row < 30; row++) {
      for (let column = 0; column < 30; column++) {
        ink[row][column] += amount * Math.max(0, 1 - Math.abs(px - column)) * Math.max(0, 1 - Math.abs(py - row));
      }
    }
  };
  const [h1, h2] = [x[1] - x[0], x[2] - x[1]];
  // Second derivatives of the natural cubic spline: 0, m, 0, from h1 0 + 2 (h1 + h2) m + h2 0 = 6 (slope2 - slope1).
  const m = (6 * ((y[2] - y[1]) / h2 - (y[1] - y[0]) / h1)) / (2 * (h1 + h2));
  const spline = (at: number): number => {
    const [k, ma, mb] = at <= x[1] ? [0, 0, m] : [1, m, 0];
    const h = x[k + 1] - x[k];
    const [a, b] = [x[k + 1] - at, at - x[k]];
    return (ma * a ** 3) / (6 * h) + (mb * b ** 3) / (6 * h) + (y[k] / h - (ma * h) / 6) * a + (y[k + 1] / h - (mb * h) / 6) * b;
  };
  const points = Array.from({ length: 17 }, (_, k) => x[0] + ((x[2] - x[0]) * k) / 16).map((px) => [px, spline(px)]);
  for (const [px, py] of points) deposit(px, py, 2);
  for (let k = 0; k < 16; k++) {
    const [[ax, ay], [bx, by]] = [points[k], points[k + 1]];
    const amount = 2 * Math.min(1, Math.max(0, Math.hypot(bx - ax, by - ay) - 1));
    for (const part of [0.25, 0.5, 0.75]) deposit(ax + part * (bx - ax), ay + part * (by - ay), amount);
  }
  const [a, b] = [0.285, 0.693];
  const inside = (i: number): boolean => i >= 1 && i <= 28;
  ink = ink.map((row, r) => row.map((value, c) => (inside(r) && inside(c) ? value : 0)));
  for (let pass = 0; pass < 4; pass++) {
    const before = ink;
    const pixel = (r: number, c: number): number => before[r]?.[c] ?? 0;
    ink = before.map((row, r) =>
      row.map((value, c) => {
        if (!inside(r) || !inside(c)) return 0;
        const edges = pixel(r - 1, c) + pixel(r + 1, c) + pixel(r, c - 1) + pixel(r, c + 1);
        const corners = pixel(r - 1, c - 1) + pixel(r - 1, c + 1) + pixel(r + 1, c - 1) + pixel(r + 1, c + 1);
        return b * (1 + a) * ((1 - a) * value + (a / 6) * edges + (a / 12) * corners);
      }),
    );
  }
  return ink.slice(1, 29).flatMap((row) => row.slice(1, 29).map((value) => Math.min(1, value)));
}

/**
 * The four published statistics of the original data set at 12,000 images, in the sense in which the recipe states them. From sample to
 * sample of this size they vary with standard deviations of about 0.05, 0.25, 0.13 and 0.02.
 */
describe("the statistics of 12,000 curves", () => {
  const cases = 12_000;
  let inputs: Float32Array;
  const mean = new Float64Array(PIXELS);
  const entropy = (p: number): number => (p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0);

  beforeAll(() => {
    ({ inputs } = curves({ cases, seed: 1 }));
    for (let i = 0; i < inputs.length; i++) mean[i % PIXELS] += inputs[i] / cases;
  });

  it("total variance 16.95, to 0.3", () => {
    let variance = 0;
    for (let i = 0; i < inputs.length; i++) variance += (inputs[i] - mean[i % PIXELS]) ** 2 / cases;
    expect(Math.abs(variance - 16.95)).toBeLessThan(0.3);
  });

  it("cross-entropy of the mean image 124.6, to 1.2", () => {
    expect(Math.abs(mean.reduce((sum, p) => sum + entropy(p), 0) - 124.6)).toBeLessThan(1.2);
  });

  it("mean entropy of the pixels 53.8, to 0.6", () => {
    let total = 0;
    for (const p of inputs) total += entropy(p);
    expect(Math.abs(total / cases - 53.8)).toBeLessThan(0.6);
  });

  it("squared residual of an 18-component PCA 5.9, to 0.1", () => {
    const residual = pcaResidual(inputs, mean, cases, 18);
    expect(Math.abs(residual - 5.9)).toBeLessThan(0.1);
  });
});

/** Trace of the covariance less its `components` largest eigenvalues, by subspace iteration with a margin of extra vectors. */
function pcaResidual(inputs: Float32Array, mean: Float64Array, cases: number, components: number): number {
  const covariance = new Float64Array(PIXELS * PIXELS);
  const at = new Uint16Array(PIXELS);
  for (let c = 0; c < cases; c++) {
    const image = inputs.subarray(c * PIXELS, (c + 1) * PIXELS);
    let count = 0;
    // Most pixels are 0, and only the others contribute to the second moments.
    for (let p = 0; p < PIXELS; p++) if (image[p] !== 0) at[count++] = p;
    for (let i = 0; i < count; i++) {
      const value = image[at[i]];
      const row = at[i] * PIXELS;
      for (let j = 0; j <= i; j++) covariance[row + at[j]] += value * image[at[j]];
    }
  }
  for (let i = 0; i < PIXELS; i++) {
    for (let j = 0; j <= i; j++)
      covariance[i * PIXELS + j] = covariance[j * PIXELS + i] = covariance[i * PIXELS + j] / cases - mean[i] * mean[j];
  }
  // Each vector's growth in one product settles on its eigenvalue, once the vectors before it have been taken out.
  const width = components + 14;
  let basis: Float64Array[] = Array.from({ length: width }, (_, k) =>
    Float64Array.from({ length: PIXELS }, (_, i) => ((i * (2 * k + 3)) % 101) - 50),
  );
  let captured = 0;
  for (let iteration = 0; iteration < 35; iteration++) {
    basis = basis.map((vector) => product(covariance, vector));
    captured = 0;
    for (let k = 0; k < width; k++) {
      const vector = basis[k];
      for (let earlier = 0; earlier < k; earlier++) {
        const shared = dot(vector, basis[earlier]);
        for (let i = 0; i < PIXELS; i++) vector[i] -= shared * basis[earlier][i];
      }
      const length = Math.sqrt(dot(vector, vector));
      for (let i = 0; i < PIXELS; i++) vector[i] /= length;
      if (k < components) captured += length;
    }
  }
  let trace = 0;
  for (let i = 0; i < PIXELS; i++) trace += covariance[i * PIXELS + i];
  return trace - captured;
}

function product(matrix: Float64Array, vector: Float64Array): Float64Array {
  const out = new Float64Array(vector.length);
  for (let i = 0, at = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < out.length; j++) sum += matrix[at++] * vector[j];
    out[i] = sum;
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
