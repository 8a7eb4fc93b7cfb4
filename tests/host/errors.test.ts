import {
  autoencoder,
  type Batch,
  CheckpointMismatchError,
  classicalMomentum,
  createRuntime,
  DivergedError,
  echoState,
  type FeedForwardNetwork,
  feedForward,
  HeavyballError,
  hessianFree,
  InvalidOptionError,
  loadModel,
  type MomentumOptimizer,
  nesterov,
  nesterov1983,
  type OptimizerDescription,
  type Runtime,
  ShapeError,
  saveModel,
  schedules,
  sgd,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkTask } from "#internal/trials/spec";
import { layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";
import { joined } from "../support/patterns.js";

const SHAPE = layers([4, 6, 3], "tanh", "linear");
const GOOD = nesterov({ learningRate: 0.1, momentum: 0.9 });

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

/** The typed error that `call` throws; fails when there is none or it is a bare one. */
function failure(call: () => unknown): HeavyballError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(HeavyballError);
    return error as HeavyballError;
  }
  throw new Error("nothing was thrown");
}

/** Expects an InvalidOptionError that names the option and says what is allowed. */
function expectInvalid(call: () => unknown, option: string, allowed: RegExp | string): void {
  const error = failure(call);
  expect(error).toBeInstanceOf(InvalidOptionError);
  expect(error).toMatchObject({ code: "INVALID_OPTION", option });
  expect(error.message.startsWith(`${option} is `)).toBe(true);
  expect(error.message).toMatch(allowed);
}

/** Calls with whatever was typed, as JavaScript lets one. */
const loose = <T>(value: unknown): T => value as T;

describe("descriptions of networks", () => {
  it.each([
    [{}, "sizes", /an array of at least 2/],
    [{ sizes: [3] }, "sizes", /at least 2/],
    [{ sizes: "3,2" }, "sizes", /is "3,2".*an array/],
    [{ sizes: null }, "sizes", /an array/],
    [{ sizes: [3, 0] }, "sizes[1]", /a whole number from 1/],
    [{ sizes: [0, 3] }, "sizes[0]", /a whole number from 1/],
    [{ sizes: [3, -2] }, "sizes[1]", /is -2/],
    [{ sizes: [3, 2.5] }, "sizes[1]", /a whole number/],
    [{ sizes: [3, NaN] }, "sizes[1]", /a whole number/],
    [{ sizes: [3, Infinity] }, "sizes[1]", /a whole number/],
    [{ sizes: [3, "2"] }, "sizes[1]", /is "2"/],
    [{ sizes: [3, 1e9] }, "sizes[1]", /from 1 to 16777216/],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    [{ sizes: [3, , 2] }, "sizes[1]", /is undefined/],
    [{ sizes: [3, 2], activations: [] }, "activations", /an array of 1 names/],
    [{ sizes: [3, 2], activations: "tanh" }, "activations", /an array of 1 names/],
    [{ sizes: [3, 2], activations: ["tanh"] }, "activations[0]", /"logistic", "softmax", "linear"/],
    [{ sizes: [3, 4, 2], activations: ["softmax", "linear"] }, "activations[0]", /"logistic", "tanh", "linear"/],
    [{ sizes: [3, 4, 2], activations: ["sine", "linear"] }, "activations[0]", /is "sine"/],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    [{ sizes: [3, 4, 2], activations: [, "linear"] }, "activations[0]", /is undefined/],
    [{ sizes: [3, 2], loss: "crossEntropy" }, "loss", /"squared", the one that matches a linear output/],
    [{ sizes: [3, 2], activations: ["softmax"], loss: "squared" }, "loss", /"crossEntropy", the one that matches a softmax output/],
    [{ sizes: [3, 2], activations: ["logistic"], loss: "mse" }, "loss", /is "mse"/],
    [{ sizes: [3, 2], loss: null }, "loss", /"squared"/],
    [{ sizes: [3, 2], activation: ["linear"] }, "feedForward.activation", /feedForward knows sizes, activations, loss/],
    [null, "feedForward", /an object/],
    [[3, 2], "feedForward", /an object/],
    [undefined, "feedForward", /an object/],
  ])("feedForward(%j) is refused", (options, option, allowed) => {
    expectInvalid(() => feedForward(loose(options)), option, allowed);
  });

  it.each([
    [{}, "encoder", /an array of at least 2/],
    [{ encoder: [5] }, "encoder", /at least 2/],
    [{ encoder: [5, 0] }, "encoder[1]", /a whole number from 1/],
    [{ encoder: [5, 2], hidden: "softmax" }, "hidden", /"logistic", "tanh", "linear"/],
    [{ encoder: [5, 2], code: "sine" }, "code", /is "sine"/],
    [{ encoder: [5, 2], output: "tanh" }, "output", /"logistic", "softmax", "linear"/],
    [{ encoder: [5, 2], output: null }, "output", /is null/],
    [{ encoder: [5, 2], output: "linear", loss: "crossEntropy" }, "loss", /"squared"/],
    [{ encoder: [5, 2], decoder: [2, 5] }, "autoencoder.decoder", /autoencoder knows encoder/],
    [null, "autoencoder", /an object/],
  ])("autoencoder(%j) is refused", (options, option, allowed) => {
    expectInvalid(() => autoencoder(loose(options)), option, allowed);
  });

  it.each([
    [null, "network", /an object/],
    ["feedForward", "network", /an object/],
    [[], "network", /an object/],
    [{}, "network.kind", /"feedForward"/],
    [{ kind: "convolutional" }, "network.kind", /is "convolutional".*"feedForward"/],
    [{ kind: "feedForward", sizes: [2, 2], activations: ["linear"], loss: "squared" }, "network.autoencoder", /true or false/],
    [
      { kind: "feedForward", sizes: [2, 2], activations: ["linear"], loss: "squared", autoencoder: 1 },
      "network.autoencoder",
      /true or false/,
    ],
    [{ kind: "feedForward", sizes: [2], activations: [], loss: "squared", autoencoder: false }, "network.sizes", /at least 2/],
    [
      { kind: "feedForward", sizes: [2, 3], activations: ["linear"], loss: "squared", autoencoder: true },
      "sizes",
      /as wide at the end as at the beginning/,
    ],
    [
      { kind: "feedForward", sizes: [2, 2], activations: ["linear"], loss: "squared", autoencoder: false, dropout: 0.5 },
      "network.dropout",
      /network knows/,
    ],
  ])("runtime.network(%j) is refused", (description, option, allowed) => {
    expectInvalid(() => runtime.network(loose(description)), option, allowed);
  });

  it("make the caller's arrays their own", () => {
    const sizes = [4, 3];
    const description = feedForward({ sizes });
    sizes[1] = 0;
    expect(description.sizes).toEqual([4, 3]);
  });
});

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

describe("tasks", () => {
  it("blame the length where nobody gave the test cases that do not fit, and say what fits", () => {
    const error = failure(() => checkTask({ name: "addition", length: 100_000 }));
    expect(error).toMatchObject({ option: "task.length", value: 100_000 });
    expect(error.message).toMatch(
      /must be at most 48807, for the 10000 test cases there are by default, or given with task.testCases of at most 4880$/,
    );
    expect(checkTask({ name: "addition", length: 48_807 })).toMatchObject({ testCases: 10_000 });
    expect(failure(() => checkTask({ name: "addition", length: 48_808 }))).toMatchObject({ option: "task.length" });
    expect(checkTask({ name: "addition", length: 100_000, testCases: 4880 })).toMatchObject({ length: 100_000 });
    expectInvalid(() => checkTask({ name: "addition", length: 100_000, testCases: 4881 }), "task.testCases", /from 1 to 4880/);
  });
});

describe("options of other types", () => {
  it("show a bigint as JavaScript writes it, which tells it from a number", () => {
    expect(failure(() => sparse({ scale: loose(1n) })).message).toBe(
      "sparse.scale is 1n; sparse.scale must be a finite number greater than 0",
    );
    expect(failure(() => echoState({ inputScale: loose(1n) })).message).toBe(
      "echoState.inputScale is 1n; echoState.inputScale must be a finite number from 1e-30 to 1e30",
    );
  });

  it("name no ends of a range that has none", () => {
    expect(failure(() => sparse({ biases: NaN })).message).toBe("sparse.biases is NaN; sparse.biases must be a finite number");
    expect(failure(() => sgd({ learningRate: 0.1, weightDecay: -1 })).message).toBe(
      "weightDecay is -1; weightDecay must be a finite number of at least 0",
    );
  });
});

describe("optimizers", () => {
  it.each([
    [{ learningRate: 0 }, "learningRate", /greater than 0/],
    [{ learningRate: -0.1 }, "learningRate", /is -0.1.*greater than 0/],
    [{ learningRate: NaN }, "learningRate", /a finite number/],
    [{ learningRate: Infinity }, "learningRate", /a finite number/],
    [{ learningRate: "0.1" }, "learningRate", /a number or a schedule/],
    [{ learningRate: null }, "learningRate", /a number or a schedule/],
    [{}, "learningRate", /a number or a schedule/],
    [{ learningRate: [0.1] }, "learningRate", /a number or a schedule/],
    [{ learningRate: { schedule: "cosine" } }, "learningRate.schedule", /"constant", "sutskever"/],
    [{ learningRate: { schedule: "piecewise", values: [0.1, -1], at: [5] } }, "learningRate.values[1]", /is -1/],
    [{ learningRate: 0.1, weightDecay: -1 }, "weightDecay", /of at least 0/],
    [{ learningRate: 0.1, weightDecay: NaN }, "weightDecay", /a finite number/],
    [{ learningRate: 0.1, weightDecay: "1" }, "weightDecay", /a finite number/],
    [{ learningRate: 0.1, rate: 2 }, "sgd.rate", /sgd knows learningRate, weightDecay|sgd knows/],
    [{ learningRate: 0.1, momentum: 0.9 }, "sgd.momentum", /sgd knows/],
    [null, "options of sgd", /an object/],
  ])("sgd(%j) is refused", (options, option, allowed) => {
    expectInvalid(() => sgd(loose(options)), option, allowed);
  });

  it.each([
    [-0.1, "momentum", /from 0 to 1/],
    [1.1, "momentum", /is 1.1.*from 0 to 1/],
    [NaN, "momentum", /from 0 to 1/],
    [undefined, "momentum", /a number or a schedule/],
    [null, "momentum", /a number or a schedule/],
    ["0.9", "momentum", /a number or a schedule/],
    [{ schedule: "sutskever", max: 1.5 }, "momentum.max", /from 0 to 1/],
    [{ schedule: "sutskever", period: 0 }, "momentum.period", /of at least 1/],
    [{ schedule: "sutskever", maximum: 0.9 }, "momentum.maximum", /knows/],
    [{ schedule: "constant", value: 2 }, "momentum.value", /from 0 to 1/],
    [{ schedule: "constant", value: 0.9, final: { updates: 10, value: 1.2 } }, "momentum.final.value", /from 0 to 1/],
    [{ schedule: "constant", value: 0.9, final: { updates: 10, from: 5, value: 0.2 } }, "momentum.final", /not both/],
  ])("a momentum of %j is refused", (momentum, option, allowed) => {
    expectInvalid(() => nesterov(loose({ learningRate: 0.1, momentum })), option, allowed);
    expectInvalid(() => classicalMomentum(loose({ learningRate: 0.1, momentum })), option, allowed);
  });

  it("are refused on a network where they cannot run, or with options they do not have", () => {
    const { network } = makePair(runtime, SHAPE);
    const optimizer = (description: unknown, options?: unknown) => () =>
      runtime.optimizer(network, loose<OptimizerDescription>(description), loose(options));
    expectInvalid(optimizer(null), "optimizer", /an object/);
    expectInvalid(optimizer("nesterov"), "optimizer", /an object/);
    expectInvalid(optimizer({ learningRate: 0.1 }), "optimizer.method", /"sgd", "classicalMomentum", "nesterov"/);
    expectInvalid(optimizer({ method: "rmsprop", learningRate: 0.1 }), "optimizer.method", /is "rmsprop"/);
    expectInvalid(optimizer({ method: "nesterov", learningRate: 0.1, momentum: 2 }), "momentum", /from 0 to 1/);
    expectInvalid(optimizer({ ...GOOD, momentun: 0.9 }), "nesterov.momentun", /nesterov knows/);
    expectInvalid(optimizer(nesterov1983()), "optimizer.method", /exact gradients.*minimize/);
    expectInvalid(optimizer(GOOD, null), "options", /an object/);
    expectInvalid(optimizer(GOOD, { update: 5 }), "options.update", /options knows updates/);
    for (const updates of [0, -1, 1.5, "10", null, NaN])
      expectInvalid(optimizer(GOOD, { updates }), "options.updates", /a whole number of at least 1/);
    network.dispose();
  });

  it("need to know the end of the run when a schedule counts from it, and say so before the first update", () => {
    const { network } = makePair(runtime, SHAPE);
    const final = { updates: 10, value: 0.9 };
    expectInvalid(
      () => runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: schedules.sutskever({ final }) })),
      "final.updates",
      /total number of updates is not known/,
    );
    expectInvalid(
      () => runtime.optimizer(network, sgd({ learningRate: schedules.constant({ value: 0.1, final }) })),
      "final.updates",
      /total number/,
    );
    network.dispose();
  });

  it("are refused for what is no network of this runtime, at once and without spelling it out", async () => {
    const other = await createRuntime({ threads: 1 });
    const { network } = makePair(other, SHAPE);
    for (const value of [null, undefined, {}, SHAPE])
      expectInvalid(() => runtime.optimizer(loose(value), GOOD), "network", /a network made by this runtime/);
    expectInvalid(() => runtime.optimizer(network, GOOD), "network", /a network made by this runtime/);
    expect(failure(() => runtime.optimizer(network, GOOD)).message.length).toBeLessThan(150);
    await other.dispose();
  });
});

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

describe("models", () => {
  it("are saved from networks and loaded by runtimes only", () => {
    for (const value of [null, undefined, {}, SHAPE]) {
      expectInvalid(() => saveModel(loose(value)), "network", /a network/);
      expectInvalid(() => loadModel(loose(value), new Uint8Array(0)), "runtime", /a runtime/);
    }
  });
});
