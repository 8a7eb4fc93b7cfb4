/**
 * One update of Eq. 1-2 (classicalMomentum; sgd is momentum 0) or Eq. 3-4 (nesterov) in f64, from a given state to a new one.
 *
 *     point = theta                                        classicalMomentum
 *     point = theta + mu v                                 nesterov
 *     v' = mu v - rate (gradient(point) + weightDecay point)
 *     theta' = theta + v'
 */
export interface TwinStep {
  method: "sgd" | "classicalMomentum" | "nesterov";
  momentum: number;
  learningRate: number;
  weightDecay?: number;
}

export interface TwinState {
  theta: Float64Array;
  velocity: Float64Array;
}

export function momentumTwin(
  gradient: (point: Float64Array) => Float64Array,
  state: TwinState,
  step: TwinStep,
): TwinState & { point: Float64Array } {
  const momentum = step.method === "sgd" ? 0 : step.momentum;
  const lookAhead = step.method === "nesterov" ? momentum : 0;
  const point = state.theta.map((x, i) => x + lookAhead * state.velocity[i]);
  const g = gradient(point);
  const velocity = state.velocity.map((v, i) => momentum * v - step.learningRate * (g[i] + (step.weightDecay ?? 0) * point[i]));
  const theta = state.theta.map((x, i) => x + velocity[i]);
  return { theta, velocity, point };
}
