import type { Arena, KernelMemory } from "../runtime/memory.js";

/** Bytes that the partial sums of a vector product run over (assembly/optimize/vectors.ts). */
const SUM_BYTES = 16_384;
const ARGUMENT_BYTES = 104;
/** f64 sums over each part: r'y, phi, p'Ap, r'r, p'p. */
const SUMS = 5;
const STATE_BYTES = 128;
const STAGE_END = 3;

/** Reasons to end, as assembly/optimize/conjugateGradient.ts numbers them. */
export const REASON = { solved: 1, progress: 2, maximum: 3, negativeCurvature: 4, nonFinite: 5, rounding: 6 } as const;

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
  /** Share of |b|, or of |r_0| if that is larger, at which a residual is what rounding leaves, and of the steepest curvature; 0 never stops for that. */
  tolerance: number;
}

/** The argument block and the states of the conjugate-gradient program, word by word as assembly/optimize/conjugateGradient.ts reads them. */
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
    this.address = allocate(ARGUMENT_BYTES);
    this.states = allocate(members * STATE_BYTES);
    this.parts = allocate(Math.ceil(bytes / SUM_BYTES) * SUMS * 8);
    this.phis = allocate((maximum + 1) * 8);
    this.keeps = allocate(keeps * 8);
    this.word(1, this.states);
    this.word(2, bytes);
    this.word(18, this.phis);
    this.word(19, this.parts);
    this.word(21, this.keeps);
  }

  /** Writes a solve that has not begun; `keep` pairs ascending steps with the vectors that receive their iterates. */
  begin(vectors: SolveVectors, numbers: SolveNumbers, keep: readonly { step: number; block: number }[]): void {
    const { product, direction, residual, right, inverse, start, x, next } = vectors;
    [product, direction, residual, right, inverse, start].forEach((vector, i) => this.word(5 + i, vector));
    const floats = this.memory.f32;
    const at = this.address >>> 2;
    floats[at + 11] = numbers.startScale;
    floats[at + 12] = numbers.scale;
    floats[at + 13] = numbers.shift;
    this.word(14, numbers.maximum);
    this.word(15, numbers.minimum);
    this.memory.f64[(this.address >>> 3) + 8] = numbers.progress;
    this.memory.f64[(this.address >>> 3) + 11] = numbers.square;
    this.memory.f64[(this.address >>> 3) + 12] = numbers.tolerance;
    this.word(20, keep.length);
    const words = this.memory.i32;
    keep.forEach(({ step, block }, i) => words.set([step, block], (this.keeps >>> 2) + 2 * i));
    for (let member = 0; member < this.members; member++) {
      const state = (this.states + member * STATE_BYTES) >>> 2;
      words.fill(0, state, state + STATE_BYTES / 4);
      words.set([x, next], state + 4);
    }
  }

  /** Says how far the next call goes, and over what: `chunks` chunks of cases make one product. */
  slice(ticks: number, curvature: number, chunks: number): void {
    this.word(0, ticks);
    this.word(3, curvature);
    this.word(4, chunks);
  }

  get hasEnded(): boolean {
    return this.stateWord(0) === STAGE_END;
  }
  get steps(): number {
    return this.stateWord(2);
  }
  get reason(): number {
    return this.stateWord(3);
  }
  /** Address of the last iterate. */
  get x(): number {
    return this.stateWord(4);
  }
  get products(): number {
    return this.stateWord(7);
  }
  /** The last p'Ap. */
  get curvature(): number {
    return this.memory.f64[(this.states >>> 3) + 6]!;
  }

  /** phi after so many steps. */
  phi(step: number): number {
    return this.memory.f64[(this.phis >>> 3) + step]!;
  }

  private stateWord(index: number): number {
    return this.memory.i32[(this.states >>> 2) + index]!;
  }

  private word(index: number, value: number): void {
    this.memory.i32[(this.address >>> 2) + index] = value;
  }
}
