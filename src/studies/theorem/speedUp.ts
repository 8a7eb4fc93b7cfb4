import { naturalLog } from "../../math/logarithm.js";
import { quadratic } from "../../objectives/quadratic.js";
import type { OptimizerDescription } from "../../optimizers/index.js";
import { classicalMomentum, nesterov, sgd } from "../../optimizers/momentum/momentumDescriptions.js";
import { unlessDiverged } from "../trajectory.js";
import { LARGEST, spectrum } from "./problems.js";
import type { TheoremSpec } from "./spec.js";
import type { Methods, Part } from "./trajectory.js";

/** The methods whose iterations are counted, each with the coefficients that theory gives it for a condition number R = L / m. */
export const contestants = {
  descent: {
    name: "gradient descent",
    label: "GD",
    coefficients: "rate 2 / (L + m), the best",
    exponent: 1,
    optimizer: (r: number): OptimizerDescription => sgd({ learningRate: 2 / (LARGEST * (1 + 1 / r)) }),
  },
  polyak: {
    name: "CM, Polyak's coefficients",
    label: "Polyak's CM",
    coefficients: "momentum ((sqrt R - 1) / (sqrt R + 1))^2, rate 4 / (sqrt L + sqrt m)^2",
    exponent: 0.5,
    optimizer: (r: number): OptimizerDescription => {
      const smaller = 1 + Math.sqrt(1 / r);
      return classicalMomentum({ learningRate: 4 / (LARGEST * smaller * smaller), momentum: paperMomentum(r) * paperMomentum(r) });
    },
  },
  classicalMomentum: {
    name: "CM, the paper's momentum",
    label: "CM",
    coefficients: "momentum (sqrt R - 1) / (sqrt R + 1), rate 1 / L",
    exponent: 0.5,
    optimizer: (r: number): OptimizerDescription => classicalMomentum({ learningRate: 1 / LARGEST, momentum: paperMomentum(r) }),
  },
  nesterov: {
    name: "NAG, the paper's momentum",
    label: "NAG",
    coefficients: "momentum (sqrt R - 1) / (sqrt R + 1), rate 1 / L",
    exponent: 0.5,
    optimizer: (r: number): OptimizerDescription => nesterov({ learningRate: 1 / LARGEST, momentum: paperMomentum(r) }),
  },
} as const;

/** The methods whose iterations are counted. */
export type SpeedUpContestant = keyof typeof contestants;
export const contestantNames = Object.keys(contestants) as readonly SpeedUpContestant[];

function paperMomentum(r: number): number {
  const root = Math.sqrt(r);
  return (root - 1) / (root + 1);
}

/** How the iterations grow with the condition number. */
export interface SpeedUp {
  readonly conditionNumbers: readonly number[];
  /** Of each method, for each condition number: updates until |theta - theta*| is first as small a share as asked of what it was. */
  readonly iterations: Readonly<Record<SpeedUpContestant, readonly number[]>>;
  /** Of each method the p for which iterations are proportional to R^p, fitted by least squares to their logarithms. */
  readonly exponents: Readonly<Record<SpeedUpContestant, number>>;
}

export function* speedUp(spec: TheoremSpec, { minimize }: Methods): Part<SpeedUp> {
  const { conditionNumbers, reduction } = spec;
  const whole = conditionNumbers.reduce((sum, r) => sum + r, 0);
  const iterations: Record<SpeedUpContestant, number[]> = { descent: [], polyak: [], classicalMomentum: [], nesterov: [] };
  let done = 0;
  for (const r of conditionNumbers) {
    for (const name of contestantNames) {
      // Nearly all of the time is gradient descent's, and is proportional to R.
      const count = countUpdates(spec, r, contestants[name].optimizer(r), minimize);
      for (let next = count.next(); ; next = count.next()) {
        if (next.done) {
          iterations[name].push(next.value);
          break;
        }
        yield (done + r * Math.min(1, next.value / descentUpdates(reduction, r))) / whole;
      }
    }
    done += r;
  }
  const exponents = Object.fromEntries(contestantNames.map((name) => [name, slope(conditionNumbers, iterations[name])]));
  return { conditionNumbers, iterations, exponents: exponents as SpeedUp["exponents"] };
}

/** What gradient descent takes: its distance shrinks by (R - 1) / (R + 1), about 1 - 2 / R, an update. */
function descentUpdates(reduction: number, r: number): number {
  return (naturalLog(1 / reduction) * r) / 2;
}

/** Updates in one slice of the work. */
const SLICE = 5000;

/** Gives up at so many times what gradient descent takes: the count is then that, as it is of what diverges. */
const PATIENCE = 4;

/**
 * Updates until the distance from the minimum, which is 0, is first at most `reduction` of the first one; yields the updates made. Gradient
 * descent has no state but theta, so it is run in slices; momentum takes a hundredth of its updates, and is run in one.
 */
function* countUpdates(
  { dimensions: n, reduction }: TheoremSpec,
  r: number,
  optimizer: OptimizerDescription,
  minimize: Methods["minimize"],
): Part<number> {
  const objective = quadratic({ eigenvalues: spectrum(n, r) });
  const limit = Math.ceil(PATIENCE * descentUpdates(reduction, r));
  const slice = optimizer.method === "sgd" ? SLICE : limit;
  // As far from the minimum in every direction, so that each counts.
  let theta: Float64Array = new Float64Array(n).fill(1);
  const goal = reduction * reduction * squareOf(theta);
  let made = 0;
  while (made < limit) {
    const stop = new AbortController();
    const from = theta;
    const result = unlessDiverged(() =>
      minimize(objective, from, optimizer, {
        updates: Math.min(slice, limit - made),
        signal: stop.signal,
        onUpdate: (report) => {
          if (squareOf(report.theta) <= goal) stop.abort();
        },
      }),
    );
    if (result === undefined) return limit;
    made += result.updates;
    if (stop.signal.aborted) return made;
    theta = result.theta;
    yield made;
  }
  return made;
}

function squareOf(vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return sum;
}

/** The least-squares slope of ln y against ln x; the logarithm is the library's own, the same on every engine. */
export function slope(xs: readonly number[], ys: readonly number[]): number {
  const [u, v] = [xs.map(naturalLog), ys.map(naturalLog)];
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [centerU, centerV] = [mean(u), mean(v)];
  let products = 0;
  let squares = 0;
  for (const [i, value] of u.entries()) {
    products += (value - centerU) * (v[i] - centerV);
    squares += (value - centerU) * (value - centerU);
  }
  return products / squares;
}
