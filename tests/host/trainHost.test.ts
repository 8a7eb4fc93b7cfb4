import { createRuntime, feedForward, nesterov, type OptimizerDescription, type Runtime, train } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomBatch } from "../support/networks.js";
import { teamOf } from "../support/teamOf.js";
import { clouds, makeTrained } from "../support/training.js";
import { variants } from "../support/variants.js";

describe.each(variants)("train as a part of programs, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const pair = (...given: [OptimizerDescription?, number?]) => makeTrained(runtime, ...given);

  it("takes proxies of network and optimizer, as frameworks make them", async () => {
    const { network, optimizer } = pair();
    const wrap = <T extends object>(thing: T): T => new Proxy(thing, {});
    const { updates } = await train(wrap(network), wrap(optimizer), clouds(64), { updates: 2, held: 0.5 });
    expect([updates, optimizer.updates > 0]).toEqual([2, true]);
    network.dispose();
  });

  it("lets its host live: timers have their turn every few updates", async () => {
    // Some milliseconds an update, whatever the machine: more than ten of them are more than any machine makes in a host's turn.
    const wide = feedForward({ sizes: [784, 500, 300, 10], activations: ["relu", "relu", "softmax"] });
    const network = runtime.network(wide);
    network.setParameters(Float32Array.from({ length: network.parameterCount }, (_, i) => ((i * 7919) % 1009) / 20_000 - 0.025));
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.001, momentum: 0.9 }));
    const batch = randomBatch(wide, 200);
    let updates = 0;
    let turnAt = 0;
    let longest = 0;
    let isOver = false;
    const turn = (): void => {
      longest = Math.max(longest, updates - turnAt);
      turnAt = updates;
      if (!isOver) setTimeout(turn, 0);
    };
    turn();
    function* batches() {
      for (; ; updates++) yield batch;
    }
    await train(network, optimizer, batches(), { updates: 40, every: 10, held: randomBatch(wide, 2000, 2) });
    isOver = true;
    expect(updates).toBe(39);
    expect(longest).toBeLessThanOrEqual(20);
    network.dispose();
  });
});
