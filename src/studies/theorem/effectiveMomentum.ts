import { quadratic } from "../../objectives/quadratic.js";
import { classicalMomentum, nesterov } from "../../optimizers/momentum/momentumDescriptions.js";
import { trajectory } from "../trajectory.js";
import { drawCoefficients, LARGEST, normals, spectrum } from "./problems.js";
import type { TheoremSpec } from "./spec.js";
import { type Deviation, deviation, type Methods, type Part, type Points, scheduleOf } from "./trajectory.js";

/** Theorem 2.1 as numbers. */
export interface EffectiveMomentum {
  /** NAG(mu_t) from CM(mu_t (1 - lambda_i eps_t)) in every coordinate alone, the worst of the coordinates. */
  readonly deviation: Deviation;
  /** For comparison: NAG(mu_t) from CM(mu_t), which it is not, in the coordinate where they are furthest apart. */
  readonly withoutFactor: Deviation;
  /** What one constant mu and eps come to in each coordinate, found from NAG's trajectory alone. */
  readonly constant: {
    readonly momentum: number;
    readonly learningRate: number;
    readonly coordinates: readonly EffectiveCoordinate[];
  };
}

/** What one constant mu and eps come to in one coordinate. */
export interface EffectiveCoordinate {
  readonly eigenvalue: number;
  /** mu (1 - lambda eps). */
  readonly predicted: number;
  /** The m for which v_{t+1} = m v_t - eps grad f(theta_t). */
  readonly measured: number;
}

/**
 * Theorem 2.1 on p(y) = sum lambda_i y_i^2 / 2 + c_i y_i: what NAG with mu_t and eps_t does in coordinate i is what CM with
 * mu_t (1 - lambda_i eps_t) and eps_t does there alone. Both start from rest and have the same coefficients, new ones at every update.
 */
export function* effectiveMomentum(spec: TheoremSpec, { minimize }: Methods): Part<EffectiveMomentum> {
  const { seed, dimensions: n, updates, conditionNumber } = spec;
  const eigenvalues = spectrum(n, conditionNumber);
  const linear = normals(n, seed, "linear");
  const start = normals(n, seed, "start");
  const { momentum, learningRate } = drawCoefficients(seed, updates);
  const rate = scheduleOf(learningRate);
  const objective = quadratic({ eigenvalues, linear });
  const together = trajectory(minimize, objective, start, nesterov({ learningRate: rate, momentum: scheduleOf(momentum) }), updates);
  yield 1 / (n + 2);
  const plain = classicalMomentum({ learningRate: rate, momentum: scheduleOf(momentum) });
  const withoutFactor = trajectory(minimize, objective, start, plain, updates);
  let largest: Deviation = { parameters: 0, velocities: 0 };
  let contrast = largest;
  for (let i = 0; i < n; i++) {
    yield (i + 2) / (n + 2);
    const effective = momentum.map((mu, t) => mu * (1 - eigenvalues[i] * learningRate[t]));
    const alone = trajectory(
      minimize,
      quadratic({ eigenvalues: [eigenvalues[i]], linear: [linear[i]] }),
      start.slice(i, i + 1),
      classicalMomentum({ learningRate: rate, momentum: scheduleOf(effective) }),
      updates,
    );
    const own = coordinate(together, i);
    largest = larger(largest, deviation(own, alone));
    contrast = larger(contrast, deviation(own, coordinate(withoutFactor, i)));
  }
  return { deviation: largest, withoutFactor: contrast, constant: measureConstant(spec, minimize) };
}

/** Beyond 1 / L, where the steepest coordinate's momentum is negative; NAG is stable up to 4 / (3 L) and beyond. */
const MOMENTUM = 0.9;
const LEARNING_RATE = 1.2 / LARGEST;
const UPDATES = 50;

function measureConstant({ seed, dimensions: n, conditionNumber }: TheoremSpec, minimize: Methods["minimize"]) {
  const eigenvalues = spectrum(n, conditionNumber);
  const linear = normals(n, seed, "linear");
  const start = normals(n, seed, "start");
  const method = nesterov({ learningRate: LEARNING_RATE, momentum: MOMENTUM });
  const { theta, velocity } = trajectory(minimize, quadratic({ eigenvalues, linear }), start, method, UPDATES);
  const coordinates = Array.from(eigenvalues, (eigenvalue, i): EffectiveCoordinate => {
    // Least squares over the updates, each of which would do alone but for rounding.
    let products = 0;
    let squares = 0;
    for (let t = 0; t + 1 < theta.length; t++) {
      const gradient = eigenvalue * theta[t][i] + linear[i];
      const carried = velocity[t + 1][i] + LEARNING_RATE * gradient;
      products += carried * velocity[t][i];
      squares += velocity[t][i] * velocity[t][i];
    }
    return { eigenvalue, predicted: MOMENTUM * (1 - eigenvalue * LEARNING_RATE), measured: products / squares };
  });
  return { momentum: MOMENTUM, learningRate: LEARNING_RATE, coordinates };
}

function coordinate({ theta, velocity }: Points, i: number): Points {
  const part = (vectors: readonly Float64Array[]): Float64Array[] => vectors.map((vector) => vector.slice(i, i + 1));
  return { theta: part(theta), velocity: part(velocity) };
}

function larger(one: Deviation, other: Deviation): Deviation {
  return { parameters: Math.max(one.parameters, other.parameters), velocities: Math.max(one.velocities, other.velocities) };
}
