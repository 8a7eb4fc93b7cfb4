import { createRuntime, dense, echoState, feedForward, type NetworkDescription, type Runtime, recurrent, saveOnnx } from "heavyball";
import { InferenceSession, Tensor } from "onnxruntime-web";
import protobuf from "protobufjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";

describe("ONNX models", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 });
  });
  afterAll(() => runtime.dispose());

  it.each<[string, NetworkDescription]>([
    [
      "logistic units, a linear code, logistic outputs",
      feedForward({ sizes: [7, 5, 2, 5, 7], activations: ["logistic", "linear", "logistic", "logistic"] }),
    ],
    ["tanh and relu, softmax outputs", feedForward({ sizes: [30, 40, 17, 10], activations: ["tanh", "relu", "softmax"] })],
    ["a single layer, linear", feedForward({ sizes: [3, 1] })],
    ["recurrent, a linear output", recurrent({ inputs: 2, hidden: 13, outputs: 1 })],
    ["recurrent, softmax outputs", recurrent({ inputs: 4, hidden: 20, outputs: 3, output: "softmax" })],
    ["recurrent, logistic outputs", recurrent({ inputs: 1, hidden: 1, outputs: 2, output: "logistic" })],
  ])("give onnxruntime the outputs of predict: %s", async (_name, description) => {
    const network = runtime.network(description);
    network.initialize(
      description.kind === "recurrent" ? echoState({ seed: 3, inputScale: 1 }) : dense({ seed: 3, distribution: "glorot" }),
    );
    const parameters = network.getParameters();
    // Biases that are not 0, so that each is seen to be where it belongs.
    network.setParameters(parameters.map((value, i) => value + 0.05 * ((i % 7) - 3)));
    const [steps, cases] = [11, 9];
    const sizes = description.kind === "recurrent" ? [steps, cases] : [cases];
    const features = description.kind === "recurrent" ? description.inputs : description.sizes[0];
    const stream = new RandomStream(1, "test/inputs");
    const inputs = Float32Array.from({ length: sizes.reduce((a, b) => a * b) * features }, () => stream.normal());
    const session = await InferenceSession.create(saveOnnx(network));
    expect([...session.inputNames, ...session.outputNames]).toEqual(["inputs", "outputs"]);
    const { outputs } = await session.run({ inputs: new Tensor("float32", inputs, [...sizes, features]) });
    const wanted = network.predict(description.kind === "recurrent" ? { inputs, cases, steps } : { inputs, cases });
    expect(outputs.dims.slice(0, -1)).toEqual(sizes);
    expect(outputs.data.length).toBe(wanted.length);
    for (const [i, value] of wanted.entries()) expect(Math.abs(Number(outputs.data[i]) - value)).toBeLessThan(1e-5);
    await session.release();
    network.dispose();
  });

  it.each<[string, NetworkDescription]>([
    ["feed-forward", feedForward({ sizes: [2, 1] })],
    ["recurrent", recurrent({ inputs: 1, hidden: 2, outputs: 1 })],
  ])("are of operator set 13 or later, ONNX's own alone: %s", (_name, description) => {
    // What of onnx.proto says so, for a reader that is not ours.
    const { root } = protobuf.parse(`
      syntax = "proto3";
      message OperatorSet { string domain = 1; int64 version = 2; }
      message Model { repeated OperatorSet opset_import = 8; }
    `);
    const Model = root.lookupType("Model");
    const network = runtime.network(description);
    const { opsetImport } = Model.toObject(Model.decode(saveOnnx(network)), { longs: Number, defaults: true });
    expect(opsetImport).toHaveLength(1);
    expect(opsetImport[0].domain).toBe("");
    expect(opsetImport[0].version).toBeGreaterThanOrEqual(13);
    network.dispose();
  });

  it("are not made of parameters that are not finite, or of what is no network", () => {
    expect(() => saveOnnx({} as never)).toThrow(/network is .*a network/);
    const network = runtime.network(feedForward({ sizes: [2, 1] }));
    const broken = { description: network.description, layout: network.layout, getParameters: () => Float32Array.of(1, NaN, 0) };
    expect(() => saveOnnx(broken as never)).toThrow(/parameters\[1\], in layer1.weights/);
    network.dispose();
  });
});
