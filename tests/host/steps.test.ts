import {
  type Batch,
  classicalMomentum,
  createRuntime,
  DivergedError,
  type MomentumOptimizer,
  type Network,
  nesterov,
  type OptimizerDescription,
  type Runtime,
  schedules,
  sgd,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { makeRecurrentPair, randomSequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

const DEEP = layers([7, 9, 5, 4], "tanh", "softmax");
const DEEP_LINEAR = layers([25, 9, 3], "tanh", "linear");
const THROUGH_TIME = shape(2, 9, 3, "linear");

/** A network of each family at random parameters, and batches for it. */
const FAMILIES = {
  "feed-forward": {
    make: (runtime: Runtime): Network => makePair(runtime, DEEP).network,
    batch: (rows: number, seed = 1): Batch => randomBatch(DEEP, rows, seed),
  },
  recurrent: {
    make: (runtime: Runtime): Network => makeRecurrentPair(runtime, THROUGH_TIME).network,
    /** One case of so many steps, or so many cases of one: rows are what is summed over. */
    batch: (rows: number, seed = 1): Batch =>
      rows % 2 === 0
        ? randomSequences(THROUGH_TIME, rows / 2, 2, undefined, seed)
        : randomSequences(THROUGH_TIME, rows, 1, undefined, seed),
  },
} as const;

describe.each(variants)("a step on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  describe.each(Object.entries(FAMILIES))("%s", (_family, { make, batch: batchOf }) => {
    // Sums within one block of 256 rows stay in registers; more need a place in memory.
    it.each([1, 255, 256, 257, 511, 512, 513])("on %d rows is theta - rate gradient", (rows) => {
      const network = make(runtime);
      const batch = batchOf(rows);
      const theta = network.getParameters();
      const { gradient, loss } = network.gradient(batch);
      const optimizer = runtime.optimizer(network, sgd({ learningRate: 0.5 }));
      expect(optimizer.step(batch).loss).toBe(loss);
      const moved = network.getParameters();
      const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeGreaterThan(1e-4);
      moved.forEach((value, i) =>
        expect(Math.abs(value - (theta[i] - 0.5 * gradient[i]))).toBeLessThan(2 ** -22 * (Math.abs(theta[i]) + largest)),
      );
      network.dispose();
    });

    it("has the bits of a fresh optimizer at the same theta, v and t, whatever came before", () => {
      const momentum = schedules.piecewise({ values: [0.5, 0.9, 0, 0.95, 0.3], at: [2, 4, 6, 9] });
      const descriptions: OptimizerDescription[] = [
        nesterov({ learningRate: 0.05, momentum }),
        classicalMomentum({ learningRate: 0.05, momentum, weightDecay: 0.01 }),
      ];
      for (const [kind, description] of descriptions.entries()) {
        const stream = new RandomStream(11 + kind, "test/sequence");
        const [network, fresh] = [make(runtime), make(runtime)];
        const optimizer = runtime.optimizer(network, description) as MomentumOptimizer;
        const start = network.getParameters();
        for (let round = 0; round < 60; round++) {
          disturb(network, optimizer, stream, start, (seed) => batchOf(stream.integer(2) === 0 ? 6 : 300, seed));
          const other = runtime.optimizer(fresh, description) as MomentumOptimizer;
          fresh.setParameters(network.getParameters());
          other.setState(optimizer.getState());
          const batch = batchOf(5, 1000 + round);
          expect(optimizer.step(batch)).toEqual(other.step(batch));
          expect(sameBits(network.getParameters(), fresh.getParameters())).toBe(true);
          expect(sameBits(optimizer.getVelocity(), other.getVelocity())).toBe(true);
          other.dispose();
        }
        network.dispose();
        fresh.dispose();
      }
    });
  });

  it("sees the overflow of each single parameter, wherever it stands in a tile", () => {
    const wide = Math.fround(2e38);
    const cases: readonly (readonly [Network, Batch])[] = [
      [makePair(runtime, DEEP_LINEAR).network, { inputs: new Float32Array(25), targets: new Float32Array(3), cases: 1 }],
      [makeRecurrentPair(runtime, THROUGH_TIME).network, { inputs: new Float32Array(2), targets: new Float32Array(3), cases: 1, steps: 1 }],
    ];
    for (const [network, batch] of cases) {
      const count = network.parameterCount;
      const optimizer = runtime.optimizer(network, classicalMomentum({ learningRate: 1e-30, momentum: 1 })) as MomentumOptimizer;
      const only = (i: number): Float32Array => new Float32Array(count).fill(wide, i, i + 1);
      for (let i = 0; i < count; i++) {
        network.setParameters(only(i));
        optimizer.setState({ method: "classicalMomentum", update: 0, velocity: only(i) });
        expect(() => optimizer.step(batch)).toThrow(/^diverged at update 0: a parameter is not finite/);
        // Half of it does not overflow, and nothing is said.
        network.setParameters(only(i));
        optimizer.setState({ method: "classicalMomentum", update: 0, velocity: only(i).map((value) => value / 4) });
        optimizer.step(batch);
      }
      network.dispose();
    }
  });
});

/** One of the things that may happen between two steps. */
function disturb(
  network: Network,
  optimizer: MomentumOptimizer,
  stream: RandomStream,
  start: Float32Array,
  batchOf: (seed: number) => Batch,
): void {
  const seed = stream.integer(1_000_000);
  switch (stream.integer(9)) {
    case 0:
      optimizer.step(batchOf(seed));
      break;
    case 1:
      optimizer.reset();
      break;
    case 2:
      optimizer.setState({ ...optimizer.getState(), update: stream.integer(12) });
      break;
    case 3:
      network.evaluate(batchOf(seed));
      break;
    case 4:
      network.setParameters(start.map((value) => 0.9 * value));
      break;
    case 5: {
      const batch = batchOf(seed);
      const state = optimizer.getState();
      // A loss that f32 and f64 cannot hold: nothing may have changed.
      network.setParameters(network.getParameters().map((value) => (value < 0 ? -3e38 : 3e38)));
      expect(() => optimizer.step({ ...batch, inputs: batch.inputs.map((value) => value * 1e30) })).toThrow(DivergedError);
      expect(optimizer.getState()).toEqual(state);
      network.setParameters(start);
      break;
    }
    case 6:
      network.gradient(batchOf(seed));
      break;
    case 7:
      network.gaussNewtonProduct(start, batchOf(seed));
      break;
    default:
      network.copyParametersFrom(network);
  }
}
