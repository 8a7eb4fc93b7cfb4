import {
  classicalMomentum,
  createRuntime,
  type FeedForwardNetwork,
  feedForward,
  type MomentumDescription,
  type MomentumOptimizer,
  nesterov,
  type Runtime,
  schedules,
  scheduleValue,
  sgd,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { momentumTwin, type TwinStep } from "../reference/momentumTwin.js";
import { layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";
import { variants } from "../support/variants.js";

const UPDATES = 300;
/** Short enough that eight steps of Eq. 5 are crossed, and its cap with them. */
const MOMENTUM = schedules.sutskever({ max: 0.93, period: 40, final: { updates: 30, value: 0.9 } });
const RATE = schedules.piecewise({ values: [0.1, 0.03, 0.07], at: [101, 222] });
/** Layers of more rows than one unit of the weight phase has. */
const SHAPE = layers([7, 53, 26, 3], "tanh", "logistic");

/** A method as the runtime's description and as the twin's. */
const METHODS = {
  sgd: (weightDecay: number) => sgd({ learningRate: RATE, weightDecay }),
  classicalMomentum: (weightDecay: number) => classicalMomentum({ learningRate: RATE, momentum: MOMENTUM, weightDecay }),
  nesterov: (weightDecay: number) => nesterov({ learningRate: RATE, momentum: MOMENTUM, weightDecay }),
} as const;

const batchOf = (t: number) => randomBatch(SHAPE, 13, 1000 + t);

/** The largest |a_i - b_i| - allowed_i, at most 0 when every entry is within its bound; NaN counts as Infinity. */
function excess(a: ArrayLike<number>, b: ArrayLike<number>, allowed: (i: number) => number): number {
  let worst = -Infinity;
  for (let i = 0; i < b.length; i++) {
    const over = Math.abs(a[i] - b[i]) - allowed(i);
    worst = Math.max(worst, Number.isNaN(over) ? Infinity : over);
  }
  return worst;
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe.each(variants)("momentum on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  describe.each(Object.keys(METHODS) as (keyof typeof METHODS)[])("%s", (method) => {
    it.each([0, 0.01])(
      `makes the paper's update at each of ${UPDATES}, from a state that the twin takes over every time (weight decay %d)`,
      (weightDecay) => {
        const { network, twin } = makePair(runtime, SHAPE);
        const optimizer = runtime.optimizer(network, METHODS[method](weightDecay), { updates: UPDATES });
        let lookAheadMattered = 0;
        for (let t = 0; t < UPDATES; t++) {
          const batch = batchOf(t);
          const state = { theta: Float64Array.from(network.getParameters()), velocity: Float64Array.from(optimizer.getVelocity()) };
          const step: TwinStep = {
            method,
            momentum: scheduleValue(MOMENTUM, t, UPDATES),
            learningRate: scheduleValue(RATE, t, UPDATES),
            weightDecay,
          };
          let gradient: Float64Array = new Float64Array();
          let loss = NaN;
          const wanted = momentumTwin((point) => ({ gradient, loss } = twin.lossAndGradient(point, batch)).gradient, state, step);

          const made = optimizer.step(batch);
          expect(made.update).toBe(t);
          expect(optimizer.updates).toBe(t + 1);
          expect(Math.abs(made.loss / loss - 1)).toBeLessThan(1e-6);

          // Rounding of the products and sums of f32, and of the gradient itself, which is judged in network.test.ts.
          const epsilon = 2 ** -23;
          const inGradient = 1e-6 * largest(gradient);
          const inVelocity = (i: number) =>
            4 * epsilon * (Math.abs(state.velocity[i]) + Math.abs(wanted.velocity[i])) + step.learningRate * inGradient + 2 ** -63;
          expect(excess(optimizer.getVelocity(), wanted.velocity, inVelocity)).toBeLessThanOrEqual(0);
          expect(
            excess(network.getParameters(), wanted.theta, (i) => inVelocity(i) + epsilon * Math.abs(wanted.theta[i])),
          ).toBeLessThanOrEqual(0);

          // That theta is not the look-ahead point, and that mu is this update's, would both show: they move v by far more than is allowed.
          const other = momentumTwin((point) => twin.lossAndGradient(point, batch).gradient, state, {
            ...step,
            method: method === "nesterov" ? "classicalMomentum" : "nesterov",
          });
          if (excess(other.velocity, wanted.velocity, inVelocity) > 0) lookAheadMattered++;
        }
        if (method !== "sgd") expect(lookAheadMattered).toBeGreaterThan(UPDATES - 10);
        expect([optimizer.momentum(0), optimizer.momentum(40), optimizer.momentum(269), optimizer.momentum(270)]).toEqual(
          method === "sgd" ? [0, 0, 0, 0] : [0.5, 0.75, 1 - 1 / 14, 0.9],
        );
        optimizer.dispose();
        network.dispose();
      },
    );
  });

  /** Parameters after updates [first, end), each with a batch of its own. */
  function run(
    network: FeedForwardNetwork,
    optimizer: MomentumOptimizer,
    first: number,
    end: number,
    between: () => void = () => {},
  ): Float32Array {
    for (let t = first; t < end; t++) {
      optimizer.step(batchOf(t));
      between();
    }
    return network.getParameters();
  }

  /** A fresh network at the same start, and an optimizer for it. */
  function start(description: MomentumDescription = METHODS.nesterov(0)) {
    const { network, twin } = makePair(runtime, SHAPE);
    return { network, twin, optimizer: runtime.optimizer(network, description, { updates: UPDATES }) };
  }

  it("trains: the loss falls", () => {
    const { network, optimizer } = start();
    const batch = batchOf(0);
    const before = network.evaluate(batch).loss;
    for (let t = 0; t < 200; t++) optimizer.step(batch);
    expect(network.evaluate(batch).loss).toBeLessThan(0.9 * before);
    network.dispose();
  });

  it("gives sgd, classical momentum and Nesterov with momentum 0 the same bits", () => {
    const [a, b, c] = [
      sgd({ learningRate: RATE }),
      classicalMomentum({ learningRate: RATE, momentum: 0 }),
      nesterov({ learningRate: RATE, momentum: 0 }),
    ].map((description) => {
      const { network, optimizer } = start(description);
      return run(network, optimizer, 0, 20);
    }) as [Float32Array, Float32Array, Float32Array];
    expect(sameBits(a, b)).toBe(true);
    expect(sameBits(a, c)).toBe(true);
  });

  it("keeps a momentum of 0 at 0 in the final phase", () => {
    const momentum = schedules.sutskever({ max: 0, final: { updates: 10, value: 0.9 } });
    const { optimizer } = start(nesterov({ learningRate: 0.1, momentum }));
    expect(optimizer.momentum(UPDATES - 1)).toBe(0);
  });

  it("is not disturbed by anything that reads the network between updates", () => {
    const quiet = start();
    const wanted = run(quiet.network, quiet.optimizer, 0, 60);
    const { network, optimizer } = start();
    const batch = batchOf(7);
    const got = run(network, optimizer, 0, 60, () => {
      network.evaluate(batch);
      network.gradient(randomBatch(SHAPE, 300));
      network.predict(batch);
      optimizer.getState();
    });
    expect(sameBits(got, wanted)).toBe(true);
    expect(sameBits(optimizer.getVelocity(), quiet.optimizer.getVelocity())).toBe(true);
  });

  it("evaluates at theta, not at the look-ahead point", () => {
    const { network, twin, optimizer } = start();
    run(network, optimizer, 0, 80);
    const batch = batchOf(80);
    const theta = Float64Array.from(network.getParameters());
    const atTheta = twin.lossAndGradient(theta, batch).loss;
    const mu = optimizer.momentum(80);
    const ahead = theta.map((x, i) => x + mu * optimizer.getVelocity()[i]);
    const atPoint = twin.lossAndGradient(ahead, batch).loss;
    expect(Math.abs(atTheta / atPoint - 1)).toBeGreaterThan(1e-4);
    expect(Math.abs(network.evaluate(batch).loss / atTheta - 1)).toBeLessThan(1e-6);
    expect(Math.abs(optimizer.step(batch).loss / atPoint - 1)).toBeLessThan(1e-6);
  });

  it("goes on from parameters set between updates, with the velocity it had", () => {
    const { network, twin, optimizer } = start();
    run(network, optimizer, 0, 60);
    const velocity = Float64Array.from(optimizer.getVelocity());
    const moved = network.getParameters().map((x) => x + 0.125);
    network.setParameters(moved);
    const batch = batchOf(60);
    const step: TwinStep = { method: "nesterov", momentum: optimizer.momentum(60), learningRate: optimizer.rate(60) };
    const wanted = momentumTwin(
      (point) => twin.lossAndGradient(point, batch).gradient,
      { theta: Float64Array.from(moved), velocity },
      step,
    );
    optimizer.step(batch);
    expect(excess(network.getParameters(), wanted.theta, () => 1e-6)).toBeLessThanOrEqual(0);
  });

  it("crosses blocks and chunks of cases with the twin's update", () => {
    for (const [description, cases] of [
      [SHAPE, 700],
      [feedForward({ sizes: [3, 9001, 2], activations: ["tanh", "linear"] }), 400],
    ] as const) {
      const { network, twin } = makePair(runtime, description);
      const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: 0.9, weightDecay: 0.1 }));
      optimizer.step(randomBatch(description, cases, 1));
      const batch = randomBatch(description, cases, 2);
      const state = { theta: Float64Array.from(network.getParameters()), velocity: Float64Array.from(optimizer.getVelocity()) };
      const wanted = momentumTwin((point) => twin.lossAndGradient(point, batch).gradient, state, {
        method: "nesterov",
        momentum: 0.9,
        learningRate: 0.01,
        weightDecay: 0.1,
      });
      optimizer.step(batch);
      const bound = 1e-5 * largest(wanted.velocity);
      expect(excess(optimizer.getVelocity(), wanted.velocity, () => bound)).toBeLessThanOrEqual(0);
      expect(excess(network.getParameters(), wanted.theta, (i) => bound + 2 ** -23 * Math.abs(wanted.theta[i]))).toBeLessThanOrEqual(0);
      optimizer.dispose();
      network.dispose();
    }
  });

  it("lets networks race from one start, none disturbing another", () => {
    const descriptions = [METHODS.sgd(0), METHODS.classicalMomentum(0), METHODS.nesterov(0)];
    const alone = descriptions.map((description) => {
      const { network, optimizer } = start(description);
      return run(network, optimizer, 0, 50);
    });
    const { network: first } = makePair(runtime, SHAPE);
    const racers = descriptions.map((description) => {
      const network = runtime.network(SHAPE);
      network.copyParametersFrom(first);
      return { network, optimizer: runtime.optimizer(network, description, { updates: UPDATES }) };
    });
    for (let t = 0; t < 50; t++) for (const { optimizer } of racers) optimizer.step(batchOf(t));
    racers.forEach(({ network }, i) => expect(sameBits(network.getParameters(), alone[i])).toBe(true));
  });

  it("lets two optimizers take turns on one network, each with its own velocity and look-ahead", () => {
    const fast = nesterov({ learningRate: 0.1, momentum: 0.9 });
    const slow = nesterov({ learningRate: 0.02, momentum: 0.5 });
    const { network, twin } = makePair(runtime, SHAPE);
    const turns = [
      { optimizer: runtime.optimizer(network, fast), step: { method: "nesterov", momentum: 0.9, learningRate: 0.1 } },
      { optimizer: runtime.optimizer(network, slow), step: { method: "nesterov", momentum: 0.5, learningRate: 0.02 } },
    ] as const;
    for (let t = 0; t < 40; t++) {
      const { optimizer, step } = turns[t % 3 === 0 ? 0 : 1];
      const state = { theta: Float64Array.from(network.getParameters()), velocity: Float64Array.from(optimizer.getVelocity()) };
      const wanted = momentumTwin((point) => twin.lossAndGradient(point, batchOf(t)).gradient, state, step);
      optimizer.step(batchOf(t));
      expect(excess(network.getParameters(), wanted.theta, () => 1e-6)).toBeLessThanOrEqual(0);
    }
  });

  it("does not inherit the look-ahead of an optimizer that was disposed of", () => {
    const description = nesterov({ learningRate: 0.1, momentum: 0.9 });
    const { network, optimizer } = start(description);
    run(network, optimizer, 0, 5);
    const theta = network.getParameters();
    optimizer.dispose();
    // The new velocity comes to stand where the old one was.
    const next = runtime.optimizer(network, description);
    const loss = next.step(batchOf(9)).loss;
    network.setParameters(theta);
    expect(loss).toBe(network.gradient(batchOf(9)).loss);
  });

  it("goes on from a saved state, here or on another network, with the same bits", () => {
    const { network, optimizer } = start();
    const parameters = run(network, optimizer, 0, 30);
    const state = optimizer.getState();
    expect(state).toMatchObject({ method: "nesterov", update: 30 });
    const saved = { ...state, velocity: state.velocity.slice() };
    const wanted = run(network, optimizer, 30, 60);
    // What getState gave is the caller's own.
    expect(sameBits(state.velocity, saved.velocity)).toBe(true);

    network.setParameters(parameters);
    optimizer.setState(saved);
    expect(sameBits(run(network, optimizer, 30, 60), wanted)).toBe(true);

    const other = start();
    other.network.setParameters(parameters);
    other.optimizer.setState(saved);
    expect(other.optimizer.updates).toBe(30);
    expect(sameBits(run(other.network, other.optimizer, 30, 60), wanted)).toBe(true);
    expect(sameBits(other.optimizer.getVelocity(), optimizer.getVelocity())).toBe(true);
  });

  it("starts afresh after reset", () => {
    const { network, optimizer } = start();
    const initial = network.getParameters();
    const wanted = run(network, optimizer, 0, 25);
    network.setParameters(initial);
    optimizer.reset();
    expect(optimizer.updates).toBe(0);
    expect(optimizer.getVelocity().every((v) => v === 0)).toBe(true);
    expect(sameBits(network.getParameters(), initial)).toBe(true);
    expect(sameBits(run(network, optimizer, 0, 25), wanted)).toBe(true);
  });

  it("writes velocities below 2^-63 as 0", () => {
    const network = runtime.network(feedForward({ sizes: [1, 1] }));
    network.setParameters(Float32Array.of(2 ** -60, 0));
    const optimizer = runtime.optimizer(network, sgd({ learningRate: 2 ** -4 }));
    // The gradient of the weight is 2^-60 (the bias stays 0): 2^-64 of velocity is flushed.
    optimizer.step({ inputs: Float32Array.of(1), targets: Float32Array.of(0), cases: 1 });
    expect(optimizer.getVelocity()).toEqual(Float32Array.of(0, 0));
    expect(network.getParameters()[0]).toBe(2 ** -60);
    network.dispose();
  });

  it("steps autoencoders on their inputs alone", () => {
    const network = runtime.network(ODD_AUTOENCODER);
    network.initialize(sparse({ seed: 2 }));
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const { inputs, cases } = randomBatch(ODD_AUTOENCODER, 20);
    const first = optimizer.step({ inputs, cases }).loss;
    let last = first;
    for (let t = 0; t < 100; t++) last = optimizer.step({ inputs, cases }).loss;
    expect(last).toBeLessThan(first);
  });
});
