import {
  type Batch,
  createRuntime,
  DisposedError,
  InvalidOptionError,
  type Network,
  type Optimizer,
  type OptimizerDescription,
  type Runtime,
  ShapeError,
  sgd,
  type TrainingOptions,
  train,
  UnsupportedError,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sameBits } from "../support/networks.js";
import { teamOf } from "../support/teamOf.js";
import { clouds, makeTrained, SHAPE } from "../support/training.js";
import { variants } from "../support/variants.js";

describe.each(variants)("train refuses, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  const pair = (...given: [OptimizerDescription?, number?]) => makeTrained(runtime, ...given);

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
