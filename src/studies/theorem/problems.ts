import { fractionalPower } from "../../math/fractionalPower.js";
import { RandomStream } from "../../random/stream.js";

/** The quadratics, starting points, rotations and schedules of the study, all by + - * / sqrt only and so the same on every engine. */

/** Largest eigenvalue of every quadratic: the gradient's Lipschitz constant L. Not 1, so that a forgotten L is seen. */
export const LARGEST = 10;

/** n eigenvalues from L down to L / R, each the same factor below the one before it. */
export function spectrum(n: number, conditionNumber: number): Float64Array {
  return Float64Array.from(
    { length: n },
    (_, i) => LARGEST / (i === n - 1 ? conditionNumber : fractionalPower(conditionNumber, i / (n - 1))),
  );
}

/** n numbers from N(0, 1). */
export function normals(n: number, seed: number, name: string, substream = 0): Float64Array {
  const stream = new RandomStream(seed, `theorem ${name}`, substream);
  return Float64Array.from({ length: n }, () => stream.normal());
}

/** A random orthonormal matrix as rows: the product of n Householder reflections I - 2 ww'/(w'w). */
export function orthonormal(n: number, seed: number): Float64Array[] {
  const rows = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_value, j) => (i === j ? 1 : 0)));
  for (let k = 0; k < n; k++) {
    const w = normals(n, seed, "rotation", k);
    const square = inner(w, w);
    for (const row of rows) {
      const share = (2 * inner(row, w)) / square;
      for (let j = 0; j < n; j++) row[j] -= share * w[j];
    }
  }
  return rows;
}

/** U'DU as rows, D the diagonal matrix of the eigenvalues. */
export function rotated(u: readonly Float64Array[], eigenvalues: Float64Array): Float64Array[] {
  const n = u.length;
  const rows = Array.from({ length: n }, () => new Float64Array(n));
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const factor = eigenvalues[k] * u[k][i];
      for (let j = 0; j < n; j++) rows[i][j] += factor * u[k][j];
    }
  }
  return rows;
}

/** U x. */
export function times(u: readonly Float64Array[], x: Float64Array): Float64Array {
  return Float64Array.from(u, (row) => inner(row, x));
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** A momentum and a learning rate of its own for every update. */
export interface Coefficients {
  /** mu_t from 0.5 to 1. */
  readonly momentum: readonly number[];
  /** eps_t from 0.2 / L to 0.9 / L: below 1 / L, so that mu_t (1 - lambda eps_t) is a momentum that CM can have, which is none below 0. */
  readonly learningRate: readonly number[];
}

export function drawCoefficients(seed: number, updates: number): Coefficients {
  const stream = new RandomStream(seed, "theorem coefficients");
  const momentum: number[] = [];
  const learningRate: number[] = [];
  for (let t = 0; t < updates; t++) {
    momentum.push(0.5 + 0.5 * stream.uniform());
    learningRate.push((0.2 + 0.7 * stream.uniform()) / LARGEST);
  }
  return { momentum, learningRate };
}
