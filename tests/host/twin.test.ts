import { describe, expect, it } from "vitest";
import { explicitGaussNewton, moved, rowWeights } from "../reference/explicitCurvature.js";
import { FeedForwardTwin, type FeedForwardTwinDescription } from "../reference/feedForwardTwin.js";
import { distance, inner, normals, size } from "../reference/matrices.js";
import { momentumTwin } from "../reference/momentumTwin.js";
import { productTwin } from "../reference/productTwin.js";
import { RecurrentTwin } from "../reference/recurrentTwin.js";
import { activate, rowLoss, type TwinActivation, type TwinLoss } from "../reference/unitTwin.js";

/** The twins judge the kernels, so they are themselves judged here by slower and simpler means: differences and explicit matrices. */

const OUTPUTS: readonly [TwinActivation, TwinLoss][] = [
  ["logistic", "crossEntropy"],
  ["softmax", "crossEntropy"],
  ["linear", "squared"],
];
const HIDDEN: readonly TwinActivation[] = ["logistic", "tanh", "relu", "linear"];

/** d f / d params by central differences. */
function differences(f: (params: Float64Array) => number, params: Float64Array, step = 1e-5): Float64Array {
  return params.map((_, i) => (f(moved(params, i, step)) - f(moved(params, i, -step))) / (2 * step));
}

/** Real-valued targets in (0, 1) for logistic outputs, one-hot for softmax, any for linear. */
function targetsFor(output: TwinActivation, rows: number, width: number): Float64Array {
  const random = normals(rows * width, 5);
  if (output === "logistic") return random.map((x) => 1 / (1 + x * x));
  if (output === "softmax") return random.map((_, i) => (Math.floor(i / width) % width === i % width ? 1 : 0));
  return random;
}

function checkGaussNewton(product: (vector: Float64Array) => Float64Array, explicit: Float64Array[]): void {
  const n = explicit.length;
  const columns = Array.from({ length: n }, (_, i) => product(Float64Array.from({ length: n }, (_value, j) => (i === j ? 1 : 0))));
  const largest = Math.max(...columns.map(size));
  expect(largest).toBeGreaterThan(0);
  for (let i = 0; i < n; i++) {
    expect(distance(columns[i], explicit[i])).toBeLessThan(1e-7 * largest);
    for (let j = 0; j < i; j++) expect(Math.abs(columns[i][j] - columns[j][i])).toBeLessThan(1e-13 * largest);
  }
  for (let trial = 0; trial < 50; trial++) {
    const v = normals(n, 100 + trial);
    const gv = product(v);
    expect(inner(v, gv)).toBeGreaterThan(-1e-12 * largest * inner(v, v));
    // Linear in v: the columns say the same as the product.
    expect(
      distance(
        gv,
        gv.map((_, i) => columns.reduce((sum, column, j) => sum + column[i] * v[j], 0)),
      ),
    ).toBeLessThan(1e-12 * largest * n);
  }
}

describe("feed-forward twin", () => {
  for (const hidden of HIDDEN) {
    for (const [output, loss] of OUTPUTS) {
      for (const sizes of [
        [4, 3],
        [3, 4, 2],
        [2, 3, 1, 3],
      ]) {
        const activations = sizes.slice(1).map((_, l) => (l === sizes.length - 2 ? output : hidden));
        const description: FeedForwardTwinDescription = { sizes, activations, loss };
        const width = sizes[sizes.length - 1];
        const cases = 3;
        const twin = new FeedForwardTwin(description);
        const params = normals(twin.parameterCount, 1, 0.8);
        const batch = { inputs: normals(cases * sizes[0], 2), targets: targetsFor(output, cases, width), cases };

        it(`${sizes.join("-")} ${hidden}, ${output}: the gradient is that of the loss`, () => {
          const numeric = differences((p) => twin.lossAndGradient(p, batch).loss, params);
          const { gradient } = twin.lossAndGradient(params, batch);
          expect(size(gradient)).toBeGreaterThan(1e-3);
          expect(distance(gradient, numeric)).toBeLessThan(1e-6 * size(gradient));
        });

        it(`${sizes.join("-")} ${hidden}, ${output}: the Gauss-Newton product is J'HJ v`, () => {
          // With linear outputs the last activations are the pre-activations.
          const bare = new FeedForwardTwin({ sizes, activations: [...activations.slice(0, -1), "linear"], loss: "squared" });
          const preActivations = (p: Float64Array) => bare.forward(p, batch.inputs, cases)[sizes.length - 1];
          const explicit = explicitGaussNewton(preActivations, params, output, width, cases, rowWeights(output, batch.targets, width));
          checkGaussNewton((v) => twin.gaussNewtonProduct(params, v, batch), explicit);
        });
      }
    }
  }

  it("lays out parameters as weights (inputs x outputs) then biases, layer by layer", () => {
    const twin = new FeedForwardTwin({ sizes: [2, 3, 1], activations: ["linear", "linear"], loss: "squared" });
    const params = Float64Array.of(1, 2, 3, 4, 5, 6, 0.1, 0.2, 0.3, 1, 10, 100, 0.5);
    const [inputs, hidden, outputs] = twin.forward(params, [1, -1], 1);
    expect(inputs).toEqual(Float64Array.of(1, -1));
    expect(distance(hidden, [-2.9, -2.8, -2.7])).toBeLessThan(1e-14);
    expect(distance(outputs, [-2.9 - 28 - 270 + 0.5])).toBeLessThan(1e-12);
    const { loss, squaredError } = twin.lossAndGradient(params, { inputs: [1, -1], targets: [0], cases: 1 });
    expect(loss).toBeCloseTo(300.4 ** 2 / 2, 8);
    expect(squaredError).toBeCloseTo(300.4 ** 2, 8);
  });

  it("takes the inputs as targets when there are none", () => {
    const twin = new FeedForwardTwin({ sizes: [3, 2, 3], activations: ["logistic", "logistic"], loss: "crossEntropy" });
    const params = normals(twin.parameterCount, 3);
    const inputs = targetsFor("logistic", 2, 3);
    expect(twin.lossAndGradient(params, { inputs, cases: 2 })).toEqual(twin.lossAndGradient(params, { inputs, targets: inputs, cases: 2 }));
  });

  it("averages over cases", () => {
    const twin = new FeedForwardTwin({ sizes: [2, 2], activations: ["softmax"], loss: "crossEntropy" });
    const params = normals(twin.parameterCount, 4);
    const once = twin.lossAndGradient(params, { inputs: [1, 2], targets: [0, 1], cases: 1 });
    const twice = twin.lossAndGradient(params, { inputs: [1, 2, 1, 2], targets: [0, 1, 0, 1], cases: 2 });
    expect(twice.loss).toBeCloseTo(once.loss, 14);
    expect(distance(twice.gradient, once.gradient)).toBeLessThan(1e-15);
  });

  it("refuses a loss that does not match the output", () => {
    expect(() => new FeedForwardTwin({ sizes: [2, 2], activations: ["logistic"], loss: "squared" })).toThrow("does not match");
    expect(() => new FeedForwardTwin({ sizes: [2, 2], activations: ["tanh"], loss: "crossEntropy" })).toThrow("does not match");
  });
});

describe("recurrent twin", () => {
  for (const [output, loss] of OUTPUTS) {
    const shape = { inputs: 2, hidden: 3, outputs: 2, output, loss };
    const [cases, steps] = [2, 4];
    const twin = new RecurrentTwin(shape);
    const params = normals(twin.parameterCount, 11, 0.7);
    const rows = cases * steps;
    const mask = Float64Array.of(0, 1, 0.5, 1, 1, 0, 2, 1);
    const batch = { inputs: normals(rows * 2, 12), targets: targetsFor(output, rows, 2), mask, cases, steps };

    it(`${output}: the gradient is that of the masked loss`, () => {
      const numeric = differences((p) => twin.lossAndGradient(p, batch).loss, params);
      const { gradient } = twin.lossAndGradient(params, batch);
      expect(size(gradient)).toBeGreaterThan(1e-2);
      expect(distance(gradient, numeric)).toBeLessThan(1e-6 * size(gradient));
    });

    it(`${output}: the Gauss-Newton product is J'HJ v`, () => {
      const bare = new RecurrentTwin({ ...shape, output: "linear", loss: "squared" });
      const preActivations = (p: Float64Array) => bare.forward(p, batch.inputs, cases, steps).outputs;
      checkGaussNewton(
        (v) => twin.gaussNewtonProduct(params, v, batch),
        explicitGaussNewton(preActivations, params, output, 2, cases, rowWeights(output, batch.targets, 2, mask)),
      );
    });

    it(`${output}: structural damping adds the curvature of the cross-entropy between the hidden states and themselves`, () => {
      // Steps that no case is scored at come last: they are not carried, so they do not count.
      const ended = { ...batch, mask: Float64Array.of(0, 1, 0.5, 1, 1, 0, 0, 0) };
      const hidden = (p: Float64Array) => twin.forward(p, batch.inputs, cases, steps).hidden;
      const damped = (v: Float64Array, weight: number) => twin.gaussNewtonProduct(params, v, ended, weight);
      const product = (v: Float64Array) => damped(v, 0.5).map((value, i) => 2 * (value - twin.gaussNewtonProduct(params, v, ended)[i]));
      const states = hidden(params);
      const carried = Float64Array.from({ length: rows }, (_, i) => (i < 3 * cases ? 1 : 0));
      const entropy = (p: Float64Array) =>
        hidden(p).reduce(
          (sum, h, i) =>
            sum -
            (carried[Math.floor(i / 3)] / cases) *
              (((1 + states[i]) / 2) * Math.log((1 + h) / 2) + ((1 - states[i]) / 2) * Math.log((1 - h) / 2)),
          0,
        );
      const along = (v: Float64Array, step: number) => entropy(params.map((value, i) => value + step * v[i]));
      for (let trial = 0; trial < 10; trial++) {
        const v = normals(params.length, 40 + trial);
        const second = (along(v, 1e-3) - 2 * along(v, 0) + along(v, -1e-3)) / 1e-6;
        expect(Math.abs(inner(v, product(v)) - second)).toBeLessThan(1e-4 * second);
      }
      // D'' = 1 / (1 - h^2) at a state h, (1 - h^2) at its pre-activation.
      const scaled = (p: Float64Array) => hidden(p).map((h, i) => Math.atanh(h) * Math.sqrt(1 - states[i] ** 2));
      checkGaussNewton(product, explicitGaussNewton(scaled, params, "linear", 3, cases, carried));
    });

    it(`${output}: without a mask every step counts once`, () => {
      const { mask: _mask, ...unmasked } = batch;
      expect(twin.lossAndGradient(params, unmasked)).toEqual(
        twin.lossAndGradient(params, { ...batch, mask: new Float64Array(rows).fill(1) }),
      );
    });
  }

  it("carries the hidden state from step to step, starting at 0", () => {
    const twin = new RecurrentTwin({ inputs: 1, hidden: 1, outputs: 1, output: "linear", loss: "squared" });
    const params = Float64Array.of(2, 0.5, 0.1, 3, -1);
    const { hidden, outputs } = twin.forward(params, [1, 0.3], 1, 2);
    const h1 = Math.tanh(2 * 1 + 0.1);
    const h2 = Math.tanh(2 * 0.3 + 0.5 * h1 + 0.1);
    expect(distance(hidden, [h1, h2])).toBeLessThan(1e-15);
    expect(distance(outputs, [3 * h1 - 1, 3 * h2 - 1])).toBeLessThan(1e-15);
  });

  it("with one step is a feed-forward network", () => {
    const recurrent = new RecurrentTwin({ inputs: 3, hidden: 4, outputs: 2, output: "softmax", loss: "crossEntropy" });
    const feedForward = new FeedForwardTwin({ sizes: [3, 4, 2], activations: ["tanh", "softmax"], loss: "crossEntropy" });
    const params = normals(recurrent.parameterCount, 21);
    const { hiddenToHidden, hiddenBiases } = recurrent.offsets;
    const without = (full: Float64Array) => Float64Array.from([...full.slice(0, hiddenToHidden), ...full.slice(hiddenBiases)]);
    const batch = { inputs: normals(6, 22), targets: targetsFor("softmax", 2, 2), cases: 2 };
    const one = recurrent.lossAndGradient(params, { ...batch, steps: 1 });
    const other = feedForward.lossAndGradient(without(params), batch);
    expect(one.loss).toBeCloseTo(other.loss, 14);
    expect(distance(without(one.gradient), other.gradient)).toBeLessThan(1e-15);
  });
});

describe("losses of the twins", () => {
  it("agree with their textbook forms", () => {
    const x = normals(6, 31, 3);
    const t = targetsFor("logistic", 1, 6);
    const y = activate("logistic", x);
    expect(rowLoss("logistic", x, t)).toBeCloseTo(-y.reduce((sum, p, j) => sum + t[j] * Math.log(p) + (1 - t[j]) * Math.log(1 - p), 0), 12);
    const p = activate("softmax", x);
    expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
    expect(rowLoss("softmax", x, Float64Array.of(0, 0, 1, 0, 0, 0))).toBeCloseTo(-Math.log(p[2]), 12);
    expect(rowLoss("linear", Float64Array.of(3, 1), Float64Array.of(1, 1))).toBe(2);
  });

  it("stay finite for any finite pre-activation", () => {
    for (const big of [1e3, 1e30, 1e300]) {
      expect(rowLoss("logistic", Float64Array.of(big, -big), Float64Array.of(1, 0))).toBe(0);
      expect(rowLoss("logistic", Float64Array.of(big, -big), Float64Array.of(0, 1))).toBe(2 * big);
      expect(rowLoss("softmax", Float64Array.of(big, -big), Float64Array.of(0, 1))).toBe(2 * big);
      expect(activate("softmax", Float64Array.of(big, -big))).toEqual(Float64Array.of(1, 0));
      expect(activate("logistic", Float64Array.of(big, -big))).toEqual(Float64Array.of(1, 0));
    }
  });
});

describe("product twin", () => {
  const sizes = { m: 2, n: 3, k: 2, lda: 2, ldb: 3, ldc: 3 };
  const expected = Float64Array.of(9, 12, 15, 19, 26, 33);

  it("multiplies in all three forms", () => {
    const c = new Float64Array(6).fill(NaN);
    expect(productTwin("NN", sizes, [1, 2, 3, 4], [1, 2, 3, 4, 5, 6], c)).toEqual(expected);
    expect(productTwin("NT", { ...sizes, ldb: 2 }, [1, 2, 3, 4], [1, 4, 2, 5, 3, 6], c)).toEqual(expected);
    expect(productTwin("TN", sizes, [1, 3, 2, 4], [1, 2, 3, 4, 5, 6], c)).toEqual(expected);
  });

  it("honors leading dimensions, alpha and beta, and leaves padding alone", () => {
    const padded = { ...sizes, lda: 3, ldb: 4, ldc: 5 };
    const a = [1, 2, NaN, 3, 4, NaN];
    const b = [1, 2, 3, NaN, 4, 5, 6, NaN];
    const c = Float64Array.of(1, 1, 1, -7, -8, 1, 1, 1, -9, -10);
    expect(productTwin("NN", padded, a, b, c, { alpha: 2, beta: 10 })).toEqual(Float64Array.of(28, 34, 40, -7, -8, 48, 62, 76, -9, -10));
    expect(c[0]).toBe(1);
  });

  it("gives zeros for an empty inner dimension", () => {
    expect(productTwin("NN", { ...sizes, k: 0 }, [], [], new Float64Array(6).fill(NaN))).toEqual(new Float64Array(6));
  });
});

describe("momentum twin", () => {
  it("makes one update of Eq. 1-2 or Eq. 3-4, with the weight decay at the gradient's point", () => {
    const gradient = (point: Float64Array) => point.map((x) => 3 * x);
    const state = { theta: Float64Array.of(2), velocity: Float64Array.of(-1) };
    const step = { momentum: 0.5, learningRate: 0.1, weightDecay: 1 };
    const cm = momentumTwin(gradient, state, { method: "classicalMomentum", ...step });
    expect(cm.velocity[0]).toBeCloseTo(-0.5 - 0.1 * (6 + 2), 15);
    const nag = momentumTwin(gradient, state, { method: "nesterov", ...step });
    expect(nag.point[0]).toBe(1.5);
    expect(nag.velocity[0]).toBeCloseTo(-0.5 - 0.1 * (4.5 + 1.5), 15);
    expect(nag.theta[0]).toBeCloseTo(2 + nag.velocity[0], 15);
    const sgd = momentumTwin(gradient, state, { method: "sgd", ...step });
    expect(sgd.velocity[0]).toBeCloseTo(-0.8, 15);
    expect(state.theta[0]).toBe(2);
  });
});
