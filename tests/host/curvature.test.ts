import {
  type Batch,
  createRuntime,
  DivergedError,
  type FeedForwardDescription,
  feedForward,
  InvalidOptionError,
  type Runtime,
  ShapeError,
  UnsupportedError,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chunkCases } from "#internal/networks/feedForward/feedForwardWorkspace";
import { Arena } from "#internal/runtime/memory";
import { explicitGaussNewton, rowWeights } from "../reference/explicitCurvature.js";
import { FeedForwardTwin } from "../reference/feedForwardTwin.js";
import { inner, normals } from "../reference/matrices.js";
import { meanOf, PublicCurvature, relativeError } from "../support/curvature.js";
import { COMBINATIONS, layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits, slice } from "../support/networks.js";
import { variants } from "../support/variants.js";

/** What the issue asks of curvature products, relative in the 2-norm: against an explicit matrix and against the twin. */
const EXPLICIT_ERROR = 1e-4;
/** What f32 gives, with room for longer sums. */
const TWIN_ERROR = 1e-5;
const SIZES = [
  [1, 1],
  [5, 3],
  [3, 9, 2],
  [17, 8, 16, 7],
  [9, 41, 23, 3, 11],
];
const BATCHES = [1, 2, 7, 300, 700];

/** Wide enough that 256 cases fill a chunk. */
const WIDE = feedForward({ sizes: [3, 9001, 2], activations: ["tanh", "linear"] });

describe.each(variants)("curvature of feed-forward networks on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  /** A network at random parameters, its twin, a batch and a vector. */
  function prepare(description: FeedForwardDescription, cases: number, seed = 7) {
    const pair = makePair(runtime, description, seed);
    return { ...pair, batch: randomBatch(description, cases, seed), vector: vectorFor(pair.network, seed) };
  }

  const vectorFor = (network: { parameterCount: number }, seed: number) => Float32Array.from(normals(network.parameterCount, seed + 1));

  function expectTwin(description: FeedForwardDescription, cases: number): void {
    const { network, twin, batch, vector } = prepare(description, cases);
    const wanted = twin.gaussNewtonProduct(Float64Array.from(network.getParameters()), Float64Array.from(vector), batch);
    expect(relativeError(network.gaussNewtonProduct(vector, batch), wanted)).toBeLessThan(TWIN_ERROR);
    network.dispose();
  }

  describe.each(COMBINATIONS)("%s layers and %s outputs", (hidden, output) => {
    // One softmax unit is always 1, and its curvature 0.
    const sizesFor = SIZES.filter((sizes) => output !== "softmax" || sizes.at(-1)! > 1);

    it.each(sizesFor.map((sizes) => [sizes]))("have the twin's products for sizes %j", (sizes) => {
      for (const cases of BATCHES) expectTwin(layers(sizes, hidden, output), cases);
    });

    it("have the products of the matrix written out", () => {
      const description = layers([3, 4, 2, 3], hidden, output);
      const [cases, outputs] = [5, 3];
      const { network, batch } = prepare(description, cases);
      const bare = new FeedForwardTwin(layers([3, 4, 2, 3], hidden, "linear"));
      const logits = (parameters: Float64Array) => bare.forward(parameters, batch.inputs, cases).at(-1)!;
      const matrix = explicitGaussNewton(
        logits,
        Float64Array.from(network.getParameters()),
        output,
        outputs,
        cases,
        rowWeights(output, batch.targets, outputs),
      );
      for (let seed = 0; seed < 5; seed++) {
        const vector = vectorFor(network, seed);
        expect(
          relativeError(
            network.gaussNewtonProduct(vector, batch),
            matrix.map((row) => inner(row, vector)),
          ),
        ).toBeLessThan(EXPLICIT_ERROR);
      }
      network.dispose();
    });

    it("are symmetric and positive semidefinite to rounding", () => {
      const { network, batch } = prepare(layers([7, 9, 5, 6], hidden, output), 20);
      const vectors = Array.from({ length: 8 }, (_, seed) => vectorFor(network, seed));
      const products = vectors.map((vector) => network.gaussNewtonProduct(vector, batch));
      const norm = (x: ArrayLike<number>) => Math.sqrt(inner(x, x));
      for (const [i, u] of vectors.entries()) {
        expect(inner(u, products[i])).toBeGreaterThan(0);
        for (let j = 0; j < i; j++) {
          const difference = inner(u, products[j]) - inner(vectors[j], products[i]);
          expect(Math.abs(difference)).toBeLessThan(1e-5 * norm(u) * norm(products[j]));
        }
      }
      expect(network.gaussNewtonProduct(new Float32Array(network.parameterCount), batch).every((value) => value === 0)).toBe(true);
      network.dispose();
    });

    it("have the squares of each case's gradient", () => {
      for (const sizes of sizesFor) {
        const cases = 37;
        const { network, twin, batch } = prepare(layers(sizes, hidden, output), cases);
        const parameters = Float64Array.from(network.getParameters());
        const wanted = new Float64Array(network.parameterCount);
        for (let m = 0; m < cases; m++) {
          const { gradient } = twin.lossAndGradient(parameters, slice(layers(sizes, hidden, output), batch, m, m + 1));
          for (let i = 0; i < wanted.length; i++) wanted[i] = wanted[i] + gradient[i] ** 2 / cases;
        }
        expect(relativeError(network.squaredGradient(batch), wanted)).toBeLessThan(TWIN_ERROR);
        network.dispose();
      }
    });
  });

  it("have the twin's products for an autoencoder of odd sizes, whose targets are its inputs", () => {
    for (const cases of BATCHES) expectTwin(ODD_AUTOENCODER, cases);
    const { network, batch, vector } = prepare(ODD_AUTOENCODER, 12);
    const own = { inputs: batch.inputs, cases: 12 };
    // The loss's second derivative does not depend on the targets.
    expect(sameBits(network.gaussNewtonProduct(vector, own), network.gaussNewtonProduct(vector, batch))).toBe(true);
    expect(sameBits(network.squaredGradient(own), network.squaredGradient(batch))).toBe(false);
    network.dispose();
  });

  it("cross chunks of cases, whether they pass through one workspace or stand beside each other", () => {
    const chunk = chunkCases(WIDE, runtime.layout);
    const cases = 2 * chunk + 57;
    const { network, twin, batch, vector } = prepare(WIDE, cases);
    const parameters = Float64Array.from(network.getParameters());
    const product = network.gaussNewtonProduct(vector, batch);
    const squares = network.squaredGradient(batch);
    expect(relativeError(product, twin.gaussNewtonProduct(parameters, Float64Array.from(vector), batch))).toBeLessThan(TWIN_ERROR);

    const staged = new PublicCurvature(network);
    const { loss, squaredError, gradient } = staged.linearize(batch);
    expect(staged.curvature.chunks).toBe(3);
    expect(staged.curvature.cases).toBe(cases);
    expect({ loss, squaredError }).toEqual(network.evaluate(batch));
    expect(sameBits(meanOf(gradient, cases), network.gradient(batch).gradient)).toBe(true);
    expect(sameBits(meanOf(staged.squares(), cases), squares)).toBe(true);
    expect(sameBits(meanOf(staged.product(vector), cases), product)).toBe(true);
    staged.release();
    network.dispose();
  });

  it("give the same product as often as it is asked for, whatever happens to the network in between", () => {
    const { network, batch, vector } = prepare(ODD_AUTOENCODER, 300);
    const other = vectorFor(network, 20);
    const staged = new PublicCurvature(network);
    const { gradient } = staged.linearize(batch);
    const first = staged.product(vector);
    const second = staged.product(other);
    expect(sameBits(staged.product(vector), first)).toBe(true);
    const arena = new Arena(runtime.memory);
    const block = network.allocateBlock(arena, "test");
    network.writeBlock("test", block, other);
    network.evaluateAt(batch, block, 0.3);
    network.evaluate(randomBatch(ODD_AUTOENCODER, 900, 3));
    network.gaussNewtonProduct(vector, randomBatch(ODD_AUTOENCODER, 900, 3));
    expect(sameBits(staged.product(other), second)).toBe(true);
    staged.curvature.linearize();
    staged.squares();
    expect(sameBits(staged.product(vector), first)).toBe(true);
    expect(sameBits(staged.linearize(batch).gradient, gradient)).toBe(true);
    arena.release();
    staged.release();
    network.dispose();
  });

  it("take batches of any size one after the other", () => {
    const { network, vector } = prepare(ODD_AUTOENCODER, 1);
    const staged = new PublicCurvature(network);
    for (const cases of [40, 300, 7, 301, 1, 300]) {
      const batch = randomBatch(ODD_AUTOENCODER, cases, cases);
      staged.linearize(batch);
      expect(sameBits(meanOf(staged.squares(), cases), network.squaredGradient(batch))).toBe(true);
      expect(sameBits(meanOf(staged.product(vector), cases), network.gaussNewtonProduct(vector, batch))).toBe(true);
    }
    staged.release();
    network.dispose();
  });

  it("follow the parameters when they are linearized again", () => {
    const { network, batch, vector } = prepare(ODD_AUTOENCODER, 50);
    const staged = new PublicCurvature(network);
    staged.linearize(batch);
    network.setParameters(network.getParameters().map((value) => 0.5 * value));
    staged.linearize(batch);
    expect(sameBits(meanOf(staged.product(vector), 50), network.gaussNewtonProduct(vector, batch))).toBe(true);
    staged.release();
    network.dispose();
  });

  it("refuse to be asked out of turn", () => {
    const { network, batch, vector } = prepare(ODD_AUTOENCODER, 20);
    const staged = new PublicCurvature(network);
    expect(() => staged.product(vector)).toThrow(/stage one first/);
    staged.linearize(batch);
    staged.product(vector);
    expect(() => staged.squares()).toThrow(/linearize again first/);
    staged.curvature.stage(batch);
    expect(() => staged.squares()).toThrow(UnsupportedError);
    staged.curvature.linearize();
    expect(sameBits(meanOf(staged.squares(), 20), network.squaredGradient(batch))).toBe(true);
    staged.release();
    network.dispose();
  });

  it("leave vector, batch and parameters as they were", () => {
    const { network, batch, vector } = prepare(ODD_AUTOENCODER, 20);
    const parameters = network.getParameters();
    const copies = [vector.slice(), batch.inputs.slice(), batch.targets.slice()];
    network.gaussNewtonProduct(vector, batch);
    network.squaredGradient(batch);
    for (const [i, values] of [vector, batch.inputs, batch.targets].entries()) expect(sameBits(values, copies[i])).toBe(true);
    expect(sameBits(network.getParameters(), parameters)).toBe(true);
    network.dispose();
  });

  it("survive saturated units: outputs of exactly 0 and 1 have no curvature", () => {
    const description = layers([4, 6, 5], "logistic", "logistic");
    const { network, batch, vector } = prepare(description, 30);
    network.setParameters(network.getParameters().map((value) => 1e4 * value));
    const product = network.gaussNewtonProduct(vector, batch);
    expect(product.every(Number.isFinite)).toBe(true);
    network.dispose();
  });

  it("refuse what does not fit or is not finite, by name", () => {
    const { network, batch, vector } = prepare(ODD_AUTOENCODER, 20);
    const withNaN = (values: Float32Array, at: number) => values.map((value, i) => (i === at ? NaN : value));
    const good = network.gaussNewtonProduct(vector, batch);
    expect(() => network.gaussNewtonProduct(vector.slice(1), batch)).toThrow(ShapeError);
    expect(() => network.gaussNewtonProduct(vector.slice(1), batch)).toThrow(/^vector.length is \d+.*the number of parameters/);
    expect(() => network.gaussNewtonProduct(withNaN(vector, 5), batch)).toThrow(/^vector\[5\] is NaN/);
    expect(() => network.gaussNewtonProduct([...vector] as unknown as Float32Array, batch)).toThrow(InvalidOptionError);
    for (const run of [(b: Batch) => network.gaussNewtonProduct(vector, b), (b: Batch) => network.squaredGradient(b)]) {
      expect(() => run({ ...batch, cases: 19 })).toThrow(ShapeError);
      expect(() => run({ ...batch, inputs: withNaN(batch.inputs, 17) })).toThrow(/^batch.inputs\[17\] is NaN/);
      expect(() => run({ ...batch, targets: withNaN(batch.targets, 9) })).toThrow(/^batch.targets\[9\] is NaN/);
    }
    expect(sameBits(network.gaussNewtonProduct(vector, batch), good)).toBe(true);
    network.dispose();
  });

  it("say that the result left f32, never return it", () => {
    const { network, batch, vector } = prepare(layers([3, 4, 2], "tanh", "linear"), 5);
    expect(() =>
      network.gaussNewtonProduct(
        vector.map(() => 3e38),
        batch,
      ),
    ).toThrow(DivergedError);
    network.setParameters(network.getParameters().fill(3e38));
    expect(() => network.gaussNewtonProduct(vector, batch)).toThrow(DivergedError);
    expect(() => network.squaredGradient(batch)).toThrow(DivergedError);
    network.dispose();
  });
});

describe.each(variants)("steps along a block on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  function prepare(cases: number) {
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const arena = new Arena(runtime.memory);
    const block = network.allocateBlock(arena, "test");
    const direction = Float32Array.from(normals(network.parameterCount, 3, 0.1));
    network.writeBlock("direction", block, direction);
    return { network, block, direction, batch: randomBatch(ODD_AUTOENCODER, cases), start: network.getParameters() };
  }

  it.each([0, 1, 0.3, -2, 1e-9])("try and take the same point, theta + %d d", (rate) => {
    const { network, block, direction, batch, start } = prepare(50);
    const before = network.evaluate(batch);
    const tried = network.evaluateAt(batch, block, rate);
    expect(sameBits(network.getParameters(), start)).toBe(true);
    expect(network.evaluate(batch)).toEqual(before);
    network.addToParameters(block, rate);
    const f32Rate = Math.fround(rate);
    expect(
      sameBits(
        network.getParameters(),
        start.map((value, i) => value + Math.fround(f32Rate * direction[i])),
      ),
    ).toBe(true);
    expect(network.evaluate(batch)).toEqual(tried);
    network.dispose();
  });

  it("see a direction that was written anew", () => {
    const { network, block, batch } = prepare(50);
    const first = network.evaluateAt(batch, block, 1);
    network.writeBlock("direction", block, new Float32Array(network.parameterCount).fill(0.01));
    runtime.memory.f32[block >>> 2] = 5;
    expect(network.evaluateAt(batch, block, 1)).not.toEqual(first);
    runtime.memory.f32[block >>> 2] = 6;
    const third = network.evaluateAt(batch, block, 1);
    network.addToParameters(block, 1);
    expect(network.evaluate(batch)).toEqual(third);
    network.dispose();
  });

  it("call a point that overflows infinitely bad, and do not go there", () => {
    const { network, block, batch, start } = prepare(50);
    network.writeBlock("direction", block, new Float32Array(network.parameterCount).fill(1e10));
    expect(network.evaluateAt(batch, block, 1e38)).toEqual({ loss: Infinity, squaredError: Infinity });
    expect(() => network.addToParameters(block, 1e38)).toThrow(DivergedError);
    expect(sameBits(network.getParameters(), start)).toBe(true);
    expect(network.evaluate(batch).loss).toBeLessThan(Infinity);
    network.dispose();
  });

  it("leave the mean gradient in a block", () => {
    for (const cases of [20, 700]) {
      const { network, block, batch } = prepare(cases);
      const { loss, squaredError } = network.gradientInto(batch, block);
      const wanted = network.gradient(batch);
      expect(loss).toBe(wanted.loss);
      expect(squaredError).toBe(network.evaluate(batch).squaredError);
      expect(sameBits(network.readBlock(block), wanted.gradient)).toBe(true);
      network.dispose();
    }
  });
});
