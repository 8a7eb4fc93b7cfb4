import { type Activation, createRuntime, echoState, type RecurrentDescription, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chunkSequences } from "#internal/networks/recurrent/recurrentWorkspace";
import { RecurrentTwin } from "../reference/recurrentTwin.js";
import { sameBits } from "../support/networks.js";
import {
  MASKS,
  makeRecurrentPair,
  OUTPUTS,
  type RecurrentPair,
  randomSequences,
  type Sequences,
  shape,
  someCases,
  worstError,
} from "../support/sequences.js";
import { variants } from "../support/variants.js";

/** What the issue asks of gradients: relative in the 2-norm of each parameter tensor, for up to 80 steps and for 200. */
const GRADIENT_ERROR = 1e-5;
const LONG_GRADIENT_ERROR = 1e-4;
const LOSS_ERROR = 1e-6;

const lastSteps = (scored: number) => (t: number, _m: number, steps: number) => (t >= steps - scored ? 1 : 0);
const unequal = MASKS["cases of unequal lengths"];

function relative(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** One softmax unit is always 1, and all its gradients 0. */
const outputsFor = (output: Activation, outputs: number): number => (output === "softmax" ? Math.max(2, outputs) : outputs);

describe.each(variants)("recurrent networks on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  /** Holds loss, squared error and gradient of one batch against the twin's. */
  function expectTwin({ network, twin }: RecurrentPair, batch: Sequences, gradientError = GRADIENT_ERROR): void {
    const wanted = twin.lossAndGradient(Float64Array.from(network.getParameters()), batch);
    const { loss, squaredError } = network.evaluate(batch);
    const { loss: gradientLoss, gradient } = network.gradient(batch);
    expect(relative(loss, wanted.loss)).toBeLessThan(LOSS_ERROR);
    expect(relative(squaredError, wanted.squaredError)).toBeLessThan(LOSS_ERROR);
    // Not the same bits: a gradient, which keeps the history, takes fewer cases at a time.
    expect(relative(gradientLoss, loss)).toBeLessThan(1e-12);
    expect(worstError(network, gradient, wanted.gradient)).toBeLessThan(gradientError);
  }

  function expectAgreement(description: RecurrentDescription, batch: Sequences): void {
    const pair = makeRecurrentPair(runtime, description, 7);
    expectTwin(pair, batch);
    pair.network.dispose();
  }

  describe.each(OUTPUTS)("with %s outputs", (output) => {
    it.each(Object.entries(MASKS))("have the twin's loss, squared error and gradient: %s", (_name, mask) => {
      const description = shape(2, 13, 3, output);
      for (const [cases, steps] of [
        [1, 1],
        [3, 1],
        [1, 9],
        [3, 5],
        [7, 17],
        [100, 12],
      ] as const) {
        expectAgreement(description, randomSequences(description, cases, steps, mask, cases));
      }
    });

    it.each([1, 5, 7, 13, 100])("have them at any size, here %d hidden units", (hidden) => {
      for (const inputs of [1, 2, 7, 9]) {
        for (const outputs of [1, 3, 8, 9]) {
          const description = shape(inputs, hidden, outputsFor(output, outputs), output);
          expectAgreement(description, randomSequences(description, 7, 6, unequal));
        }
      }
    });

    it.each(Object.entries(MASKS))("have the gradient that central differences of the twin's loss give: %s", (_name, mask) => {
      const description = shape(2, 4, 3, output);
      const { network, twin } = makeRecurrentPair(runtime, description, 3);
      const parameters = Float64Array.from(network.getParameters());
      for (const [cases, steps] of [
        [2, 1],
        [3, 6],
      ] as const) {
        const batch = randomSequences(description, cases, steps, mask);
        const lossAt = (i: number, shift: number) =>
          twin.lossAndGradient(
            parameters.map((p, j) => (i === j ? p + shift : p)),
            batch,
          ).loss;
        const step = 2 ** -17;
        const differences = parameters.map((_, i) => (lossAt(i, step) - lossAt(i, -step)) / (2 * step));
        expect(worstError(network, network.gradient(batch).gradient, differences)).toBeLessThan(GRADIENT_ERROR);
      }
      network.dispose();
    });

    it("have them over 80 steps, scored at the last or at all", () => {
      const description = shape(2, 100, outputsFor(output, 1), output);
      for (const mask of [lastSteps(1), undefined]) expectAgreement(description, randomSequences(description, 20, 80, mask));
    });

    it("have them over 200 steps to 1e-4", () => {
      const description = shape(4, 100, 3, output);
      const pair = makeRecurrentPair(runtime, description, 7, 1);
      for (const mask of [lastSteps(5), undefined]) expectTwin(pair, randomSequences(description, 8, 200, mask), LONG_GRADIENT_ERROR);
      pair.network.dispose();
    });

    it("have the twin's states and outputs at every step, in batches of any size", () => {
      for (const [inputs, hidden, outputs] of [
        [2, 13, 3],
        [9, 100, 9],
        [1, 1, outputsFor(output, 1)],
      ] as const) {
        const description = shape(inputs, hidden, outputs, output);
        const { network, twin } = makeRecurrentPair(runtime, description);
        for (const [cases, steps] of [
          [1, 1],
          [7, 11],
          [300, 4],
        ] as const) {
          // Neither targets nor a mask are asked for.
          const { inputs: x } = randomSequences(description, cases, steps);
          const wanted = twin.forward(Float64Array.from(network.getParameters()), x, cases, steps);
          const batch = { inputs: x, cases, steps };
          expect(largestDifference(network.activations(batch, 1), wanted.hidden)).toBeLessThan(2e-6);
          const predicted = network.predict(batch);
          expect(largestDifference(predicted, wanted.outputs)).toBeLessThan(8e-6);
          expect(sameBits(network.activations(batch, 2), predicted)).toBe(true);
        }
        network.dispose();
      }
    });
  });

  it.each([1, 3, 7, 100, 300])("have the twin's loss, squared error and gradient for batches of %d", (cases) => {
    for (const [description, steps] of [
      [shape(2, 5, 1), 1],
      [shape(2, 13, 3, "softmax"), 20],
      [shape(7, 30, 8, "logistic"), 9],
    ] as const) {
      expectAgreement(description, randomSequences(description, cases, steps, unequal, cases));
    }
  });

  it("have them for the paper's shape: 100 units, 100 cases, 80 steps", () => {
    const description = shape(2, 100, 1);
    expectAgreement(description, randomSequences(description, 100, 80, lastSteps(1)));
  });

  it.each([
    [80, 2, 0.001, GRADIENT_ERROR],
    [200, 4, 0.1, LONG_GRADIENT_ERROR],
  ] as const)("have them from the echo-state initialization, over %d steps", (steps, inputs, inputScale, error) => {
    const description = shape(inputs, 100, 3, "softmax");
    const network = runtime.network(description);
    network.initialize(echoState({ inputScale, seed: 5 }));
    expectTwin({ network, twin: new RecurrentTwin(description) }, randomSequences(description, 8, steps, lastSteps(5)), error);
    network.dispose();
  });

  it("have them for one step as a feed-forward network would", () => {
    const description = shape(3, 5, 2);
    const { network } = makeRecurrentPair(runtime, description);
    const { gradient } = network.gradient(randomSequences(description, 4, 1));
    const { offset, shape: sizes } = network.layout.find(({ name }) => name === "hiddenToHidden")!;
    expect(gradient.slice(offset, offset + sizes[0] * sizes[1]).every((g) => g === 0)).toBe(true);
    network.dispose();
  });

  it.each([
    ["more cases than one chunk takes", shape(2, 5, 3, "softmax"), 601, 7],
    ["steps that leave room for fewer", shape(1, 3, 1), 150, 1500],
    ["steps that leave room for a tile only", shape(1, 2, 1), 11, 30_000],
  ])("have them for a batch that is walked in several chunks: %s", (_name, description, cases, steps) => {
    const room = { steps, cases, keeps: true, curvature: false, history: false };
    expect(chunkSequences(description, runtime.layout, room)).toBeLessThan(cases);
    expectAgreement(description, randomSequences(description, cases, steps, MASKS["fractional weights"]));
  });

  it("evaluate to the mean of what each case gives by itself", () => {
    const description = shape(2, 13, 3, "softmax");
    const cases = 270;
    const batch = randomSequences(description, cases, 9, MASKS["weights above 1"]);
    const { network } = makeRecurrentPair(runtime, description);
    const each = Array.from({ length: cases }, (_, m) => network.evaluate(someCases(description, batch, m, m + 1)));
    const { loss, squaredError } = network.evaluate(batch);
    expect(relative(loss, each.reduce((sum, one) => sum + one.loss, 0) / cases)).toBeLessThan(1e-13);
    expect(relative(squaredError, each.reduce((sum, one) => sum + one.squaredError, 0) / cases)).toBeLessThan(1e-13);
    network.dispose();
  });

  it("give every case the same bits, whatever batch it comes in and whichever steps follow", () => {
    const description = shape(2, 13, 3);
    const [cases, steps] = [300, 7];
    const batch = randomSequences(description, cases, steps);
    const { network } = makeRecurrentPair(runtime, description);
    const whole = { ...batch, targets: network.predict(batch) };
    for (const [first, end] of [
      [0, 1],
      [3, 10],
      [255, 300],
    ] as const) {
      const part = someCases(description, whole, first, end);
      expect(sameBits(network.predict(part), part.targets)).toBe(true);
    }
    const fewer = { inputs: batch.inputs.slice(0, 4 * cases * 2), cases, steps: 4 };
    expect(sameBits(network.predict(fewer), whole.targets.slice(0, 4 * cases * 3))).toBe(true);
    network.dispose();
  });

  it("score each step as its mask says, and nothing where it says 0", () => {
    const description = shape(2, 7, 3, "logistic");
    const { network } = makeRecurrentPair(runtime, description);
    const { mask: _mask, ...plain } = randomSequences(description, 5, 6);
    const rows = 30;
    const same = network.gradient({ ...plain, mask: new Float32Array(rows).fill(1) });
    const without = network.gradient(plain);
    expect(same.loss).toBe(without.loss);
    expect(sameBits(same.gradient, without.gradient)).toBe(true);
    const doubled = network.gradient({ ...plain, mask: new Float32Array(rows).fill(2) });
    expect(doubled.loss).toBe(2 * without.loss);
    expect(
      sameBits(
        doubled.gradient,
        without.gradient.map((g) => 2 * g),
      ),
    ).toBe(true);
    // The last two steps, or their targets and inputs, do not matter when nobody scores them.
    const mask = Float32Array.from({ length: rows }, (_, i) => (i < 20 ? 1 : 0));
    const first = { inputs: plain.inputs.slice(0, 40), targets: plain.targets.slice(0, 60), cases: 5, steps: 4 };
    const cut = network.gradient({ ...plain, mask });
    expect(cut.loss).toBe(network.gradient(first).loss);
    expect(sameBits(cut.gradient, network.gradient(first).gradient)).toBe(true);
    network.dispose();
  });

  it("predict without keeping the history", async () => {
    const description = shape(2, 100, 1);
    const [cases, steps] = [100, 200];
    const fresh = await createRuntime({ threads: 1, kernels });
    const { network } = makeRecurrentPair(fresh, description);
    const batch = randomSequences(description, cases, steps);
    const used = (): number => fresh.memory.memory.buffer.byteLength;
    const before = used();
    network.predict(batch);
    network.evaluate(batch);
    // Less than the hidden states alone would take, which the gradient keeps with their deltas.
    expect(used() - before).toBeLessThan(cases * steps * 100 * 4);
    network.gradient(batch);
    expect(used() - before).toBeGreaterThan(2 * cases * steps * 100 * 4);
    await fresh.dispose();
  });

  it("leave the batch as it was", () => {
    const description = shape(2, 7, 3, "softmax");
    const batch = randomSequences(description, 5, 6, unequal);
    const copy = { inputs: batch.inputs.slice(), targets: batch.targets.slice(), mask: batch.mask!.slice() };
    const { network } = makeRecurrentPair(runtime, description);
    network.evaluate(batch);
    network.gradient(batch);
    network.predict(batch);
    network.activations(batch, 1);
    for (const name of ["inputs", "targets", "mask"] as const) expect(sameBits(batch[name]!, copy[name])).toBe(true);
    network.dispose();
  });

  it("are not disturbed by batches of other sizes and purposes in between", () => {
    const description = shape(2, 13, 3, "softmax");
    const { network } = makeRecurrentPair(runtime, description);
    const sizes = [
      [7, 6],
      [1, 1],
      [300, 3],
      [2, 150],
      [40, 40],
      [3, 150],
      [256, 2],
      [7, 6],
    ] as const;
    const batches = sizes.map(([cases, steps], i) => randomSequences(description, cases, steps, i % 2 ? unequal : undefined, i));
    const alone = batches.map((batch) => {
      const { network: fresh } = makeRecurrentPair(runtime, description);
      const found = {
        gradient: fresh.gradient(batch),
        evaluation: fresh.evaluate(batch),
        states: fresh.activations(batch, 1),
        outputs: fresh.predict(batch),
      };
      fresh.dispose();
      return found;
    });
    for (let round = 0; round < 4; round++) {
      batches.forEach((batch, i) => {
        const wanted = alone[i];
        // Another purpose comes first in each round, so that every one meets workspaces made for every other.
        const checks = [
          () => {
            const { loss, gradient } = network.gradient(batch);
            expect(loss).toBe(wanted.gradient.loss);
            expect(sameBits(gradient, wanted.gradient.gradient)).toBe(true);
          },
          () => expect(network.evaluate(batch)).toEqual(wanted.evaluation),
          () => expect(sameBits(network.activations(batch, 1), wanted.states)).toBe(true),
          () => expect(sameBits(network.predict(batch), wanted.outputs)).toBe(true),
        ];
        for (let k = 0; k < checks.length - (i % 3); k++) checks[(k + round) % checks.length]();
      });
    }
    network.dispose();
  });

  it("flush states and deltas below 2^-63 to 0, so that nothing breeds denormals", () => {
    const steps = 200;
    // Input t is on at step t alone: the row t of the gradient of inputToHidden is the delta of that step.
    const inputs = Float32Array.from({ length: steps * steps }, (_, i) => (i % (steps + 1) === 0 ? 1 : 0));
    const targets = new Float32Array(steps).fill(-1);
    const batch = { inputs, targets, mask: Float32Array.from({ length: steps }, (_, t) => (t === steps - 1 ? 1 : 0)), cases: 1, steps };
    const deltasOf = (hidden: number, parameters: Float32Array): Float32Array => {
      const network = runtime.network(shape(steps, hidden, 1));
      network.setParameters(parameters);
      const { gradient } = network.gradient(batch);
      network.dispose();
      return gradient.slice(0, steps * hidden);
    };

    // One unit whose state stays 0: the deltas are 2^0, 2^-1, 2^-2 and so on, backward from the last step.
    const one = new Float32Array(steps + 4);
    one[steps] = 0.5;
    one[steps + 2] = 1;
    const halving = deltasOf(1, one);
    for (let t = 0; t < steps; t++) expect(halving[t]).toBe(steps - 1 - t <= 63 ? 2 ** (t + 1 - steps) : 0);

    const network = runtime.network(shape(steps, 100, 1));
    network.initialize(echoState({ inputScale: 0.001, spectralRadius: 0.5, seed: 1 }));
    const parameters = network.getParameters();
    const deltas = deltasOf(100, parameters);
    expect(deltas.every((delta) => delta === 0 || Math.abs(delta) >= 2 ** -63)).toBe(true);
    expect(deltas.slice(0, 50 * 100).every((delta) => delta === 0)).toBe(true);
    expect(deltas.slice(-100).every((delta) => delta !== 0)).toBe(true);

    // One input at the first step, and nothing after: the states decay to 0 itself.
    const states = network.activations({ inputs: inputs.map((x, i) => (i < steps ? x : 0)), cases: 1, steps }, 1);
    expect(states.every((state) => state === 0 || Math.abs(state) >= 2 ** -63)).toBe(true);
    expect(states.slice(0, 100).every((state) => state !== 0)).toBe(true);
    expect(states.slice(-50 * 100).every((state) => state === 0)).toBe(true);
    network.dispose();
  });
});
