import type { IterationState } from "../iteration.js";

/** Adam's state in f64; its velocity is the last step, theta_{t+1} - theta_t. */
export interface AdamIterationState extends IterationState {
  /** m_t and v_t. */
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;
}

/** What one update uses. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Share of theta that decoupled weight decay takes: eps_t w, or 0. */
  readonly shrink: number;
}

/**
 * First half of an update, from the gradient g at theta_t:
 *
 *     m_{t+1} = beta1 m_t + (1 - beta1) g
 *     v_{t+1} = beta2 v_t + (1 - beta2) g^2
 */
export function updateMoments({ gradient, firstMoment: m, secondMoment: v }: AdamIterationState, { beta1, beta2 }: AdamStep): void {
  for (let i = 0; i < m.length; i++) {
    m[i] = beta1 * m[i] + (1 - beta1) * gradient[i];
    v[i] = beta2 * v[i] + (1 - beta2) * gradient[i] * gradient[i];
  }
}

/**
 * Second half of update t, from 0:
 *
 *     theta_{t+1} = theta_t - shrink theta_t - eps_t (m_{t+1} / (1 - beta1^{t+1})) / (sqrt(v_{t+1} / (1 - beta2^{t+1})) + epsilon)
 */
export function moveByMoments(state: AdamIterationState, t: number, step: AdamStep): void {
  const { theta, velocity, firstMoment: m, secondMoment: v } = state;
  const { learningRate, beta1, beta2, epsilon, shrink } = step;
  const correction1 = biasCorrection(beta1, t + 1);
  const correction2 = biasCorrection(beta2, t + 1);
  for (let i = 0; i < theta.length; i++) {
    const before = theta[i];
    theta[i] = before - shrink * before - (learningRate * (m[i] / correction1)) / (Math.sqrt(v[i] / correction2) + epsilon);
    velocity[i] = theta[i] - before;
  }
}

/**
 * 1 - beta^n, what n updates have made of a moment of ones. Squarings and products only: the same bits on every engine, which Math.pow does
 * not give, and a function of n alone, so that there is nothing to save for a resume.
 */
export function biasCorrection(beta: number, n: number): number {
  let power = 1;
  for (let square = beta, rest = n; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) power *= square;
  }
  return 1 - power;
}
