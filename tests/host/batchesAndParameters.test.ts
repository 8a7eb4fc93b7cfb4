import {
  type Batch,
  CheckpointMismatchError,
  createRuntime,
  type FeedForwardNetwork,
  feedForward,
  hessianFree,
  InvalidOptionError,
  type MomentumOptimizer,
  nesterov,
  type Runtime,
  ShapeError,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectInvalid, failure, loose } from "../support/failures.js";
import { layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";

const SHAPE = layers([4, 6, 3], "tanh", "linear");
const GOOD = nesterov({ learningRate: 0.1, momentum: 0.9 });

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

describe("batches and parameters", () => {
  let network: FeedForwardNetwork;
  let optimizer: MomentumOptimizer;
  let good: Batch;
  let before: { parameters: Float32Array; velocity: Float32Array; updates: number };

  beforeEach(() => {
    ({ network } = makePair(runtime, SHAPE));
    optimizer = runtime.optimizer(network, GOOD);
    good = randomBatch(SHAPE, 5);
    for (let t = 0; t < 3; t++) optimizer.step(good);
    before = { parameters: network.getParameters(), velocity: optimizer.getVelocity(), updates: optimizer.updates };
    return () => network.dispose();
  });

  /** That nothing has changed, and that the next update is what it would have been. */
  function expectUnchanged(): void {
    expect(sameBits(network.getParameters(), before.parameters)).toBe(true);
    expect(sameBits(optimizer.getVelocity(), before.velocity)).toBe(true);
    expect(optimizer.updates).toBe(before.updates);
    const { network: other } = makePair(runtime, SHAPE);
    const undisturbed = runtime.optimizer(other, GOOD);
    other.setParameters(before.parameters);
    undisturbed.setState({ method: "nesterov", update: before.updates, velocity: before.velocity });
    expect(optimizer.step(good).loss).toBe(undisturbed.step(good).loss);
    expect(sameBits(network.getParameters(), other.getParameters())).toBe(true);
    other.dispose();
  }

  const twenty = () => new Float32Array(20);
  const fifteen = () => new Float32Array(15);
  it.each<[string, unknown, typeof InvalidOptionError | typeof ShapeError, RegExp]>([
    ["null", null, InvalidOptionError, /batch is null; batch must be an object/],
    ["nothing", undefined, InvalidOptionError, /batch is undefined/],
    ["an array", [1, 2], InvalidOptionError, /batch is \[1,2\]/],
    ["no inputs", { targets: fifteen(), cases: 5 }, InvalidOptionError, /batch.inputs is undefined; batch.inputs must be a Float32Array/],
    [
      "a plain array of inputs",
      { inputs: Array.from(twenty()), targets: fifteen(), cases: 5 },
      InvalidOptionError,
      /batch.inputs must be a Float32Array/,
    ],
    [
      "inputs in f64",
      { inputs: new Float64Array(20), targets: fifteen(), cases: 5 },
      InvalidOptionError,
      /batch.inputs is Float64Array\(20\)/,
    ],
    [
      "targets in f64",
      { inputs: twenty(), targets: new Float64Array(15), cases: 5 },
      InvalidOptionError,
      /batch.targets is Float64Array\(15\)/,
    ],
    [
      "too few inputs",
      { inputs: new Float32Array(19), targets: fifteen(), cases: 5 },
      ShapeError,
      /batch.inputs.length is 19; expected 20 \(5 cases x 4 inputs\)/,
    ],
    [
      "too many inputs",
      { inputs: new Float32Array(24), targets: fifteen(), cases: 5 },
      ShapeError,
      /batch.inputs.length is 24; expected 20/,
    ],
    [
      "too few targets",
      { inputs: twenty(), targets: new Float32Array(14), cases: 5 },
      ShapeError,
      /batch.targets.length is 14; expected 15 \(5 cases x 3 outputs\)/,
    ],
    [
      "no targets",
      { inputs: twenty(), cases: 5 },
      ShapeError,
      /batch.targets is missing; expected a Float32Array of 15 \(5 cases x 3 outputs\)/,
    ],
    [
      "no cases",
      { inputs: twenty(), targets: fifteen() },
      InvalidOptionError,
      /batch.cases is undefined; batch.cases must be a whole number of at least 1/,
    ],
    ["0 cases", { inputs: new Float32Array(0), targets: new Float32Array(0), cases: 0 }, InvalidOptionError, /batch.cases is 0/],
    ["-1 cases", { inputs: twenty(), targets: fifteen(), cases: -1 }, InvalidOptionError, /batch.cases is -1/],
    ["2.5 cases", { inputs: new Float32Array(10), targets: new Float32Array(8), cases: 2.5 }, InvalidOptionError, /batch.cases is 2.5/],
    ["cases in words", { inputs: twenty(), targets: fifteen(), cases: "5" }, InvalidOptionError, /batch.cases is "5"/],
    [
      "a mask",
      { inputs: twenty(), targets: fifteen(), cases: 5, mask: new Float32Array(5) },
      InvalidOptionError,
      /batch.mask.*no time steps/,
    ],
    ["steps", { inputs: twenty(), targets: fifteen(), cases: 5, steps: 1 }, InvalidOptionError, /batch.steps is 1.*no time steps/],
  ])("a batch that is or has %s is refused, and nothing changes", (_what, batch, kind, message) => {
    for (const use of [() => optimizer.step(loose(batch)), () => network.evaluate(loose(batch)), () => network.gradient(loose(batch))]) {
      const error = failure(use);
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toMatch(message);
    }
    expectUnchanged();
  });

  it("predict and activations check the inputs, the layer, and nothing about targets", () => {
    const { inputs } = good;
    expect(failure(() => network.predict({ inputs, cases: 4 }))).toBeInstanceOf(ShapeError);
    expectInvalid(() => network.predict(loose(null)), "batch", /an object/);
    for (const layer of [0, 3, 1.5, -1, NaN, "1", undefined, null])
      expectInvalid(() => network.activations(good, loose(layer)), "layer", /a whole number from 1 to 2/);
    expect(network.predict({ inputs, targets: new Float32Array(1), cases: 5 }).length).toBe(15);
    expectUnchanged();
  });

  it.each<["logistic" | "softmax"]>([["logistic"], ["softmax"]])(
    "a cross-entropy's targets outside [0, 1] are named and change nothing: %s outputs",
    (output) => {
      const shape = layers([4, 7, 5], "tanh", output);
      const { network: classifier } = makePair(runtime, shape);
      const stepper = runtime.optimizer(classifier, GOOD);
      const before = classifier.getParameters();
      for (const [at, value] of [
        [0, -1e-7],
        [14, 1.0000001],
        [9, -3],
        [4, 255],
      ] as const) {
        const batch = randomBatch(shape, 3);
        batch.targets[at] = value;
        for (const use of [
          () => stepper.step(batch),
          () => classifier.evaluate(batch),
          () => classifier.gradient(batch),
          () => classifier.gaussNewtonProduct(before, batch),
        ]) {
          expectInvalid(use, `batch.targets[${at}]`, /from 0 to 1, as cross-entropy needs: scale the data/);
        }
      }
      // Both ends belong to it, and -0.
      classifier.evaluate({ ...randomBatch(shape, 1), targets: Float32Array.of(0, -0, 1, 0, 0) });
      expect(sameBits(classifier.getParameters(), before)).toBe(true);
      classifier.dispose();
    },
  );

  it("pixels that were not scaled are named as an autoencoder's inputs", () => {
    const { network: auto } = makePair(runtime, ODD_AUTOENCODER);
    const { inputs, cases } = randomBatch(ODD_AUTOENCODER, 3);
    inputs[5] = 255;
    expectInvalid(() => runtime.optimizer(auto, GOOD).step({ inputs, cases }), "batch.inputs[5]", /from 0 to 1, as cross-entropy needs/);
    expectInvalid(
      () => runtime.optimizer(auto, hessianFree()).step({ inputs, cases }),
      "batch.inputs[5]",
      /from 0 to 1, as cross-entropy needs/,
    );
    auto.dispose();
  });

  describe.each([
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["-Infinity", -Infinity],
  ])("%s in a batch", (_name, bad) => {
    it("is named and changes nothing, wherever it stands", () => {
      for (const [option, at] of [
        ["inputs", 0],
        ["inputs", 7],
        ["inputs", 19],
        ["targets", 0],
        ["targets", 14],
      ] as const) {
        const batch = { ...good, [option]: good[option]!.slice() };
        batch[option]![at] = bad;
        const name = `batch.${option}[${at}]`;
        expectInvalid(() => optimizer.step(batch), name, /a finite number: clean the data first/);
        expectInvalid(() => network.evaluate(batch), name, /a finite number/);
        expectInvalid(() => network.gradient(batch), name, /a finite number/);
        if (option === "inputs") expectInvalid(() => network.predict(batch), name, /a finite number/);
        else expect(network.predict(batch).length).toBe(15);
      }
      expectUnchanged();
    });

    it("is found in the last of several blocks and chunks", () => {
      const wide = feedForward({ sizes: [2, 9001, 1], activations: ["tanh", "linear"] });
      for (const [description, cases] of [
        [SHAPE, 700],
        [wide, 600],
      ] as const) {
        const { network: large } = makePair(runtime, description);
        const stepper = runtime.optimizer(large, GOOD);
        const parameters = large.getParameters();
        for (const option of ["inputs", "targets"] as const) {
          const batch = randomBatch(description, cases);
          batch[option][batch[option].length - 1] = bad;
          for (const use of [() => stepper.step(batch), () => large.evaluate(batch), () => large.gradient(batch)]) {
            expectInvalid(use, `batch.${option}[${batch[option].length - 1}]`, /a finite number/);
          }
        }
        expect(sameBits(large.getParameters(), parameters)).toBe(true);
        expect(stepper.getVelocity().every((v) => v === 0)).toBe(true);
        large.dispose();
      }
    });

    it("is called an input where an autoencoder's targets default to the inputs", () => {
      const { network: auto } = makePair(runtime, ODD_AUTOENCODER);
      const { inputs, cases } = randomBatch(ODD_AUTOENCODER, 3);
      inputs[5] = bad;
      expectInvalid(() => runtime.optimizer(auto, GOOD).step({ inputs, cases }), "batch.inputs[5]", /a finite number/);
      auto.dispose();
    });

    it("is refused in parameters and velocities, and nothing changes", () => {
      const values = new Float32Array(network.parameterCount);
      values[values.length - 1] = bad;
      expectInvalid(() => network.setParameters(values), `parameters[${values.length - 1}]`, /a finite number/);
      expectInvalid(
        () => optimizer.setState({ method: "nesterov", update: 0, velocity: values }),
        `state.velocity[${values.length - 1}]`,
        /a finite number/,
      );
      expectUnchanged();
    });
  });

  it("parameters and velocities of another length or type are refused, and nothing changes", () => {
    const count = network.parameterCount;
    expect(failure(() => network.setParameters(new Float32Array(count - 1))).message).toBe(
      `parameters.length is ${count - 1}; expected ${count}, the number of parameters`,
    );
    for (const values of [null, undefined, [], new Float64Array(count), "zeros"]) {
      expectInvalid(() => network.setParameters(loose(values)), "parameters", /a Float32Array/);
      expectInvalid(
        () => optimizer.setState(loose({ method: "nesterov", update: 0, velocity: values })),
        "state.velocity",
        /a Float32Array/,
      );
    }
    expect(failure(() => optimizer.setState({ method: "nesterov", update: 0, velocity: new Float32Array(count + 1) }))).toBeInstanceOf(
      ShapeError,
    );
    expectUnchanged();
  });

  it("states that do not belong here are refused, and nothing changes", () => {
    const velocity = new Float32Array(network.parameterCount);
    const error = failure(() => optimizer.setState({ method: "sgd", update: 0, velocity }));
    expect(error).toBeInstanceOf(CheckpointMismatchError);
    expect(error.message).toMatch(/the method of the saved state is "sgd", here it is "nesterov"/);
    for (const update of [-1, 1.5, "3", null, undefined, NaN]) {
      expectInvalid(
        () => optimizer.setState(loose({ method: "nesterov", update, velocity })),
        "state.update",
        /a whole number of at least 0/,
      );
    }
    for (const state of [null, undefined, [], "state"]) expectInvalid(() => optimizer.setState(loose(state)), "state", /an object/);
    expectUnchanged();
  });

  it("parameters of a network of another shape are refused, and nothing changes", () => {
    const other = runtime.network(layers([4, 3, 6], "tanh", "linear"));
    expectInvalid(() => network.copyParametersFrom(other), "other", /a network of this one's shape: layer1.weights 4 x 6/);
    for (const value of [null, undefined, {}, before.parameters])
      expectInvalid(() => network.copyParametersFrom(loose(value)), "other", /a network/);
    other.dispose();
    expectUnchanged();
  });

  it("initializations that are none are refused, and nothing changes", () => {
    expectInvalid(() => network.initialize(loose(null)), "initialization", /an object/);
    expectInvalid(() => network.initialize(loose({ method: "orthogonal" })), "initialization.method", /"sparse"/);
    expectInvalid(() => network.initialize(sparse(), -1), "seed", /a whole number of at least 0/);
    expectUnchanged();
  });
});
