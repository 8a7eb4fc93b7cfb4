import { autoencoder, type Batch, createRuntime, dense, type FeedForwardDescription, feedForward, type Runtime, sparse } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chunkCases } from "#internal/networks/feedForward/feedForwardWorkspace";
import { COMBINATIONS, layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits, slice, worstTensorError } from "../support/networks.js";
import { variants } from "../support/variants.js";

/** What the issue asks of gradients: 1e-5 relative in the 2-norm of each parameter tensor. */
const GRADIENT_ERROR = 1e-5;
const LOSS_ERROR = 1e-6;
const SIZES = [
  [1, 1],
  [5, 3],
  [3, 9, 2],
  [17, 8, 16, 7],
  [9, 41, 23, 3, 11],
];
const BATCHES = [1, 2, 7, 300, 700];

/** Wide enough that 256 cases fill a chunk: batches beyond that are walked in several. */
const WIDE = feedForward({ sizes: [3, 9001, 2], activations: ["tanh", "linear"] });

function relative(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b);
}

describe.each(variants)("networks on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  /** Loss, squared error and gradient at random parameters beside the twin's. */
  function compare(description: FeedForwardDescription, batch: Batch) {
    const { network, twin } = makePair(runtime, description, 7);
    const parameters = Float64Array.from(network.getParameters());
    const wanted = twin.lossAndGradient(parameters, batch);
    const { loss, squaredError } = network.evaluate(batch);
    const { loss: gradientLoss, gradient } = network.gradient(batch);
    const errors = {
      loss: relative(loss, wanted.loss),
      squaredError: relative(squaredError, wanted.squaredError),
      gradientLoss: relative(gradientLoss, wanted.loss),
      gradient: worstTensorError(network, gradient, wanted.gradient),
    };
    network.dispose();
    return errors;
  }

  function expectAgreement(description: FeedForwardDescription, batch: Batch): void {
    const { loss, squaredError, gradientLoss, gradient } = compare(description, batch);
    expect(loss).toBeLessThan(LOSS_ERROR);
    expect(squaredError).toBeLessThan(LOSS_ERROR);
    expect(gradientLoss).toBeLessThan(LOSS_ERROR);
    expect(gradient).toBeLessThan(GRADIENT_ERROR);
  }

  describe.each(COMBINATIONS)("%s layers and %s outputs", (hidden, output) => {
    it.each(SIZES.map((sizes) => [sizes]))("have the twin's loss, squared error and gradient for sizes %j", (sizes) => {
      // One softmax unit is always 1, and all its gradients 0.
      const description = layers(output === "softmax" && sizes.at(-1) === 1 ? [...sizes.slice(0, -1), 2] : sizes, hidden, output);
      for (const cases of BATCHES) expectAgreement(description, randomBatch(description, cases, cases));
    });

    it("have the gradient that central differences of the twin's loss give", () => {
      const description = layers([3, 5, 4], hidden, output);
      const batch = randomBatch(description, 7);
      const { network, twin } = makePair(runtime, description);
      const parameters = Float64Array.from(network.getParameters());
      const lossAt = (i: number, shift: number) =>
        twin.lossAndGradient(
          Float64Array.from(parameters, (p, j) => (i === j ? p + shift : p)),
          batch,
        ).loss;
      const step = 2 ** -17;
      const differences = parameters.map((_, i) => (lossAt(i, step) - lossAt(i, -step)) / (2 * step));
      expect(worstTensorError(network, network.gradient(batch).gradient, differences)).toBeLessThan(GRADIENT_ERROR);
      network.dispose();
    });

    it("have the twin's activations in every layer", () => {
      const description = layers([9, 41, 8, 23, 3], hidden, output);
      const cases = 37;
      const { inputs } = randomBatch(description, cases);
      const { network, twin } = makePair(runtime, description);
      const wanted = twin.forward(Float64Array.from(network.getParameters()), inputs, cases);
      for (let layer = 1; layer <= 4; layer++) {
        const activations = network.activations({ inputs, cases }, layer);
        expect(activations.length).toBe(wanted[layer].length);
        expect(Math.max(...activations.map((value, i) => Math.abs(value - wanted[layer][i])))).toBeLessThan(2e-6);
      }
      expect(sameBits(network.predict({ inputs, cases }), network.activations({ inputs, cases }, 4))).toBe(true);
      network.dispose();
    });
  });

  it("mix activations layer by layer", () => {
    const description = feedForward({ sizes: [11, 6, 19, 7, 4, 5], activations: ["tanh", "linear", "logistic", "tanh", "softmax"] });
    for (const cases of [3, 270]) expectAgreement(description, randomBatch(description, cases));
  });

  it("walk a batch that crosses chunks with the same results", () => {
    const chunk = chunkCases(WIDE, runtime.layout);
    const cases = 2 * chunk + 188;
    expect(cases).toBeLessThan(800);
    expectAgreement(WIDE, randomBatch(WIDE, cases));
    const { network, twin } = makePair(runtime, WIDE);
    const { inputs } = randomBatch(WIDE, cases);
    const wanted = twin.forward(Float64Array.from(network.getParameters()), inputs, cases)[2];
    const outputs = network.predict({ inputs, cases });
    expect(outputs.reduce((largest, value, i) => Math.max(largest, Math.abs(value - wanted[i])), 0)).toBeLessThan(1e-4);
    network.dispose();
  });

  it("evaluate to the mean of what each case gives by itself", () => {
    const description = layers([9, 23, 5], "tanh", "softmax");
    const cases = 600;
    const batch = randomBatch(description, cases);
    const { network } = makePair(runtime, description);
    const each = Array.from({ length: cases }, (_, i) => network.evaluate(slice(description, batch, i, i + 1)));
    const { loss, squaredError } = network.evaluate(batch);
    expect(relative(loss, each.reduce((sum, one) => sum + one.loss, 0) / cases)).toBeLessThan(1e-13);
    expect(relative(squaredError, each.reduce((sum, one) => sum + one.squaredError, 0) / cases)).toBeLessThan(1e-13);
    // The gradient's loss is the same number.
    expect(network.gradient(batch).loss).toBe(loss);
    network.dispose();
  });

  it("give every case the same bits, whatever batch it comes in", () => {
    const description = layers([9, 23, 5], "logistic", "linear");
    const batch = randomBatch(description, 300);
    const { network } = makePair(runtime, description);
    const whole = network.predict(batch);
    for (const [first, end] of [
      [0, 1],
      [3, 10],
      [255, 300],
    ] as const) {
      expect(sameBits(network.predict(slice(description, batch, first, end)), whole.slice(first * 5, end * 5))).toBe(true);
    }
    network.dispose();
  });

  it("take an autoencoder's inputs for its targets unless it is given others", () => {
    expectAgreement(ODD_AUTOENCODER, { inputs: randomBatch(ODD_AUTOENCODER, 9).inputs, cases: 9 });
    expectAgreement(ODD_AUTOENCODER, randomBatch(ODD_AUTOENCODER, 9));
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const { inputs, targets, cases } = randomBatch(ODD_AUTOENCODER, 9);
    expect(network.evaluate({ inputs, cases })).toEqual(network.evaluate({ inputs, targets: inputs, cases }));
    expect(network.evaluate({ inputs, cases })).not.toEqual(network.evaluate({ inputs, targets, cases }));
    network.dispose();
  });

  it("leave the batch as it was", () => {
    const batch = randomBatch(ODD_AUTOENCODER, 5);
    const copy = { inputs: batch.inputs.slice(), targets: batch.targets.slice() };
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    network.evaluate(batch);
    network.gradient(batch);
    network.predict(batch);
    expect(sameBits(batch.inputs, copy.inputs) && sameBits(batch.targets, copy.targets)).toBe(true);
    network.dispose();
  });

  it("are not disturbed by batches of other sizes in between", () => {
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const batch = randomBatch(ODD_AUTOENCODER, 7);
    const before = network.gradient(batch);
    network.evaluate(randomBatch(ODD_AUTOENCODER, 500, 2));
    network.gradient(randomBatch(ODD_AUTOENCODER, 1, 3));
    const after = network.gradient(batch);
    expect(after.loss).toBe(before.loss);
    expect(sameBits(after.gradient, before.gradient)).toBe(true);
    network.dispose();
  });

  it("flush activations and deltas below 2^-63 to 0, so that nothing breeds denormals", () => {
    const network = runtime.network(layers([1, 1, 1], "linear", "linear"));
    const at = (weight: number) => {
      network.setParameters(Float32Array.of(weight, 0, 1, 0));
      return network.activations({ inputs: Float32Array.of(1), cases: 1 }, 1)[0];
    };
    expect(at(2 ** -63)).toBe(2 ** -63);
    expect(at(-(2 ** -63))).toBe(-(2 ** -63));
    expect(at(2 ** -63 * (1 - 2 ** -24))).toBe(0);
    expect(at(2 ** -140)).toBe(0);
    network.dispose();
  });
});

/** A network whose logits are its parameters: one input of 1, and biases of 0. */
function logitNetwork(runtime: Runtime, output: "logistic" | "softmax" | "linear", logits: readonly number[]) {
  const network = runtime.network(feedForward({ sizes: [1, logits.length], activations: [output] }));
  network.setParameters(Float32Array.of(...logits, ...logits.map(() => 0)));
  return network;
}

describe.each(variants)("losses from logits on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  const inputs = Float32Array.of(1);

  it.each([0, 1e-30, 1e-3, 0.5, 1, 10, 16.7, 50, 87, 89, 104, 1e3, 1e4, 1e10, 1e30, 3e38].flatMap((size) => [[size], [-size]]))(
    "logistic, at a logit of %d",
    (logit) => {
      for (const target of [0, 0.25, 1]) {
        const batch = { inputs, targets: Float32Array.of(target), cases: 1 };
        const z = Math.fround(logit);
        const network = logitNetwork(runtime, "logistic", [z]);
        const wanted = Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z)));
        const p = 1 / (1 + Math.exp(-z));
        // A small loss comes out of a difference of numbers as large as the logit, or is a denormal.
        expect(Math.abs(network.evaluate(batch).loss - wanted)).toBeLessThanOrEqual(
          4 * 2 ** -23 * Math.max(wanted, target * Math.abs(z)) + 2 ** -149,
        );
        expect(Math.abs(network.predict(batch)[0] - p)).toBeLessThan(4e-7 * p + 2 ** -63);
        expect(Math.abs(network.gradient(batch).gradient[0] - (p - target))).toBeLessThan(4e-7);
        network.dispose();
      }
    },
  );

  it.each([
    ["small", [0.1, -0.2, 0.3]],
    ["equal", [5, 5, 5, 5, 5]],
    ["far apart", [1e4, -1e4, 0]],
    ["large and close", [1e4, 1e4 - 1, 1e4 - 2]],
    ["far below 0", [-1e4, -1e4 - 1, -1e4 - 3]],
    ["as large as f32 allows", [1e30, -1e30, 3e38]],
    ["below the padding of a panel", [-1e31, -1e31, -1e31]],
    ["further apart than f32 allows", [3e38, -3e38]],
    ["more than a panel", Array.from({ length: 19 }, (_, j) => 3 * Math.cos(j))],
  ] as const)("softmax, with logits that are %s", (_name, logits) => {
    const z = logits.map(Math.fround);
    const largest = Math.max(...z);
    const total = z.reduce((sum, x) => sum + Math.exp(x - largest), 0);
    const network = logitNetwork(runtime, "softmax", z);
    const outputs = network.predict({ inputs, cases: 1 });
    z.forEach((logit, target) => {
      const batch = { inputs, targets: Float32Array.from(z, (_, j) => (j === target ? 1 : 0)), cases: 1 };
      const p = Math.exp(logit - largest) / total;
      const wanted = Math.log(total) + (largest - logit);
      expect(Math.abs(outputs[target] - p)).toBeLessThan(1e-6 * p + 2 ** -63);
      expect(Math.abs(network.evaluate(batch).loss - wanted)).toBeLessThanOrEqual(1e-6 * wanted + 1e-7);
      expect(Math.abs(network.gradient(batch).gradient[target] - (p - 1))).toBeLessThan(1e-6);
    });
    expect(Math.abs(outputs.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-6);
    network.dispose();
  });

  it.each([0, 1, 1e4, 1e18, 1e30, 3e38])("squared, at an output of %d", (output) => {
    const z = Math.fround(output);
    const network = logitNetwork(runtime, "linear", [z]);
    const { loss, squaredError } = network.evaluate({ inputs, targets: Float32Array.of(-1), cases: 1 });
    const wanted = Math.fround(z + 1) ** 2;
    expect(Math.abs(squaredError - wanted)).toBeLessThanOrEqual(1e-6 * wanted);
    expect(loss).toBe(squaredError / 2);
    network.dispose();
  });
});

describe("parameters", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 });
  });
  afterAll(() => runtime.dispose());

  it("stand in the public order: per layer weights (inputs x outputs), then biases", () => {
    const network = runtime.network(feedForward({ sizes: [3, 2, 9] }));
    expect(network.layout).toEqual([
      { name: "layer1.weights", shape: [3, 2], offset: 0 },
      { name: "layer1.biases", shape: [2], offset: 6 },
      { name: "layer2.weights", shape: [2, 9], offset: 8 },
      { name: "layer2.biases", shape: [9], offset: 26 },
    ]);
    expect(network.parameterCount).toBe(35);
    network.dispose();
  });

  it("are 0 at first, and come back as they were set, in an array of the caller's own", () => {
    const network = runtime.network(ODD_AUTOENCODER);
    expect(network.getParameters()).toEqual(new Float32Array(network.parameterCount));
    const values = Float32Array.from({ length: network.parameterCount }, (_, i) => (i % 2 === 0 ? i : -1 / i));
    network.setParameters(values);
    const got = network.getParameters();
    expect(sameBits(got, values)).toBe(true);
    got.fill(9);
    values.fill(8);
    expect(network.getParameters()[1]).toBe(-1);
    network.dispose();
  });

  it("are what the initialization draws, the same for the same seed", () => {
    const network = runtime.network(autoencoder({ encoder: [20, 30, 4] }));
    network.initialize(sparse({ seed: 3 }));
    const first = network.getParameters();
    const { shape, offset } = network.layout[0];
    for (let j = 0; j < shape[1]; j++) {
      const column = Array.from({ length: shape[0] }, (_, i) => first[offset + i * shape[1] + j]);
      expect(column.filter((weight) => weight !== 0).length).toBeLessThanOrEqual(15);
      expect(column.some((weight) => weight !== 0)).toBe(true);
    }
    network.initialize(sparse(), 3);
    expect(sameBits(network.getParameters(), first)).toBe(true);
    network.initialize(sparse({ seed: 4 }));
    expect(sameBits(network.getParameters(), first)).toBe(false);
    network.initialize(dense({ scale: 0.1, seed: 3 }));
    expect(
      network
        .getParameters()
        .slice(0, 600)
        .every((weight) => weight !== 0),
    ).toBe(true);
    network.dispose();
  });

  it("are copied from one network to another, which then go their own ways", () => {
    const { network: one } = makePair(runtime, ODD_AUTOENCODER, 1);
    const { network: other } = makePair(runtime, ODD_AUTOENCODER, 2);
    const batch = randomBatch(ODD_AUTOENCODER, 4);
    other.copyParametersFrom(one);
    expect(sameBits(other.getParameters(), one.getParameters())).toBe(true);
    expect(other.evaluate(batch)).toEqual(one.evaluate(batch));
    one.setParameters(new Float32Array(one.parameterCount));
    expect(other.getParameters().some((value) => value !== 0)).toBe(true);
    one.dispose();
    expect(other.evaluate(batch).loss).toBeGreaterThan(0);
    other.dispose();
  });

  it("take effect at once", () => {
    const network = runtime.network(feedForward({ sizes: [1, 1] }));
    const at = (weight: number) => {
      network.setParameters(Float32Array.of(weight, 0.5));
      return network.predict({ inputs: Float32Array.of(2), cases: 1 })[0];
    };
    expect([at(1), at(-3), at(0)]).toEqual([2.5, -5.5, 0.5]);
    network.dispose();
  });
});
