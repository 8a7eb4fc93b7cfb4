import { type Batch, createRuntime, echoState, hessianFree, InvalidOptionError, minibatches, nesterov, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sameBits } from "../support/networks.js";
import { makeRecurrentPair, randomSequences, type Sequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

const SHAPE = shape(2, 6, 3);
const CASES = 8;

/** Sequences of which only these are scored. */
const scoredOnly = (scored: readonly number[]): Sequences => randomSequences(SHAPE, CASES, 5, (_t, m) => (scored.includes(m) ? 1 : 0));

describe.each(variants)("parts that a mask leaves nothing of, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  it.each([[[0]], [[7]], [[3, 4]]])("Hessian-free goes on where the cases whose turn it is are not scored: %j", (scored) => {
    const { network } = makeRecurrentPair(runtime, SHAPE);
    const data = scoredOnly(scored);
    const optimizer = runtime.optimizer(network, hessianFree({ curvatureCases: 2, damping: { initial: 1 } }));
    const losses = Array.from({ length: 2 * CASES }, () => optimizer.step(data).loss);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]);
    network.dispose();
  });

  it("Hessian-free makes no step from gradients that nobody scores", () => {
    const { network } = makeRecurrentPair(runtime, SHAPE);
    const data = scoredOnly([6]);
    const optimizer = runtime.optimizer(network, hessianFree({ gradientCases: 2, weightDecay: 0 }));
    const before = network.getParameters();
    for (let turn = 0; turn < 3; turn++) expect(optimizer.step(data)).toMatchObject({ loss: 0, lineSearchRate: 0 });
    expect(sameBits(network.getParameters(), before)).toBe(true);
    expect(optimizer.step(data).loss).toBeGreaterThan(0);
    network.dispose();
  });

  it("Hessian-free judges steps over parts some of which are not scored", () => {
    // Wide enough that 300 sequences are more than one part, whose first is not scored.
    const wide = shape(2, 220, 3, "softmax");
    const network = runtime.network(wide);
    network.initialize(echoState({ inputScale: 0.1 }));
    const data = randomSequences(wide, 300, 90, (_t, m) => (m >= 256 ? 1 : 0));
    const optimizer = runtime.optimizer(network, hessianFree({ curvatureCases: 20, conjugateGradient: { maximum: 3 } }));
    expect(optimizer.step(data).loss).toBeGreaterThan(0);
    network.dispose();
  });

  it("training goes on from minibatches that are not scored, which move nothing but the velocity", () => {
    const { network } = makeRecurrentPair(runtime, SHAPE);
    const data = scoredOnly([2]);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0 }));
    let moved = 0;
    for (const batch of minibatches(data, { size: 1, updates: CASES, seed: 5 })) {
      const before = network.getParameters();
      const { loss } = optimizer.step(batch);
      const isScored = batch.mask!.some((weight) => weight > 0);
      expect(loss > 0).toBe(isScored);
      expect(sameBits(network.getParameters(), before)).toBe(!isScored);
      if (isScored) moved++;
    }
    expect(moved).toBe(1);
    network.dispose();
  });

  it("such a minibatch may be put together anew", () => {
    const { network } = makeRecurrentPair(runtime, SHAPE);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0 }));
    for (const batch of minibatches(scoredOnly([2]), { size: 1, updates: CASES, seed: 5 })) {
      const { inputs, targets, mask, cases, steps } = batch;
      expect(optimizer.step({ ...batch }).loss).toBeGreaterThanOrEqual(0);
      expect(network.evaluate({ inputs, targets, mask, cases, steps }).loss).toBeGreaterThanOrEqual(0);
    }
    network.dispose();
  });

  it("such a part has loss 0, gradient 0 and curvature 0", () => {
    const { network } = makeRecurrentPair(runtime, SHAPE);
    const part = [...minibatches(scoredOnly([2]), { size: 2, updates: 4, seed: 5 })].find(({ mask }) =>
      mask!.every((weight) => weight === 0),
    )!;
    expect(network.evaluate(part)).toMatchObject({ loss: 0, squaredError: 0 });
    expect(network.gradient(part).gradient.every((value) => value === 0)).toBe(true);
    expect(network.gaussNewtonProduct(network.getParameters(), part).every((value) => value === 0)).toBe(true);
    network.dispose();
  });

  it("a batch of the user's own that scores nothing is refused as a mistake", () => {
    const { network } = makeRecurrentPair(runtime, SHAPE);
    const nothing = scoredOnly([]);
    const optimizer = runtime.optimizer(network, hessianFree());
    const uses: readonly ((batch: Batch) => unknown)[] = [
      (batch) => network.evaluate(batch),
      (batch) => network.gradient(batch),
      (batch) => optimizer.step(batch),
    ];
    for (const use of uses) {
      expect(() => use(nothing)).toThrow(InvalidOptionError);
      expect(() => use(nothing)).toThrow(/mask is "0 everywhere"/);
    }
    network.dispose();
  });
});
