import { autoencoder, createRuntime, feedForward, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectInvalid, loose } from "../support/failures.js";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

describe("descriptions of networks", () => {
  it.each([
    [{}, "sizes", /an array of at least 2/],
    [{ sizes: [3] }, "sizes", /at least 2/],
    [{ sizes: "3,2" }, "sizes", /is "3,2".*an array/],
    [{ sizes: null }, "sizes", /an array/],
    [{ sizes: [3, 0] }, "sizes[1]", /a whole number from 1/],
    [{ sizes: [0, 3] }, "sizes[0]", /a whole number from 1/],
    [{ sizes: [3, -2] }, "sizes[1]", /is -2/],
    [{ sizes: [3, 2.5] }, "sizes[1]", /a whole number/],
    [{ sizes: [3, NaN] }, "sizes[1]", /a whole number/],
    [{ sizes: [3, Infinity] }, "sizes[1]", /a whole number/],
    [{ sizes: [3, "2"] }, "sizes[1]", /is "2"/],
    [{ sizes: [3, 1e9] }, "sizes[1]", /from 1 to 16777216/],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    [{ sizes: [3, , 2] }, "sizes[1]", /is undefined/],
    [{ sizes: [3, 2], activations: [] }, "activations", /an array of 1 names/],
    [{ sizes: [3, 2], activations: "tanh" }, "activations", /an array of 1 names/],
    [{ sizes: [3, 2], activations: ["tanh"] }, "activations[0]", /"logistic", "softmax", "linear"/],
    [{ sizes: [3, 4, 2], activations: ["softmax", "linear"] }, "activations[0]", /"logistic", "tanh", "linear"/],
    [{ sizes: [3, 4, 2], activations: ["sine", "linear"] }, "activations[0]", /is "sine"/],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    [{ sizes: [3, 4, 2], activations: [, "linear"] }, "activations[0]", /is undefined/],
    [{ sizes: [3, 2], loss: "crossEntropy" }, "loss", /"squared", the one that matches a linear output/],
    [{ sizes: [3, 2], activations: ["softmax"], loss: "squared" }, "loss", /"crossEntropy", the one that matches a softmax output/],
    [{ sizes: [3, 2], activations: ["logistic"], loss: "mse" }, "loss", /is "mse"/],
    [{ sizes: [3, 2], loss: null }, "loss", /"squared"/],
    [{ sizes: [3, 2], activation: ["linear"] }, "feedForward.activation", /feedForward knows sizes, activations, loss/],
    [null, "feedForward", /an object/],
    [[3, 2], "feedForward", /an object/],
    [undefined, "feedForward", /an object/],
  ])("feedForward(%j) is refused", (options, option, allowed) => {
    expectInvalid(() => feedForward(loose(options)), option, allowed);
  });

  it.each([
    [{}, "encoder", /an array of at least 2/],
    [{ encoder: [5] }, "encoder", /at least 2/],
    [{ encoder: [5, 0] }, "encoder[1]", /a whole number from 1/],
    [{ encoder: [5, 2], hidden: "softmax" }, "hidden", /"logistic", "tanh", "linear"/],
    [{ encoder: [5, 2], code: "sine" }, "code", /is "sine"/],
    [{ encoder: [5, 2], output: "tanh" }, "output", /"logistic", "softmax", "linear"/],
    [{ encoder: [5, 2], output: null }, "output", /is null/],
    [{ encoder: [5, 2], output: "linear", loss: "crossEntropy" }, "loss", /"squared"/],
    [{ encoder: [5, 2], decoder: [2, 5] }, "autoencoder.decoder", /autoencoder knows encoder/],
    [null, "autoencoder", /an object/],
  ])("autoencoder(%j) is refused", (options, option, allowed) => {
    expectInvalid(() => autoencoder(loose(options)), option, allowed);
  });

  it.each([
    [null, "network", /an object/],
    ["feedForward", "network", /an object/],
    [[], "network", /an object/],
    [{}, "network.kind", /"feedForward"/],
    [{ kind: "convolutional" }, "network.kind", /is "convolutional".*"feedForward"/],
    [{ kind: "feedForward", sizes: [2, 2], activations: ["linear"], loss: "squared" }, "network.autoencoder", /true or false/],
    [
      { kind: "feedForward", sizes: [2, 2], activations: ["linear"], loss: "squared", autoencoder: 1 },
      "network.autoencoder",
      /true or false/,
    ],
    [{ kind: "feedForward", sizes: [2], activations: [], loss: "squared", autoencoder: false }, "network.sizes", /at least 2/],
    [
      { kind: "feedForward", sizes: [2, 3], activations: ["linear"], loss: "squared", autoencoder: true },
      "sizes",
      /as wide at the end as at the beginning/,
    ],
    [
      { kind: "feedForward", sizes: [2, 2], activations: ["linear"], loss: "squared", autoencoder: false, dropout: 0.5 },
      "network.dropout",
      /network knows/,
    ],
  ])("runtime.network(%j) is refused", (description, option, allowed) => {
    expectInvalid(() => runtime.network(loose(description)), option, allowed);
  });

  it("make the caller's arrays their own", () => {
    const sizes = [4, 3];
    const description = feedForward({ sizes });
    sizes[1] = 0;
    expect(description.sizes).toEqual([4, 3]);
  });
});
