import {
  classicalMomentum,
  createRuntime,
  echoState,
  nesterov,
  nesterov1983,
  type OptimizerDescription,
  type Runtime,
  schedules,
  sgd,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkTask } from "#internal/trials/spec";
import { expectInvalid, failure, loose } from "../support/failures.js";
import { layers, makePair } from "../support/networks.js";

const SHAPE = layers([4, 6, 3], "tanh", "linear");
const GOOD = nesterov({ learningRate: 0.1, momentum: 0.9 });

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

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
