import { quadratic } from "../../objectives/quadratic.js";
import { classicalMomentum, nesterov } from "../../optimizers/momentum/momentumDescriptions.js";
import { trajectory } from "../trajectory.js";
import { drawCoefficients, normals, orthonormal, rotated, spectrum, times } from "./problems.js";
import type { TheoremSpec } from "./spec.js";
import { type Deviation, deviation, type Methods, type Part, scheduleOf } from "./trajectory.js";

/** Proposition 6.1 as numbers. */
export interface RotatedTrajectories {
  /** Of y_i from U x_i and of w_i from U v_i. */
  readonly classicalMomentum: Deviation;
  readonly nesterov: Deviation;
  /** Largest entry of UU' - I. */
  readonly orthonormality: number;
}

/**
 * Proposition 6.1: on q(x) = x'Ax/2 + b'x with A = U'DU, and on p(y) = q(U'y) = y'Dy/2 + (Ub)'y, both methods make the same way, turned
 * by U. They start from x_0 and y_0 = U x_0, at rest, with the same mu_t and eps_t, new ones at every update.
 */
export function* rotation(
  { seed, dimensions: n, updates, conditionNumber }: TheoremSpec,
  { minimize }: Methods,
): Part<RotatedTrajectories> {
  const eigenvalues = spectrum(n, conditionNumber);
  const u = orthonormal(n, seed);
  const b = normals(n, seed, "linear");
  const start = normals(n, seed, "start");
  const q = quadratic({ matrix: rotated(u, eigenvalues), linear: b });
  const p = quadratic({ eigenvalues, linear: times(u, b) });
  const coefficients = drawCoefficients(seed, updates);
  const options = { learningRate: scheduleOf(coefficients.learningRate), momentum: scheduleOf(coefficients.momentum) };
  const found: Deviation[] = [];
  for (const method of [classicalMomentum(options), nesterov(options)]) {
    const x = trajectory(minimize, q, start, method, updates);
    yield (found.length + 0.5) / 2;
    const y = trajectory(minimize, p, times(u, start), method, updates);
    const turn = (vectors: readonly Float64Array[]): Float64Array[] => vectors.map((vector) => times(u, vector));
    found.push(deviation(y, { theta: turn(x.theta), velocity: turn(x.velocity) }));
    yield found.length / 2;
  }
  return { classicalMomentum: found[0], nesterov: found[1], orthonormality: awayFromOrthonormal(u) };
}

function awayFromOrthonormal(u: readonly Float64Array[]): number {
  const products = u.map((row) => times(u, row));
  return Math.max(...products.flatMap((row, i) => Array.from(row, (value, j) => Math.abs(value - (i === j ? 1 : 0)))));
}
