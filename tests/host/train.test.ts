import {
  type Batch,
  classicalMomentum,
  createRuntime,
  DisposedError,
  feedForward,
  hessianFree,
  InvalidOptionError,
  loadModel,
  minibatches,
  type Network,
  nesterov,
  type Optimizer,
  type OptimizerDescription,
  type Runtime,
  ShapeError,
  saveModel,
  schedules,
  sgd,
  type TrainingOptions,
  type TrainingReport,
  train,
  UnsupportedError,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import { gatherCases } from "#internal/tasks/gatherCases";
import { splitCases } from "#internal/training/trainingData";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { MASKS, makeRecurrentPair, randomSequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

const SHAPE = layers([5, 9, 3], "tanh", "softmax");
const SEQUENCES = shape(2, 6, 3, "softmax");
const MOMENTUM = schedules.piecewise({ values: [0.5, 0.9], at: [7] });
const DESCRIPTIONS: readonly OptimizerDescription[] = [
  sgd({ learningRate: 0.1, weightDecay: 0.01 }),
  classicalMomentum({ learningRate: 0.05, momentum: MOMENTUM }),
  nesterov({ learningRate: schedules.inverse({ numerator: 1, offset: 4, max: 0.1 }), momentum: MOMENTUM }),
  hessianFree({ conjugateGradient: { maximum: 5 } }),
];

/** Points of three clouds, and the cloud that each belongs to: what can be learned, and not quite. */
function clouds(cases: number, seed = 1): Batch & { readonly targets: Float32Array } {
  const stream = new RandomStream(seed, "test/clouds");
  const inputs = new Float32Array(cases * 5);
  const targets = new Float32Array(cases * 3);
  for (let i = 0; i < cases; i++) {
    const label = stream.integer(3);
    targets[3 * i + label] = 1;
    for (let j = 0; j < 5; j++) inputs[5 * i + j] = stream.normal() + (j === label ? 2 : 0);
  }
  return { inputs, targets, cases };
}

/** Labels that nothing explains: whatever is learned of them is learned by heart. */
function noise(cases: number, seed: number): Batch & { readonly targets: Float32Array } {
  const data = clouds(cases, seed);
  const stream = new RandomStream(seed, "test/noise");
  data.targets.fill(0);
  for (let i = 0; i < cases; i++) data.targets[3 * i + stream.integer(3)] = 1;
  return data;
}

describe.each(variants)("train on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const pair = (description: OptimizerDescription = DESCRIPTIONS[2], total?: number) => {
    const { network } = makePair(runtime, SHAPE);
    const optimizer = runtime.optimizer(network, description, total === undefined ? {} : { updates: total }) as Optimizer;
    return { network, optimizer };
  };

  describe("has the bits of a loop by hand", () => {
    /** Parameters, state and losses of such a loop. */
    const byHand = (description: OptimizerDescription, batches: Iterable<Batch>) => {
      const { network, optimizer } = pair(description);
      const losses = Array.from(batches, (batch) => optimizer.step(batch).loss);
      const left = { parameters: network.getParameters(), state: optimizer.getState(), losses };
      network.dispose();
      return left;
    };

    it.each(DESCRIPTIONS.map((description) => [description.method, description] as const))("%s", async (_method, description) => {
      const data = clouds(130);
      const wanted = byHand(description, minibatches(data, { size: 20, updates: 15, seed: 4 }));
      const { network, optimizer } = pair(description);
      const losses: number[] = [];
      const { updates, kept, reports } = await train(network, optimizer, data, {
        updates: 15,
        batchSize: 20,
        seed: 4,
        every: 1,
        onReport: ({ loss }) => losses.push(loss),
      });
      expect([updates, kept, reports.length]).toEqual([15, 15, 15]);
      expect(losses).toEqual(wanted.losses);
      expect(sameBits(network.getParameters(), wanted.parameters)).toBe(true);
      expect(optimizer.getState()).toEqual(wanted.state);
      network.dispose();
    });

    it("with data held out, which are measured in between", async () => {
      const data = clouds(150);
      const { trained, held } = splitCases(150, 0.2, 9);
      const wanted = byHand(DESCRIPTIONS[2], minibatches(gatherCases(data, trained), { size: 20, updates: 15, seed: 9 }));
      const { network, optimizer } = pair();
      const seen: Float32Array[] = [];
      const { reports } = await train(network, optimizer, data, {
        updates: 15,
        batchSize: 20,
        seed: 9,
        held: 0.2,
        every: 3,
        onReport: ({ held: error }) => {
          expect(error).toEqual(network.evaluate(gatherCases(data, held)));
          seen.push(network.getParameters());
        },
      });
      expect(reports.map(({ update }) => update)).toEqual([3, 6, 9, 12, 15]);
      expect(sameBits(seen.at(-1)!, wanted.parameters)).toBe(true);
      network.dispose();
    });

    it("of recurrent networks, in time-major batches with masks", async () => {
      const data = randomSequences(SEQUENCES, 60, 7, MASKS["cases of unequal lengths"]);
      const { trained, held } = splitCases(60, 0.25, 1);
      const nets = [0, 1].map(() => makeRecurrentPair(runtime, SEQUENCES).network);
      const [hand, own] = nets.map((network) => runtime.optimizer(network, DESCRIPTIONS[2]));
      for (const batch of minibatches(gatherCases(data, trained), { size: 10, updates: 9 })) hand.step(batch);
      const { last, reason } = await train(nets[1], own, data, { updates: 9, batchSize: 10, held: 0.25, every: 9 });
      expect(sameBits(nets[1].getParameters(), nets[0].getParameters())).toBe(true);
      expect(last!.held).toEqual(nets[0].evaluate(gatherCases(data, held)));
      expect(reason.code).toBe("updates");
      for (const network of nets) network.dispose();
    });

    it("of batches that come from elsewhere", async () => {
      const batches = [clouds(7, 1), clouds(30, 2), clouds(1, 3)];
      const wanted = byHand(DESCRIPTIONS[2], batches);
      const sources: Record<string, () => Iterable<Batch> | AsyncIterable<Batch>> = {
        array: () => batches,
        generator: function* () {
          yield* batches;
        },
        set: () => new Set(batches),
        "async generator": async function* () {
          for (const batch of batches) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            yield batch;
          }
        },
      };
      for (const [name, make] of Object.entries(sources)) {
        const { network, optimizer } = pair();
        const { reports, reason } = await train(network, optimizer, make(), { updates: 3, every: 2 });
        expect(reason.code, name).toBe("updates");
        expect(sameBits(network.getParameters(), wanted.parameters), name).toBe(true);
        expect(reports.map(({ loss }) => loss)).toEqual([(wanted.losses[0] + wanted.losses[1]) / 2, wanted.losses[2]]);
        expect(reports[0].epoch).toBe(undefined);
        network.dispose();
      }
    });

    it("of all cases at once, which are not shuffled", async () => {
      const data = clouds(40);
      const wanted = byHand(DESCRIPTIONS[3], [data, data]);
      const { network, optimizer } = pair(DESCRIPTIONS[3]);
      // What hessianFree does unless told otherwise.
      const { reports } = await train(network, optimizer, data, { epochs: 2 });
      expect(reports.map(({ update, epoch, loss }) => [update, epoch, loss])).toEqual(wanted.losses.map((loss, i) => [i + 1, i + 1, loss]));
      expect(sameBits(network.getParameters(), wanted.parameters)).toBe(true);
      const { network: other, optimizer: otherOptimizer } = pair(DESCRIPTIONS[3]);
      const { trained } = splitCases(40, 0.25, 1);
      await train(other, otherOptimizer, data, { updates: 1, held: 0.25 });
      expect(sameBits(other.getParameters(), byHand(DESCRIPTIONS[3], [gatherCases(data, trained)]).parameters)).toBe(true);
      network.dispose();
      other.dispose();
    });

    it("in two calls as in one", async () => {
      const data = clouds(130);
      const wanted = byHand(DESCRIPTIONS[2], minibatches(data, { size: 20, updates: 17, seed: 2 }));
      const { network, optimizer } = pair();
      await train(network, optimizer, data, { updates: 8, batchSize: 20, seed: 2 });
      const { reports } = await train(network, optimizer, data, { updates: 9, batchSize: 20, seed: 2, every: 9 });
      expect(sameBits(network.getParameters(), wanted.parameters)).toBe(true);
      expect(reports[0]).toMatchObject({ update: 9, updates: 9, epoch: 9 / 6 });
      network.dispose();
    });

    it("also where several are trained at once", async () => {
      const jobs = DESCRIPTIONS.map((description, i) => ({ description, data: clouds(130, i + 1) }));
      const order: number[] = [];
      const left = await Promise.all(
        jobs.map(async ({ description, data }, i) => {
          const { network, optimizer } = pair(description);
          let parameters: Float32Array = new Float32Array();
          const onReport = async ({ update }: TrainingReport) => {
            order.push(i);
            if (update === 12) parameters = network.getParameters();
            await new Promise((resolve) => setTimeout(resolve, 0));
          };
          await train(network, optimizer, data, { updates: 12, batchSize: 20, every: 3, held: clouds(50, 99), onReport });
          network.dispose();
          return parameters;
        }),
      );
      // They took turns.
      expect(order.slice(0, 4).sort()).toEqual([0, 1, 2, 3]);
      jobs.forEach(({ description, data }, i) => {
        expect(sameBits(left[i], byHand(description, minibatches(data, { size: 20, updates: 12 })).parameters)).toBe(true);
      });
    });
  });

  describe("reports", () => {
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

  describe("with held-out data", () => {
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

  describe("stops", () => {
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

  describe("that diverges ends well", () => {
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

  describe("refuses", () => {
    const refused: readonly (readonly [string, Record<string, unknown>, string])[] = [
      ["no length", {}, "updates"],
      ["two lengths", { updates: 1, epochs: 1 }, "epochs"],
      ["half an update", { updates: 0.5 }, "updates"],
      ["no updates", { updates: 0 }, "updates"],
      ["half an epoch", { epochs: 1.5 }, "epochs"],
      ["null updates", { updates: null }, "updates"],
      ["no cases", { updates: 1, batchSize: 0 }, "batchSize"],
      ["too many cases", { updates: 1, batchSize: 65 }, "batchSize"],
      ["more cases than are left", { updates: 1, batchSize: 60, held: 0.5 }, "batchSize"],
      ["a seed below 0", { updates: 1, seed: -1 }, "seed"],
      ["nothing held out", { updates: 1, held: 0 }, "held"],
      ["all held out", { updates: 1, held: 1 }, "held"],
      ["NaN held out", { updates: 1, held: NaN }, "held"],
      ["null held out", { updates: 1, held: null }, "held"],
      ["batches held out", { updates: 1, held: [] }, "held"],
      ["a report at no update", { updates: 1, every: 0 }, "every"],
      ["no patience", { updates: 1, patience: 0, held: 0.5 }, "patience"],
      ["patience with nothing held out", { updates: 1, patience: 3 }, "patience"],
      ["a signal that is none", { updates: 1, signal: true }, "signal"],
      ["a signal that nobody can listen to", { updates: 1, signal: { aborted: false } }, "signal"],
      ["a report to nobody", { updates: 1, onReport: "me" }, "onReport"],
      ["a misspelled option", { updates: 1, batchsize: 5 }, "train.batchsize"],
    ];
    it.each(refused)("%s", async (_name, options, option) => {
      const { network, optimizer } = pair();
      const before = network.getParameters();
      const error = await train(network, optimizer, clouds(64), options as TrainingOptions).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as InvalidOptionError).option).toBe(option);
      expect(sameBits(network.getParameters(), before)).toBe(true);
      network.dispose();
    });

    it.each([
      ["epochs", { epochs: 1 }, "updates"],
      ["a batch size", { updates: 1, batchSize: 5 }, "batchSize"],
      ["a seed", { updates: 1, seed: 5 }, "seed"],
      ["a share to hold out", { updates: 1, held: 0.5 }, "held"],
    ])("of batches as they come %s", async (_name, options, option) => {
      const { network, optimizer } = pair();
      const error = await train(network, optimizer, [clouds(5)], options).catch((reason: unknown) => reason);
      expect((error as InvalidOptionError).option).toBe(option);
      network.dispose();
    });

    it("data that do not fit or are not finite, by the name they have here, before anything changes", async () => {
      const { network, optimizer } = pair();
      const before = network.getParameters();
      const data = clouds(64);
      const spoilt = (place: "inputs" | "targets", at: number, value: number): Batch => {
        const values = data[place].slice();
        values[at] = value;
        return { ...data, [place]: values };
      };
      const fails = async (given: unknown, options: Record<string, unknown>, kind: unknown, message: RegExp): Promise<void> => {
        const error = await train(network, optimizer, given as Batch, options as TrainingOptions).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(kind);
        expect((error as Error).message).toMatch(message);
      };
      await fails({ ...data, cases: 63 }, { epochs: 1 }, ShapeError, /^data\.inputs\.length is 320/);
      await fails({ inputs: data.inputs, cases: 64 }, { epochs: 1 }, ShapeError, /^data\.targets is missing/);
      await fails(data, { epochs: 1, held: { ...data, cases: 63 } }, ShapeError, /^held\.inputs\.length is 320/);
      await fails(spoilt("inputs", 317, NaN), { epochs: 1 }, InvalidOptionError, /^data\.inputs\[317\] is NaN/);
      await fails(spoilt("targets", 190, 2), { epochs: 1 }, InvalidOptionError, /^data\.targets\[190\] is 2/);
      await fails(data, { epochs: 1, held: spoilt("inputs", 0, Infinity) }, InvalidOptionError, /^held\.inputs\[0\] is Infinity/);
      await fails([data], { updates: 1, held: spoilt("targets", 5, -1) }, InvalidOptionError, /^held\.targets\[5\] is -1/);
      for (const nothing of [undefined, null, 5, "text"]) await fails(nothing, { epochs: 1 }, InvalidOptionError, /^data is /);
      await fails([spoilt("inputs", 3, NaN)], { updates: 1 }, InvalidOptionError, /^batch\.inputs\[3\] is NaN/);
      await fails([5], { updates: 1 }, InvalidOptionError, /^batch is 5/);
      await fails(
        { inputs: data.inputs.slice(0, 5), targets: data.targets.slice(0, 3), cases: 1 },
        { epochs: 1, held: 0.5 },
        InvalidOptionError,
        /^held is 0\.5/,
      );
      expect(sameBits(network.getParameters(), before)).toBe(true);
      expect(optimizer.updates).toBe(0);
      network.dispose();
    });

    it("networks and optimizers that are not there, or not each other's", async () => {
      const { network, optimizer } = pair();
      const other = pair();
      const elsewhere = await createRuntime({ threads: 1, kernels });
      const foreign = elsewhere.network(SHAPE);
      const fails = async (net: unknown, trained: unknown, kind: unknown, message: RegExp): Promise<void> => {
        const error = await train(net as Network, trained as Optimizer, clouds(64), { epochs: 1 }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(kind);
        expect((error as Error).message).toMatch(message);
      };
      await fails(network, other.optimizer, InvalidOptionError, /^optimizer is "an optimizer of another network"/);
      await fails(foreign, optimizer, InvalidOptionError, /^optimizer is "an optimizer of another network"/);
      await fails(undefined, optimizer, InvalidOptionError, /^network is undefined/);
      await fails(SHAPE, optimizer, InvalidOptionError, /^network is \{"kind"/);
      await fails(network, undefined, InvalidOptionError, /^optimizer is undefined/);
      await fails(network, optimizer.description, InvalidOptionError, /^optimizer is \{"method"/);
      optimizer.dispose();
      await fails(network, optimizer, DisposedError, /optimizer has been disposed of/);
      other.network.dispose();
      await fails(other.network, other.optimizer, DisposedError, /network has been disposed of/);
      network.dispose();
      await elsewhere.dispose();
    });

    it("a network that is being trained already, until it is not", async () => {
      const { network, optimizer } = pair();
      const second = runtime.optimizer(network, sgd({ learningRate: 0.1 }));
      const first = train(network, optimizer, clouds(64), { updates: 4 });
      await expect(train(network, second, clouds(64), { updates: 1 })).rejects.toThrow(UnsupportedError);
      await expect(train(network, optimizer, clouds(64), { updates: 1 })).rejects.toThrow(/being trained by another call/);
      expect((await first).updates).toBe(4);
      expect((await train(network, second, clouds(64), { updates: 1 })).updates).toBe(1);
      network.dispose();
    });

    it("to go on with a network that is gone", async () => {
      const { network, optimizer } = pair();
      const ended = train(network, optimizer, clouds(64), { updates: 4, every: 1, onReport: () => network.dispose() });
      await expect(ended).rejects.toThrow(DisposedError);
    });
  });

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
