import {
  INPUT_PANEL_STRIDE,
  INPUT_PANELS,
  INPUTS,
  LAYER_D,
  LAYER_D_PANELS,
  LAYER_D_STRIDE,
  LAYER_X_PANELS,
  LAYER_X_STRIDE,
  LAYER_Y,
  LAYER_Y_PANELS,
  LAYER_Y_STRIDE,
  ROW_ERROR,
  ROW_LOSS,
  TARGETS,
} from "../../abi/descriptor.js";
import { BLOCK_CASES } from "../../abi/sums.js";
import type { KernelLayout } from "../../runtime/kernels.js";
import { Arena, type KernelMemory } from "../../runtime/memory.js";
import { CHUNK_BYTES } from "../blocks.js";
import type { FeedForwardDescription } from "../describe.js";
import type { Operands } from "../operands.js";
import type { Workspace } from "../workspacePool.js";

/** Where in memory, relative to nothing: the buffers one batch passes through. */
interface RowBuffers {
  readonly bytesPerCase: number;
  readonly bytesFixed: number;
}

/** Bytes of the row buffers: what every case needs, and slack that any number of cases needs. */
function rowBuffers(description: FeedForwardDescription, kernels: KernelLayout): RowBuffers {
  const { sizes } = description;
  const panelsOf = (columns: number): number => Math.ceil(columns / kernels.panel);
  const inputs = sizes[0];
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

  constructor(memory: KernelMemory, kernels: KernelLayout, description: FeedForwardDescription, operands: Operands, cases: number) {
    const { sizes } = description;
    const arena = new Arena(memory);
    this.arena = arena;
    this.capacity = roundedCapacity(cases, kernels);
    const rows = this.capacity;
    try {
      memory.ensure(workspaceBytes(description, kernels, cases), "a batch");
      const words = operands.words.copy();
      this.network = arena.allocate(words.bytes, "the network's descriptor");
      const panels = (columns: number, width: number, what: string): [address: number, stride: number] => {
        // One line more than the cases need, so that neighboring panels do not fall on the same cache sets.
        const stride = Math.ceil((rows * width * 4) / 64) * 64 + 64;
        return [arena.allocate(stride * Math.ceil(columns / width), what), stride];
      };
      // A row's last quad may be read past its end.
      this.inputs = arena.allocate(rows * sizes[0] * 4 + 16, "a batch's inputs");
      const [inputPanels, inputStride] = panels(sizes[0], kernels.panel, "a batch's inputs");
      this.targets = arena.allocate(rows * sizes.at(-1)! * 4 + 16, "a batch's targets");
      let below: [address: number, stride: number] = [inputPanels, inputStride];
      this.layerRows = sizes.slice(1).map((units, l) => {
        const columns = kernels.paddedColumns(units);
        const y = arena.allocate(rows * columns * 4, "activations");
        const [yPanels, yStride] = l === sizes.length - 2 ? [0, 0] : panels(columns, kernels.panel, "activations");
        const d = arena.allocate(rows * columns * 4, "deltas");
        const [dPanels, dStride] = panels(columns, 8, "deltas");
        words.setLayer(l, LAYER_Y, y);
        words.setLayer(l, LAYER_Y_PANELS, yPanels);
        words.setLayer(l, LAYER_Y_STRIDE, yStride);
        words.setLayer(l, LAYER_D, d);
        words.setLayer(l, LAYER_D_PANELS, dPanels);
        words.setLayer(l, LAYER_D_STRIDE, dStride);
        words.setLayer(l, LAYER_X_PANELS, below[0]);
        words.setLayer(l, LAYER_X_STRIDE, below[1]);
        below = [yPanels, yStride];
        return y;
      });
      words.set(INPUTS, this.inputs);
      words.set(TARGETS, this.targets);
      words.set(INPUT_PANELS, inputPanels);
      words.set(INPUT_PANEL_STRIDE, inputStride);
      words.set(ROW_LOSS, arena.allocate(rows * 8, "losses"));
      words.set(ROW_ERROR, arena.allocate(rows * 8, "errors"));
      memory.i32.set(words.words, this.network >>> 2);
    } catch (error) {
      arena.release();
      throw error;
    }
  }

  release(): void {
    this.arena.release();
  }
}
