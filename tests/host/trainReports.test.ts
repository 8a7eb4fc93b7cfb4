import {
  createRuntime,
  minibatches,
  type OptimizerDescription,
  type Runtime,
  type TrainingOptions,
  type TrainingReport,
  train,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { teamOf } from "../support/teamOf.js";
import { clouds, makeTrained } from "../support/training.js";
import { variants } from "../support/variants.js";

describe.each(variants)("train reports, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const pair = (...given: [OptimizerDescription?, number?]) => makeTrained(runtime, ...given);

  it("the mean loss since the last one, rate, momentum, epochs and time", async () => {
    const data = clouds(64);
    const { network, optimizer } = pair();
    const heard: TrainingReport[] = [];
    const result = await train(network, optimizer, data, {
      updates: 10,
      batchSize: 16,
      every: 4,
      onReport: (report) => heard.push(report),
    });
    const other = pair();
    const losses = Array.from(minibatches(data, { size: 16, updates: 10 }), (batch) => other.optimizer.step(batch).loss);
    const mean = (from: number, to: number): number => losses.slice(from, to).reduce((a, b) => a + b, 0) / (to - from);
    expect(result.reports).toEqual(heard);
    expect(heard.map(({ update, updates, epoch, loss }) => [update, updates, epoch, loss])).toEqual([
      [4, 10, 1, mean(0, 4)],
      [8, 10, 2, mean(4, 8)],
      [10, 10, 2.5, mean(8, 10)],
    ]);
    for (const { update, learningRate, momentum, seconds, secondsLeft } of heard) {
      expect(learningRate).toBe(optimizer.rate(update - 1));
      expect(momentum).toBe(update - 1 < 7 ? 0.5 : 0.9);
      expect(secondsLeft).toBeCloseTo((seconds / update) * (10 - update), 12);
    }
    expect(heard.every(({ seconds }, i) => seconds >= (heard[i - 1]?.seconds ?? 0))).toBe(true);
    expect(Object.keys(heard[0])).not.toContain("held");
    expect(result).toMatchObject({
      reason: { code: "updates", message: "All 10 updates were made." },
      updates: 10,
      kept: 10,
      last: heard[2],
    });
    expect(Object.keys(result)).not.toContain("best");
    expect(result.seconds).toBeGreaterThanOrEqual(heard[2].seconds);
    network.dispose();
    other.network.dispose();
  });

  it.each([
    [{ epochs: 3, batchSize: 16 }, [4, 8, 12]],
    [{ epochs: 2 }, [1, 2]],
    [{ updates: 5, batchSize: 16 }, [1, 2, 3, 4, 5]],
    [{ updates: 50, batchSize: 16 }, [...Array.from({ length: 16 }, (_, i) => 3 * i + 3), 50]],
    [{ updates: 3, batchSize: 16, every: 100 }, [3]],
  ] as readonly (readonly [TrainingOptions, number[]])[])("come at sensible updates: %o", async (options, wanted) => {
    const { network, optimizer } = pair();
    const { reports } = await train(network, optimizer, clouds(65), options);
    expect(reports.map(({ update }) => update)).toEqual(wanted);
    network.dispose();
  });

  it("are waited for", async () => {
    const { network, optimizer } = pair();
    const seen: number[] = [];
    const onReport = async ({ update }: TrainingReport): Promise<void> => {
      const before = optimizer.updates;
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(optimizer.updates).toBe(before);
      seen.push(update);
    };
    await train(network, optimizer, clouds(64), { updates: 3, every: 1, onReport });
    expect(seen).toEqual([1, 2, 3]);
    network.dispose();
  });

  it("that fail fail the training, after which another may begin", async () => {
    const { network, optimizer } = pair();
    const failing = train(network, optimizer, clouds(64), {
      updates: 3,
      every: 1,
      onReport: () => {
        throw new RangeError("mine");
      },
    });
    await expect(failing).rejects.toThrow(new RangeError("mine"));
    expect(optimizer.updates).toBe(1);
    expect((await train(network, optimizer, clouds(64), { updates: 1 })).updates).toBe(1);
    network.dispose();
  });
});
