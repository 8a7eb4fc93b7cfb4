import {
  activate,
  addOuter,
  addRow,
  checkMatched,
  lossCurvature,
  outputDelta,
  plus,
  rowLoss,
  rowOf,
  rowTimes,
  rowTimesTransposed,
  slope,
  type TwinActivation,
  type TwinLoss,
} from "./unitTwin.js";

/**
 * A feed-forward network in f64, one case at a time, written to be checked by eye.
 *
 * Parameters in the public order: per layer the weights (inputs x outputs, row-major), then the biases. Layer l has
 * x_l = y_{l-1} W_l + b_l and y_l = s_l(x_l); y_0 is the input row. Losses and gradients are means over the cases.
 */
export interface FeedForwardTwinDescription {
  /** Widths from input to output: one more than there are layers. */
  sizes: readonly number[];
  /** s_l of each layer. */
  activations: readonly TwinActivation[];
  loss: TwinLoss;
}

/** `targets` default to the inputs, as for an autoencoder. */
export interface TwinBatch {
  inputs: ArrayLike<number>;
  targets?: ArrayLike<number>;
  cases: number;
}

export class FeedForwardTwin {
  readonly layers: { inputs: number; outputs: number; activation: TwinActivation; weights: number; biases: number }[] = [];
  readonly parameterCount: number;
  readonly #output: TwinActivation;
  readonly #sizes: readonly number[];

  constructor({ sizes, activations, loss }: FeedForwardTwinDescription) {
    if (activations.length !== sizes.length - 1) throw new Error("one activation per layer");
    this.#sizes = sizes;
    this.#output = activations[activations.length - 1];
    checkMatched(this.#output, loss);
    let offset = 0;
    for (const [l, activation] of activations.entries()) {
      const [inputs, outputs] = [sizes[l], sizes[l + 1]];
      this.layers.push({ inputs, outputs, activation, weights: offset, biases: offset + inputs * outputs });
      offset += inputs * outputs + outputs;
    }
    this.parameterCount = offset;
  }

  /** Activations of the input (index 0) and of every layer after it, each cases x width. */
  forward(params: Float64Array, inputs: ArrayLike<number>, cases: number): Float64Array[] {
    const all = this.#sizes.map((width) => new Float64Array(cases * width));
    for (let r = 0; r < cases; r++) {
      for (const [l, row] of this.#forwardRow(params, rowOf(inputs, r, this.#sizes[0])).y.entries()) all[l].set(row, r * this.#sizes[l]);
    }
    return all;
  }

  /** Mean over cases of the loss (squared: with its 1/2), of the squared error (without), and of the gradient of the loss. */
  lossAndGradient(params: Float64Array, batch: TwinBatch): { loss: number; squaredError: number; gradient: Float64Array } {
    const gradient = new Float64Array(this.parameterCount);
    let loss = 0;
    let squaredError = 0;
    for (let r = 0; r < batch.cases; r++) {
      const { x, y } = this.#forwardRow(params, rowOf(batch.inputs, r, this.#sizes[0]));
      const outputs = y[y.length - 1];
      const targets = rowOf(batch.targets ?? batch.inputs, r, outputs.length);
      loss += rowLoss(this.#output, x[x.length - 1], targets);
      squaredError += outputs.reduce((sum, value, j) => sum + (value - targets[j]) ** 2, 0);
      this.#backwardRow(params, y, outputDelta(this.#output, outputs, targets), gradient);
    }
    const { cases } = batch;
    return { loss: loss / cases, squaredError: squaredError / cases, gradient: gradient.map((g) => g / cases) };
  }

  /**
   * G v = mean over cases of J' H J v: the R-operator forward (R y_0 = 0; R x_l = R y_{l-1} W_l + y_{l-1} V_l + vb_l;
   * R y_l = s'(x_l) R x_l), H at the output's pre-activation, then back-propagation.
   */
  gaussNewtonProduct(params: Float64Array, vector: Float64Array, batch: TwinBatch): Float64Array {
    const product = new Float64Array(this.parameterCount);
    for (let r = 0; r < batch.cases; r++) {
      const { y } = this.#forwardRow(params, rowOf(batch.inputs, r, this.#sizes[0]));
      let ry: Float64Array = new Float64Array(this.#sizes[0]);
      let rx = ry;
      const targets = rowOf(batch.targets ?? batch.inputs, r, this.#sizes.at(-1)!);
      for (const [l, { outputs, activation, weights, biases }] of this.layers.entries()) {
        rx = plus(rowTimes(ry, params, weights, outputs), rowTimes(y[l], vector, weights, outputs), vector.slice(biases, biases + outputs));
        if (l < this.layers.length - 1) ry = rx.map((value, j) => slope(activation, y[l + 1][j]) * value);
      }
      this.#backwardRow(params, y, lossCurvature(this.#output, y[y.length - 1], rx, targets), product);
    }
    return product.map((p) => p / batch.cases);
  }

  #forwardRow(params: Float64Array, input: Float64Array): { x: Float64Array[]; y: Float64Array[] } {
    const x: Float64Array[] = [];
    const y = [input];
    for (const [l, { outputs, activation, weights, biases }] of this.layers.entries()) {
      x.push(plus(rowTimes(y[l], params, weights, outputs), params.slice(biases, biases + outputs)));
      y.push(activate(activation, x[l]));
    }
    return { x, y };
  }

  /** Adds one case's part to `gradient`, from delta = d loss / d x of the last layer. */
  #backwardRow(params: Float64Array, y: Float64Array[], delta: Float64Array, gradient: Float64Array): void {
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { inputs, weights, biases } = this.layers[l];
      addOuter(gradient, weights, y[l], delta);
      addRow(gradient, biases, delta);
      if (l === 0) return;
      const back = rowTimesTransposed(delta, params, weights, inputs);
      delta = back.map((value, i) => slope(this.layers[l - 1].activation, y[l][i]) * value);
    }
  }
}
