import {
  type AdamDescription,
  type AdamOptimizer,
  type AdamOptions,
  type AdamState,
  adam,
  createRuntime,
  DivergedError,
  echoState,
  type FeedForwardNetwork,
  feedForward,
  minimize,
  type Network,
  nesterov,
  type OptimizerState,
  quadratic,
  type Runtime,
  schedules,
  scheduleValue,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "#internal/trials/checkpoint";
import { describeOptimizer } from "#internal/trials/page/describeSpec";
import { checkTrialSpec } from "#internal/trials/spec";
import { prepareTask, startTrial } from "#internal/trials/trial";
import { type AdamTwinState, type AdamTwinStep, optax, published, torch } from "../reference/adamTwin.js";
import { momentumTwin } from "../reference/momentumTwin.js";
import { layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";
import { randomSequences, shape } from "../support/sequences.js";
import { variants } from "../support/variants.js";

const UPDATES = 120;
const RATE = schedules.piecewise({ values: [0.01, 0.003, 0.02], at: [41, 82] });
/** Layers of more rows than one unit of the weight phase has. */
const SHAPE = layers([7, 53, 26, 3], "tanh", "logistic");
const EPSILON = 2 ** -23;

const batchOf = (t: number) => randomBatch(SHAPE, 13, 1000 + t);

function stepOf(description: AdamDescription, t: number, total?: number): AdamTwinStep {
  return { ...description, learningRate: scheduleValue(description.learningRate, t, total), count: t + 1 };
}

function stateOf(network: Network, optimizer: AdamOptimizer): AdamTwinState {
  const { firstMoment, secondMoment } = optimizer.getState();
  return {
    theta: Float64Array.from(network.getParameters()),
    firstMoment: Float64Array.from(firstMoment),
    secondMoment: Float64Array.from(secondMoment),
  };
}

/** How far f32 may be from a wanted update, entry by entry, where the gradient is uncertain by `inGradient`. */
function allowances(g: Float64Array, inGradient: number, before: AdamTwinState, wanted: AdamTwinState, step: AdamTwinStep) {
  const { learningRate, beta1, beta2, epsilon, count, weightDecay } = step;
  const rate = learningRate / (1 - beta1 ** count);
  const root = 1 / Math.sqrt(1 - beta2 ** count);
  const inFirst = g.map(
    (_, i) => 4 * EPSILON * (Math.abs(before.firstMoment[i]) + Math.abs(wanted.firstMoment[i])) + (1 - beta1) * inGradient + 2 ** -63,
  );
  const inSecond = g.map(
    (value, i) =>
      4 * EPSILON * (before.secondMoment[i] + wanted.secondMoment[i]) +
      (1 - beta2) * inGradient * (2 * Math.abs(value) + inGradient) +
      2 ** -126,
  );
  const inStep = g.map((_, i) => {
    const [m, v] = [Math.abs(wanted.firstMoment[i]), wanted.secondMoment[i]];
    const size = (first: number, second: number): number => (rate * first) / (root * Math.sqrt(Math.max(0, second)) + epsilon);
    const most = size(m + inFirst[i], v - inSecond[i]) - size(m, v);
    const least = size(m, v) - size(m - inFirst[i], v + inSecond[i]);
    return Math.max(most, least) + 8 * EPSILON * size(m, v);
  });
  const inTheta = inStep.map((value, i) => value + EPSILON * (2 + learningRate * weightDecay) * Math.abs(before.theta[i]));
  return { inFirst, inSecond, inStep, inTheta };
}

/** The largest |a_i - b_i| - allowed_i, at most 0 when every entry is within its bound; NaN counts as Infinity. */
function excess(a: ArrayLike<number>, b: ArrayLike<number>, allowed: ArrayLike<number>): number {
  let worst = -Infinity;
  for (let i = 0; i < b.length; i++) {
    const over = Math.abs(a[i] - b[i]) - allowed[i];
    worst = Math.max(worst, Number.isNaN(over) ? Infinity : over);
  }
  return worst;
}

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe("adam as a description", () => {
  it("fills in the published defaults", () => {
    const defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false };
    expect(adam()).toEqual({ method: "adam", ...defaults });
    expect(adam(adam({ beta2: 0.99, decoupled: true }))).toEqual({ method: "adam", ...defaults, beta2: 0.99, decoupled: true });
    expect(adam({ learningRate: RATE }).learningRate).toEqual(RATE);
  });

  it.each<[string, object]>([
    ["learningRate", { learningRate: 0 }],
    ["learningRate.values[1]", { learningRate: { schedule: "piecewise", values: [1, 0], at: [5] } }],
    ...[-0.1, 1, 1.5, NaN, Infinity, "0.9", null, { schedule: "constant", value: 0.9 }].flatMap((value): [string, object][] => [
      ["beta1", { beta1: value }],
      ["beta2", { beta2: value }],
    ]),
    ["epsilon", { epsilon: 0 }],
    ["epsilon", { epsilon: -1e-8 }],
    ["weightDecay", { weightDecay: -1 }],
    ["weightDecay", { weightDecay: schedules.constant({ value: 0.1 }) }],
    ["decoupled", { decoupled: 1 }],
    ["adam.momentum", { momentum: 0.9 }],
    ["adam.method", { method: "sgd" }],
  ])("refuses a wrong %s: %j", (option, options) => {
    expect(() => adam(options as AdamOptions)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
  });

  it("is told in words", () => {
    const spec = (optimizer: object) => checkTrialSpec({ task: { name: "curves", cases: 60 }, optimizer, updates: 500, batchSize: 20 });
    expect(describeOptimizer(spec({ method: "adam" }))).toBe("learning rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8");
    expect(describeOptimizer(spec({ method: "adam", beta2: 0.99999, weightDecay: 0.01, decoupled: true }))).toBe(
      "learning rate 0.001, beta1 0.9, beta2 0.99999, epsilon 1e-8, decoupled weight decay 0.01",
    );
  });
});

describe("adam in minimize", () => {
  const bowl = quadratic({ eigenvalues: [1, 5, 300] });
  const start = [-4, 1, 0.3];

  it.each<[string, AdamOptions]>([
    ["adam", { learningRate: RATE }],
    ["with weight decay", { learningRate: RATE, beta1: 0.8, weightDecay: 0.3 }],
    ["decoupled", { learningRate: RATE, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.3, decoupled: true }],
  ])("is the published trajectory, PyTorch's and optax's, to rounding: %s", (_name, options) => {
    const description = adam(options);
    const ours: Float64Array[] = [];
    const { updates, velocity } = minimize(bowl, start, description, {
      updates: UPDATES,
      onUpdate: ({ theta, momentum }) => {
        expect(momentum).toBe(description.beta1);
        ours.push(theta.slice());
      },
    });
    expect(updates).toBe(UPDATES);
    expect(velocity).toEqual(ours[UPDATES - 1].map((value, i) => value - ours[UPDATES - 2][i]));
    for (const reference of [published, torch, optax]) {
      let state: AdamTwinState = {
        theta: Float64Array.from(start),
        firstMoment: new Float64Array(3),
        secondMoment: new Float64Array(3),
      };
      for (let t = 0; t < UPDATES; t++) {
        const gradient = new Float64Array(3);
        bowl.gradient(state.theta, gradient);
        state = reference(gradient, state, stepOf(description, t, UPDATES));
        const bound = state.theta.map(() => 1e-12);
        expect(excess(ours[t], state.theta, bound)).toBeLessThanOrEqual(0);
      }
    }
  });

  it("comes to the minimum, and stops at the tolerance", () => {
    const { theta, reason } = minimize(bowl, start, adam({ learningRate: 0.05 }), { updates: 20_000, tolerance: 1e-7 });
    expect(reason.code).toBe("tolerance");
    expect(largest(theta)).toBeLessThan(1e-6);
  });

  it("diverges where a square overflows, with what to lower", () => {
    const steep = { size: 1, gradient: (_theta: Float64Array, out: Float64Array) => ((out[0] = 1e200), 1) };
    expect(() => minimize(steep, [0], adam({ weightDecay: 0.1 }), { updates: 5 })).toThrow(
      /diverged at update 0: the square of the gradient is not finite .*lower learningRate or weightDecay, or check/,
    );
    expect(() => minimize({ size: 1, gradient: () => NaN }, [0], adam(), { updates: 5 })).toThrow(
      /the value of the objective is not finite/,
    );
  });
});

describe.each(variants)("adam on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  function start(options: AdamOptions = { learningRate: RATE }) {
    const { network, twin } = makePair(runtime, SHAPE);
    return { network, twin, optimizer: runtime.optimizer(network, adam(options), { updates: UPDATES }) };
  }

  function run(network: FeedForwardNetwork, optimizer: AdamOptimizer, first: number, end: number): Float32Array {
    for (let t = first; t < end; t++) optimizer.step(batchOf(t));
    return network.getParameters();
  }

  it.each<[string, AdamOptions]>([
    ["the defaults", {}],
    ["a schedule, and other decays", { learningRate: RATE, beta1: 0.5, beta2: 0.95, epsilon: 1e-4 }],
    ["weight decay", { learningRate: RATE, weightDecay: 0.02 }],
    ["decoupled weight decay", { learningRate: RATE, weightDecay: 0.5, decoupled: true }],
    ["no first moment", { learningRate: RATE, beta1: 0 }],
    ["the sign of the gradient", { learningRate: RATE, beta1: 0, beta2: 0 }],
  ])(`makes the published update, PyTorch's and optax's at each of ${UPDATES}, from the state before it: %s`, (_name, options) => {
    const { network, twin, optimizer } = start(options);
    let sharp = 0;
    for (let t = 0; t < UPDATES; t++) {
      const before = stateOf(network, optimizer);
      const { gradient, loss } = twin.lossAndGradient(before.theta, batchOf(t));
      const step = stepOf(optimizer.description, t, UPDATES);
      const made = optimizer.step(batchOf(t));
      expect(made.update).toBe(t);
      expect(Math.abs(made.loss / loss - 1)).toBeLessThan(1e-6);
      const after = stateOf(network, optimizer);
      for (const reference of [published, torch, optax]) {
        const wanted = reference(gradient, before, step);
        const decayed = step.decoupled ? gradient : gradient.map((value, i) => value + step.weightDecay * before.theta[i]);
        const { inFirst, inSecond, inStep, inTheta } = allowances(decayed, 1e-6 * largest(decayed), before, wanted, step);
        expect(excess(after.firstMoment, wanted.firstMoment, inFirst)).toBeLessThanOrEqual(0);
        expect(excess(after.secondMoment, wanted.secondMoment, inSecond)).toBeLessThanOrEqual(0);
        expect(excess(after.theta, wanted.theta, inTheta)).toBeLessThanOrEqual(0);
        if (reference === published) sharp += inStep.filter((value) => value < 0.01 * step.learningRate).length / inStep.length / UPDATES;
      }
    }
    // What is allowed is little beside a step, nearly everywhere.
    expect(sharp).toBeGreaterThan(0.95);
    expect([optimizer.rate(UPDATES - 1), optimizer.momentum(5)]).toEqual([
      scheduleValue(optimizer.description.learningRate, UPDATES - 1, UPDATES),
      optimizer.description.beta1,
    ]);
    network.dispose();
  });

  it("counts a final phase back from the end", () => {
    const learningRate = schedules.constant({ value: 0.01, final: { updates: 10, value: 0.001 } });
    expect(() => runtime.optimizer(start().network, adam({ learningRate }))).toThrow(/final.updates/);
    const { optimizer } = start({ learningRate });
    expect([optimizer.rate(UPDATES - 11), optimizer.rate(UPDATES - 10)]).toEqual([0.01, 0.001]);
  });

  it("crosses blocks and chunks of cases with the twin's update", () => {
    for (const [description, cases] of [
      [SHAPE, 700],
      [feedForward({ sizes: [3, 9001, 2], activations: ["tanh", "linear"] }), 400],
    ] as const) {
      const { network, twin } = makePair(runtime, description);
      const optimizer = runtime.optimizer(network, adam({ weightDecay: 0.1, decoupled: true }));
      optimizer.step(randomBatch(description, cases, 1));
      const before = stateOf(network, optimizer);
      const batch = randomBatch(description, cases, 2);
      const { gradient } = twin.lossAndGradient(before.theta, batch);
      const step = stepOf(optimizer.description, 1);
      const wanted = published(gradient, before, step);
      optimizer.step(batch);
      const after = stateOf(network, optimizer);
      const { inFirst, inSecond, inTheta } = allowances(gradient, 1e-5 * largest(gradient), before, wanted, step);
      expect(excess(after.firstMoment, wanted.firstMoment, inFirst)).toBeLessThanOrEqual(0);
      expect(excess(after.secondMoment, wanted.secondMoment, inSecond)).toBeLessThanOrEqual(0);
      expect(excess(after.theta, wanted.theta, inTheta)).toBeLessThanOrEqual(0);
      network.dispose();
    }
  });

  it("makes the published update on recurrent networks", () => {
    const description = shape(3, 21, 5, "softmax");
    const network = runtime.network(description);
    network.initialize(echoState({ inputScale: 0.1, seed: 1 }));
    const optimizer = runtime.optimizer(network, adam({ learningRate: 0.01, weightDecay: 0.001 }));
    const first = network.evaluate(randomSequences(description, 20, 9)).loss;
    for (let t = 0; t < 60; t++) {
      const batch = randomSequences(description, 20, 9);
      const before = stateOf(network, optimizer);
      const gradient = Float64Array.from(network.gradient(batch).gradient);
      const step = stepOf(optimizer.description, t);
      const wanted = published(gradient, before, step);
      optimizer.step(batch);
      const { inTheta } = allowances(gradient, 1e-6 * largest(gradient), before, wanted, step);
      expect(excess(network.getParameters(), wanted.theta, inTheta)).toBeLessThanOrEqual(0);
    }
    expect(network.evaluate(randomSequences(description, 20, 9)).loss).toBeLessThan(0.9 * first);
    network.dispose();
  });

  it("takes turns with Nesterov momentum on one network, each with its own state and point", () => {
    const { network, twin, optimizer } = start({ learningRate: 0.01 });
    const other = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    for (let turn = 0; turn < 30; turn++) {
      const batch = batchOf(turn);
      const before = stateOf(network, optimizer);
      if (turn % 3 === 0) {
        const { gradient } = twin.lossAndGradient(before.theta, batch);
        const step = stepOf(optimizer.description, optimizer.updates);
        const wanted = published(gradient, before, step);
        optimizer.step(batch);
        const { inTheta } = allowances(gradient, 1e-6 * largest(gradient), before, wanted, step);
        expect(excess(network.getParameters(), wanted.theta, inTheta)).toBeLessThanOrEqual(0);
      } else {
        const velocity = Float64Array.from(other.getVelocity());
        const step = { method: "nesterov", momentum: 0.9, learningRate: 0.1 } as const;
        const wanted = momentumTwin((point) => twin.lossAndGradient(point, batch).gradient, { theta: before.theta, velocity }, step);
        other.step(batch);
        expect(
          excess(
            network.getParameters(),
            wanted.theta,
            wanted.theta.map(() => 1e-6),
          ),
        ).toBeLessThanOrEqual(0);
      }
    }
    network.dispose();
  });

  it("goes on from a saved state, here or on another network, with the same bits", () => {
    const { network, optimizer } = start({ learningRate: RATE, weightDecay: 0.1, decoupled: true });
    const parameters = run(network, optimizer, 0, 50);
    const state = structuredClone(optimizer.getState());
    expect(Object.keys(state)).toEqual(["method", "update", "firstMoment", "secondMoment", "lastLoss"]);
    expect(state).toMatchObject({ method: "adam", update: 50 });
    const wanted = run(network, optimizer, 50, 90);
    const end = optimizer.getState();

    const other = start({ learningRate: RATE, weightDecay: 0.1, decoupled: true });
    other.network.setParameters(parameters);
    other.optimizer.setState(state);
    expect(other.optimizer.updates).toBe(50);
    expect(sameBits(run(other.network, other.optimizer, 50, 90), wanted)).toBe(true);
    expect(other.optimizer.getState()).toEqual(end);
  });

  it("takes a state whole or not at all", () => {
    const { network, optimizer } = start();
    run(network, optimizer, 0, 5);
    const state = optimizer.getState();
    const { length } = state.firstMoment;
    const moved = { ...state, firstMoment: state.firstMoment.map((value) => 2 * value) };
    for (const wrong of [
      { ...moved, secondMoment: new Float32Array(length - 1) },
      { ...moved, secondMoment: new Float32Array(length).fill(NaN) },
      { ...moved, secondMoment: undefined },
      { ...moved, update: -1 },
      { ...moved, method: "sgd" },
      { ...moved, velocity: state.firstMoment },
    ]) {
      expect(() => optimizer.setState(wrong as never)).toThrow();
      expect(optimizer.getState()).toEqual(state);
    }
  });

  it("starts afresh after reset", () => {
    const { network, optimizer } = start();
    const initial = network.getParameters();
    const wanted = run(network, optimizer, 0, 25);
    network.setParameters(initial);
    optimizer.reset();
    const { update, firstMoment, secondMoment } = optimizer.getState();
    expect(update).toBe(0);
    expect([...firstMoment, ...secondMoment].every((value) => value === 0)).toBe(true);
    expect(sameBits(run(network, optimizer, 0, 25), wanted)).toBe(true);
  });

  /** One weight and one bias at 0, the input `x` and the target `y`: the gradients are -x y and -y, in f32 to the bit. */
  function probe(options: AdamOptions, x: number, y: number) {
    const network = runtime.network(feedForward({ sizes: [1, 1], activations: ["linear"] }));
    const optimizer = runtime.optimizer(network, adam(options));
    return { network, optimizer, batch: { inputs: Float32Array.of(x), targets: Float32Array.of(y), cases: 1 } };
  }

  it("keeps small gradients exactly, and takes those whose square f32 cannot hold for 0", () => {
    const gain2 = Math.fround(1 - 0.999);
    const gain1 = Math.fround(1 - 0.9);
    for (const power of [-20, -31, -40, -57]) {
      const { network, optimizer, batch } = probe({}, 2 ** (power + 10), 2 ** -10);
      optimizer.step(batch);
      const { firstMoment, secondMoment } = optimizer.getState();
      expect(firstMoment[0]).toBe(-gain1 * 2 ** power);
      expect(secondMoment[0]).toBe(gain2 * 2 ** (2 * power));
      const moved = 0.001 * (2 ** power / (2 ** power + 1e-8));
      expect(Math.abs(network.getParameters()[0] / moved - 1)).toBeLessThan(1e-6);
      network.dispose();
    }
    for (const power of [-59, -62, -70, -100]) {
      const { network, optimizer, batch } = probe({}, 2 ** (power + 10), 2 ** -10);
      optimizer.step(batch);
      const { firstMoment, secondMoment } = optimizer.getState();
      expect([firstMoment[0], secondMoment[0], network.getParameters()[0]]).toEqual([0, 0, 0]);
      expect(secondMoment[1]).toBe(gain2 * 2 ** -20);
      network.dispose();
    }
  });

  it("stores nothing that is denormal", () => {
    const { network, optimizer } = probe({}, 1, 1);
    const still = { inputs: Float32Array.of(0), targets: Float32Array.of(0), cases: 1 };
    const from = (first: number, second: number) => {
      network.setParameters(new Float32Array(2));
      const state = { method: "adam", update: 1000, firstMoment: new Float32Array(2).fill(first) } as const;
      optimizer.setState({ ...state, secondMoment: new Float32Array(2).fill(second) });
      optimizer.step(still);
      const { firstMoment, secondMoment } = optimizer.getState();
      return [firstMoment[0], secondMoment[0]];
    };
    const beta1 = Math.fround(0.9);
    const beta2 = Math.fround(0.999);
    expect(from(0, 2 ** -125)).toEqual([0, Math.fround(beta2 * 2 ** -125)]);
    expect(from(0, 2 ** -126)).toEqual([0, 0]);
    expect(from(2 ** -62, 1)).toEqual([Math.fround(beta1 * 2 ** -62), beta2]);
    expect(from(2 ** -63, 1)).toEqual([0, beta2]);
    network.dispose();

    const vanishing = feedForward({ sizes: [6, 9, 9, 4], activations: ["tanh", "tanh", "linear"] });
    const { network: faint } = makePair(runtime, vanishing);
    faint.setParameters(faint.getParameters().map((value) => value * 2 ** -18));
    const trained = runtime.optimizer(faint, adam({ learningRate: 1e-12 }));
    for (let t = 0; t < 40; t++) trained.step(randomBatch(vanishing, 9, t));
    const { firstMoment, secondMoment } = trained.getState();
    expect(firstMoment.some((value) => value !== 0 && Math.abs(value) < 1e-12)).toBe(true);
    expect(firstMoment.every((value) => value === 0 || Math.abs(value) >= 2 ** -63)).toBe(true);
    expect(secondMoment.every((value) => value === 0 || value >= 2 ** -126)).toBe(true);
    faint.dispose();
  });

  it("diverges with the update and what to lower, and never with a second moment that is infinite", () => {
    const wild = probe({ learningRate: 1e30, weightDecay: 0.5 }, 1, 1);
    let error: unknown;
    try {
      for (let t = 0; t < 5; t++) wild.optimizer.step(wild.batch);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DivergedError);
    expect((error as Error).message).toMatch(/lower the learning rate \(1e\+30 here\) or the weight decay \(0.5 here\)$/);

    const steep = probe({}, 1e15, 1e10);
    expect(() => steep.optimizer.step(steep.batch)).toThrow(/diverged at update 0: a parameter or its second moment is not finite/);
    expect(() => steep.optimizer.getState()).toThrow(/the second moment is not finite/);

    // Where the loss is not finite everything stays as it was.
    const blind = probe({}, 1, 1);
    const { loss } = blind.optimizer.step(blind.batch);
    const before = blind.optimizer.getState();
    blind.network.setParameters(Float32Array.of(1e20, 0));
    expect(() => blind.optimizer.step({ ...blind.batch, inputs: Float32Array.of(1e30) })).toThrow(
      expect.objectContaining({ update: 1, lastLoss: loss, message: expect.stringContaining("the loss is not finite") as string }),
    );
    expect(blind.network.getParameters()).toEqual(Float32Array.of(1e20, 0));
    expect(blind.optimizer.getState()).toEqual(before);
    for (const { network } of [wild, steep, blind]) network.dispose();
  });

  it("refuses numbers that f32 does not hold", () => {
    const { network } = start();
    for (const [option, options] of [
      ["learningRate", { learningRate: 1e-40 }],
      ["weightDecay", { weightDecay: 1e-40 }],
      ["beta1", { beta1: 1 - 2 ** -30 }],
      ["beta2", { beta2: 1 - 2 ** -30 }],
      ["beta1", { beta1: 1e-40 }],
      ["epsilon", { epsilon: 1e-16 }],
      ["epsilon", { epsilon: 1e39 }],
    ] as const) {
      const refused = expect.objectContaining({ code: "INVALID_OPTION", option });
      expect(() => runtime.optimizer(network, adam(options))).toThrow(refused);
      expect(() => checkTrialSpec({ task: { name: "curves" }, optimizer: adam(options), updates: 5 })).toThrow(refused);
    }
    runtime.optimizer(network, adam({ epsilon: 1e-15, beta1: 0, beta2: 1 - 2 ** -24 })).dispose();
  });

  it("makes trials, whose checkpoints go on to the same bits", async () => {
    const spec = checkTrialSpec({ task: { name: "curves", cases: 60 }, optimizer: { method: "adam" }, batchSize: 20, updates: 9, seed: 5 });
    const task = prepareTask(spec);
    const whole = startTrial(runtime, spec, task);
    const reports = [...whole.reports];
    expect(reports.at(-1)).toMatchObject({ update: 9, learningRate: 0.001, momentum: 0.9, casesProcessed: 180 });

    const half = startTrial(runtime, spec, task);
    for (const { update } of half.reports) if (update === 5) break;
    const saved = await encodeCheckpoint({ spec, kernels, state: half.getState(), reports: [] });
    const { state } = await decodeCheckpoint(saved, "checkpoint");
    const { optimizer, parameters, ...counts } = half.getState();
    expect(state).toMatchObject(counts);
    expect(sameBits(state.parameters, parameters)).toBe(true);
    expectSameState(state.optimizer, optimizer);
    const rest = startTrial(runtime, spec, task, state);
    expect([...rest.reports].map(({ update }) => update)).toEqual([6, 7, 8, 9]);
    expect(sameBits(rest.network.getParameters(), whole.network.getParameters())).toBe(true);
    expectSameState(rest.getState().optimizer, whole.getState().optimizer);
  });
});

/** The same to the bit. `toEqual` on moments of 842,340 parameters takes seconds. */
function expectSameState(a: OptimizerState, b: OptimizerState): void {
  const [{ firstMoment, secondMoment, ...counts }, wanted] = [a as AdamState, b as AdamState];
  expect(wanted).toMatchObject(counts);
  expect([sameBits(firstMoment, wanted.firstMoment), sameBits(secondMoment, wanted.secondMoment)]).toEqual([true, true]);
}

describe("adam through time", () => {
  it("is near the published trajectory after a thousand updates", async () => {
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const { network, twin } = makePair(runtime, ODD_AUTOENCODER);
    const description = adam({ weightDecay: 0.01, decoupled: true });
    const optimizer = runtime.optimizer(network, description);
    const batch = randomBatch(ODD_AUTOENCODER, 40);
    let state: AdamTwinState = stateOf(network, optimizer);
    const first = optimizer.step(batch).loss;
    let made = NaN;
    for (let t = 0; t < 1000; t++) {
      const { gradient } = twin.lossAndGradient(state.theta, batch);
      state = published(gradient, state, stepOf(description, t));
      if (t > 0) made = optimizer.step(batch).loss;
    }
    const { loss } = twin.lossAndGradient(state.theta, batch);
    expect(loss).toBeLessThan(0.95 * first);
    expect(Math.abs(network.evaluate(batch).loss / loss - 1)).toBeLessThan(1e-4);
    expect(Math.abs(made / loss - 1)).toBeLessThan(0.01);
    await runtime.dispose();
  });
});
