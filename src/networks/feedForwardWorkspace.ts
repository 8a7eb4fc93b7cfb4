import type { KernelLayout } from "../runtime/kernels.js";
import { Arena, type KernelMemory } from "../runtime/memory.js";
import type { FeedForwardDescription } from "./describe.js";
import type { ParameterLayout } from "./parameterLayout.js";
import type { Workspace } from "./network.js";
import { ACTIVATION_CODE, BLOCK_CASES, CHUNK_BYTES, HEADER_WORDS, RECORD_WORDS, paddingStart } from "./blocks.js";

/** Where in memory, relative to nothing: the buffers one batch passes through. */
interface RowBuffers {
  readonly bytesPerCase: number;
  readonly bytesFixed: number;
}

/** Bytes of the row buffers: what every case needs, and slack that any number of cases needs. */
function rowBuffers(description: FeedForwardDescription, kernels: KernelLayout): RowBuffers {
  const { sizes } = description;
  const panelsOf = (columns: number): number => Math.ceil(columns / kernels.panel);
  const inputs = sizes[0]!;
  let perCase = 4 * inputs + 4 * kernels.panel * panelsOf(inputs) + 16 + 4 * sizes.at(-1)!;
  let fixed = 256 + panelsOf(inputs) * 64;
  for (const units of sizes.slice(1)) {
    const columns = kernels.paddedColumns(units);
    perCase += 4 * columns + 4 * kernels.panel * panelsOf(columns) + 8 * columns;
    fixed += 64 * (panelsOf(columns) + columns / 8) + 256;
  }
  return { bytesPerCase: perCase, bytesFixed: fixed };
}

/** Cases per chunk: a multiple of BLOCK_CASES that depends on the shapes only, so that results do not depend on anything else. */
export function chunkCases(description: FeedForwardDescription, kernels: KernelLayout): number {
  const { bytesPerCase } = rowBuffers(description, kernels);
  return BLOCK_CASES * Math.max(1, Math.floor(CHUNK_BYTES / (bytesPerCase * BLOCK_CASES)));
}

/** Bytes for a batch of `cases`. */
export function workspaceBytes(description: FeedForwardDescription, kernels: KernelLayout, cases: number): number {
  const { bytesPerCase, bytesFixed } = rowBuffers(description, kernels);
  const capacity = roundedCapacity(Math.min(cases, chunkCases(description, kernels)), kernels);
  return bytesFixed + capacity * bytesPerCase;
}

function roundedCapacity(cases: number, kernels: KernelLayout): number {
  return Math.ceil(cases / kernels.tileRows) * kernels.tileRows;
}

/** The buffers of one chunk of cases, and the descriptor that leads the kernels to them. */
export class FeedForwardWorkspace implements Workspace {
  /** Address of the descriptor. */
  readonly network: number;
  readonly capacity: number;
  readonly inputs: number;
  readonly targets: number;
  /** Address of each layer's row-major activations, the code for `activations` and `predict`. */
  readonly layerRows: readonly number[];
  private readonly arena: Arena;

  constructor(memory: KernelMemory, kernels: KernelLayout, description: FeedForwardDescription, layout: ParameterLayout, point: number, transposed: number, cases: number) {
    const { sizes, activations, loss } = description;
    const arena = new Arena(memory);
    this.arena = arena;
    this.capacity = roundedCapacity(cases, kernels);
    const rows = this.capacity;
    try {
      const layers = layout.layers.length;
      const words = new Array<number>(HEADER_WORDS + layers * RECORD_WORDS).fill(0);
      this.network = arena.allocate(words.length * 4, "the network's descriptor");
      const panels = (columns: number, width: number, what: string): [address: number, stride: number] => {
        // One line more than the cases need, so that neighbouring panels do not fall on the same cache sets.
        const stride = Math.ceil((rows * width * 4) / 64) * 64 + 64;
        return [arena.allocate(stride * Math.ceil(columns / width), what), stride];
      };
      // A row's last quad may be read past its end.
      this.inputs = arena.allocate(rows * sizes[0]! * 4 + 16, "a batch's inputs");
      const [inputPanels, inputStride] = panels(sizes[0]!, kernels.panel, "a batch's inputs");
      this.targets = arena.allocate(rows * sizes.at(-1)! * 4 + 16, "a batch's targets");
      const starts: { at: number; outputs: number; columns: number; pad: number }[] = [];
      const layerRows: number[] = [];
      let below: [address: number, stride: number] = [inputPanels, inputStride];
      layout.layers.forEach((layer, l) => {
        const columns = kernels.paddedColumns(layer.outputs);
        const activation = activations[l]!;
        const isOutput = l === layers - 1;
        const start = arena.allocate(columns * 4, "biases");
        starts.push({ at: start, outputs: layer.outputs, columns, pad: paddingStart(activation) });
        const y = arena.allocate(rows * columns * 4, "activations");
        const [yPanels, yStride] = isOutput ? [0, 0] : panels(columns, kernels.panel, "activations");
        const d = arena.allocate(rows * columns * 4, "deltas");
        const [dPanels, dStride] = panels(columns, 8, "deltas");
        layerRows.push(y);
        const record = [layer.inputs, layer.outputs, ACTIVATION_CODE[activation], layer.weights, layer.biases, layer.transposed, start, y, yPanels, yStride, d, dPanels, dStride, ...below];
        below = [yPanels, yStride];
        words.splice(HEADER_WORDS + l * RECORD_WORDS, record.length, ...record);
      });
      this.layerRows = layerRows;
      const rowLoss = arena.allocate(rows * 8, "losses");
      const rowError = arena.allocate(rows * 8, "errors");
      const header = [layers, loss === "crossEntropy" ? 1 : 0, point, transposed, this.inputs, this.targets, inputPanels, inputStride, rowLoss, rowError];
      words.splice(0, header.length, ...header);
      memory.i32.set(words, this.network >>> 2);
      for (const { at, outputs, columns, pad } of starts) memory.f32.fill(pad, (at >>> 2) + outputs, (at >>> 2) + columns);
    } catch (error) {
      arena.release();
      throw error;
    }
  }

  release(): void {
    this.arena.release();
  }
}
