import {
  autoencoder,
  type Batch,
  createRuntime,
  FormatError,
  feedForward,
  hessianFree,
  InvalidOptionError,
  loadModel,
  type Network,
  type Runtime,
  recurrent,
  saveModel,
  sgd,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkNetworkDescription } from "#internal/networks/describe";
import { RandomStream } from "#internal/random/stream";
import { layers, makePair, sameBits } from "../support/networks.js";
import { makeRecurrentPair, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

/** Rows of targets that are no distributions, and what they are. */
const ROWS: Readonly<Record<string, (stream: RandomStream) => number[]>> = {
  "all 0": () => [0, 0, 0],
  "all 1": () => [1, 1, 1],
  "two classes at once": () => [1, 0, 1],
  "half a class": () => [0, 0.5, 0],
  "anything from 0 to 1": (stream) => [stream.uniform(), stream.uniform(), stream.uniform()],
  "smoothed labels": () => [0.05, 0.9, 0.05],
};

/** (loss(theta + h e_i) - loss(theta - h e_i)) / 2h of the network's own loss. */
function differences(network: Network, batch: Batch): number[] {
  const theta = network.getParameters();
  const step = 2 ** -7;
  const lossAt = (i: number, by: number): number => {
    network.setParameters(theta.map((value, j) => (j === i ? value + by : value)));
    return network.evaluate(batch).loss;
  };
  const slopes = Array.from(theta, (_, i) => (lossAt(i, step) - lossAt(i, -step)) / (2 * step));
  network.setParameters(theta);
  return slopes;
}

describe.each(variants)("softmax targets on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  describe.each(Object.entries(ROWS))("%s", (_name, rowOf) => {
    const targetsFor = (rows: number): Float32Array => {
      const stream = new RandomStream(3, "test/targets");
      return Float32Array.from(Array.from({ length: rows }, () => rowOf(stream)).flat());
    };

    it("have a gradient that is the loss's own, feed-forward", () => {
      const { network } = makePair(runtime, layers([2, 4, 3], "tanh", "softmax"));
      const batch = { inputs: Float32Array.from({ length: 10 }, (_, i) => Math.cos(i)), targets: targetsFor(5), cases: 5 };
      const { gradient, loss } = network.gradient(batch);
      expect(loss).toBe(network.evaluate(batch).loss);
      const wanted = differences(network, batch);
      gradient.forEach((value, i) => expect(Math.abs(value - wanted[i])).toBeLessThan(2e-4));
      network.dispose();
    });

    it("have a gradient that is the loss's own, recurrent and masked", () => {
      const { network } = makeRecurrentPair(runtime, shape(2, 4, 3, "softmax"));
      const mask = Float32Array.of(0, 1, 0.5, 2, 1, 0);
      const batch = { inputs: Float32Array.from({ length: 12 }, (_, i) => Math.cos(i)), targets: targetsFor(6), mask, cases: 2, steps: 3 };
      const { gradient } = network.gradient(batch);
      const wanted = differences(network, batch);
      gradient.forEach((value, i) => expect(Math.abs(value - wanted[i])).toBeLessThan(4e-4));
      network.dispose();
    });

    it("have squared gradients that are those of each case alone", () => {
      const { network } = makePair(runtime, layers([2, 4, 3], "tanh", "softmax"));
      const [inputs, targets] = [Float32Array.from({ length: 6 }, (_, i) => Math.cos(i)), targetsFor(3)];
      const squares = network.squaredGradient({ inputs, targets, cases: 3 });
      const alone = [0, 1, 2].map(
        (m) => network.gradient({ inputs: inputs.slice(2 * m, 2 * m + 2), targets: targets.slice(3 * m, 3 * m + 3), cases: 1 }).gradient,
      );
      squares.forEach((value, i) => expect(Math.abs(value - alone.reduce((sum, g) => sum + g[i] ** 2, 0) / 3)).toBeLessThan(1e-6));
      network.dispose();
    });
  });

  it("that ask for nothing move nothing", () => {
    const network = runtime.network(feedForward({ sizes: [2, 3], activations: ["softmax"] }));
    const start = Float32Array.from({ length: 9 }, (_, i) => Math.sin(i));
    network.setParameters(start);
    const batch = { inputs: Float32Array.of(1, 2), targets: new Float32Array(3), cases: 1 };
    expect(runtime.optimizer(network, sgd({ learningRate: 0.5 })).step(batch)).toEqual({ update: 0, loss: 0 });
    const flat = runtime.optimizer(network, hessianFree({ weightDecay: 0, preconditioner: "none" })).step(batch);
    expect(flat).toMatchObject({ loss: 0, lineSearchRate: 0 });
    expect(network.gaussNewtonProduct(start, batch).every((value) => value === 0)).toBe(true);
    expect(network.squaredGradient(batch).every((value) => value === 0)).toBe(true);
    expect(sameBits(network.getParameters(), start)).toBe(true);
    network.dispose();
  });

  it("leave a one-hot row its bits beside others that are not", () => {
    const { network } = makePair(runtime, layers([2, 4, 3], "tanh", "softmax"));
    const one = network.gradient({ inputs: Float32Array.of(0.3, -0.2), targets: Float32Array.of(0, 1, 0), cases: 1 }).gradient;
    const both = network.gradient({
      inputs: Float32Array.of(0.3, -0.2, 5, 6),
      targets: Float32Array.of(0, 1, 0, 0, 0, 0),
      cases: 2,
    }).gradient;
    expect(
      sameBits(
        both.map((value) => 2 * value),
        one,
      ),
    ).toBe(true);
    network.dispose();
  });
});

describe("a softmax that cannot mean anything is refused when described", () => {
  const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["one unit, feed-forward", () => feedForward({ sizes: [3, 1], activations: ["softmax"] }), /^sizes\[1\] is 1; .* at least 2/],
    ["one unit, recurrent", () => recurrent({ inputs: 2, hidden: 3, outputs: 1, output: "softmax" }), /^outputs is 1; .* at least 2/],
    ["an autoencoder's output", () => autoencoder({ encoder: [4, 2], output: "softmax" }), /^output is "softmax"/],
    [
      "an autoencoder's output, described by hand",
      () =>
        checkNetworkDescription({
          kind: "feedForward",
          sizes: [4, 2, 4],
          activations: ["logistic", "softmax"],
          loss: "crossEntropy",
          autoencoder: true,
        }),
      /^activations\[1\] is "softmax".*autoencoder/,
    ],
  ];
  it.each(refused)("%s", (_name, describeIt, message) => {
    expect(describeIt).toThrow(InvalidOptionError);
    expect(describeIt).toThrow(message);
  });

  it("also in a saved model", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const network = runtime.network(feedForward({ sizes: [2, 2], activations: ["softmax"] }));
    const text = new TextDecoder("latin1").decode(saveModel(network)).replace('autoencoder\\":false', 'autoencoder\\":true ');
    expect(() =>
      loadModel(
        runtime,
        Uint8Array.from(text, (character) => character.charCodeAt(0)),
      ),
    ).toThrow(FormatError);
    await runtime.dispose();
  });
});
