import {
  type Batch,
  createRuntime,
  DivergedError,
  type HessianFreeOptimizer,
  type HessianFreeOptions,
  hessianFree,
  InvalidOptionError,
  type Network,
  type Runtime,
  ShapeError,
  schedules,
  UnsupportedError,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../support/failures.js";
import { MILD, SEQUENCES, SHAPE } from "../support/hessianFreeNetworks.js";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { makeRecurrentPair } from "../support/sequences.js";
import { variants } from "../support/variants.js";

describe.each(variants)("What does not fit Hessian-free, %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  const good = randomBatch(SHAPE, 12);
  const make = (options: HessianFreeOptions = MILD): { network: Network; optimizer: HessianFreeOptimizer } => {
    const { network } = makePair(runtime, SHAPE);
    return { network, optimizer: runtime.optimizer(network, hessianFree(options)) };
  };

  it("a preconditioner on a recurrent network is refused with the reason", () => {
    const { network } = makeRecurrentPair(runtime, SEQUENCES);
    const error = failure(() => runtime.optimizer(network, hessianFree({ preconditioner: { exponent: 0.75 } })));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toMatch(/sum over time steps.*does not factor.*"none"/);
    for (const preconditioner of ["none", "auto"] as const) runtime.optimizer(network, hessianFree({ preconditioner })).dispose();
    network.dispose();
  });

  it("structural damping on a feed-forward network, a final phase without a total and options of nobody are refused", () => {
    const { network } = makePair(runtime, SHAPE);
    expect(failure(() => runtime.optimizer(network, hessianFree({ structuralDamping: 0.1 })))).toMatchObject({
      code: "INVALID_OPTION",
      option: "structuralDamping",
    });
    const final = hessianFree({ learningRate: schedules.constant({ value: 1, final: { updates: 5, value: 0.5 } }) });
    expect(failure(() => runtime.optimizer(network, final))).toMatchObject({ code: "INVALID_OPTION", option: "final.updates" });
    expect(runtime.optimizer(network, final, { updates: 20 }).rate(15)).toBe(0.5);
    expect(failure(() => runtime.optimizer(network, hessianFree(), { total: 5 } as never))).toMatchObject({
      code: "INVALID_OPTION",
      option: "options.total",
    });
    expect(failure(() => runtime.optimizer(network, { method: "hessianFree", damping: { initial: -1 } } as never))).toMatchObject({
      option: "damping.initial",
    });
    expect(runtime.optimizer(network, { method: "hessianFree" } as never)).toMatchObject({ description: hessianFree() });
    network.dispose();
  });

  it.each<[string, HessianFreeOptions, Batch, object, string]>([
    ["a gradient minibatch larger than the data", { gradientCases: 13 }, good, {}, "gradientCases"],
    ["a curvature minibatch larger than the data", { curvatureCases: 5000 }, good, {}, "curvatureCases"],
    ["a curvature minibatch larger than the gradient's", { gradientCases: 6, curvatureCases: 7 }, good, {}, "curvatureCases"],
    ["an unknown option", {}, good, { search: good }, "options.search"],
    ["options that are none", {}, good, [] as object, "options"],
    ["a line search's batch without a line search", { variant: "momentum" }, good, { lineSearch: good }, "options.lineSearch"],
    ["a batch that is none", {}, null as never, {}, "batch"],
    ["a curvature batch that is none", {}, good, { curvature: 5 }, "options.curvature"],
    ["inputs that are not finite", {}, { ...good, inputs: good.inputs.map((x, i) => (i === 7 ? NaN : x)) }, {}, "batch.inputs[7]"],
    ["targets that are not finite", {}, { ...good, targets: good.targets.map((x, i) => (i === 9 ? Infinity : x)) }, {}, "batch.targets[9]"],
    [
      "a curvature batch that is not finite",
      {},
      good,
      { curvature: { ...good, inputs: good.inputs.map(() => NaN) } },
      "options.curvature.inputs[0]",
    ],
    [
      "a line search's batch that is not finite",
      {},
      good,
      { lineSearch: { ...good, targets: good.targets.map(() => NaN) } },
      "options.lineSearch.targets[0]",
    ],
  ])("%s is refused, and nothing changes", (_what, options, batch, stepOptions, option) => {
    const { network, optimizer } = make(options);
    const theta = network.getParameters();
    const state = optimizer.getState();
    const error = failure(() => optimizer.step(batch, stepOptions));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ option });
    expect(sameBits(network.getParameters(), theta)).toBe(true);
    expect(optimizer.getState()).toEqual(state);
    network.dispose();
  });

  it("batches of wrong shapes are refused", () => {
    const { network, optimizer } = make();
    const short = { ...good, inputs: good.inputs.slice(1) };
    for (const call of [
      () => optimizer.step(short),
      () => optimizer.step(good, { curvature: short }),
      () => optimizer.step(good, { lineSearch: short }),
    ])
      expect(failure(call)).toBeInstanceOf(ShapeError);
    network.dispose();
  });

  it("a loss that is not finite is a DivergedError that names the update, and nothing changes", () => {
    const linear = layers([2, 2, 1], "linear", "linear");
    const { network } = makePair(runtime, linear);
    const optimizer = runtime.optimizer(network, hessianFree(MILD));
    const batch = randomBatch(linear, 8);
    optimizer.step(batch);
    const state = optimizer.getState();
    const huge = new Float32Array(network.parameterCount).fill(1e30);
    network.setParameters(huge);
    const error = failure(() => optimizer.step(batch)) as DivergedError;
    expect(error).toBeInstanceOf(DivergedError);
    expect(error.update).toBe(1);
    expect(error.lastLoss).toBeGreaterThan(0);
    expect(error.message).toMatch(/at update 1: the loss or its gradient is not finite.*raise damping.initial \(lambda is/);
    expect(sameBits(network.getParameters(), huge)).toBe(true);
    expect(optimizer.getState()).toEqual(state);
    network.dispose();
  });

  it("trial points that are not finite are walked around", () => {
    // exp-like growth: with no damping the first step from a flat start is far too long.
    const { network } = makePair(runtime, layers([2, 3, 3, 1], "linear", "linear"));
    const optimizer = runtime.optimizer(network, hessianFree({ damping: { initial: 0, drop: 1 }, weightDecay: 0, preconditioner: "none" }));
    network.setParameters(network.getParameters().map((x) => 1e-6 * x));
    const batch = randomBatch(layers([2, 3, 3, 1], "linear", "linear"), 20);
    let last = Infinity;
    let shortest = 1;
    for (let t = 0; t < 10; t++) {
      const { loss, lineSearchRate } = optimizer.step(batch);
      shortest = Math.min(shortest, lineSearchRate);
      expect(loss).toBeLessThanOrEqual(last);
      last = loss;
    }
    expect(shortest).toBeLessThan(1);
    network.dispose();
  });
});
