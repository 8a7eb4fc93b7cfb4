import type { Arena, KernelMemory } from "../runtime/memory.js";

/** How far a row phase carries its cases (assembly/network/goal.ts). */
export const GOAL = { predict: 0, loss: 1, gradient: 2 } as const;
/** What a weight phase does (assembly/network/weights.ts). */
export const WEIGHTS = { accumulate: 0, update: 1, pack: 2 } as const;

/** The numbers of one momentum update (assembly/optimize/momentum.ts). */
export interface UpdateCoefficients {
  mu: number;
  rate: number;
  decay: number;
  muNext: number;
}

const BYTES = 112;
/** Where the coefficients stand, behind the arguments of the weight phase. */
const COEFFICIENTS = 80;

/** The argument block of the feed-forward programs, word by word as assembly/network/update.ts reads it. */
export class ProgramArguments {
  readonly address: number;
  private readonly memory: KernelMemory;

  constructor(memory: KernelMemory, arena: Arena) {
    this.memory = memory;
    this.address = arena.allocate(BYTES, "program arguments");
  }

  /** Sum over cases of their losses, after the programs since `clearSums`. */
  get loss(): number {
    return this.memory.f64[(this.address >>> 3) + 2]!;
  }

  get error(): number {
    return this.memory.f64[(this.address >>> 3) + 3]!;
  }

  clearSums(): void {
    this.memory.f64[(this.address >>> 3) + 2] = 0;
    this.memory.f64[(this.address >>> 3) + 3] = 0;
  }

  /** `rows`: entries of the losses and errors, where they are not one a case. */
  rows(network: number, cases: number, goal: number, rows = cases): void {
    const at = this.address >>> 2;
    const words = this.memory.i32;
    words[at] = network;
    words[at + 1] = cases;
    words[at + 2] = goal;
    words[at + 3] = rows;
  }

  /** `rest`: the block for what a long sum loses to rounding (longSums.ts), 0 for a short one. */
  weights(cases: number, mode: number, continues: boolean, theta: number, velocity: number, gradient: number, rest = 0): void {
    const at = (this.address >>> 2) + 8;
    const words = this.memory.i32;
    words[at] = mode;
    words[at + 1] = cases;
    words[at + 2] = continues ? 1 : 0;
    words[at + 3] = theta;
    words[at + 4] = velocity;
    words[at + 5] = gradient;
    words[at + 6] = this.address + COEFFICIENTS;
    words[at + 8] = rest;
  }

  coefficients({ mu, rate, decay, muNext }: UpdateCoefficients, cases: number): void {
    const at = (this.address + COEFFICIENTS) >>> 2;
    const floats = this.memory.f32;
    floats[at] = 1 / cases;
    floats[at + 1] = decay;
    floats[at + 2] = mu;
    floats[at + 3] = rate;
    floats[at + 4] = muNext;
  }

  pack(network: number, theta: number, velocity: number, mu: number): void {
    this.rows(network, 0, GOAL.gradient);
    this.weights(0, WEIGHTS.pack, false, theta, velocity, 0);
    this.memory.f32[(this.address >>> 2) + 15] = mu;
  }
}
