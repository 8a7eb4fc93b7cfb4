import { adam, classicalMomentum, DivergedError, minimize, nesterov, type OptimizerDescription, quadratic, sgd } from "heavyball";
import { rateLimits } from "#internal/studies/planeQuadratic";

/** What the sliders say. */
export interface Setting {
  readonly conditionNumber: number;
  readonly momentum: number;
  readonly learningRate: number;
  readonly updates: number;
  readonly start: readonly [number, number];
}

/** The way of one method over (x^2 + R y^2) / 2. */
export interface Way {
  readonly name: string;
  readonly title: string;
  /** Of the library's line styles. */
  readonly style: number;
  /** Where it was at the start and after every update, as far as its numbers are finite. */
  readonly points: readonly (readonly [number, number])[];
  /** The quadratic's values there. */
  readonly values: readonly number[];
  /** The rate from which on it diverges here; Adam has none that is known beforehand. */
  readonly limit?: number;
  /** The update from which on the value is above that of the start. */
  readonly divergedAt?: number;
}

const methods: readonly {
  readonly name: string;
  readonly title: string;
  readonly style: number;
  readonly optimizer: (setting: Setting) => OptimizerDescription;
  readonly limit?: (momentum: number, largest: number) => number;
}[] = [
  {
    name: "GD",
    title: "Gradient descent",
    style: 0,
    optimizer: ({ learningRate }) => sgd({ learningRate }),
    limit: rateLimits.descent,
  },
  {
    name: "CM",
    title: "Classical momentum",
    style: 1,
    optimizer: ({ learningRate, momentum }) => classicalMomentum({ learningRate, momentum }),
    limit: rateLimits.classicalMomentum,
  },
  {
    name: "NAG",
    title: "Nesterov momentum",
    style: 2,
    optimizer: ({ learningRate, momentum }) => nesterov({ learningRate, momentum }),
    limit: rateLimits.nesterov,
  },
  { name: "Adam", title: "Adam", style: 4, optimizer: ({ learningRate }) => adam({ learningRate }) },
];

/** The four ways from one start, at rest. Less than a millisecond, so that a slider is followed in the page itself, not in a Worker. */
export function ways(setting: Setting): Way[] {
  return methods.map(({ name, title, style, optimizer, limit }) => {
    const { conditionNumber, momentum, updates, start } = setting;
    const objective = quadratic({ eigenvalues: [1, conditionNumber] });
    const valueAt = ([x, y]: readonly [number, number]): number => (x * x + conditionNumber * y * y) / 2;
    const points: (readonly [number, number])[] = [start];
    const onUpdate = ({ theta: [x, y] }: { readonly theta: Float64Array }) => void points.push([x, y]);
    try {
      minimize(objective, start, optimizer(setting), { updates, onUpdate });
    } catch (error) {
      // It has left the numbers: its way until then is shown.
      if (!(error instanceof DivergedError)) throw error;
    }
    const values = points.map(valueAt);
    const rateLimit = limit?.(momentum, conditionNumber);
    const isBeyond = rateLimit !== undefined && setting.learningRate >= rateLimit;
    const above = isBeyond ? values.findIndex((value, at) => at > 0 && !(value <= values[0])) : -1;
    return { name, title, style, points, values, limit: rateLimit, divergedAt: above < 0 ? undefined : above };
  });
}

/** What momentum comes to in one eigen-direction of curvature lambda (Theorem 2.1): NAG's is mu (1 - lambda eps), CM's mu. */
export interface Direction {
  readonly name: string;
  readonly lambda: number;
  readonly nesterov: number;
  /** What the error is multiplied by in an update, in the long run: the larger modulus of the two roots of the recurrence. */
  readonly factors: { readonly descent: number; readonly classicalMomentum: number; readonly nesterov: number };
}

export function directions({ conditionNumber, momentum, learningRate }: Setting): Direction[] {
  const of = (name: string, lambda: number): Direction => {
    const h = lambda * learningRate;
    const effective = momentum * (1 - h);
    const factors = {
      descent: Math.abs(1 - h),
      classicalMomentum: spectralRadius(momentum, h),
      nesterov: spectralRadius(effective, h),
    };
    return { name, lambda, nesterov: effective, factors };
  };
  return [of("flat (x)", 1), of("steep (y)", conditionNumber)];
}

/** The larger modulus of the roots of z^2 - (1 + m - h) z + m, the recurrence of momentum m where eps lambda = h. */
function spectralRadius(m: number, h: number): number {
  const half = (1 + m - h) / 2;
  const square = half * half - m;
  return square < 0 ? Math.sqrt(m) : Math.abs(half) + Math.sqrt(square);
}
