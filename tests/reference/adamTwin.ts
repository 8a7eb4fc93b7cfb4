/**
 * One update of Adam in f64 as it is published and as the libraries have it, each written down on its own: from a given state to a new one.
 * g is the gradient at theta without weight decay; `count` is the update from 1.
 */
export interface AdamTwinStep {
  readonly count: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;
}

export interface AdamTwinState {
  readonly theta: Float64Array;
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;
}

export type AdamTwin = (g: Float64Array, state: AdamTwinState, step: AdamTwinStep) => AdamTwinState;

/** Kingma & Ba 2015, algorithm 1, line by line; decoupled decay as in Loshchilov & Hutter 2019, algorithm 2, eta_t alpha being the rate. */
export const published: AdamTwin = (gradient, { theta, firstMoment, secondMoment }, step) => {
  const { count: t, learningRate: alpha, beta1, beta2, epsilon, weightDecay: lambda, decoupled } = step;
  const g = gradient.map((value, i) => (decoupled ? value : value + lambda * theta[i]));
  const m = g.map((value, i) => beta1 * firstMoment[i] + (1 - beta1) * value);
  const v = g.map((value, i) => beta2 * secondMoment[i] + (1 - beta2) * value ** 2);
  const mHat = m.map((value) => value / (1 - beta1 ** t));
  const vHat = v.map((value) => value / (1 - beta2 ** t));
  const decay = decoupled ? alpha * lambda : 0;
  return {
    theta: theta.map((value, i) => value - (alpha * mHat[i]) / (Math.sqrt(vHat[i]) + epsilon) - decay * value),
    firstMoment: m,
    secondMoment: v,
  };
};

/** `torch.optim.Adam` and `torch.optim.AdamW`: the corrections move into the step's size and into the root. */
export const torch: AdamTwin = (gradient, state, { count, learningRate: lr, beta1, beta2, epsilon: eps, weightDecay, decoupled }) => {
  const param = state.theta.slice();
  const expAvg = state.firstMoment.slice();
  const expAvgSq = state.secondMoment.slice();
  const biasCorrection1 = 1 - beta1 ** count;
  const biasCorrection2 = 1 - beta2 ** count;
  const stepSize = lr / biasCorrection1;
  for (let i = 0; i < param.length; i++) {
    let grad = gradient[i];
    if (decoupled) param[i] *= 1 - lr * weightDecay;
    else grad += weightDecay * param[i];
    expAvg[i] += (grad - expAvg[i]) * (1 - beta1);
    expAvgSq[i] = expAvgSq[i] * beta2 + (1 - beta2) * grad * grad;
    const denom = Math.sqrt(expAvgSq[i]) / Math.sqrt(biasCorrection2) + eps;
    param[i] += (-stepSize * expAvg[i]) / denom;
  }
  return { theta: param, firstMoment: expAvg, secondMoment: expAvgSq };
};

/** `optax.adamw`, and `optax.adam` after `optax.add_decayed_weights`: updates are made first, decayed, and scaled by -rate last. */
export const optax: AdamTwin = (gradient, { theta: params, firstMoment, secondMoment }, step) => {
  const { count, learningRate, beta1: b1, beta2: b2, epsilon: eps, weightDecay, decoupled } = step;
  const updates = decoupled ? gradient : gradient.map((g, i) => g + weightDecay * params[i]);
  const mu = updates.map((g, i) => (1 - b1) * g + b1 * firstMoment[i]);
  const nu = updates.map((g, i) => (1 - b2) * (g * g) + b2 * secondMoment[i]);
  const muHat = mu.map((value) => value / (1 - b1 ** count));
  const nuHat = nu.map((value) => value / (1 - b2 ** count));
  const scaled = muHat.map((value, i) => value / (Math.sqrt(nuHat[i]) + eps));
  const decayed = decoupled ? scaled.map((u, i) => u + weightDecay * params[i]) : scaled;
  return { theta: params.map((p, i) => p + -learningRate * decayed[i]), firstMoment: mu, secondMoment: nu };
};
