import {
  type Batch,
  createRuntime,
  feedForward,
  type HessianFreeOptions,
  type HessianFreeReport,
  type HessianFreeStepResult,
  hessianFree,
  minimize,
  type Network,
  type Objective,
  type Runtime,
  recurrent,
  schedules,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caseRange } from "#internal/networks/caseRange";
import { NetworkProblem } from "#internal/optimizers/hessianFree/hessianFreeNetwork";
import { runThrough } from "#internal/optimizers/hessianFree/hessianFreeUpdate";
import { MILD, objectiveAt, SEQUENCES, SHAPE } from "../support/hessianFreeNetworks.js";
import { layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits, slice } from "../support/networks.js";
import { MASKS, makeRecurrentPair, randomSequences, someCases } from "../support/sequences.js";
import { sha256 } from "../support/teamJobs.js";
import { variants } from "../support/variants.js";

interface Twin {
  lossAndGradient(theta: Float64Array, batch: never): { loss: number; gradient: Float64Array };
  gaussNewtonProduct(theta: Float64Array, vector: Float64Array, batch: never, structural?: number): Float64Array;
}

/** A twin's mean loss on a batch as an objective in f64; `cases` are the batch's, one by one, for the preconditioner. */
function objectiveOf(twin: Twin, size: number, batch: Batch, structural: number, cases?: readonly Batch[]): Objective {
  return {
    size,
    gradient(theta, out) {
      const { loss, gradient } = twin.lossAndGradient(theta, batch as never);
      out.set(gradient);
      return loss;
    },
    gaussNewtonProduct: (theta, vector, out) => out.set(twin.gaussNewtonProduct(theta, vector, batch as never, structural)),
    ...(cases && {
      squaredGradient: (theta, out) => {
        for (const one of cases)
          twin.lossAndGradient(theta, one as never).gradient.forEach((value, i) => (out[i] += (value * value) / cases.length));
      },
    }),
  };
}

/** |a - b| / |b|. */
function relative(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

describe.each(variants)("Hessian-free on networks, %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  /** Runs the optimizer on a network and, in f64, on its twin; each update from the same point in theory. Returns the worst differences. */
  function race(network: Network, objective: Objective, batch: Batch, options: HessianFreeOptions, updates: number) {
    const optimizer = runtime.optimizer(network, hessianFree(options));
    const start = network.getParameters();
    const wanted: { theta: Float64Array; report: HessianFreeReport; value: number }[] = [];
    minimize(objective, start, hessianFree(options), {
      updates,
      onUpdate: ({ theta, value, hessianFree: report }) => void wanted.push({ theta: theta.slice(), report: report!, value }),
    });
    const { weightDecay = 2e-5 } = hessianFree(options);
    expect(weightDecay).toBeGreaterThan(0);
    for (const { theta, report, value } of wanted) {
      const seen = optimizer.step(batch);
      expect(Math.abs(seen.loss / value - 1)).toBeLessThan(1e-4);
      expect(seen.conjugateGradientSteps).toBe(report.conjugateGradientSteps);
      // Of two iterates as good as each other, rounding may choose.
      expect(Math.abs(seen.chosenStep - report.chosenStep)).toBeLessThanOrEqual(1);
      expect(seen.lineSearchRate).toBe(report.lineSearchRate);
      expect(seen.lambda).toBe(report.lambda);
      expect(Math.abs(seen.rho - report.rho)).toBeLessThan(1e-2);
      expect(seen.reason.code).toBe(report.reason.code);
      expect(relative(network.getParameters(), theta)).toBeLessThan(1e-3);
      expect(relative(network.getParameters(), start)).toBeGreaterThan(1e-2);
    }
    optimizer.dispose();
  }

  describe("does what its f64 twin does", () => {
    it.each<[string, HessianFreeOptions]>([
      ["with Martens' preconditioner", {}],
      ["without a preconditioner", { preconditioner: "none" }],
      ["with another exponent and strong weight decay", { preconditioner: { exponent: 0.5 }, weightDecay: 0.01 }],
      ["in the momentum variant", { variant: "momentum", conjugateGradient: { maximum: 6 }, learningRate: 0.5 }],
    ])("on a feed-forward network %s", (_what, options) => {
      for (const description of [SHAPE, layers([3, 6, 2], "logistic", "linear"), layers([4, 5, 3], "tanh", "softmax")]) {
        const { network, twin } = makePair(runtime, description);
        const batch = randomBatch(description, 37);
        const cases = Array.from({ length: 37 }, (_, i) => slice(description, batch, i, i + 1));
        // Stopped well before it has converged, so that which iterate is best does not hang on rounding.
        race(
          network,
          objectiveOf(twin, network.parameterCount, batch, 0, cases),
          batch,
          { damping: { initial: 0.1 }, conjugateGradient: { maximum: 6 }, ...options },
          4,
        );
        network.dispose();
      }
    });

    it.each<[string, HessianFreeOptions, number]>([
      ["", {}, 0],
      [" with structural damping", { structuralDamping: 0.3 }, 0.3],
      [" with structural damping, in the momentum variant", { variant: "momentum", structuralDamping: 2 }, 2],
    ])("on a recurrent network%s", (_what, options, mu) => {
      const { network, twin } = makeRecurrentPair(runtime, SEQUENCES);
      const batch = randomSequences(SEQUENCES, 19, 11, MASKS["cases of unequal lengths"]);
      // A lambda that stays lets the objective's own curvature carry the structural term lambda mu.
      const fixed: HessianFreeOptions = { ...options, damping: { initial: 0.5, drop: 1 }, conjugateGradient: { maximum: 12 } };
      const objective = objectiveOf(twin, network.parameterCount, batch, 0.5 * mu);
      const optimizer = runtime.optimizer(network, hessianFree(fixed));
      const start = network.getParameters();
      minimize(objective, start, hessianFree({ ...fixed, structuralDamping: 0 }), {
        updates: 4,
        onUpdate: ({ theta, hessianFree: report }) => {
          const seen = optimizer.step(batch);
          expect(seen.chosenStep).toBe(report!.chosenStep);
          expect(Math.abs(seen.rho - report!.rho)).toBeLessThan(1e-2);
          expect(relative(network.getParameters(), theta)).toBeLessThan(1e-3);
        },
      });
      expect(relative(network.getParameters(), start)).toBeGreaterThan(1e-2);
      network.dispose();
    });
  });

  it("lets structural damping hold the hidden states", () => {
    const batch = randomSequences(SEQUENCES, 19, 11);
    const changes = [0, 1, 100].map((structuralDamping) => {
      const { network } = makeRecurrentPair(runtime, SEQUENCES);
      const before = network.activations(batch, 1);
      const optimizer = runtime.optimizer(
        network,
        hessianFree({ ...MILD, structuralDamping, variant: "momentum", conjugateGradient: { progress: 0, maximum: 60 } }),
      );
      optimizer.step(batch);
      const change = relative(network.activations(batch, 1), before);
      network.dispose();
      return change;
    });
    expect(changes[0]).toBeGreaterThan(0.01);
    expect(changes[1]).toBeLessThan(0.8 * changes[0]);
    expect(changes[2]).toBeLessThan(0.1 * changes[0]);
  });

  it("never lets the objective rise with a line search, and trains", () => {
    const { network: forward } = makePair(runtime, SHAPE);
    const { network: sequential } = makeRecurrentPair(runtime, SEQUENCES);
    const runs: [Network, Batch, HessianFreeOptions][] = [
      [forward, randomBatch(SHAPE, 60), { weightDecay: 1e-3 }],
      [forward, randomBatch(SHAPE, 60, 2), { weightDecay: 1e-3, curvatureCases: 20, damping: { initial: 0.01 } }],
      [sequential, randomSequences(SEQUENCES, 30, 12), { weightDecay: 1e-3, structuralDamping: 0.1 }],
    ];
    for (const [network, batch, options] of runs) {
      const optimizer = runtime.optimizer(network, hessianFree({ ...MILD, ...options }));
      const first = objectiveAt(network, batch, 1e-3);
      let last = first;
      for (let t = 0; t < 25; t++) {
        const { loss } = optimizer.step(batch);
        const now = objectiveAt(network, batch, 1e-3);
        expect(loss).toBeLessThanOrEqual(last);
        expect(now).toBeLessThanOrEqual(last + 1e-6);
        last = now;
      }
      expect(last).toBeLessThan(0.9 * first);
      optimizer.dispose();
    }
    forward.dispose();
    sequential.dispose();
  });

  it("trains on minibatches in the momentum variant, and reports what it did", () => {
    const { network } = makePair(runtime, SHAPE);
    const learningRate = schedules.piecewise({ values: [1, 0.25], at: [3] });
    const decay = schedules.piecewise({ values: [0.5, 0.9], at: [2] });
    const optimizer = runtime.optimizer(
      network,
      hessianFree({ ...MILD, variant: "momentum", learningRate, conjugateGradient: { maximum: 5, decay, progress: 0 } }),
    );
    const all = randomBatch(SHAPE, 200, 50);
    const before = network.evaluate(all);
    for (let t = 0; t < 12; t++) {
      const batch = caseRange(all, 40 * (t % 5), 40);
      const { loss, squaredError } = network.evaluate(batch);
      const { reason, rho, lambda, nextLambda, ...rest } = optimizer.step(batch);
      expect(rest.loss).toBeCloseTo(loss, 12);
      expect(rest.squaredError).toBeCloseTo(squaredError, 12);
      // The gradient and the preconditioner once, 5 steps, a product for a start that is not 0, and one trial point for rho.
      expect(rest).toMatchObject({
        update: t,
        conjugateGradientSteps: 5,
        chosenStep: 5,
        lineSearchRate: 1,
        learningRate: t < 3 ? 1 : 0.25,
        casesProcessed: 40 * (2 + 5 + (t > 0 ? 1 : 0) + 1),
      });
      expect(reason.message).toMatch(/5/);
      expect(nextLambda).toBe(rho > 0.75 ? lambda * (2 / 3) : rho < 0.25 ? lambda / (2 / 3) : lambda);
      expect(optimizer.lambda).toBe(nextLambda);
      expect(optimizer.updates).toBe(t + 1);
    }
    expect(optimizer.momentum(1)).toBe(0.5);
    expect(optimizer.momentum(2)).toBe(0.9);
    expect(optimizer.rate(3)).toBe(0.25);
    expect(network.evaluate(all).loss).toBeLessThan(before.loss);
    network.dispose();
  });

  describe("the cases", () => {
    const options: HessianFreeOptions = { ...MILD, conjugateGradient: { maximum: 8 } };

    it("of curvature and gradient are taken in turn, and what is left over never", () => {
      const all = randomBatch(SHAPE, 50);
      const [own, given] = [makePair(runtime, SHAPE).network, makePair(runtime, SHAPE).network];
      const cases = schedules.piecewise({ values: [24, 16], at: [4] });
      const turns = runtime.optimizer(
        own,
        hessianFree({ ...options, gradientCases: cases, curvatureCases: schedules.piecewise({ values: [7.9, 16], at: [4] }) }),
      );
      const asked = runtime.optimizer(given, hessianFree(options));
      for (let t = 0; t < 7; t++) {
        const gradient = t < 4 ? slice(SHAPE, all, 24 * (t % 2), 24 * (t % 2) + 24) : slice(SHAPE, all, 16 * (t % 3), 16 * (t % 3) + 16);
        const curvature = t < 4 ? slice(SHAPE, gradient, 7 * (t % 3), 7 * (t % 3) + 7) : gradient;
        expect(turns.step(all)).toEqual(asked.step(gradient, { curvature }));
        expect(sameBits(own.getParameters(), given.getParameters())).toBe(true);
      }
      own.dispose();
      given.dispose();
    });

    it("of a recurrent network too", () => {
      const all = randomSequences(SEQUENCES, 20, 6, MASKS["fractional weights"]);
      const [own, given] = [makeRecurrentPair(runtime, SEQUENCES).network, makeRecurrentPair(runtime, SEQUENCES).network];
      const turns = runtime.optimizer(own, hessianFree({ ...options, curvatureCases: 6 }));
      const asked = runtime.optimizer(given, hessianFree(options));
      for (let t = 0; t < 4; t++)
        expect(turns.step(all)).toEqual(asked.step(all, { curvature: someCases(SEQUENCES, all, 6 * (t % 3), 6 * (t % 3) + 6) }));
      expect(sameBits(own.getParameters(), given.getParameters())).toBe(true);
      own.dispose();
      given.dispose();
    });

    it("that judge steps may be others: the line search then lowers the objective there", () => {
      const { network } = makePair(runtime, SHAPE);
      const optimizer = runtime.optimizer(network, hessianFree({ ...options, damping: { initial: 0.01 } }));
      const judge = randomBatch(SHAPE, 30, 99);
      let last = objectiveAt(network, judge, 2e-5);
      for (let t = 0; t < 8; t++) {
        optimizer.step(randomBatch(SHAPE, 30, t), { curvature: randomBatch(SHAPE, 20, 100 + t), lineSearch: judge });
        const now = objectiveAt(network, judge, 2e-5);
        expect(now).toBeLessThanOrEqual(last + 1e-6);
        last = now;
      }
      network.dispose();
    });
  });

  it("sums the gradient over parts of a large batch, and passes over parts that a mask leaves nothing of", () => {
    const wide = recurrent({ inputs: 1, hidden: 2100, outputs: 1 });
    const network = runtime.network(wide);
    network.setParameters(Float32Array.from({ length: network.parameterCount }, (_, i) => 0.01 * Math.sin(i)));
    const problem = new NetworkProblem(network);
    const cases = 520;
    const batch = randomSequences(wide, cases, 2, (_t, m) => (m >= 256 && m < 512 ? 0 : 1 + (m % 2)));
    const curvature = someCases(wide, batch, 0, 2);
    problem.begin({ gradient: batch, curvature, search: batch });
    const work = problem.differentiate(0.5);
    let parts = 0;
    let next = work.next();
    for (; !next.done; next = work.next()) parts++;
    expect(parts).toBe(3);
    expect(problem.casesProcessed).toBe(256 + 8 + 2);
    const { loss, gradient } = network.gradient(batch);
    const theta = network.getParameters();
    expect(next.value.loss).toBeCloseTo(loss, 9);
    expect(next.value.searchLoss).toBe(next.value.loss);
    expect(
      relative(
        network.readBlock(problem.right),
        gradient.map((g, i) => -(g + 0.5 * theta[i])),
      ),
    ).toBeLessThan(1e-6);
    expect(problem.squaredError).toBeCloseTo(network.evaluate(batch).squaredError, 9);
    expect(runThrough(problem.lossAt("search", problem.right, 0))).toBeCloseTo(loss, 9);
    problem.release();
    network.dispose();
  });

  it("stays where it is long after the loss has stopped changing: lambda finite, its state good to go on from", () => {
    const shape = layers([2, 3, 1], "tanh", "linear");
    for (const variant of ["standard", "momentum"] as const) {
      const { network } = makePair(runtime, shape);
      const optimizer = runtime.optimizer(network, hessianFree({ ...MILD, variant, weightDecay: 1e-3 }));
      const batch = randomBatch(shape, 4);
      let [settled, last] = [NaN, NaN];
      for (let t = 0; t < 2000; t++) {
        const { loss, nextLambda } = optimizer.step(batch);
        // It rose by half an update, to 1e80 by update 500.
        expect(nextLambda).toBeLessThan(1e6);
        if (t === 500) settled = loss;
        last = loss;
      }
      expect(Math.abs(last - settled)).toBeLessThanOrEqual(1e-4 * settled);
      optimizer.setState(structuredClone(optimizer.getState()));
      optimizer.step(batch);
      network.dispose();
    }
  });

  it("rests where the gradient is 0", () => {
    const description = feedForward({ sizes: [2, 1] });
    const network = runtime.network(description);
    const optimizer = runtime.optimizer(network, hessianFree(MILD));
    const result = optimizer.step({ inputs: new Float32Array(8).fill(1), targets: new Float32Array(4), cases: 4 });
    expect(result).toMatchObject({ loss: 0, conjugateGradientSteps: 0, lineSearchRate: 0, nextLambda: 1 });
    expect(result.reason.message).toMatch(/gradient is 0/);
    network.dispose();
  });

  it("frees what it took", () => {
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const batch = randomBatch(ODD_AUTOENCODER, 300);
    const room = 2 ** 22;
    const places: number[] = [];
    for (let round = 0; round < 4; round++) {
      const optimizer = runtime.optimizer(network, hessianFree({ ...MILD, curvatureCases: 100 }));
      optimizer.step(batch);
      optimizer.dispose();
      places.push(runtime.memory.allocate(room, "test"));
      runtime.memory.release(places.at(-1)!, room);
    }
    expect(new Set(places).size).toBe(1);
    network.dispose();
  });
});

/** On a page's main thread every team is of one. */
describe.skipIf(typeof document !== "undefined")("Hessian-free on teams", () => {
  it.each(variants)("gives the same bits whatever their size, %s kernels", async (kernels) => {
    const digests = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const runtime = await createRuntime({ threads, kernels });
        const results: HessianFreeStepResult[] = [];
        const { network } = makePair(runtime, ODD_AUTOENCODER);
        const optimizer = runtime.optimizer(network, hessianFree({ ...MILD, curvatureCases: 150 }));
        for (let t = 0; t < 6; t++) results.push(optimizer.step(randomBatch(ODD_AUTOENCODER, 310, t)));
        const { network: sequential } = makeRecurrentPair(runtime, SEQUENCES);
        const other = runtime.optimizer(sequential, hessianFree({ ...MILD, structuralDamping: 0.1 }));
        for (let t = 0; t < 4; t++) results.push(other.step(randomSequences(SEQUENCES, 45, 9, undefined, t)));
        const digest = await sha256(
          network.getParameters(),
          sequential.getParameters(),
          Float64Array.from(results.flatMap(({ loss, rho, nextLambda }) => [loss, rho, nextLambda])),
        );
        await runtime.dispose();
        return digest;
      }),
    );
    expect(new Set(digests).size).toBe(1);
  });
});
