import { W_CASES, W_CONTINUES, W_GRADIENT, W_MODE, W_REST, WEIGHTS_ACCUMULATE } from "../../abi/arguments.js";
import {
  CURVATURE_ARGUMENTS,
  CURVATURE_RECORD,
  RECORD_CASES,
  RECORD_NETWORK,
  RECORD_WEIGHTS,
  V_CHUNKS,
  V_DIRECTION,
  V_FAMILY,
  V_PRODUCT,
  V_RECORDS,
  V_STRUCTURAL,
} from "../../abi/curvature.js";
import { Arena, type KernelMemory } from "../../runtime/memory.js";
import type { Chunk } from "../chunk.js";

/** The argument block of the curvature programs and one record a chunk (abi/curvature.ts). */
export class CurvatureArguments {
  readonly address: number;
  private readonly memory: KernelMemory;
  private readonly arena: Arena;
  private records: { arena: Arena; address: number; room: number } | undefined;

  constructor(memory: KernelMemory) {
    this.memory = memory;
    this.arena = new Arena(memory);
    this.address = this.arena.allocate(CURVATURE_ARGUMENTS, "curvature arguments");
  }

  /**
   * `continues`: the sums of earlier chunks are in the product's block already. `rest`: the block for what long sums lose to rounding, 0
   * for short ones.
   */
  setChunks(isRecurrent: boolean, chunks: readonly Chunk[], continues: boolean, rest: number): void {
    const records = this.reserve(chunks.length);
    const words = this.memory.i32;
    words[(this.address + V_FAMILY) >>> 2] = isRecurrent ? 1 : 0;
    words[(this.address + V_CHUNKS) >>> 2] = chunks.length;
    words[(this.address + V_RECORDS) >>> 2] = records;
    chunks.forEach(({ network, cases }, i) => {
      const record = records + i * CURVATURE_RECORD;
      words.fill(0, record >>> 2, (record + CURVATURE_RECORD) >>> 2);
      words[(record + RECORD_NETWORK) >>> 2] = network;
      words[(record + RECORD_CASES) >>> 2] = cases;
      const weights = record + RECORD_WEIGHTS;
      words[(weights + W_MODE) >>> 2] = WEIGHTS_ACCUMULATE;
      words[(weights + W_CASES) >>> 2] = cases;
      words[(weights + W_CONTINUES) >>> 2] = i > 0 || continues ? 1 : 0;
      words[(weights + W_REST) >>> 2] = rest;
    });
  }

  aim(direction: number, product: number, structural: number): void {
    const words = this.memory.i32;
    words[(this.address + V_DIRECTION) >>> 2] = direction;
    words[(this.address + V_PRODUCT) >>> 2] = product;
    this.memory.f32[(this.address + V_STRUCTURAL) >>> 2] = structural;
    const records = words[(this.address + V_RECORDS) >>> 2];
    const chunks = words[(this.address + V_CHUNKS) >>> 2];
    for (let i = 0; i < chunks; i++) words[(records + i * CURVATURE_RECORD + RECORD_WEIGHTS + W_GRADIENT) >>> 2] = product;
  }

  release(): void {
    this.records?.arena.release();
    this.records = undefined;
    this.arena.release();
  }

  private reserve(chunks: number): number {
    if (this.records && this.records.room >= chunks) return this.records.address;
    this.records?.arena.release();
    this.records = undefined;
    const arena = new Arena(this.memory);
    this.records = { arena, address: arena.allocate(chunks * CURVATURE_RECORD, "curvature arguments"), room: chunks };
    return this.records.address;
  }
}
