import { bytesField, bytesOf, integerField, message, messageField, textField, type Wire } from "./protobuf.js";

/**
 * The messages of ONNX (github.com/onnx/onnx, onnx/onnx.proto) that a small model of float tensors needs, IR version 7, operator set 13.
 */

/** IR version 7 came with operator set 13: what reads the one reads the other. */
const IR_VERSION = 7;
const OPERATOR_SET = 13;
const [FLOAT, INT64] = [1, 7];
/** Kinds of an attribute. */
const [INTEGER, INTEGER_LIST] = [2, 7];

/** A constant of the graph: float numbers, or whole ones. */
export function onnxTensor(field: number, name: string, shape: readonly number[], data: Float32Array | readonly number[]): Wire {
  const isFloat = data instanceof Float32Array;
  return messageField(
    field,
    ...shape.map((size) => integerField(1, size)),
    integerField(2, isFloat ? FLOAT : INT64),
    textField(8, name),
    bytesField(9, isFloat ? data : new Uint8Array(new BigInt64Array(data.map(BigInt)).buffer)),
  );
}

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers by name; a negative one is not needed here. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** An input or output of the graph, with sizes, or the names of those that are free. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array | readonly number[];
  }[];
  readonly input: OnnxValue;
  readonly output: OnnxValue;
}

/** A ModelProto; `metadata` are texts by key. */
export function writeOnnx(
  graph: OnnxGraph,
  { producer, version, metadata }: { producer: string; version: string; metadata: Readonly<Record<string, string>> },
): Uint8Array<ArrayBuffer> {
  const model = message(
    integerField(1, IR_VERSION),
    textField(2, producer),
    textField(3, version),
    messageField(
      7,
      ...graph.nodes.map((node) => nodeField(1, node)),
      textField(2, graph.name),
      ...graph.constants.map(({ name, shape, data }) => onnxTensor(5, name, shape, data)),
      valueField(11, graph.input),
      valueField(12, graph.output),
    ),
    messageField(8, textField(1, ""), integerField(2, OPERATOR_SET)),
    ...Object.entries(metadata).map(([key, text]) => messageField(14, textField(1, key), textField(2, text))),
  );
  return bytesOf(model, "an ONNX model");
}

function nodeField(field: number, { operator, inputs, outputs, attributes = {} }: OnnxNode): Wire {
  return messageField(
    field,
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, operator),
    ...Object.entries(attributes).map(([name, value]) => attributeField(5, name, value)),
  );
}

function attributeField(field: number, name: string, value: number | readonly number[]): Wire {
  const [kind, values] =
    typeof value === "number" ? [INTEGER, [integerField(3, value)]] : [INTEGER_LIST, value.map((one) => integerField(8, one))];
  return messageField(field, textField(1, name), ...values, integerField(20, kind));
}

function valueField(field: number, { name, shape }: OnnxValue): Wire {
  const dimensions = shape.map((size) => messageField(1, typeof size === "number" ? integerField(1, size) : textField(2, size)));
  return messageField(field, textField(1, name), messageField(2, messageField(1, integerField(1, FLOAT), messageField(2, ...dimensions))));
}
