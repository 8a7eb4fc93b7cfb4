import { type Batch, createRuntime, hessianFree, type OptimizerDescription, type Runtime, train } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { teamOf } from "../support/teamOf.js";
import { clouds, makeTrained } from "../support/training.js";
import { variants } from "../support/variants.js";

describe.each(variants)("train stops, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const pair = (...given: [OptimizerDescription?, number?]) => makeTrained(runtime, ...given);

  it("before it begins, where the signal has been given", async () => {
    const { network, optimizer } = pair();
    const before = network.getParameters();
    const result = await train(network, optimizer, clouds(64), { updates: 5, signal: AbortSignal.abort(), held: 0.5 });
    expect(result).toMatchObject({
      reason: { code: "aborted", message: "Stopped by the caller after 0 of 5 updates." },
      updates: 0,
      kept: 0,
    });
    expect([result.reports, result.last, result.best]).toEqual([[], undefined, undefined]);
    expect(sameBits(network.getParameters(), before)).toBe(true);
    network.dispose();
  });

  it("with what it has: the parameters as they are", async () => {
    const { network, optimizer } = pair();
    const stop = new AbortController();
    function* batches() {
      for (let t = 0; ; t++) {
        if (t === 5) stop.abort();
        yield clouds(20, t);
      }
    }
    const { reason, updates, kept, reports } = await train(network, optimizer, batches(), {
      updates: 100,
      every: 3,
      signal: stop.signal,
    });
    expect([reason.code, updates, kept, reports.length, optimizer.updates]).toEqual(["aborted", 5, 5, 1, 5]);
    network.dispose();
  });

  it("with what it has: the best parameters, where data are held out", async () => {
    const { network, optimizer } = pair();
    const stop = new AbortController();
    const held = clouds(50, 5);
    const { reason, updates, kept, best } = await train(network, optimizer, clouds(60), {
      updates: 100,
      batchSize: 20,
      every: 2,
      held,
      signal: stop.signal,
      onReport: ({ update }) => {
        if (update === 6) stop.abort();
      },
    });
    expect([reason.code, updates]).toEqual(["aborted", 6]);
    expect(kept).toBe(best!.update);
    expect(network.evaluate(held)).toEqual(best!.held);
    network.dispose();
  });

  it("by a timer, in the middle of everything", async () => {
    const { network, optimizer } = pair();
    const result = await train(network, optimizer, clouds(64), { updates: 1e9, batchSize: 16, signal: AbortSignal.timeout(100) });
    expect(result.reason.code).toBe("aborted");
    expect(result.updates).toBeGreaterThan(0);
    network.dispose();
  });

  it("inside a long update, of which nothing is left", async () => {
    // Seconds long, in slices.
    const wide = layers([200, 300, 200, 3], "tanh", "softmax");
    const { network } = makePair(runtime, wide);
    const optimizer = runtime.optimizer(network, hessianFree({ conjugateGradient: { maximum: 100_000, minimum: 100_000 } as never }));
    const before = network.getParameters();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 150);
    const { reason, updates } = await train(network, optimizer, randomBatch(wide, 3000), { updates: 3, signal: stop.signal });
    expect([reason.code, updates, optimizer.updates]).toEqual(["aborted", 0, 0]);
    expect(sameBits(network.getParameters(), before)).toBe(true);
    // It may be taken up again.
    expect(optimizer.step(randomBatch(wide, 5)).update).toBe(0);
    network.dispose();
  });

  it("where a batch is long in coming", async () => {
    const { network, optimizer } = pair();
    const stop = new AbortController();
    let closed = false;
    const never: AsyncIterable<Batch> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          closed = true;
          throw new Error("nobody hears of this");
        },
      }),
    };
    setTimeout(() => stop.abort(), 5);
    const { reason } = await train(network, optimizer, never, { updates: 3, signal: stop.signal });
    expect([reason.code, closed]).toEqual(["aborted", true]);
    network.dispose();
  });

  it("where the batches end, and says so", async () => {
    const { network, optimizer } = pair();
    let closed = 0;
    function* batches(count: number) {
      try {
        for (let t = 0; t < count; t++) yield clouds(20, t);
      } finally {
        closed++;
      }
    }
    const short = await train(network, optimizer, batches(4), { updates: 10, every: 3 });
    expect(short.reason).toEqual({ code: "dataEnded", message: "The batches ended after 4 of 10 updates." });
    expect(short.reports.map(({ update }) => update)).toEqual([3, 4]);
    expect((await train(network, optimizer, [], { updates: 1 })).reports).toEqual([]);
    // And leaves no generator open that has more.
    await train(network, optimizer, batches(100), { updates: 2 });
    expect(closed).toBe(2);
    network.dispose();
  });
});
