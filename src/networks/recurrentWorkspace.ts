import type { KernelLayout } from "../runtime/kernels.js";
import { Arena, type KernelMemory } from "../runtime/memory.js";
import { BLOCK_CASES, CHUNK_BYTES, HEADER_BUFFERS, HEADER_WORDS, LAYER_BUFFERS, RECORD_WORDS } from "./blocks.js";
import type { RecurrentDescription } from "./describe.js";
import type { Operands } from "./operands.js";
import type { Workspace } from "./workspacePool.js";

/**
 * What a workspace must hold: `keeps` says whether the whole history is kept, as gradients need it, `curvature` whether also as curvature products
 * do, `history` whether every state is handed out.
 */
export interface RecurrentRoom {
  readonly steps: number;
  readonly cases: number;
  readonly keeps: boolean;
  readonly curvature: boolean;
  readonly history: boolean;
}

/** Bytes one case takes in one step. */
function bytesPerRow({ inputs, hidden, outputs }: RecurrentDescription, kernels: KernelLayout, { keeps, curvature, history }: RecurrentRoom): number {
  const h = kernels.paddedColumns(hidden);
  const o = kernels.paddedColumns(outputs);
  const forward = inputs + outputs + 1 + o + 4;
  const kept = kernels.panel * (Math.ceil((hidden + inputs) / kernels.panel) + Math.ceil(hidden / kernels.panel) + 2) + h + 2 * o;
  const tangents = 2 * h + kernels.paddedColumns(inputs);
  return 4 * (forward + (keeps ? kept : 0) + (curvature ? tangents : 0) + (history ? h : 0));
}

/** Cases of a batch that are carried together: all of them unless their history would take more than CHUNK_BYTES. Depends on the shapes only. */
export function chunkSequences(description: RecurrentDescription, kernels: KernelLayout, room: RecurrentRoom): number {
  const fitting = Math.floor(CHUNK_BYTES / (bytesPerRow(description, kernels, room) * (room.steps + 1)));
  return Math.min(room.cases, Math.max(kernels.tileRows, Math.min(BLOCK_CASES, fitting)));
}

/** Bytes of the workspace for a batch of this size and purpose. */
export function recurrentWorkspaceBytes(description: RecurrentDescription, kernels: KernelLayout, room: RecurrentRoom): number {
  const cases = chunkSequences(description, kernels, room);
  const h = kernels.paddedColumns(description.hidden);
  const perCase = 4 * ((room.curvature ? 0 : 2 * (h + kernels.paddedColumns(description.inputs))) + 2 * h);
  return cases * ((room.steps + 1) * bytesPerRow(description, kernels, room) + perCase);
}

/** The buffers of one chunk of sequences, and the descriptor that leads the kernels to them (assembly/recurrent/rows.ts). */
export class RecurrentWorkspace implements Workspace {
  readonly network: number;
  readonly inputs: number;
  readonly targets: number;
  readonly mask: number;
  readonly active: number;
  readonly outputs: number;
  readonly history: number;
  private readonly room: RecurrentRoom;
  private readonly memory: KernelMemory;
  private readonly arena: Arena;

  constructor(memory: KernelMemory, kernels: KernelLayout, description: RecurrentDescription, operands: Operands, room: RecurrentRoom) {
    this.room = room;
    this.memory = memory;
    this.arena = new Arena(memory);
    try {
      memory.ensure(recurrentWorkspaceBytes(description, kernels, room), "a batch");
      const { inputs, hidden, outputs } = description;
      const rows = (room.steps + 1) * room.cases;
      const h = kernels.paddedColumns(hidden);
      const o = kernels.paddedColumns(outputs);
      const floats = (count: number, what: string): number => this.arena.allocate(count * 4, what);
      const panels = (columns: number, width: number, what: string): [address: number, stride: number] => {
        // One line more than the rows need, so that neighbouring panels do not fall on the same cache sets.
        const stride = Math.ceil((rows * width * 4) / 64) * 64 + 64;
        return room.keeps ? [this.arena.allocate(stride * Math.ceil(columns / width), what), stride] : [0, 0];
      };
      this.network = floats(HEADER_WORDS + 2 * RECORD_WORDS, "the network's descriptor");
      this.inputs = floats(rows * inputs, "a batch's inputs");
      this.targets = floats(rows * outputs + 4, "a batch's targets");
      this.mask = floats(rows, "a batch's mask");
      this.active = floats(room.steps, "the scored steps");
      this.outputs = floats(rows * o, "outputs");
      this.history = room.history ? floats(rows * h, "hidden states") : 0;
      // The state's padding columns may reach over the inputs beside it.
      const stateRow = h + kernels.paddedColumns(inputs);
      const state = room.curvature ? [floats(rows * stateRow, "states"), 0] : [floats(room.cases * stateRow, "states"), floats(room.cases * stateRow, "states")];
      const tangents = room.curvature ? [room.cases * stateRow * 4, floats(rows * h, "tangents")] : [0, 0];
      const delta = [floats(room.cases * h, "deltas"), floats(room.cases * h, "deltas")];
      const statePanels = panels(Math.max(hidden + inputs, h), kernels.panel, "states");
      const deltaPanels = panels(h, 8, "deltas");
      const readoutPanels = panels(h, kernels.panel, "scored states");
      const readoutDeltas = room.keeps ? floats(rows * o, "output deltas") : 0;
      const readoutDeltaPanels = panels(o, 8, "output deltas");
      const rowLoss = this.arena.allocate(rows * 8, "losses");
      const rowError = this.arena.allocate(rows * 8, "errors");
      const words = [...operands.words];
      const header = [this.inputs, this.targets, ...statePanels, rowLoss, rowError, 0, ...state, stateRow * 4, this.active, 0, ...delta, this.history, ...tangents];
      const first = [0, 0, 0, 0, ...deltaPanels, ...statePanels];
      const second = [this.outputs, 0, 0, readoutDeltas, ...readoutDeltaPanels, ...readoutPanels];
      words.splice(HEADER_BUFFERS, header.length, ...header);
      words.splice(HEADER_WORDS + LAYER_BUFFERS, first.length, ...first);
      words.splice(HEADER_WORDS + RECORD_WORDS + LAYER_BUFFERS, second.length, ...second);
      memory.i32.set(words, this.network >>> 2);
    } catch (error) {
      this.arena.release();
      throw error;
    }
  }

  /** Whether a batch of this size and purpose fits. */
  holds(room: RecurrentRoom): boolean {
    const { steps, cases, keeps, curvature, history } = this.room;
    const offers = (keeps || !room.keeps) && (curvature || !room.curvature) && (history || !room.history);
    return offers && room.cases <= cases && room.steps <= steps;
  }

  /** Tells the kernels how far to go and which steps are scored. */
  setSteps(steps: number, scored: Int32Array, scoredSteps: number, cases: number, masked: boolean): void {
    const words = this.memory.i32;
    const at = this.network >>> 2;
    words.set(scored, this.active >>> 2);
    words[at + 10] = steps;
    words[at + 15] = masked ? this.mask : 0;
    words[at + HEADER_WORDS + 15] = steps * cases;
    words[at + HEADER_WORDS + RECORD_WORDS + 15] = scoredSteps * cases;
  }

  release(): void {
    this.arena.release();
  }
}
