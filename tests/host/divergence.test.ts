import { createRuntime, DivergedError, feedForward, nesterov, type Runtime, sgd, sparse } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../support/failures.js";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { joined } from "../support/patterns.js";

const SHAPE = layers([4, 6, 3], "tanh", "linear");
const GOOD = nesterov({ learningRate: 0.1, momentum: 0.9 });

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

describe("a diverging run", () => {
  it("stops at a loss that is not finite, naming the update and what to lower, with everything as it was before", () => {
    const network = runtime.network(feedForward({ sizes: [1, 1] }));
    // Update 0 has output 1 and gradient 1e20, and leaves a weight of -1e25, which f32 holds; its output of -1e45 it does not.
    network.setParameters(Float32Array.of(1e-20, 0));
    const batch = { inputs: Float32Array.of(1e20), targets: Float32Array.of(0), cases: 1 };
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 1e5, momentum: 0.75 }));
    const lastLoss = optimizer.step(batch).loss;
    const parameters = network.getParameters();
    const velocity = optimizer.getVelocity();
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = failure(() => optimizer.step(batch));
      expect(error).toBeInstanceOf(DivergedError);
      expect(error).toMatchObject({ code: "DIVERGED", update: 1, lastLoss });
      expect(error.message).toBe(
        `diverged at update 1: the loss is not finite (the last finite loss was ${lastLoss}); lower the learning rate (100000 here) ` +
          "or the momentum (0.75 here)",
      );
      expect(sameBits(network.getParameters(), parameters)).toBe(true);
      expect(sameBits(optimizer.getVelocity(), velocity)).toBe(true);
      expect(optimizer.updates).toBe(1);
    }
    // Trying again is no way out, starting again is.
    network.setParameters(Float32Array.of(1e-20, 0));
    optimizer.reset();
    expect(optimizer.step(batch)).toEqual({ update: 0, loss: lastLoss });
    network.dispose();
  });

  it("stops within a run whose rate is too high", () => {
    const { network } = makePair(runtime, SHAPE);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 50, momentum: 0.9 }));
    const batch = randomBatch(SHAPE, 5);
    let lastLoss = NaN;
    const error = failure(() => {
      for (let t = 0; t < 1000; t++) lastLoss = optimizer.step(batch).loss;
    });
    expect(error).toMatchObject({ code: "DIVERGED", update: optimizer.updates, lastLoss });
    expect(optimizer.updates).toBeGreaterThan(3);
    expect(error.message).toMatch(
      joined(
        /^diverged at update \d+: (the loss|a parameter) is not finite \(the last finite loss was [\d.e+]+\); /,
        /lower the learning rate \(50 here\) or the momentum \(0.9 here\)$/,
      ),
    );
    // Starting again is a way out.
    network.initialize(sparse({ seed: 1 }));
    optimizer.reset();
    expect(Number.isFinite(optimizer.step(batch).loss)).toBe(true);
    network.dispose();
  });

  it("says which update it was when the first one already fails, and speaks of no momentum where there is none", () => {
    const network = runtime.network(feedForward({ sizes: [1, 1] }));
    network.setParameters(Float32Array.of(3e38, 0));
    const error = failure(() =>
      runtime.optimizer(network, sgd({ learningRate: 0.1 })).step({ inputs: Float32Array.of(3e38), targets: Float32Array.of(0), cases: 1 }),
    );
    expect(error).toMatchObject({ update: 0, lastLoss: undefined });
    expect(error.message).toBe(
      "diverged at update 0: the loss is not finite (no finite loss came before it); lower the learning rate (0.1 here)",
    );
    network.dispose();
  });

  it("stops at a parameter that overflows, and can be started again with the bits of a fresh network", () => {
    const description = feedForward({ sizes: [3, 5, 4, 2], activations: ["tanh", "tanh", "linear"] });
    const { network } = makePair(runtime, description);
    const optimizer = runtime.optimizer(network, GOOD);
    const good = network.getParameters();
    // Every activation is 0, so the loss is finite; the deltas below the last layer are not.
    const parameters = new Float32Array(network.parameterCount);
    const [, , second, , third] = network.layout;
    parameters.fill(0.1, second.offset, second.offset + 20);
    parameters.fill(1e30, third.offset, third.offset + 8);
    network.setParameters(parameters);
    const error = failure(() => optimizer.step({ inputs: new Float32Array(3), targets: Float32Array.of(1e10, 1e10), cases: 1 }));
    expect(error).toBeInstanceOf(DivergedError);
    expect(error.message).toMatch(/^diverged at update 0: a parameter is not finite/);
    expect(optimizer.updates).toBe(0);

    network.setParameters(good);
    optimizer.reset();
    const { network: fresh } = makePair(runtime, description);
    const other = runtime.optimizer(fresh, GOOD);
    for (let t = 0; t < 5; t++) expect(optimizer.step(randomBatch(description, 6, t))).toEqual(other.step(randomBatch(description, 6, t)));
    expect(sameBits(network.getParameters(), fresh.getParameters())).toBe(true);
    network.dispose();
    fresh.dispose();
  });

  it("has no gradient, which is said and not passed over", () => {
    const network = runtime.network(feedForward({ sizes: [1, 1] }));
    network.setParameters(Float32Array.of(3e38, 0));
    const batch = { inputs: Float32Array.of(3e38), targets: Float32Array.of(0), cases: 1 };
    expect(failure(() => network.gradient(batch)).message).toMatch(/finite/);
    expect(network.gradient({ ...batch, inputs: Float32Array.of(0) }).loss).toBe(0);
    network.dispose();
  });
});
