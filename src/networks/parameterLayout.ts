import { allocate } from "../boundary/allocate.js";
import { ShapeError } from "../errors.js";
import type { KernelLayout } from "../runtime/kernels.js";
import { checkFloat32Array } from "../validate.js";
import type { NetworkDescription } from "./describe.js";
import { checkFinite } from "./status.js";

/** One tensor of the public, flat parameter vector: `offset` in floats. */
export interface ParameterTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

/** Stands for the offset of a transposed operand that does not exist. */
const NO_TRANSPOSED = -1;

/** A public tensor of weights and the rows of its layer's block that hold it. */
interface WeightPart {
  readonly name: string;
  readonly firstRow: number;
  readonly rows: number;
}

/** A weight layer: its public tensors in their order, then the biases. */
export interface LayerPlan {
  readonly outputs: number;
  readonly weights: readonly WeightPart[];
  readonly biases: string;
  /** Whether the backward product ever reads these weights. */
  readonly transposed: boolean;
}

/** Where a weight layer stands inside a parameter block, in bytes (assembly/network/descriptor.ts). */
export interface BlockLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly biases: number;
  readonly transposed: number;
}

/** Rows of one public tensor: float index in the public order, and byte offset of the panels they stand in. */
interface Part {
  readonly offset: number;
  readonly columns: number;
  readonly rows: number;
  readonly block: number;
  readonly panelRows: number;
}

/**
 * The two orders of a network's parameters: the public one and the kernels' blocks (weight panels of eight columns, rows padded), with the
 * copies between them.
 */
export class ParameterLayout {
  readonly tensors: readonly ParameterTensor[];
  readonly layers: readonly BlockLayer[];
  /** Floats in the public order. */
  readonly count: number;
  readonly blockBytes: number;
  readonly transposedBytes: number;
  private readonly parts: readonly Part[];

  constructor(plan: readonly LayerPlan[], kernels: KernelLayout) {
    const tensors: ParameterTensor[] = [];
    const layers: BlockLayer[] = [];
    const parts: Part[] = [];
    let offset = 0;
    let block = 0;
    let transposed = 0;
    for (const layer of plan) {
      const { outputs } = layer;
      const inputs = layer.weights.reduce((sum, { rows }) => sum + rows, 0);
      const panelRows = kernels.paddedRows(inputs);
      const columns = kernels.paddedColumns(outputs);
      for (const { name, firstRow, rows } of layer.weights) {
        tensors.push({ name, shape: [rows, outputs], offset });
        parts.push({ offset, columns: outputs, rows, block: block + firstRow * 32, panelRows });
        offset += rows * outputs;
      }
      const biases = block + panelRows * columns * 4;
      tensors.push({ name: layer.biases, shape: [outputs], offset });
      parts.push({ offset, columns: outputs, rows: 1, block: biases, panelRows: 1 });
      offset += outputs;
      layers.push({ inputs, outputs, weights: block, biases, transposed: layer.transposed ? transposed : NO_TRANSPOSED });
      block = biases + columns * 4;
      if (layer.transposed) transposed += kernels.paddedColumns(inputs) * columns * 4;
    }
    this.tensors = tensors;
    this.layers = layers;
    this.parts = parts;
    this.count = offset;
    this.blockBytes = block;
    this.transposedBytes = transposed;
  }

  /** Copies a block (at float index `at` of `memory`) to the public order. */
  read(
    memory: Float32Array,
    at: number,
    out: Float32Array<ArrayBuffer> = allocate(Float32Array, this.count, "a copy of the parameters"),
  ): Float32Array<ArrayBuffer> {
    this.forEachRow(at, (panel, publicIndex, columns) => {
      for (let c = 0; c < columns; c++) out[publicIndex + c] = memory[panel + c];
    });
    return out;
  }

  /** Copies the public order into a block and zeroes its padding, where a diverged update may have left NaN. */
  write(memory: Float32Array, at: number, values: Float32Array): void {
    memory.fill(0, at, at + this.blockBytes / 4);
    this.forEachRow(at, (panel, publicIndex, columns) => {
      for (let c = 0; c < columns; c++) memory[panel + c] = values[publicIndex + c];
    });
  }

  /** Checks a flat vector in the public order: its length and that it is finite. Throws ShapeError, InvalidOptionError. */
  check(option: string, values: Float32Array): void {
    if (checkFloat32Array(option, values).length !== this.count)
      throw new ShapeError(`${option}.length`, values.length, `${this.count}, the number of parameters`);
    checkFinite(option, values);
  }

  private forEachRow(at: number, visit: (panel: number, publicIndex: number, columns: number) => void): void {
    for (const { offset, columns, rows, block, panelRows } of this.parts) {
      for (let column = 0; column < columns; column += 8) {
        const width = Math.min(8, columns - column);
        const panel = at + block / 4 + column * panelRows;
        for (let row = 0; row < rows; row++) visit(panel + row * 8, offset + row * columns + column, width);
      }
    }
  }
}

/**
 * Bytes that a network of this layout takes at most: its parameters, their packed operands, biases, descriptor and arguments, each rounded
 * up by the allocator.
 */
export function networkBytes({ blockBytes, transposedBytes, layers }: ParameterLayout): number {
  const biases = layers.reduce((sum, { outputs }) => sum + 4 * outputs + 128, 0);
  return 2 * blockBytes + transposedBytes + biases + 64 * layers.length + 1024;
}

/** Per layer weights (inputs x outputs, row-major), then biases; the first layer's input gradient is never asked for. */
export function feedForwardLayout(sizes: readonly number[], kernels: KernelLayout): ParameterLayout {
  return new ParameterLayout(feedForwardPlan(sizes), kernels);
}

function feedForwardPlan(sizes: readonly number[]): LayerPlan[] {
  return sizes.slice(1).map(
    (outputs, l): LayerPlan => ({
      outputs,
      weights: [{ name: `layer${l + 1}.weights`, firstRow: 0, rows: sizes[l] }],
      biases: `layer${l + 1}.biases`,
      transposed: l > 0,
    }),
  );
}

/**
 * inputToHidden, hiddenToHidden, hiddenBiases, hiddenToOutput, outputBiases. The kernels keep the first two as one block, hidden rows
 * first.
 */
export function recurrentLayout(inputs: number, hidden: number, outputs: number, kernels: KernelLayout): ParameterLayout {
  return new ParameterLayout(recurrentPlan(inputs, hidden, outputs), kernels);
}

function recurrentPlan(inputs: number, hidden: number, outputs: number): LayerPlan[] {
  return [
    {
      outputs: hidden,
      weights: [
        { name: "inputToHidden", firstRow: hidden, rows: inputs },
        { name: "hiddenToHidden", firstRow: 0, rows: hidden },
      ],
      biases: "hiddenBiases",
      transposed: true,
    },
    { outputs, weights: [{ name: "hiddenToOutput", firstRow: 0, rows: hidden }], biases: "outputBiases", transposed: true },
  ];
}

/** The public tensors of a network that is not made yet. */
export function describeTensors(description: NetworkDescription): ParameterTensor[] {
  const plan =
    description.kind === "recurrent"
      ? recurrentPlan(description.inputs, description.hidden, description.outputs)
      : feedForwardPlan(description.sizes);
  let offset = 0;
  return plan.flatMap(({ outputs, weights, biases }) =>
    [...weights.map(({ name, rows }) => ({ name, shape: [rows, outputs] })), { name: biases, shape: [outputs] }].map((tensor) => {
      const placed = { ...tensor, offset };
      offset += tensor.shape.reduce((a, b) => a * b, 1);
      return placed;
    }),
  );
}
