import { createRuntime, loadModel, nesterov, type OptimizerDescription, type Runtime, saveModel, train } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { splitCases } from "#internal/training/trainingData";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { teamOf } from "../support/teamOf.js";
import { clouds, makeTrained, noise } from "../support/training.js";
import { variants } from "../support/variants.js";

describe.each(variants)("training with held-out data, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const pair = (...given: [OptimizerDescription?, number?]) => makeTrained(runtime, ...given);

  it("gives back the best parameters, and their optimizer", async () => {
    // What is learned by heart helps with nothing else: the held-out error rises in the end.
    const { network, optimizer } = pair(nesterov({ learningRate: 0.3, momentum: 0.9 }));
    const held = noise(200, 8);
    const kept: { update: number; parameters: Float32Array; state: unknown }[] = [];
    const {
      best,
      last,
      reports,
      updates,
      kept: update,
    } = await train(network, optimizer, noise(60, 7), {
      updates: 60,
      batchSize: 20,
      every: 3,
      held,
      onReport: (report) => kept.push({ update: report.update, parameters: network.getParameters(), state: optimizer.getState() }),
    });
    const errors = reports.map((report) => report.held!.zeroOne!);
    const lowest = Math.min(...errors);
    // The first of the lowest, unless the loss of another is lower.
    const candidates = reports.filter((report) => report.held!.zeroOne === lowest);
    const wanted = candidates.reduce((a, b) => (b.held!.loss < a.held!.loss ? b : a));
    expect(best).toEqual(wanted);
    expect([updates, update, last]).toEqual([60, wanted.update, reports.at(-1)]);
    expect(update).toBeLessThan(60);
    expect(network.evaluate(held)).toEqual(best!.held);
    const then = kept.find((one) => one.update === update)!;
    expect(sameBits(network.getParameters(), then.parameters)).toBe(true);
    expect(optimizer.getState()).toEqual(then.state);
    network.dispose();
  });

  it("judges by the loss where there are no classes", async () => {
    const description = layers([4, 12, 2], "tanh", "linear");
    const { network } = makePair(runtime, description);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const held = randomBatch(description, 100, 2);
    const options = { updates: 60, batchSize: 10, every: 2, held };
    const { best, reports } = await train(network, optimizer, randomBatch(description, 30, 1), options);
    expect(best!.held!.loss).toBe(Math.min(...reports.map((report) => report.held!.loss)));
    expect(network.evaluate(held)).toEqual(best!.held);
    network.dispose();
  });

  it("ends when patience does", async () => {
    const { network, optimizer } = pair(nesterov({ learningRate: 0.3, momentum: 0.9 }));
    const options = { updates: 10_000, batchSize: 20, every: 3, held: noise(200, 8), patience: 4 };
    const { reason, best, last, updates, reports } = await train(network, optimizer, noise(60, 7), options);
    expect(reason).toEqual({
      code: "patience",
      message: `4 reports in a row brought no lower held-out error than that after update ${best!.update}.`,
    });
    expect(last!.update).toBe(updates);
    expect(updates).toBe(best!.update + 12);
    expect(reports.length).toBe(updates / 3);
    network.dispose();
  });

  it("holds out a share that is the same for the same seed, and nothing is in both parts", () => {
    for (const [cases, share, count] of [
      [100, 0.2, 20],
      [10, 0.01, 1],
      [3, 0.99, 2],
    ] as const) {
      const { trained, held } = splitCases(cases, share, 5);
      expect(held.length).toBe(count);
      expect([...trained, ...held].sort((a, b) => a - b)).toEqual(Array.from({ length: cases }, (_, i) => i));
      expect(splitCases(cases, share, 5)).toEqual({ trained, held });
    }
    expect(splitCases(100, 0.2, 6)).not.toEqual(splitCases(100, 0.2, 5));
  });

  it("leaves a model that can be saved", async () => {
    const { network, optimizer } = pair();
    const { best } = await train(network, optimizer, clouds(150), { epochs: 4, batchSize: 20, held: clouds(80, 3) });
    const loaded = loadModel(runtime, saveModel(network));
    expect(loaded.evaluate(clouds(80, 3))).toEqual(best!.held);
    loaded.dispose();
    network.dispose();
  });

  it("learns", async () => {
    const { network, optimizer } = pair(nesterov({ learningRate: 0.05, momentum: 0.9 }));
    const { best, reports } = await train(network, optimizer, clouds(2000), { epochs: 8, batchSize: 50, held: 0.2 });
    expect(best!.held!.zeroOne).toBeLessThan(0.15);
    expect(reports.at(-1)!.loss).toBeLessThan(0.6 * reports[0].loss);
    expect(network.evaluate(clouds(2000, 4)).zeroOne).toBeLessThan(0.15);
    network.dispose();
  });
});
