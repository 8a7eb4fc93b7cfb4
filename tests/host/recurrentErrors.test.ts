import {
  type Batch,
  createRuntime,
  DivergedError,
  dense,
  echoState,
  InvalidOptionError,
  nesterov,
  type RecurrentNetwork,
  type Runtime,
  recurrent,
  ShapeError,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sameBits } from "../support/networks.js";
import { MASKS, makeRecurrentPair, randomSequences, type Sequences, shape } from "../support/sequences.js";

const SHAPE = shape(2, 5, 3);
const CASES = 3;
const STEPS = 4;

/** A batch whose array `name` holds `value` at `at`. */
function spoilt(batch: Sequences, name: "inputs" | "targets" | "mask", at: number, value: number): Sequences {
  const values = (batch[name] ?? new Float32Array(CASES * STEPS).fill(1)).slice();
  values[at] = value;
  return { ...batch, [name]: values };
}

describe("a recurrent network refuses", () => {
  let runtime: Runtime;
  let network: RecurrentNetwork;
  const batch = randomSequences(SHAPE, CASES, STEPS);
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 });
    ({ network } = makeRecurrentPair(runtime, SHAPE));
  });
  afterAll(() => runtime.dispose());

  /** What reads a batch: all of it, or its inputs alone. */
  const all = (given: Batch): (() => unknown)[] => {
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    return [() => network.evaluate(given), () => network.gradient(given), () => optimizer.step(given)];
  };
  const inputsOnly = (given: Batch): (() => unknown)[] => [() => network.predict(given), () => network.activations(given, 1)];

  /** Runs what must fail and checks that nothing changed. */
  function expectErrors(calls: readonly (() => unknown)[], type: new (...parameters: never[]) => Error, message: RegExp): void {
    const before = network.getParameters();
    for (const call of calls) {
      expect(call).toThrow(type);
      expect(call).toThrow(message);
    }
    expect(sameBits(network.getParameters(), before)).toBe(true);
    // And it works as before.
    expect(network.gradient(batch).loss).toBe(network.evaluate(batch).loss);
  }

  it("batches of the wrong shape", () => {
    const longer = (values: Float32Array) => new Float32Array(values.length + 1);
    expectErrors(
      [...all({ ...batch, inputs: longer(batch.inputs) }), ...inputsOnly({ ...batch, inputs: longer(batch.inputs) })],
      ShapeError,
      /batch\.inputs\.length is 25; expected 24 \(4 steps x 3 cases x 2 inputs\)/,
    );
    expectErrors(
      all({ ...batch, targets: longer(batch.targets) }),
      ShapeError,
      /batch\.targets\.length is 37; expected 36 \(4 steps x 3 cases x 3 outputs\)/,
    );
    expectErrors(
      [...all({ ...batch, mask: new Float32Array(3) }), ...inputsOnly({ ...batch, mask: new Float32Array(3) })],
      ShapeError,
      /batch\.mask\.length is 3; expected 12 \(4 steps x 3 cases\)/,
    );
    expectErrors(all({ ...batch, cases: 2 }), ShapeError, /batch\.inputs\.length/);
    expectErrors(all({ ...batch, steps: 5 }), ShapeError, /batch\.inputs\.length/);
    const { targets: _targets, ...inputs } = batch;
    expectErrors(all(inputs), ShapeError, /batch\.targets is missing; expected a Float32Array of 36/);
    expect(network.predict(inputs).length).toBe(36);
  });

  it("batches without steps or cases", () => {
    const { steps: _steps, ...flat } = batch;
    expectErrors([...all(flat), ...inputsOnly(flat)], InvalidOptionError, /batch\.steps is undefined/);
    for (const steps of [0, -1, 1.5, NaN]) expectErrors(all({ ...batch, steps }), InvalidOptionError, /batch\.steps/);
    for (const cases of [0, 2.5])
      expectErrors([...all({ ...batch, cases }), ...inputsOnly({ ...batch, cases })], InvalidOptionError, /batch\.cases/);
    expectErrors([...all(undefined as never), ...inputsOnly(7 as never)], InvalidOptionError, /batch/);
  });

  it("arrays that are not Float32Arrays", () => {
    expectErrors(all({ ...batch, inputs: Array.from(batch.inputs) as never }), InvalidOptionError, /batch\.inputs/);
    expectErrors(all({ ...batch, targets: Float64Array.from(batch.targets) as never }), InvalidOptionError, /batch\.targets/);
    expectErrors(all({ ...batch, mask: new Uint8Array(12) as never }), InvalidOptionError, /batch\.mask/);
  });

  it("masks that are negative, not finite, or 0 everywhere", () => {
    for (const value of [-1, -1e-30, NaN, Infinity]) {
      for (const at of [0, 5, 11])
        expectErrors(all(spoilt(batch, "mask", at, value)), InvalidOptionError, new RegExp(`batch\\.mask\\[${at}\\]`));
    }
    expectErrors(all({ ...batch, mask: new Float32Array(12) }), InvalidOptionError, /batch\.mask is "0 everywhere"/);
  });

  it("inputs that are not finite, at any step, scored or not", () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 11, 23]) {
        for (const mask of [undefined, MASKS["the first step scored"], MASKS["the last step scored"]]) {
          const bad = spoilt(randomSequences(SHAPE, CASES, STEPS, mask), "inputs", at, value);
          expectErrors([...all(bad), ...inputsOnly(bad)], InvalidOptionError, new RegExp(`batch\\.inputs\\[${at}\\] is ${value}`));
        }
      }
    }
  });

  it("targets that are not finite where they are scored, and only there", () => {
    for (const at of [0, 17, 35])
      expectErrors(all(spoilt(batch, "targets", at, NaN)), InvalidOptionError, new RegExp(`batch\\.targets\\[${at}\\] is NaN`));
    const masked = randomSequences(SHAPE, CASES, STEPS, (t) => (t === 1 ? 1 : 0));
    const wanted = network.gradient(masked);
    for (const step of [0, 2, 3]) {
      const unscored = spoilt(masked, "targets", step * 9 + 4, NaN);
      expect(network.gradient(unscored).loss).toBe(wanted.loss);
      expect(sameBits(network.gradient(unscored).gradient, wanted.gradient)).toBe(true);
      expect(network.evaluate(unscored)).toEqual(network.evaluate(masked));
    }
    expectErrors(all(spoilt(masked, "targets", 10, Infinity)), InvalidOptionError, /batch\.targets\[10\] is Infinity/);
  });

  it("a cross-entropy's targets outside [0, 1] where they are scored, and only there", () => {
    const description = shape(2, 5, 3, "softmax");
    const { network: classifier } = makeRecurrentPair(runtime, description);
    const masked = randomSequences(description, CASES, STEPS, (t) => (t === 1 ? 1 : 0));
    const [wrong, unseen] = [spoilt(masked, "targets", 10, -3), spoilt(masked, "targets", 4, -3)];
    for (const use of [() => classifier.evaluate(wrong), () => classifier.gradient(wrong)])
      expect(use).toThrow(/batch\.targets\[10\] is -3.*from 0 to 1/);
    expect(classifier.evaluate(unseen)).toEqual(classifier.evaluate(masked));
    classifier.dispose();
  });

  it("layers that it does not have", () => {
    for (const layer of [0, 3, 1.5, NaN]) expect(() => network.activations(batch, layer)).toThrow(InvalidOptionError);
  });

  it("the initializations of feed-forward networks", () => {
    const before = network.getParameters();
    for (const initialization of [sparse(), dense({ scale: 0.1 })]) {
      expect(() => network.initialize(initialization)).toThrow(InvalidOptionError);
      expect(() => network.initialize(initialization)).toThrow(/echoState/);
    }
    expect(() => network.initialize(echoState({ inputScale: 1, outputBiases: [1, 2] }))).toThrow(ShapeError);
    expect(sameBits(network.getParameters(), before)).toBe(true);
  });

  it("descriptions that do not describe one", () => {
    for (const options of [
      { inputs: 0 },
      { hidden: 1.5 },
      { outputs: -1 },
      { output: "tanh" },
      { output: "softmax", loss: "squared" },
      { units: 4 },
    ]) {
      expect(() => recurrent({ inputs: 2, hidden: 5, outputs: 3, output: "linear", ...options } as never)).toThrow(InvalidOptionError);
    }
    expect(() => recurrent({ inputs: 2, hidden: 5 } as never)).toThrow(InvalidOptionError);
  });

  it("to hide a loss that is not finite", () => {
    const wild = runtime.network(SHAPE);
    wild.setParameters(new Float32Array(wild.parameterCount).fill(3e38));
    const optimizer = runtime.optimizer(wild, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    expect(() => wild.evaluate(batch)).toThrow(DivergedError);
    expect(() => wild.gradient(batch)).toThrow(DivergedError);
    expect(() => optimizer.step(batch)).toThrow(DivergedError);
    expect(wild.getParameters().every((value) => value === Math.fround(3e38))).toBe(true);
    wild.dispose();
  });
});
