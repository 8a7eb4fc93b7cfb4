import { CheckpointMismatchError, createRuntime, hessianFree, nesterov, type Runtime, ShapeError, schedules } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../support/failures.js";
import { MILD, SHAPE } from "../support/hessianFreeNetworks.js";
import { makePair, randomBatch, sameBits } from "../support/networks.js";
import { variants } from "../support/variants.js";

describe.each(variants)("The state of Hessian-free, %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  const description = hessianFree({
    ...MILD,
    curvatureCases: 16,
    conjugateGradient: { maximum: schedules.piecewise({ values: [5, 9], at: [4] }) },
  });
  const batchOf = (t: number) => randomBatch(SHAPE, 33, t);

  it("saved and restored gives the same bits", () => {
    for (const variant of ["standard", "momentum"] as const) {
      const one = makePair(runtime, SHAPE).network;
      const optimizer = runtime.optimizer(
        one,
        hessianFree({ ...description, variant, lineSearch: variant === "standard", backtracking: variant === "standard" }),
      );
      for (let t = 0; t < 4; t++) optimizer.step(batchOf(t));
      const state = structuredClone(optimizer.getState());
      const other = runtime.network(SHAPE);
      other.setParameters(one.getParameters());
      const resumed = runtime.optimizer(other, optimizer.description);
      resumed.setState(state);
      expect(resumed.getState()).toEqual(state);
      expect(state).toMatchObject({ method: "hessianFree", update: 4, lambda: optimizer.lambda });
      for (let t = 4; t < 8; t++) expect(resumed.step(batchOf(t))).toEqual(optimizer.step(batchOf(t)));
      expect(sameBits(one.getParameters(), other.getParameters())).toBe(true);
      expect(sameBits(optimizer.getState().start, resumed.getState().start)).toBe(true);
      one.dispose();
      other.dispose();
    }
  });

  it("is reset to the beginning, the parameters staying", () => {
    const { network } = makePair(runtime, SHAPE);
    const fresh = makePair(runtime, SHAPE).network;
    const optimizer = runtime.optimizer(network, description);
    for (let t = 0; t < 3; t++) optimizer.step(batchOf(t));
    const theta = network.getParameters();
    optimizer.reset();
    expect(sameBits(network.getParameters(), theta)).toBe(true);
    expect(optimizer.updates).toBe(0);
    expect(optimizer.lambda).toBe(1);
    expect(optimizer.getState().start.every((value) => value === 0)).toBe(true);
    fresh.setParameters(theta);
    expect(optimizer.step(batchOf(0))).toEqual(runtime.optimizer(fresh, description).step(batchOf(0)));
    network.dispose();
    fresh.dispose();
  });

  it("of another method or shape is refused, and nothing changes", () => {
    const { network } = makePair(runtime, SHAPE);
    const optimizer = runtime.optimizer(network, description);
    optimizer.step(batchOf(0));
    const state = optimizer.getState();
    const momentum = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    expect(failure(() => optimizer.setState(momentum.getState() as never))).toBeInstanceOf(CheckpointMismatchError);
    expect(failure(() => momentum.setState(state as never))).toBeInstanceOf(CheckpointMismatchError);
    expect(failure(() => optimizer.setState({ ...state, start: new Float32Array(3) }))).toBeInstanceOf(ShapeError);
    for (const [change, option] of [
      [{ update: -1 }, "state.update"],
      [{ lambda: NaN }, "state.lambda"],
      [{ lambda: -1 }, "state.lambda"],
      [{ start: [1, 2] }, "state.start"],
      [{ start: new Float32Array(network.parameterCount).fill(NaN) }, "state.start[0]"],
    ] as const) {
      expect(failure(() => optimizer.setState({ ...state, ...change } as never))).toMatchObject({ code: "INVALID_OPTION", option });
    }
    expect(optimizer.getState()).toEqual(state);
    network.dispose();
  });
});
