import {
  autoencoder,
  createRuntime,
  type FeedForwardDescription,
  FormatError,
  feedForward,
  HeavyballError,
  InvalidOptionError,
  loadModel,
  nesterov,
  type Runtime,
  saveModel,
  sparse,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "#internal/formats/safetensors";
import { makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";

describe("models", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 });
  });
  afterAll(() => runtime.dispose());

  const small = () => makePair(runtime, ODD_AUTOENCODER).network;

  it.each<[string, FeedForwardDescription]>([
    ["an autoencoder", ODD_AUTOENCODER],
    ["a classifier", feedForward({ sizes: [5, 17, 9, 3], activations: ["tanh", "linear", "softmax"] })],
    ["one unit", feedForward({ sizes: [1, 1] })],
    [
      "an autoencoder with everything named",
      autoencoder({ encoder: [9, 4, 2], hidden: "tanh", code: "logistic", output: "linear", loss: "squared" }),
    ],
  ])("come back bit for bit: %s", (_name, description) => {
    const { network } = makePair(runtime, description);
    const loaded = loadModel(runtime, saveModel(network));
    expect(loaded.description).toEqual(description);
    expect(sameBits(loaded.getParameters(), network.getParameters())).toBe(true);
    const batch = randomBatch(description, 7);
    expect(sameBits(loaded.predict(batch), network.predict(batch))).toBe(true);
    expect(loaded.evaluate(batch)).toEqual(network.evaluate(batch));
  });

  it("hold theta, not the look-ahead point, and every kind of finite number", () => {
    const network = small();
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    for (let t = 0; t < 3; t++) optimizer.step(randomBatch(ODD_AUTOENCODER, 4));
    expect(sameBits(loadModel(runtime, saveModel(network)).getParameters(), network.getParameters())).toBe(true);
    const odd = network.getParameters();
    odd.set([-0, 1e-45, -3.4028234663852886e38, 2 ** -126, 1 / 3]);
    network.setParameters(odd);
    expect(sameBits(loadModel(runtime, saveModel(network)).getParameters(), odd)).toBe(true);
  });

  it("are safetensors files of the tensors in network.layout, with the description beside them", () => {
    const network = small();
    const { metadata, tensors } = readSafetensors(saveModel(network));
    expect(JSON.parse(metadata.heavyball)).toEqual(network.description);
    expect(tensors.map(({ name, shape }) => ({ name, shape }))).toEqual(network.layout.map(({ name, shape }) => ({ name, shape })));
    const parameters = network.getParameters();
    for (const [i, { offset }] of network.layout.entries())
      expect(tensors[i].data).toEqual(parameters.slice(offset, offset + tensors[i].data.length));
  });

  it("are the caller's own bytes", () => {
    const network = small();
    const bytes = saveModel(network);
    const copy = bytes.slice();
    network.initialize(sparse({ seed: 9 }));
    const loaded = loadModel(runtime, bytes);
    bytes.fill(0);
    expect(sameBits(loaded.getParameters(), loadModel(runtime, copy).getParameters())).toBe(true);
  });

  /** The saved model with its content changed. */
  function altered(
    change: (content: {
      metadata: Record<string, string>;
      tensors: { name: string; shape: readonly number[]; data: Float32Array | Float64Array }[];
    }) => void,
  ): Uint8Array {
    const content = readSafetensors(saveModel(small()));
    change(content);
    return writeSafetensors(content);
  }

  function failure(bytes: Uint8Array): HeavyballError {
    try {
      loadModel(runtime, bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(HeavyballError);
      return error as HeavyballError;
    }
    throw new Error("nothing was thrown");
  }

  it("cut short anywhere, or longer, are refused with the byte at which it shows", () => {
    const bytes = saveModel(small());
    for (let length = 0; length < bytes.length; length += length < 600 ? 1 : 37) {
      const error = failure(bytes.slice(0, length));
      expect(error).toBeInstanceOf(FormatError);
      expect(error.message).toMatch(/^model: at byte \d+, expected /);
    }
    const longer = new Uint8Array(bytes.length + 4);
    longer.set(bytes);
    expect(failure(longer)).toBeInstanceOf(FormatError);
  });

  it("with any byte of the header changed either load or fail in a sentence", () => {
    const bytes = saveModel(small());
    const headerEnd = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    let refused = 0;
    for (let at = 0; at < headerEnd; at++) {
      const damaged = bytes.slice();
      damaged[at] ^= 0x15;
      try {
        loadModel(runtime, damaged).dispose();
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(HeavyballError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(headerEnd / 2);
  });

  it("without a description, with one that is no JSON, or with tensors that do not fit it are refused", () => {
    expect(failure(altered(({ metadata }) => delete metadata.heavyball)).message).toMatch(
      /the metadata key "heavyball": this file was not written by saveModel/,
    );
    expect(failure(altered(({ metadata }) => (metadata.heavyball = "{"))).message).toMatch(/JSON under the metadata key/);
    expect(failure(altered(({ tensors }) => tensors.splice(2, 1))).message).toMatch(/a tensor named "layer2.weights"/);
    expect(failure(altered(({ tensors }) => (tensors[0].name = "first"))).message).toMatch(/a tensor named "layer1.weights"/);
    expect(failure(altered(({ tensors }) => (tensors[0].shape = [...tensors[0].shape].reverse()))).message).toMatch(
      /"layer1.weights" of shape 13 x 9, not 9 x 13/,
    );
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode("not a model at all")])
      expect(failure(bytes)).toBeInstanceOf(FormatError);
  });

  it("that describe something unknown are refused by name", () => {
    const description = (changes: object) =>
      altered(({ metadata }) => (metadata.heavyball = JSON.stringify({ ...ODD_AUTOENCODER, ...changes })));
    expect(failure(description({ kind: "convolutional" })).message).toMatch(/network.kind is "convolutional"/);
    expect(failure(description({ dropout: 0.5 })).message).toMatch(/network.dropout is 0.5/);
    expect(failure(description({ sizes: [13, 0, 13] })).message).toMatch(/sizes\[1\] is 0/);
    expect(failure(description({ activations: ["relu"] })).message).toMatch(/activations/);
    expect(failure(description({ sizes: [13, 9, 5, 3, 5, 8, 13] })).message).toMatch(/of shape 5 x 8, not 5 x 9/);
    expect(failure(altered(({ metadata }) => (metadata.heavyball = "null"))).message).toMatch(/network is null/);
    for (const changes of [{ kind: "convolutional" }, { dropout: 0.5 }, { sizes: [13, 0, 13] }, { activations: ["relu"] }, { loss: 1 }])
      expect(failure(description(changes))).toMatchObject({ code: "FORMAT", file: "model", offset: 8 });
    expect(failure(description({ kind: 3 })).message).toMatch(
      /^model: .*the metadata key "heavyball", found one that is wrong: network.kind is 3/,
    );
  });

  it("with parameters that are not finite are refused", () => {
    const bytes = altered(({ tensors }) => (tensors[1].data[2] = NaN));
    const error = failure(bytes);
    expect(error).toMatchObject({ code: "FORMAT", file: "model" });
    expect(error.message).toMatch(/^model: at byte \d+, expected a finite number in tensor "layer1.biases", found NaN \(F32\)$/);
    expect(new DataView(bytes.buffer).getFloat32((error as FormatError).offset, true)).toBeNaN();
  });

  it("must be bytes", () => {
    for (const value of [null, undefined, "model", [1, 2], new ArrayBuffer(8)]) {
      expect(failure(value as unknown as Uint8Array)).toBeInstanceOf(InvalidOptionError);
    }
  });

  it("that cannot be loaded take no memory", () => {
    const bad = altered(({ tensors }) => tensors[1].data.fill(NaN));
    failure(bad);
    const size = runtime.memory.memory.buffer.byteLength;
    for (let i = 0; i < 300; i++) failure(bad);
    expect(runtime.memory.memory.buffer.byteLength).toBe(size);
  });
});
