import {
  A_CASES,
  A_ERROR,
  A_GOAL,
  A_LOSS,
  A_NETWORK,
  A_ROWS,
  A_WEIGHTS,
  ROWS_GRADIENT,
  W_AHEAD,
  W_BLOCKS,
  W_CASES,
  W_COEFFICIENTS,
  W_CONTINUES,
  W_DIRECTION,
  W_GRADIENT,
  W_METHOD,
  W_MODE,
  W_REST,
  W_THETA,
  WEIGHT_ARGUMENTS,
  WEIGHTS_ACCUMULATE,
  WEIGHTS_PACK,
  WEIGHTS_UPDATE,
} from "../abi/arguments.js";
import { COEFFICIENT_SCALE, COEFFICIENTS } from "../abi/methods.js";
import type { Arena, KernelMemory } from "../runtime/memory.js";

/**
 * One update of an optimizer as the weight phase makes it: which method's (abi/methods.ts), on which of its blocks, with which numbers.
 * The gradient is taken at theta + ahead b, b the first block.
 */
export interface WeightUpdate {
  readonly method: number;
  /** Addresses of the blocks, in the method's order. */
  readonly blocks: readonly number[];
  /** The method's floats, each at its offset; the first, the scale of the gradient sums, is written here. */
  readonly coefficients: Float32Array;
  readonly ahead: number;
  /** The `ahead` of the point that the update packs, which is that of the next one. */
  readonly aheadNext: number;
}

/** The argument block of the networks' programs (abi/arguments.ts): their own, those of the weight phase, and its coefficients. */
export class ProgramArguments {
  readonly address: number;
  private readonly memory: KernelMemory;

  constructor(memory: KernelMemory, arena: Arena) {
    this.memory = memory;
    this.address = arena.allocate(A_WEIGHTS + WEIGHT_ARGUMENTS + COEFFICIENTS, "program arguments");
  }

  /** Sum over cases of their losses, after the programs since `clearSums`. */
  get loss(): number {
    return this.memory.f64[(this.address + A_LOSS) >>> 3];
  }

  get error(): number {
    return this.memory.f64[(this.address + A_ERROR) >>> 3];
  }

  clearSums(): void {
    this.memory.f64[(this.address + A_LOSS) >>> 3] = 0;
    this.memory.f64[(this.address + A_ERROR) >>> 3] = 0;
  }

  /** `rows`: entries of the losses and errors, where they are not one a case. */
  rows(network: number, cases: number, goal: number, rows = cases): void {
    this.word(A_NETWORK, network);
    this.word(A_CASES, cases);
    this.word(A_GOAL, goal);
    this.word(A_ROWS, rows);
  }

  /**
   * The gradient sums of a chunk, stored in `gradient` for a later chunk or for the caller. `rest`: the block for what a long sum loses to
   * rounding (longSums.ts), 0 for a short one.
   */
  accumulate(cases: number, continues: boolean, gradient: number, rest: number): void {
    this.word(A_WEIGHTS + W_MODE, WEIGHTS_ACCUMULATE);
    this.word(A_WEIGHTS + W_CASES, cases);
    this.word(A_WEIGHTS + W_CONTINUES, continues ? 1 : 0);
    this.word(A_WEIGHTS + W_GRADIENT, gradient);
    this.word(A_WEIGHTS + W_REST, rest);
  }

  /** The same sums, `scale` times which the update of theta is made from at once; `gradient` may be 0 where they need no memory. */
  update(theta: number, { method, blocks, coefficients }: WeightUpdate, scale: number): void {
    const at = this.address + A_WEIGHTS + WEIGHT_ARGUMENTS;
    this.word(A_WEIGHTS + W_MODE, WEIGHTS_UPDATE);
    this.word(A_WEIGHTS + W_THETA, theta);
    this.word(A_WEIGHTS + W_METHOD, method);
    blocks.forEach((block, i) => this.word(A_WEIGHTS + W_BLOCKS + 4 * i, block));
    this.word(A_WEIGHTS + W_COEFFICIENTS, at);
    this.memory.f32.set(coefficients, at >>> 2);
    this.memory.f32[(at + COEFFICIENT_SCALE) >>> 2] = scale;
  }

  /** No sums: packs theta + ahead d, d a block, or theta where it is 0. */
  pack(network: number, theta: number, direction: number, ahead: number): void {
    this.rows(network, 0, ROWS_GRADIENT);
    this.word(A_WEIGHTS + W_MODE, WEIGHTS_PACK);
    this.word(A_WEIGHTS + W_CASES, 0);
    this.word(A_WEIGHTS + W_THETA, theta);
    this.word(A_WEIGHTS + W_DIRECTION, direction);
    this.memory.f32[(this.address + A_WEIGHTS + W_AHEAD) >>> 2] = ahead;
  }

  private word(offset: number, value: number): void {
    this.memory.i32[(this.address + offset) >>> 2] = value;
  }
}
