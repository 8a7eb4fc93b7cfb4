import { activate, type TwinActivation } from "./unitTwin.js";

/** Gauss-Newton matrices written out, from nothing but forward passes: what products are held against. */

/** The loss's Hessian in the output's pre-activation, written out; `y` is the output. */
export function hessian(output: TwinActivation, y: Float64Array): number[][] {
  return Array.from(y, (yi, i) =>
    Array.from(y, (yj, j) => {
      const diagonal = i === j ? 1 : 0;
      if (output === "linear") return diagonal;
      if (output === "logistic") return diagonal * yi * (1 - yi);
      return diagonal * yi - yi * yj;
    }),
  );
}

/** The weight of each row's curvature: its mask, and for softmax the sum of its targets besides. */
export function rowWeights(output: TwinActivation, targets: ArrayLike<number>, width: number, mask?: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: targets.length / width }, (_, r) => {
    const total =
      output === "softmax"
        ? Array.from(targets)
            .slice(r * width, (r + 1) * width)
            .reduce((a, b) => a + b, 0)
        : 1;
    return (mask?.[r] ?? 1) * total;
  });
}

/** sum over rows of weight J'HJ / cases, with J the central differences of the rows' pre-activations. */
export function explicitGaussNewton(
  preActivations: (params: Float64Array) => Float64Array,
  params: Float64Array,
  output: TwinActivation,
  width: number,
  cases: number,
  weights: ArrayLike<number>,
): Float64Array[] {
  const step = 1e-5;
  const columns = Array.from(params, (_, i) => {
    const up = preActivations(moved(params, i, step));
    const down = preActivations(moved(params, i, -step));
    return up.map((value, j) => (value - down[j]) / (2 * step));
  });
  const x = preActivations(params);
  const curvatures = Array.from({ length: x.length / width }, (_, r) =>
    hessian(output, activate(output, x.slice(r * width, (r + 1) * width))),
  );
  return columns.map((left) =>
    Float64Array.from(columns, (right) => {
      let sum = 0;
      for (const [r, h] of curvatures.entries()) {
        for (let i = 0; i < width; i++)
          for (let j = 0; j < width; j++) sum += weights[r] * left[r * width + i] * h[i][j] * right[r * width + j];
      }
      return sum / cases;
    }),
  );
}

/** The parameters with one of them moved. */
export function moved(params: Float64Array, i: number, by: number): Float64Array {
  const copy = params.slice();
  copy[i] += by;
  return copy;
}
