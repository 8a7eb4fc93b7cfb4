import { Arena, type KernelMemory } from "../runtime/memory.js";
import { WEIGHTS } from "./arguments.js";
import type { Chunk } from "./chunk.js";

const BYTES = 64;
const RECORD_BYTES = 96;
/** Words of a chunk's record, and of the arguments of its weight phase in it. */
const RECORD_WORDS = RECORD_BYTES / 4;
const WEIGHTS_AT = 8;
const GRADIENT_AT = WEIGHTS_AT + 5;
const REST_AT = WEIGHTS_AT + 8;

/** The argument block of the curvature programs and one record a chunk, word by word as assembly/network/curvaturePass.ts reads them. */
export class CurvatureArguments {
  readonly address: number;
  private readonly memory: KernelMemory;
  private readonly arena: Arena;
  private records: { arena: Arena; address: number; room: number } | undefined;

  constructor(memory: KernelMemory) {
    this.memory = memory;
    this.arena = new Arena(memory);
    this.address = this.arena.allocate(BYTES, "curvature arguments");
  }

  /** `continues`: the sums of earlier chunks are in the product's block already. `rest`: the block for what long sums lose to rounding, 0 for short ones. */
  setChunks(isRecurrent: boolean, chunks: readonly Chunk[], continues: boolean, rest: number): void {
    const records = this.reserve(chunks.length);
    const words = this.memory.i32;
    words.set([isRecurrent ? 1 : 0, chunks.length, records], this.address >>> 2);
    chunks.forEach(({ network, cases }, i) => {
      const at = (records >>> 2) + i * RECORD_WORDS;
      words.fill(0, at, at + RECORD_WORDS);
      words.set([network, cases], at);
      words.set([WEIGHTS.accumulate, cases, i > 0 || continues ? 1 : 0], at + WEIGHTS_AT);
      words[at + REST_AT] = rest;
    });
  }

  aim(direction: number, product: number, structural: number): void {
    const at = this.address >>> 2;
    const words = this.memory.i32;
    words[at + 3] = direction;
    words[at + 4] = product;
    this.memory.f32[at + 5] = structural;
    const records = words[at + 2]! >>> 2;
    for (let i = 0; i < words[at + 1]!; i++) words[records + i * RECORD_WORDS + GRADIENT_AT] = product;
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
    this.records = { arena, address: arena.allocate(chunks * RECORD_BYTES, "curvature arguments"), room: chunks };
    return this.records.address;
  }
}
