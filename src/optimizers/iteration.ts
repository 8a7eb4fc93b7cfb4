/** What an update of `minimize` tells of itself; methods may add to it. */
export interface IterationStep {
  /** f where the gradient was taken: theta_t, and the look-ahead point for nesterov and nesterov1983. */
  readonly value: number;
  readonly learningRate: number;
  /** For hessianFree, the decay of conjugate gradient's start. */
  readonly momentum: number;
}

/** Vectors of length n, the objective's size. */
export interface IterationState {
  /** theta_t: the paper's parameters, never the look-ahead point. */
  readonly theta: Float64Array;
  /** v_t, in units of theta: the learning rate is inside it. */
  readonly velocity: Float64Array;
  /** Working space: after an update the point where the gradient was taken, and the gradient there. */
  readonly point: Float64Array;
  readonly gradient: Float64Array;
}

/** A method at work on one objective in f64: the readable twin of what the kernels do to networks in f32. */
export interface Iteration<Step extends IterationStep = IterationStep> {
  readonly state: IterationState;
  /** Makes update t; undefined, with nothing changed, when no rate is small enough. */
  advance(t: number): Step | undefined;
}

/** Looks at a value and a gradient, or at what was made of it; throws DivergedError where they are not finite. */
export type Evaluated = (update: number, value: number, gradient: Float64Array, what?: string) => void;

/** Differences of values smaller than this share of the largest value met are taken for rounding. */
export const VALUE_ROUNDING = 8 * Number.EPSILON;

/** At `start`, at rest: v_0 = 0. */
export function createState(start: Float64Array): IterationState {
  const n = start.length;
  return { theta: start.slice(), velocity: new Float64Array(n), point: new Float64Array(n), gradient: new Float64Array(n) };
}
