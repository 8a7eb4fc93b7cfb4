/** Where lambda stays: a shift that f32 can add to a curvature, and can rise from again. */
const SMALLEST_DAMPING = 2 ** -63;
export const LARGEST_DAMPING = 2 ** 63;

/** Martens' bounds of the reduction ratio. */
const BAD = 1 / 4;
const GOOD = 3 / 4;

/** What happened to f, and what the model said would happen: both negative in a good step. */
export interface Reduction {
  readonly change: number;
  readonly predicted: number;
  /** Changes of f up to this size are rounding. */
  readonly rounding: number;
}

/** Reduction ratio rho = change / predicted: -Infinity where f rose. */
export function reductionRatio({ change, predicted }: Reduction): number {
  return change > 0 ? -Infinity : change / predicted;
}

/**
 * Levenberg and Marquardt's rule with Martens' numbers: lambda / drop where rho < 1/4 or there is none, lambda drop where rho > 3/4, within
 * [2^-63, 2^63]; a drop of 1 keeps lambda, be it 0. Where both the change and what was predicted are smaller than f's rounding, rho says
 * nothing and lambda stays: near a minimum it would rise without end otherwise, and shorten steps that are too short to be judged already.
 */
export function nextDamping(lambda: number, drop: number, reduction: Reduction | undefined): number {
  if (drop === 1) return lambda;
  if (reduction !== undefined && Math.max(Math.abs(reduction.change), Math.abs(reduction.predicted)) <= reduction.rounding) return lambda;
  const rho = reduction === undefined ? NaN : reductionRatio(reduction);
  const next = rho > GOOD ? lambda * drop : rho >= BAD ? lambda : lambda / drop;
  return Math.min(LARGEST_DAMPING, Math.max(SMALLEST_DAMPING, next));
}
