import {
  A_CASES,
  A_ERROR,
  A_GOAL,
  A_LOSS,
  A_NETWORK,
  A_ROWS,
  A_WEIGHTS,
  COEFFICIENT_DECAY,
  COEFFICIENT_MU,
  COEFFICIENT_MU_NEXT,
  COEFFICIENT_RATE,
  COEFFICIENT_SCALE,
  COEFFICIENTS,
  ROWS_GRADIENT,
  W_CASES,
  W_COEFFICIENTS,
  W_CONTINUES,
  W_GRADIENT,
  W_MODE,
  W_POINT_MU,
  W_REST,
  W_THETA,
  W_VELOCITY,
  WEIGHT_ARGUMENTS,
  WEIGHTS_PACK,
} from "../abi/arguments.js";
import type { Arena, KernelMemory } from "../runtime/memory.js";

/** The numbers of one momentum update (assembly/optimize/momentum.ts). */
export interface UpdateCoefficients {
  mu: number;
  rate: number;
  decay: number;
  muNext: number;
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

  /** `rest`: the block for what a long sum loses to rounding (longSums.ts), 0 for a short one. */
  weights(cases: number, mode: number, continues: boolean, theta: number, velocity: number, gradient: number, rest = 0): void {
    this.word(A_WEIGHTS + W_MODE, mode);
    this.word(A_WEIGHTS + W_CASES, cases);
    this.word(A_WEIGHTS + W_CONTINUES, continues ? 1 : 0);
    this.word(A_WEIGHTS + W_THETA, theta);
    this.word(A_WEIGHTS + W_VELOCITY, velocity);
    this.word(A_WEIGHTS + W_GRADIENT, gradient);
    this.word(A_WEIGHTS + W_COEFFICIENTS, this.address + A_WEIGHTS + WEIGHT_ARGUMENTS);
    this.word(A_WEIGHTS + W_REST, rest);
  }

  coefficients({ mu, rate, decay, muNext }: UpdateCoefficients, cases: number): void {
    const at = A_WEIGHTS + WEIGHT_ARGUMENTS;
    this.float(at + COEFFICIENT_SCALE, 1 / cases);
    this.float(at + COEFFICIENT_DECAY, decay);
    this.float(at + COEFFICIENT_MU, mu);
    this.float(at + COEFFICIENT_RATE, rate);
    this.float(at + COEFFICIENT_MU_NEXT, muNext);
  }

  pack(network: number, theta: number, velocity: number, mu: number): void {
    this.rows(network, 0, ROWS_GRADIENT);
    this.weights(0, WEIGHTS_PACK, false, theta, velocity, 0);
    this.float(A_WEIGHTS + W_POINT_MU, mu);
  }

  private word(offset: number, value: number): void {
    this.memory.i32[(this.address + offset) >>> 2] = value;
  }

  private float(offset: number, value: number): void {
    this.memory.f32[(this.address + offset) >>> 2] = value;
  }
}
