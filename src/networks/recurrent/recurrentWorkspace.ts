import {
  ACTIVE,
  INPUT_PANEL_STRIDE,
  INPUT_PANELS,
  INPUTS,
  LAYER_CASES,
  LAYER_D,
  LAYER_D_PANELS,
  LAYER_D_STRIDE,
  LAYER_X_PANELS,
  LAYER_X_STRIDE,
  LAYER_Y,
  MASK,
  OTHER_STATE,
  OTHER_STATE_DELTA,
  ROW_ERROR,
  ROW_LOSS,
  STATE,
  STATE_DELTA,
  STATE_HISTORY,
  STATE_ROW,
  STATE_STEP,
  STATE_TANGENTS,
  STEPS,
  TARGETS,
} from "../../abi/descriptor.js";
import { BLOCK_CASES } from "../../abi/sums.js";
import type { KernelLayout } from "../../runtime/kernels.js";
import { Arena, type KernelMemory } from "../../runtime/memory.js";
import { CHUNK_BYTES } from "../blocks.js";
import type { RecurrentDescription } from "../describe.js";
import { layerPlace } from "../descriptorWords.js";
import type { Operands } from "../operands.js";
import type { Workspace } from "../workspacePool.js";

/**
 * What a workspace must hold: `keeps` says whether the whole history is kept, as gradients need it, `curvature` whether also as curvature
 * products do, `history` whether every state is handed out.
 */
export interface RecurrentRoom {
  readonly steps: number;
  readonly cases: number;
  readonly keeps: boolean;
  readonly curvature: boolean;
  readonly history: boolean;
}

/** Bytes one case takes in one step. */
function bytesPerRow(
  { inputs, hidden, outputs }: RecurrentDescription,
  kernels: KernelLayout,
  { keeps, curvature, history }: RecurrentRoom,
): number {
  const h = kernels.paddedColumns(hidden);
  const o = kernels.paddedColumns(outputs);
  const forward = inputs + outputs + 1 + o + 4;
  const kept = kernels.panel * (Math.ceil((hidden + inputs) / kernels.panel) + Math.ceil(hidden / kernels.panel) + 2) + h + 2 * o;
  const tangents = 2 * h + kernels.paddedColumns(inputs);
  return 4 * (forward + (keeps ? kept : 0) + (curvature ? tangents : 0) + (history ? h : 0));
}

/**
 * Cases of a batch that are carried together: all of them unless their history would take more than CHUNK_BYTES. Depends on the shapes
 * only.
 */
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
  /** Addresses of the row-major hidden states, where they are handed out, and outputs. */
  readonly layerRows: readonly [history: number, outputs: number];
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
        // One line more than the rows need, so that neighboring panels do not fall on the same cache sets.
        const stride = Math.ceil((rows * width * 4) / 64) * 64 + 64;
        return room.keeps ? [this.arena.allocate(stride * Math.ceil(columns / width), what), stride] : [0, 0];
      };
      const words = operands.words.copy();
      this.network = this.arena.allocate(words.bytes, "the network's descriptor");
      this.inputs = floats(rows * inputs, "a batch's inputs");
      this.targets = floats(rows * outputs + 4, "a batch's targets");
      this.mask = floats(rows, "a batch's mask");
      this.active = floats(room.steps, "the scored steps");
      const outputRows = floats(rows * o, "outputs");
      const history = room.history ? floats(rows * h, "hidden states") : 0;
      this.layerRows = [history, outputRows];
      // The state's padding columns may reach over the inputs beside it.
      const stateRow = h + kernels.paddedColumns(inputs);
      const state = room.curvature
        ? [floats(rows * stateRow, "states"), 0]
        : [floats(room.cases * stateRow, "states"), floats(room.cases * stateRow, "states")];
      const tangents = room.curvature ? [room.cases * stateRow * 4, floats(rows * h, "tangents")] : [0, 0];
      const delta = [floats(room.cases * h, "deltas"), floats(room.cases * h, "deltas")];
      const statePanels = panels(Math.max(hidden + inputs, h), kernels.panel, "states");
      const deltaPanels = panels(h, 8, "deltas");
      const readoutPanels = panels(h, kernels.panel, "scored states");
      const readoutDeltas = room.keeps ? floats(rows * o, "output deltas") : 0;
      const readoutDeltaPanels = panels(o, 8, "output deltas");
      const rowLoss = this.arena.allocate(rows * 8, "losses");
      const rowError = this.arena.allocate(rows * 8, "errors");
      const header: [place: number, value: number][] = [
        [INPUTS, this.inputs],
        [TARGETS, this.targets],
        [INPUT_PANELS, statePanels[0]],
        [INPUT_PANEL_STRIDE, statePanels[1]],
        [ROW_LOSS, rowLoss],
        [ROW_ERROR, rowError],
        [STATE, state[0]],
        [OTHER_STATE, state[1]],
        [STATE_ROW, stateRow * 4],
        [ACTIVE, this.active],
        [STATE_DELTA, delta[0]],
        [OTHER_STATE_DELTA, delta[1]],
        [STATE_HISTORY, history],
        [STATE_STEP, tangents[0]],
        [STATE_TANGENTS, tangents[1]],
      ];
      for (const [place, value] of header) words.set(place, value);
      const hiddenLayer: [place: number, value: number][] = [
        [LAYER_D_PANELS, deltaPanels[0]],
        [LAYER_D_STRIDE, deltaPanels[1]],
        [LAYER_X_PANELS, statePanels[0]],
        [LAYER_X_STRIDE, statePanels[1]],
      ];
      for (const [place, value] of hiddenLayer) words.setLayer(0, place, value);
      const readout: [place: number, value: number][] = [
        [LAYER_Y, outputRows],
        [LAYER_D, readoutDeltas],
        [LAYER_D_PANELS, readoutDeltaPanels[0]],
        [LAYER_D_STRIDE, readoutDeltaPanels[1]],
        [LAYER_X_PANELS, readoutPanels[0]],
        [LAYER_X_STRIDE, readoutPanels[1]],
      ];
      for (const [place, value] of readout) words.setLayer(1, place, value);
      memory.i32.set(words.words, this.network >>> 2);
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
    words.set(scored, this.active >>> 2);
    words[(this.network + STEPS) >>> 2] = steps;
    words[(this.network + MASK) >>> 2] = masked ? this.mask : 0;
    words[(this.network + layerPlace(0, LAYER_CASES)) >>> 2] = steps * cases;
    words[(this.network + layerPlace(1, LAYER_CASES)) >>> 2] = scoredSteps * cases;
  }

  release(): void {
    this.arena.release();
  }
}
