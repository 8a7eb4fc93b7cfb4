import {
  C_BYTES,
  C_CHUNKS,
  C_CURVATURE,
  C_DIRECTION,
  C_INVERSE,
  C_KEEP,
  C_KEEPS,
  C_MAXIMUM,
  C_MINIMUM,
  C_PARTS,
  C_PHIS,
  C_PRODUCT,
  C_PROGRESS,
  C_RESIDUAL,
  C_RIGHT,
  C_SCALE,
  C_SHIFT,
  C_SQUARE,
  C_START,
  C_START_SCALE,
  C_STATES,
  C_TICKS,
  C_TOLERANCE,
  S_CURVATURE,
  S_NEXT,
  S_PRODUCTS,
  S_REASON,
  S_STAGE,
  S_STEP,
  S_X,
  SOLVE_ARGUMENTS,
  SOLVE_STATE_SHIFT,
  SOLVE_SUMS,
  STAGE_END,
} from "../../abi/conjugateGradient.js";
import { SUM_BYTES } from "../../abi/sums.js";
import type { Arena, KernelMemory } from "../../runtime/memory.js";

const STATE_BYTES = 1 << SOLVE_STATE_SHIFT;

/** Addresses of the vectors that one solve works on. */
export interface SolveVectors {
  product: number;
  direction: number;
  residual: number;
  right: number;
  /** Diagonal of M^-1; 0 for the identity. */
  inverse: number;
  /** 0: x starts from 0. */
  start: number;
  x: number;
  next: number;
}

export interface SolveNumbers {
  startScale: number;
  /** A = scale S + shift I, S p the sums that a product leaves. */
  scale: number;
  shift: number;
  maximum: number;
  minimum: number;
  progress: number;
  /** b'b. */
  square: number;
  /**
   * Share of |b|, or of |r_0| if that is larger, at which a residual is what rounding leaves, and of the steepest curvature; 0 never stops
   * for that.
   */
  tolerance: number;
}

/** The argument block and the states of the conjugate-gradient program (abi/conjugateGradient.ts). */
export class ConjugateGradientArguments {
  readonly address: number;
  private readonly memory: KernelMemory;
  private readonly members: number;
  private readonly states: number;
  private readonly parts: number;
  private readonly phis: number;
  private readonly keeps: number;

  /** For vectors of `bytes`, at most `maximum` steps and `keeps` kept iterates. */
  constructor(memory: KernelMemory, arena: Arena, members: number, bytes: number, maximum: number, keeps: number) {
    this.memory = memory;
    this.members = members;
    const allocate = (size: number): number => arena.allocate(size, "conjugate gradient's state");
    this.address = allocate(SOLVE_ARGUMENTS);
    this.states = allocate(members * STATE_BYTES);
    this.parts = allocate(Math.ceil(bytes / SUM_BYTES) * SOLVE_SUMS * 8);
    this.phis = allocate((maximum + 1) * 8);
    this.keeps = allocate(keeps * 8);
    this.word(C_STATES, this.states);
    this.word(C_BYTES, bytes);
    this.word(C_PHIS, this.phis);
    this.word(C_PARTS, this.parts);
    this.word(C_KEEP, this.keeps);
  }

  /** Writes a solve that has not begun; `keep` pairs ascending steps with the vectors that receive their iterates. */
  begin(vectors: SolveVectors, numbers: SolveNumbers, keep: readonly { step: number; block: number }[]): void {
    const { product, direction, residual, right, inverse, start, x, next } = vectors;
    this.word(C_PRODUCT, product);
    this.word(C_DIRECTION, direction);
    this.word(C_RESIDUAL, residual);
    this.word(C_RIGHT, right);
    this.word(C_INVERSE, inverse);
    this.word(C_START, start);
    const floats = this.memory.f32;
    floats[(this.address + C_START_SCALE) >>> 2] = numbers.startScale;
    floats[(this.address + C_SCALE) >>> 2] = numbers.scale;
    floats[(this.address + C_SHIFT) >>> 2] = numbers.shift;
    this.word(C_MAXIMUM, numbers.maximum);
    this.word(C_MINIMUM, numbers.minimum);
    this.memory.f64[(this.address + C_PROGRESS) >>> 3] = numbers.progress;
    this.memory.f64[(this.address + C_SQUARE) >>> 3] = numbers.square;
    this.memory.f64[(this.address + C_TOLERANCE) >>> 3] = numbers.tolerance;
    this.word(C_KEEPS, keep.length);
    const words = this.memory.i32;
    keep.forEach(({ step, block }, i) => words.set([step, block], (this.keeps >>> 2) + 2 * i));
    for (let member = 0; member < this.members; member++) {
      const state = (this.states + member * STATE_BYTES) >>> 2;
      words.fill(0, state, state + STATE_BYTES / 4);
      words[state + S_X / 4] = x;
      words[state + S_NEXT / 4] = next;
    }
  }

  /** Says how far the next call goes, and over what: `chunks` chunks of cases make one product. */
  slice(ticks: number, curvature: number, chunks: number): void {
    this.word(C_TICKS, ticks);
    this.word(C_CURVATURE, curvature);
    this.word(C_CHUNKS, chunks);
  }

  get hasEnded(): boolean {
    return this.stateWord(S_STAGE) === STAGE_END;
  }
  get steps(): number {
    return this.stateWord(S_STEP);
  }
  get reason(): number {
    return this.stateWord(S_REASON);
  }
  /** Address of the last iterate. */
  get x(): number {
    return this.stateWord(S_X);
  }
  get products(): number {
    return this.stateWord(S_PRODUCTS);
  }
  /** The last p'Ap. */
  get curvature(): number {
    return this.memory.f64[(this.states + S_CURVATURE) >>> 3];
  }

  /** phi after so many steps. */
  phi(step: number): number {
    return this.memory.f64[(this.phis >>> 3) + step];
  }

  private stateWord(offset: number): number {
    return this.memory.i32[(this.states + offset) >>> 2];
  }

  private word(offset: number, value: number): void {
    this.memory.i32[(this.address + offset) >>> 2] = value;
  }
}
