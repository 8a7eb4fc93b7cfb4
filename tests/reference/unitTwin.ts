/** Activations, losses and their derivatives in f64, on one row of numbers; shared by the feed-forward and the recurrent twin. */
export type TwinActivation = "logistic" | "tanh" | "linear" | "softmax";
export type TwinLoss = "crossEntropy" | "squared";

/** s(x) for a row of pre-activations. */
export function activate(activation: TwinActivation, x: Float64Array): Float64Array {
  switch (activation) {
    case "linear":
      return x.slice();
    case "tanh":
      return x.map(Math.tanh);
    case "logistic":
      return x.map((z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))));
    case "softmax": {
      const largest = x.reduce((a, b) => Math.max(a, b), -Infinity);
      const exponentials = x.map((z) => Math.exp(z - largest));
      const sum = exponentials.reduce((a, b) => a + b, 0);
      return exponentials.map((e) => e / sum);
    }
  }
}

/** s'(x) of a hidden unit, from its activation y = s(x). */
export function slope(activation: TwinActivation, y: number): number {
  switch (activation) {
    case "linear":
      return 1;
    case "tanh":
      return 1 - y * y;
    case "logistic":
      return y * (1 - y);
    case "softmax":
      throw new Error("softmax is for outputs only");
  }
}

/**
 * The loss of one row from its output pre-activations x and targets t, without overflow for any finite x:
 *
 *     squared        sum (x - t)^2 / 2
 *     logistic       sum max(x, 0) - x t + log(1 + exp(-|x|))      = -sum t log y + (1 - t) log(1 - y)
 *     softmax        sum t (log sum exp(x) - x)                    = -sum t log y
 */
export function rowLoss(output: TwinActivation, x: Float64Array, t: Float64Array): number {
  let sum = 0;
  if (output === "softmax") {
    const largest = x.reduce((a, b) => Math.max(a, b), -Infinity);
    const logSum = largest + Math.log(x.reduce((total, z) => total + Math.exp(z - largest), 0));
    for (let j = 0; j < x.length; j++) sum += t[j] * (logSum - x[j]);
  } else {
    for (let j = 0; j < x.length; j++) {
      if (output === "linear") sum += 0.5 * (x[j] - t[j]) ** 2;
      else sum += Math.max(x[j], 0) - x[j] * t[j] + Math.log1p(Math.exp(-Math.abs(x[j])));
    }
  }
  return sum;
}

/** d rowLoss / dx of a matched loss: y - t, for softmax sum(t) y - t. */
export function outputDelta(output: TwinActivation, y: Float64Array, t: Float64Array): Float64Array {
  const total = output === "softmax" ? t.reduce((a, b) => a + b, 0) : 1;
  return y.map((value, j) => total * value - t[j]);
}

/** H r, H the Hessian of rowLoss in x: r for squared, y (1 - y) r for logistic, sum(t) y (r - sum(y r)) for softmax. */
export function lossCurvature(output: TwinActivation, y: Float64Array, r: Float64Array, t: Float64Array): Float64Array {
  if (output === "linear") return r.slice();
  if (output === "logistic") return r.map((value, j) => y[j] * (1 - y[j]) * value);
  const mean = r.reduce((sum, value, j) => sum + y[j] * value, 0);
  const total = t.reduce((a, b) => a + b, 0);
  return r.map((value, j) => total * y[j] * (value - mean));
}

export function checkMatched(output: TwinActivation, loss: TwinLoss): void {
  const matched = output === "linear" ? loss === "squared" : output !== "tanh" && loss === "crossEntropy";
  if (!matched) throw new Error(`the loss ${loss} does not match ${output} outputs`);
}

/** x W, for a row x (inputs) and weights at `offset` of `params` (inputs x outputs, row-major). */
export function rowTimes(x: ArrayLike<number>, params: Float64Array, offset: number, outputs: number): Float64Array {
  const out = new Float64Array(outputs);
  for (let i = 0; i < x.length; i++) for (let j = 0; j < outputs; j++) out[j] += x[i] * params[offset + i * outputs + j];
  return out;
}

/** d W', the way back. */
export function rowTimesTransposed(d: Float64Array, params: Float64Array, offset: number, inputs: number): Float64Array {
  const out = new Float64Array(inputs);
  for (let i = 0; i < inputs; i++) for (let j = 0; j < d.length; j++) out[i] += d[j] * params[offset + i * d.length + j];
  return out;
}

/** Adds x' d to the weight gradient at `offset`. */
export function addOuter(gradient: Float64Array, offset: number, x: ArrayLike<number>, d: Float64Array): void {
  for (let i = 0; i < x.length; i++) for (let j = 0; j < d.length; j++) gradient[offset + i * d.length + j] += x[i] * d[j];
}

export function addRow(gradient: Float64Array, offset: number, d: Float64Array): void {
  for (let j = 0; j < d.length; j++) gradient[offset + j] += d[j];
}

export function plus(...rows: Float64Array[]): Float64Array {
  return rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0));
}

/** Row r of a row-major matrix. */
export function rowOf(matrix: ArrayLike<number>, r: number, columns: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, j) => matrix[r * columns + j]);
}
