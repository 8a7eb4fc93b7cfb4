import {
  createRuntime,
  echoState,
  type MomentumOptimizer,
  nesterov,
  type RecurrentNetwork,
  type Runtime,
  recurrent,
  schedules,
  scheduleValue,
  sgd,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chunkSequences } from "#internal/networks/recurrent/recurrentWorkspace";
import { momentumTwin, type TwinStep } from "../reference/momentumTwin.js";
import { sameBits } from "../support/networks.js";
import { digest, MASKS, makeRecurrentPair, randomSequences, type Sequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

const UPDATES = 30;
const MOMENTUM = schedules.piecewise({ values: [0.9, 0.995], at: [12], final: { updates: 5, value: 0.8 } });
const RATE = schedules.piecewise({ values: [0.03, 0.01], at: [20] });
const SHAPE = shape(2, 13, 3, "softmax");

/** Batches of lengths and sizes of their own, each masked in another way. */
function batchOf(t: number): Sequences {
  const masks = Object.values(MASKS);
  return randomSequences(SHAPE, 3 + ((5 * t) % 17), 1 + ((7 * t) % 23), masks[t % masks.length], 1000 + t);
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** The largest |a_i - b_i| - allowed_i; NaN counts as Infinity. */
function excess(a: ArrayLike<number>, b: ArrayLike<number>, allowed: (i: number) => number): number {
  let worst = -Infinity;
  for (let i = 0; i < b.length; i++) {
    const over = Math.abs(a[i] - b[i]) - allowed(i);
    worst = Math.max(worst, Number.isNaN(over) ? Infinity : over);
  }
  return worst;
}

describe.each(variants)("momentum on recurrent networks, %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  function start(): { network: RecurrentNetwork; optimizer: MomentumOptimizer } {
    const { network } = makeRecurrentPair(runtime, SHAPE);
    return { network, optimizer: runtime.optimizer(network, nesterov({ learningRate: RATE, momentum: MOMENTUM }), { updates: UPDATES }) };
  }

  it(`makes the paper's update at each of ${UPDATES}, from a state that the twin takes over every time`, () => {
    const { network, twin } = makeRecurrentPair(runtime, SHAPE);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: RATE, momentum: MOMENTUM }), { updates: UPDATES });
    for (let t = 0; t < UPDATES; t++) {
      const batch = batchOf(t);
      const state = { theta: Float64Array.from(network.getParameters()), velocity: Float64Array.from(optimizer.getVelocity()) };
      const step: TwinStep = {
        method: "nesterov",
        momentum: scheduleValue(MOMENTUM, t, UPDATES),
        learningRate: scheduleValue(RATE, t, UPDATES),
      };
      let gradient: Float64Array = new Float64Array();
      let loss = NaN;
      const wanted = momentumTwin((point) => ({ gradient, loss } = twin.lossAndGradient(point, batch)).gradient, state, step);
      expect(Math.abs(optimizer.step(batch).loss / loss - 1)).toBeLessThan(1e-6);

      const epsilon = 2 ** -23;
      const inGradient = 2e-6 * largest(gradient);
      const inVelocity = (i: number) =>
        4 * epsilon * (Math.abs(state.velocity[i]) + Math.abs(wanted.velocity[i])) + step.learningRate * inGradient + 2 ** -63;
      expect(excess(optimizer.getVelocity(), wanted.velocity, inVelocity)).toBeLessThanOrEqual(0);
      expect(excess(network.getParameters(), wanted.theta, (i) => inVelocity(i) + epsilon * Math.abs(wanted.theta[i]))).toBeLessThanOrEqual(
        0,
      );
    }
    network.dispose();
  });

  it("trains: the loss falls", () => {
    const { network, optimizer } = start();
    const batch = batchOf(20);
    const before = network.evaluate(batch).loss;
    for (let t = 0; t < UPDATES; t++) optimizer.step(batch);
    expect(network.evaluate(batch).loss).toBeLessThan(0.9 * before);
    network.dispose();
  });

  it("is not disturbed by anything that reads the network between updates", () => {
    const quiet = start();
    for (let t = 0; t < UPDATES; t++) quiet.optimizer.step(batchOf(t));
    const busy = start();
    for (let t = 0; t < UPDATES; t++) {
      busy.optimizer.step(batchOf(t));
      // Each makes the workspace for another purpose, now larger, now smaller.
      if (t % 2) busy.network.evaluate(randomSequences(SHAPE, 300, 9));
      if (t % 3) busy.network.predict(batchOf(t + 1));
      if (t % 5) busy.network.activations(randomSequences(SHAPE, 2, 90), 1);
      if (t % 7) busy.network.gradient(randomSequences(SHAPE, 50, 40, MASKS["cases of unequal lengths"]));
      busy.optimizer.getState();
    }
    expect(sameBits(busy.network.getParameters(), quiet.network.getParameters())).toBe(true);
    expect(sameBits(busy.optimizer.getVelocity(), quiet.optimizer.getVelocity())).toBe(true);
    quiet.network.dispose();
    busy.network.dispose();
  });

  it("crosses chunks of cases with the twin's update", () => {
    const { network, twin } = makeRecurrentPair(runtime, SHAPE);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: 0.9, weightDecay: 0.1 }));
    optimizer.step(randomSequences(SHAPE, 600, 5, undefined, 1));
    const batch = randomSequences(SHAPE, 600, 5, MASKS["cases of unequal lengths"], 2);
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
    network.dispose();
  });

  it("crosses chunks of few rows, where one case is large, with the gradient's update", () => {
    const [inputs, cases, steps, learningRate] = [60_000, 20, 12, 0.1];
    const network = runtime.network(recurrent({ inputs, hidden: 4, outputs: 1 }));
    network.initialize(echoState({ inputScale: 0.1, seed: 1 }));
    const batch = { inputs: new Float32Array(cases * steps * inputs), targets: new Float32Array(cases * steps).fill(1), cases, steps };
    for (let row = 0; row < cases * steps; row++) batch.inputs[row * inputs + ((row * 977) % inputs)] = 1;
    const chunk = chunkSequences(network.description, runtime.layout, { steps, cases, keeps: true, curvature: false, history: false });
    expect(chunk).toBeLessThan(cases);
    expect(cases * steps).toBeLessThanOrEqual(256);
    const before = network.getParameters();
    // The optimizer first: it must not depend on a place in memory that a gradient asked for has left.
    const { loss } = runtime.optimizer(network, sgd({ learningRate })).step(batch);
    const after = network.getParameters();
    network.setParameters(before);
    const wanted = network.gradient(batch);
    expect(loss).toBe(wanted.loss);
    expect(
      excess(
        after,
        before.map((value, i) => value - learningRate * wanted.gradient[i]),
        () => 1e-6,
      ),
    ).toBeLessThan(0);
    network.dispose();
  });

  it("goes on from a saved state on another network with the same bits", () => {
    const { network, optimizer } = start();
    for (let t = 0; t < 10; t++) optimizer.step(batchOf(t));
    const other = start();
    other.network.setParameters(network.getParameters());
    other.optimizer.setState(optimizer.getState());
    for (let t = 10; t < 20; t++) expect(other.optimizer.step(batchOf(t))).toEqual(optimizer.step(batchOf(t)));
    expect(sameBits(other.network.getParameters(), network.getParameters())).toBe(true);
    network.dispose();
    other.network.dispose();
  });
});

describe.each(variants)("teams on the %s kernels", (kernels) => {
  /** SHA-256 of parameters and velocity after 20 updates, and of what the network then makes of a batch. */
  async function bitsOf(threads: number, hidden: number, outputs: number, cases: number, steps: number): Promise<string[]> {
    const runtime = await createRuntime({ threads: teamOf(threads), kernels });
    try {
      const description = shape(2, hidden, outputs, "softmax");
      const network = runtime.network(description);
      network.initialize(echoState({ inputScale: 0.1, seed: 1 }));
      const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: 0.9 }));
      const masks = Object.values(MASKS);
      const losses: number[] = [];
      for (let t = 0; t < 20; t++) losses.push(optimizer.step(randomSequences(description, cases, steps, masks[t % masks.length], t)).loss);
      const batch = randomSequences(description, cases + 1, steps);
      const { loss, squaredError } = network.evaluate(batch);
      const values = [
        network.getParameters(),
        optimizer.getVelocity(),
        network.gradient(batch).gradient,
        network.predict(batch),
        network.activations(batch, 1),
      ];
      return [...(await Promise.all(values.map(digest))), `${losses.join()} ${loss} ${squaredError}`];
    } finally {
      await runtime.dispose();
    }
  }

  // Fewer tiles than members, a share that ends in the middle of a tile, the paper's shape in small, and several chunks.
  it.each([
    [5, 3, 3, 7],
    [13, 9, 23, 9],
    [100, 3, 100, 20],
    [7, 3, 300, 4],
  ] as const)(
    "give the same bits, whatever their size: %d units, %d outputs, %d cases, %d steps",
    async (hidden, outputs, cases, steps) => {
      const alone = await bitsOf(1, hidden, outputs, cases, steps);
      for (const threads of [2, 3, 4, 7]) expect(await bitsOf(threads, hidden, outputs, cases, steps)).toEqual(alone);
    },
  );
});
