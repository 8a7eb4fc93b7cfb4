import { type Batch, createRuntime, minibatches, type OptimizerDescription, type Runtime, type TrainingReport, train } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatherCases } from "#internal/tasks/gatherCases";
import { splitCases } from "#internal/training/trainingData";
import { sameBits } from "../support/networks.js";
import { MASKS, makeRecurrentPair, randomSequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { clouds, DESCRIPTIONS, makeTrained } from "../support/training.js";
import { variants } from "../support/variants.js";

const SEQUENCES = shape(2, 6, 3, "softmax");

describe.each(variants)("train has the bits of a loop by hand, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const pair = (...given: [OptimizerDescription?, number?]) => makeTrained(runtime, ...given);

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
