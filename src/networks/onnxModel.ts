import { InvalidOptionError } from "../errors.js";
import { type OnnxGraph, type OnnxNode, writeOnnx } from "../formats/onnx.js";
import { VERSION } from "../version.js";
import type { Activation, FeedForwardDescription, RecurrentDescription } from "./describe.js";
import { refuseNonFinite } from "./model.js";
import { isNetworkLike, type NetworkLike } from "./networkLike.js";

/** ONNX's operators for our activations; a linear unit has none. */
const OPERATORS: Readonly<Record<Exclude<Activation, "linear">, string>> = {
  logistic: "Sigmoid",
  tanh: "Tanh",
  relu: "Relu",
  softmax: "Softmax",
};

const INPUTS = "inputs";
const OUTPUTS = "outputs";

/**
 * A network as an ONNX model (operator set 13), for onnxruntime, PyTorch, ... Its input is called "inputs", its output "outputs":
 *
 *     feedForward   inputs (cases x features)            outputs (cases x outputs)            a Gemm and an activation a layer
 *     recurrent     inputs (steps x cases x inputs)      outputs (steps x cases x outputs)    RNN from a state of 0, MatMul, Add
 *
 * `cases` and `steps` are free. Parameters are those of `getParameters`, bit for bit; outputs are those of `predict` up to rounding, since
 * others sum in another order. The description stands in the metadata under "heavyball".
 *
 * @throws InvalidOptionError for what is no network, DivergedError for parameters that are not finite
 */
export function saveOnnx(network: NetworkLike): Uint8Array<ArrayBuffer> {
  if (!isNetworkLike(network)) throw new InvalidOptionError("network", network, "a network");
  const parameters = network.getParameters();
  refuseNonFinite(network, parameters);
  const constants = network.layout.map(({ name, shape, offset }) => ({
    name,
    shape,
    data: parameters.subarray(offset, offset + shape.reduce((a, b) => a * b, 1)),
  }));
  const { description } = network;
  const graph = description.kind === "recurrent" ? recurrentGraph(description, constants) : feedForwardGraph(description, constants);
  return writeOnnx(graph, { producer: "heavyball", version: VERSION, metadata: { heavyball: JSON.stringify(description) } });
}

type Constants = readonly { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }[];

function feedForwardGraph({ sizes, activations }: FeedForwardDescription, constants: Constants): OnnxGraph {
  const last = activations.length - 1;
  const nodes = activations.flatMap((activation, layer): OnnxNode[] => {
    const [weights, biases] = [constants[2 * layer].name, constants[2 * layer + 1].name];
    const from = layer === 0 ? INPUTS : `layer${layer}`;
    return activated("Gemm", [from, weights, biases], activation, layer === last ? OUTPUTS : `layer${layer + 1}`);
  });
  return {
    name: "feedForward",
    nodes,
    constants,
    input: { name: INPUTS, shape: ["cases", sizes[0]] },
    output: { name: OUTPUTS, shape: ["cases", sizes.at(-1)!] },
  };
}

/** The operator on these inputs, then the activation; together they make `to`. */
function activated(operator: string, inputs: readonly string[], activation: Activation, to: string): OnnxNode[] {
  if (activation === "linear") return [{ operator, inputs, outputs: [to] }];
  return [
    { operator, inputs, outputs: [`${to}.sums`] },
    { operator: OPERATORS[activation], inputs: [`${to}.sums`], outputs: [to] },
  ];
}

/** RNN wants weights as outputs x inputs, each below one more axis, and two biases a unit, which it adds. */
function recurrentGraph({ inputs, hidden, outputs, output }: RecurrentDescription, constants: Constants): OnnxGraph {
  const [inputToHidden, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases] = constants;
  const biases = new Float32Array(2 * hidden);
  biases.set(hiddenBiases.data);
  return {
    name: "recurrent",
    nodes: [
      {
        operator: "RNN",
        inputs: [INPUTS, inputToHidden.name, hiddenToHidden.name, hiddenBiases.name],
        outputs: ["states.directions"],
        attributes: { hidden_size: hidden },
      },
      { operator: "Squeeze", inputs: ["states.directions", "directionAxis"], outputs: ["states"] },
      { operator: "MatMul", inputs: ["states", hiddenToOutput.name], outputs: ["readout"] },
      ...activated("Add", ["readout", outputBiases.name], output, OUTPUTS),
    ],
    constants: [
      { name: inputToHidden.name, shape: [1, hidden, inputs], data: transposed(inputToHidden.data, inputs, hidden) },
      { name: hiddenToHidden.name, shape: [1, hidden, hidden], data: transposed(hiddenToHidden.data, hidden, hidden) },
      { name: hiddenBiases.name, shape: [1, 2 * hidden], data: biases },
      hiddenToOutput,
      outputBiases,
      { name: "directionAxis", shape: [1], data: [1] },
    ],
    input: { name: INPUTS, shape: ["steps", "cases", inputs] },
    output: { name: OUTPUTS, shape: ["steps", "cases", outputs] },
  };
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column];
  return out;
}
