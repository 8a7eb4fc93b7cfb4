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
  type TwinActivation,
  type TwinLoss,
} from "./unitTwin.js";

/**
 * A recurrent network in f64, one sequence at a time, written to be checked by eye.
 *
 *     h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h),  h_0 = 0 before the first step
 *     o_t = output(h_t W_ho + b_o)                at every step
 *
 * Parameters in the public order: W_xh (inputs x hidden), W_hh (hidden x hidden), b_h, W_ho (hidden x outputs), b_o.
 * The loss is the mean over cases of the sum over steps of mask times the step's loss. Arrays are time-major: steps x cases x width.
 */
export interface RecurrentTwinDescription {
  inputs: number;
  hidden: number;
  outputs: number;
  output: TwinActivation;
  loss: TwinLoss;
}

export interface TwinSequences {
  inputs: ArrayLike<number>;
  targets: ArrayLike<number>;
  /** steps x cases; default 1 everywhere. */
  mask?: ArrayLike<number>;
  cases: number;
  steps: number;
}

export class RecurrentTwin {
  readonly parameterCount: number;
  readonly offsets: { inputToHidden: number; hiddenToHidden: number; hiddenBiases: number; hiddenToOutput: number; outputBiases: number };
  readonly #shape: RecurrentTwinDescription;

  constructor(description: RecurrentTwinDescription) {
    checkMatched(description.output, description.loss);
    this.#shape = description;
    const { inputs, hidden, outputs } = description;
    const hiddenToHidden = inputs * hidden;
    const hiddenBiases = hiddenToHidden + hidden * hidden;
    const hiddenToOutput = hiddenBiases + hidden;
    const outputBiases = hiddenToOutput + hidden * outputs;
    this.offsets = { inputToHidden: 0, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases };
    this.parameterCount = outputBiases + outputs;
  }

  /** Hidden states (steps x cases x hidden) and outputs (steps x cases x outputs). */
  forward(params: Float64Array, inputs: ArrayLike<number>, cases: number, steps: number): { hidden: Float64Array; outputs: Float64Array } {
    const { hidden: width, outputs: outputWidth } = this.#shape;
    const hidden = new Float64Array(steps * cases * width);
    const outputs = new Float64Array(steps * cases * outputWidth);
    for (let r = 0; r < cases; r++) {
      const { h, o } = this.#forwardCase(params, inputs, r, cases, steps);
      for (let t = 0; t < steps; t++) {
        hidden.set(h[t], (t * cases + r) * width);
        outputs.set(o[t], (t * cases + r) * outputWidth);
      }
    }
    return { hidden, outputs };
  }

  /** Mean over cases of the masked loss (squared: with its 1/2), of the masked squared error (without), and of the gradient. */
  lossAndGradient(params: Float64Array, batch: TwinSequences): { loss: number; squaredError: number; gradient: Float64Array } {
    const { output, outputs } = this.#shape;
    const { cases, steps } = batch;
    const gradient = new Float64Array(this.parameterCount);
    let loss = 0;
    let squaredError = 0;
    for (let r = 0; r < cases; r++) {
      const { h, x, o } = this.#forwardCase(params, batch.inputs, r, cases, steps);
      const deltas = o.map((row, t) => {
        const weight = batch.mask ? batch.mask[t * cases + r] : 1;
        const targets = rowOf(batch.targets, t * cases + r, outputs);
        loss += weight * rowLoss(output, x[t], targets);
        squaredError += weight * row.reduce((sum, value, j) => sum + (value - targets[j]) ** 2, 0);
        return outputDelta(output, row, targets).map((d) => weight * d);
      });
      this.#backwardCase(params, batch, r, h, deltas, gradient);
    }
    return { loss: loss / cases, squaredError: squaredError / cases, gradient: gradient.map((g) => g / cases) };
  }

  /**
   * G v = mean over cases of J' H J v: R h_0 = 0; R h_t = (1 - h_t^2) (x_t V_xh + R h_{t-1} W_hh + h_{t-1} V_hh + vb_h);
   * R of the output's pre-activation = R h_t W_ho + h_t V_ho + vb_o; then mask times H, and back-propagation through time.
   *
   * `structural` adds that many times the matrix of structural damping: the curvature of D(h_t(theta + delta), h_t(theta)), D the
   * cross-entropy of (1 + h) / 2, summed over every step up to the last one that the mask scores for any case.
   */
  gaussNewtonProduct(params: Float64Array, vector: Float64Array, batch: TwinSequences, structural = 0): Float64Array {
    const { inputs, hidden, outputs, output } = this.#shape;
    const { inputToHidden, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases } = this.offsets;
    const { cases, steps } = batch;
    const product = new Float64Array(this.parameterCount);
    const carried = Math.ceil(
      ((batch.mask ? Array.from(batch.mask).findLastIndex((weight) => weight !== 0) : steps * cases - 1) + 1) / cases,
    );
    for (let r = 0; r < cases; r++) {
      const { h, o } = this.#forwardCase(params, batch.inputs, r, cases, steps);
      let previous: Float64Array = new Float64Array(hidden);
      let rh: Float64Array = new Float64Array(hidden);
      const damping: Float64Array[] = [];
      const curved = h.map((state, t) => {
        const rx = plus(
          rowTimes(rowOf(batch.inputs, t * cases + r, inputs), vector, inputToHidden, hidden),
          rowTimes(rh, params, hiddenToHidden, hidden),
          rowTimes(previous, vector, hiddenToHidden, hidden),
          vector.slice(hiddenBiases, hiddenBiases + hidden),
        );
        rh = rx.map((value, j) => (1 - state[j] ** 2) * value);
        // At the pre-activation D'' is (1 - h^2)^2 / (1 - h^2), and (1 - h^2) R(pre-activation) is R h.
        damping.push(rh.map((value) => (t < carried ? structural * value : 0)));
        previous = state;
        const ro = plus(
          rowTimes(rh, params, hiddenToOutput, outputs),
          rowTimes(state, vector, hiddenToOutput, outputs),
          vector.slice(outputBiases, outputBiases + outputs),
        );
        const weight = batch.mask ? batch.mask[t * cases + r] : 1;
        const targets = rowOf(batch.targets, t * cases + r, outputs);
        return lossCurvature(output, o[t], ro, targets).map((value) => weight * value);
      });
      this.#backwardCase(params, batch, r, h, curved, product, damping);
    }
    return product.map((p) => p / cases);
  }

  /** Per step: hidden state h, output pre-activation x, output o. */
  #forwardCase(params: Float64Array, inputs: ArrayLike<number>, r: number, cases: number, steps: number) {
    const { inputs: inputWidth, hidden, outputs, output } = this.#shape;
    const { inputToHidden, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases } = this.offsets;
    const [h, x, o]: Float64Array[][] = [[], [], []];
    let previous: Float64Array = new Float64Array(hidden);
    for (let t = 0; t < steps; t++) {
      previous = plus(
        rowTimes(rowOf(inputs, t * cases + r, inputWidth), params, inputToHidden, hidden),
        rowTimes(previous, params, hiddenToHidden, hidden),
        params.slice(hiddenBiases, hiddenBiases + hidden),
      ).map(Math.tanh);
      h.push(previous);
      x.push(plus(rowTimes(previous, params, hiddenToOutput, outputs), params.slice(outputBiases, outputBiases + outputs)));
      o.push(activate(output, x[t]));
    }
    return { h, x, o };
  }

  /**
   * Back-propagation through time of one case, from deltas[t] = d loss / d (output pre-activation at t) and, if given, stateDeltas[t], the
   * same of the state's; adds to `gradient`.
   */
  #backwardCase(
    params: Float64Array,
    batch: TwinSequences,
    r: number,
    h: Float64Array[],
    deltas: Float64Array[],
    gradient: Float64Array,
    stateDeltas?: Float64Array[],
  ): void {
    const { inputs, hidden } = this.#shape;
    const { inputToHidden, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases } = this.offsets;
    let fromLater: Float64Array = new Float64Array(hidden);
    for (let t = batch.steps - 1; t >= 0; t--) {
      addOuter(gradient, hiddenToOutput, h[t], deltas[t]);
      addRow(gradient, outputBiases, deltas[t]);
      const back = plus(rowTimesTransposed(deltas[t], params, hiddenToOutput, hidden), fromLater);
      const delta = back.map((value, j) => (1 - h[t][j] ** 2) * value + (stateDeltas?.[t][j] ?? 0));
      addOuter(gradient, inputToHidden, rowOf(batch.inputs, t * batch.cases + r, inputs), delta);
      if (t > 0) addOuter(gradient, hiddenToHidden, h[t - 1], delta);
      addRow(gradient, hiddenBiases, delta);
      fromLater = rowTimesTransposed(delta, params, hiddenToHidden, hidden);
    }
  }
}
