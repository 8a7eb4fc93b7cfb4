import * as heavyball from "heavyball";
import * as lean from "heavyball/momentum";
import { describe, expect, it } from "vitest";
import { refusal } from "../support/failures.js";
import { randomBatch, sameBits } from "../support/networks.js";

const SHAPE = lean.autoencoder({ encoder: [9, 5, 3] });
const NAG = lean.nesterov({ learningRate: 0.1, momentum: lean.schedules.sutskever({ max: 0.9, period: 4 }) });

describe("heavyball/momentum", () => {
  it("computes the bits of the main entry", async () => {
    const runtimes = [await lean.createRuntime({ threads: 1 }), await heavyball.createRuntime({ threads: 1 })] as const;
    const [own, other] = runtimes.map((runtime) => {
      const network = runtime.network(SHAPE);
      network.initialize(lean.sparse({ seed: 1 }));
      const optimizer = runtime.optimizer(network, NAG);
      for (let t = 0; t < 10; t++) optimizer.step(randomBatch(SHAPE, 40, t));
      return { model: lean.saveModel(network), parameters: network.getParameters(), state: optimizer.getState() };
    });
    expect(sameBits(own.parameters, other.parameters)).toBe(true);
    expect(own.state).toEqual(other.state);
    const loaded = lean.loadModel(runtimes[0], other.model);
    expect(sameBits(loaded.getParameters(), other.parameters)).toBe(true);
    await Promise.all(runtimes.map((runtime) => runtime.dispose()));
  });

  it("says where the rest is", async () => {
    const runtime = await lean.createRuntime({ threads: 1 });
    const other = await heavyball.createRuntime({ threads: 1 });
    expect(() => runtime.network(heavyball.recurrent({ inputs: 1, hidden: 2, outputs: 1 }))).toThrow(
      /heavyball\/momentum has no recurrent networks; createRuntime of "heavyball" has them/,
    );
    const network = runtime.network(SHAPE);
    const error = refusal(() => runtime.optimizer(network, heavyball.adam({ learningRate: 0.1 }) as never));
    expect([error.option, error.allowed]).toEqual([
      "optimizer.method",
      'one of "sgd", "classicalMomentum", "nesterov"; createRuntime of "heavyball" has all methods',
    ]);
    expect(refusal(() => runtime.optimizer(other.network(SHAPE), NAG)).option).toBe("network");
    await Promise.all([runtime.dispose(), other.dispose()]);
    expect(() => runtime.network(SHAPE)).toThrow(lean.DisposedError);
  });
});
