import { quadratic } from "../../objectives/quadratic.js";
import { nesterov1983 } from "../../optimizers/nesterov1983/nesterov1983Description.js";
import { trajectory } from "../trajectory.js";
import { LARGEST, normals, spectrum } from "./problems.js";
import type { TheoremSpec } from "./spec.js";
import type { Methods, Part } from "./trajectory.js";

/** The bound of the method of 1983 on one quadratic. */
export interface NesterovBound {
  readonly conditionNumber: number;
  /** The largest of (f(theta_t) - f*) / (4 L |theta_{-1} - theta*|^2 / (t + 2)^2) over all t, and where it is. */
  readonly largest: number;
  readonly largestAt: number;
  /** t and that ratio: all of the first, then ever fewer. */
  readonly ratios: readonly (readonly [number, number])[];
}

/**
 * The bound of Nesterov's method of 1983, f(theta_t) - f* <= 4 L |theta_{-1} - theta*|^2 / (t + 2)^2, on a quadratic for each condition
 * number, whose minimum is f* = 0 at theta* = 0. The rate is found by the method itself, from the estimate it begins with.
 */
export function* bounds({ seed, dimensions: n, updates, conditionNumbers }: TheoremSpec, { minimize }: Methods): Part<NesterovBound[]> {
  const found: NesterovBound[] = [];
  for (const conditionNumber of conditionNumbers) {
    const objective = quadratic({ eigenvalues: spectrum(n, conditionNumber) });
    const start = normals(n, seed, "start");
    const distance = start.reduce((sum, entry) => sum + entry * entry, 0);
    const unused = new Float64Array(n);
    const { theta } = trajectory(minimize, objective, start, nesterov1983(), updates);
    const ratios = theta.map((point, t) => objective.gradient(point, unused) / ((4 * LARGEST * distance) / ((t + 2) * (t + 2))));
    if (ratios.length < updates) ratios.push(Infinity);
    const largest = ratios.reduce((most, ratio) => Math.max(most, ratio));
    const shown = thinned(ratios.length).map((t) => [t, ratios[t]] as const);
    found.push({ conditionNumber, largest, largestAt: ratios.indexOf(largest), ratios: shown });
    yield found.length / conditionNumbers.length;
  }
  return found;
}

/** 0, 1, ..., 40, then steps of a fortieth, and n - 1. */
function thinned(n: number): number[] {
  const shown: number[] = [];
  for (let t = 0; t < n - 1; t += Math.max(1, Math.floor(t / 40))) shown.push(t);
  return [...shown, n - 1];
}
