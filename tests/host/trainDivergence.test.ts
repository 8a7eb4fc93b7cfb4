import {
  createRuntime,
  hessianFree,
  nesterov,
  type Optimizer,
  type OptimizerDescription,
  type Runtime,
  schedules,
  sgd,
  train,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

describe.each(variants)("training that diverges ends well, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const diverging = nesterov({ learningRate: schedules.piecewise({ values: [0.05, 1e30], at: [5] }), momentum: 0.9 });
  const linear = layers([5, 9, 2], "relu", "linear");
  const make = (description: OptimizerDescription = diverging) => {
    const { network } = makePair(runtime, linear);
    return { network, optimizer: runtime.optimizer(network, description as never) as Optimizer };
  };

  it("at the best report", async () => {
    const { network, optimizer } = make();
    const held = randomBatch(linear, 40, 2);
    const { reason, best, kept, updates } = await train(network, optimizer, randomBatch(linear, 40), {
      updates: 50,
      batchSize: 10,
      every: 2,
      held,
    });
    expect(reason.code).toBe("diverged");
    expect(reason.message).toMatch(/^diverged.* is not finite.*lower the learning rate.*\. The network is as it was after update \d\.$/);
    expect(best!.update).toBeLessThanOrEqual(6);
    expect([kept, optimizer.updates]).toEqual([best!.update, best!.update]);
    expect(updates).toBeLessThan(50);
    expect(network.evaluate(held)).toEqual(best!.held);
    // From where it can go on.
    expect(optimizer.step(randomBatch(linear, 4)).update).toBe(kept);
    network.dispose();
  });

  it("at the last report without held-out data, and at the start before any", async () => {
    const { network, optimizer } = make();
    const start = network.getParameters();
    const at: Record<number, Float32Array> = {};
    const { reason, kept, last } = await train(network, optimizer, randomBatch(linear, 40), {
      updates: 50,
      batchSize: 10,
      every: 2,
      onReport: ({ update }) => (at[update] = network.getParameters()),
    });
    expect(reason.code).toBe("diverged");
    expect(kept).toBe(last!.update);
    expect(kept).toBeGreaterThanOrEqual(4);
    expect(sameBits(network.getParameters(), at[kept])).toBe(true);
    const fresh = make();
    const early = await train(fresh.network, fresh.optimizer, randomBatch(linear, 40), { updates: 50, batchSize: 10, every: 50 });
    expect([early.reason.code, early.kept, early.reports.length, fresh.optimizer.updates]).toEqual(["diverged", 0, 0, 0]);
    expect(sameBits(fresh.network.getParameters(), start)).toBe(true);
    network.dispose();
    fresh.network.dispose();
  });

  it("where only the held-out data overflow", async () => {
    const { network, optimizer } = make(sgd({ learningRate: 1e-6 }));
    const held = randomBatch(linear, 3);
    const far = { ...held, inputs: held.inputs.map(() => 3e38) };
    const { reason, kept } = await train(network, optimizer, randomBatch(linear, 40), { updates: 4, every: 2, held: far });
    expect([reason.code, kept]).toEqual(["diverged", 0]);
    network.dispose();
  });

  it("with Hessian-free too", async () => {
    const { network, optimizer } = make(hessianFree({ learningRate: schedules.piecewise({ values: [1, 1e30], at: [1] }) }));
    const { reason, kept } = await train(network, optimizer, randomBatch(linear, 40), { updates: 9, every: 1 });
    expect(reason.code).toBe("diverged");
    expect(kept).toBeGreaterThanOrEqual(1);
    network.dispose();
  });
});
