import {
  adam,
  type Batch,
  createRuntime,
  DisposedError,
  DivergedError,
  feedForward,
  hessianFree,
  type Network,
  nesterov,
  type Runtime,
  recurrent,
  saveModel,
  sgd,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LAYER_D, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_OUTPUTS, LAYER_Y } from "#internal/abi/descriptor";
import { layerPlace } from "#internal/networks/descriptorWords";
import type { KernelConjugateGradient } from "#internal/optimizers/conjugateGradient/kernelConjugateGradient";
import { normals } from "../reference/matrices.js";
import { SolverBench } from "../support/conjugateGradient.js";
import { layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";
import { makeRecurrentPair, OUTPUTS, randomSequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

/** Below this a stored number is written as 0. */
const SMALLEST = 2 ** -63;

describe.each(variants)("on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  describe("every answer is finite, or a DivergedError", () => {
    const vector = (network: Network, value: number): Float32Array => new Float32Array(network.parameterCount).fill(value);

    it.each([
      [
        "feed-forward",
        () => runtime.network(feedForward({ sizes: [3, 4, 2], activations: ["linear", "linear"] })),
        { inputs: new Float32Array(6).fill(9), targets: new Float32Array(4), cases: 2 },
      ],
      [
        "recurrent",
        () => runtime.network(recurrent({ inputs: 3, hidden: 4, outputs: 2 })),
        { inputs: new Float32Array(6).fill(9), targets: new Float32Array(4), cases: 1, steps: 2 },
      ],
    ] as const)("%s", (_family, make, batch) => {
      const network: Network & { predict(batch: Batch): Float32Array } = make();
      network.setParameters(vector(network, 3e38));
      for (const ask of [
        () => network.predict(batch),
        () => network.evaluate(batch),
        () => network.gradient(batch),
        () => network.gaussNewtonProduct(vector(network, 1), batch),
      ]) {
        expect(ask).toThrow(DivergedError);
      }
      // The loss is finite in f64, and the gradient is not in f32: 1e30 times 1e30.
      network.setParameters(vector(network, 0));
      const steep = { ...batch, inputs: batch.inputs.map(() => 1e30), targets: batch.targets.map(() => 1e30) };
      expect(Number.isFinite(network.evaluate(steep).loss)).toBe(true);
      const direct = runtime.network(feedForward({ sizes: [3, 2], activations: ["linear"] }));
      const flat = { inputs: new Float32Array(3).fill(1e30), targets: new Float32Array(2).fill(1e30), cases: 1 };
      expect(() => direct.gradient(flat)).toThrow(/the gradient is not finite/);
      expect(() => direct.squaredGradient(flat)).toThrow(DivergedError);
      expect(() => direct.gaussNewtonProduct(vector(direct, 1e30), flat)).toThrow(DivergedError);
      // And nothing of it stays: the next answers are those of a fresh network.
      expect(network.predict(batch).every((value) => value === 0)).toBe(true);
      network.dispose();
      direct.dispose();
    });

    it("activations of every layer", () => {
      const network = runtime.network(feedForward({ sizes: [1, 1, 1], activations: ["linear", "logistic"] }));
      network.setParameters(Float32Array.of(3e38, 0, 1, 0));
      const batch = { inputs: Float32Array.of(9), cases: 1 };
      expect(() => network.activations(batch, 1)).toThrow(/an activation of layer 1 is not finite/);
      expect(network.activations({ inputs: Float32Array.of(1), cases: 1 }, 1)).toEqual(Float32Array.of(3e38));
      network.dispose();
    });
  });

  describe("every number a program stores is 0 or at least 2^-63", () => {
    const expectStored = (values: Float32Array): number => {
      let small = 0;
      for (const value of values) {
        if (value !== 0 && !(Math.abs(value) >= SMALLEST)) expect(value).toBe(0);
        if (Math.abs(value) < 1e-15) small++;
      }
      return small;
    };

    it.each(["logistic", "softmax", "linear"] as const)("activations, outputs and deltas of vanishing layers, %s", (output) => {
      const { network } = makePair(runtime, layers([5, 6, 7, 6, 5], "tanh", output));
      network.setParameters(network.getParameters().map((value, i) => value * (i % 3 === 0 ? 1e-9 : 1e-12)));
      const batch = randomBatch(layers([5, 6, 7, 6, 5], "tanh", output), 9);
      network.gradient(batch);
      const { f32, i32 } = runtime.memory;
      network.forEachChunk(batch, {}, ({ network: descriptor, cases }) => {
        let small = 0;
        for (let l = 0; l < 4; l++) {
          const word = (place: number): number => i32[(descriptor + layerPlace(l, place)) >>> 2];
          const columns = Math.ceil(word(LAYER_OUTPUTS) / 8) * 8;
          for (const place of [LAYER_Y, LAYER_D])
            small += expectStored(f32.subarray(word(place) >>> 2, (word(place) >>> 2) + cases * columns));
          for (let panel = 0; panel < columns / 8; panel++)
            expectStored(f32.subarray((word(LAYER_D_PANELS) + panel * word(LAYER_D_STRIDE)) >>> 2).subarray(0, cases * 8));
        }
        // Or nothing was tried.
        expect(small).toBeGreaterThan(100);
      });
      network.dispose();
    });

    it("outputs that the logistic and the softmax bring near 0", () => {
      for (const output of ["logistic", "softmax"] as const) {
        const network = runtime.network(feedForward({ sizes: [1, 60], activations: [output] }));
        network.setParameters(Float32Array.from({ length: 120 }, (_, i) => (i < 60 ? -2 * i : 0)));
        expect(expectStored(network.predict({ inputs: Float32Array.of(1), cases: 1 }))).toBeGreaterThan(20);
        network.dispose();
      }
    });

    it("conjugate gradient's residual, direction and iterates", () => {
      const { network } = makePair(runtime, ODD_AUTOENCODER);
      const bench = new SolverBench(network, randomBatch(ODD_AUTOENCODER, 40));
      const right = Float32Array.from(normals(network.parameterCount, 8, 1e-14), (value, i) => (i % 5 === 0 ? value * 1e-5 : value));
      const { vectors } = bench.solver as unknown as {
        vectors: Record<"direction" | "residual" | "x" | "next", number>;
      } & KernelConjugateGradient;
      for (let maximum = 1; maximum < 40; maximum += 3) {
        bench.solve({ right: bench.block(right), shift: 10, maximum, progress: 0 });
        for (const name of ["direction", "residual", "x", "next"] as const) expectStored(network.readBlock(vectors[name]));
      }
      bench.release();
    });
  });

  it.each(OUTPUTS)("a case that is not scored changes no curvature product, whatever its tangent: %s outputs", (output) => {
    const description = shape(2, 9, 3, output);
    const { network } = makeRecurrentPair(runtime, description);
    const onlyFirst = randomSequences(description, 3, 4, (_t, m) => (m === 0 ? 1 : 0));
    const vector = Float32Array.from(normals(network.parameterCount, 3, 1e20));
    const wild = onlyFirst.inputs.map((value, i) => (Math.floor(i / 2) % 3 === 0 ? value : 1e30));
    const product = network.gaussNewtonProduct(vector, onlyFirst);
    expect(sameBits(network.gaussNewtonProduct(vector, { ...onlyFirst, inputs: wild }), product)).toBe(true);
    expect(product.some((value) => value !== 0)).toBe(true);
    network.dispose();
  });

  it("a network takes its optimizers with it, and their memory", () => {
    const measure = (): number => runtime.memory.allocate(64 * 2 ** 20, "test");
    const before = measure();
    runtime.memory.release(before, 64 * 2 ** 20);
    for (let round = 0; round < 50; round++) {
      const network = runtime.network(feedForward({ sizes: [784, 20, 5] }));
      const batch = { inputs: new Float32Array(784), targets: new Float32Array(5), cases: 1 };
      const optimizers = [nesterov({ learningRate: 0.1, momentum: 0.9 }), sgd({ learningRate: 0.1 }), hessianFree(), adam()].map(
        (description) => runtime.optimizer(network, description),
      );
      for (const optimizer of optimizers) optimizer.step(batch);
      network.dispose();
      for (const optimizer of optimizers) {
        expect(() => optimizer.step(batch)).toThrow(DisposedError);
        expect(() => optimizer.dispose()).not.toThrow();
      }
    }
    const after = measure();
    runtime.memory.release(after, 64 * 2 ** 20);
    expect(after).toBe(before);
  });

  it("the state of an optimizer whose velocity overflowed is refused, as a model is", () => {
    const network = runtime.network(feedForward({ sizes: [1, 1] }));
    const optimizer = runtime.optimizer(network, sgd({ learningRate: 1e38 }));
    const batch = { inputs: Float32Array.of(1), targets: Float32Array.of(1e10), cases: 1 };
    expect(() => optimizer.step(batch)).toThrow(DivergedError);
    expect(() => optimizer.getState()).toThrow(/the velocity is not finite/);
    expect(() => saveModel(network)).toThrow(DivergedError);
    network.setParameters(new Float32Array(2));
    optimizer.reset();
    expect(optimizer.getState()).toMatchObject({ update: 0, velocity: new Float32Array(2) });
    network.dispose();
  });

  it("a network without its parts refuses to be saved", () => {
    const network = runtime.network(feedForward({ sizes: [2, 2] }));
    expect(saveModel(network).length).toBeGreaterThan(0);
    network.dispose();
    expect(() => saveModel(network)).toThrow(DisposedError);
  });
});
