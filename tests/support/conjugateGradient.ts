import type { Batch, FeedForwardNetwork, RecurrentNetwork } from "heavyball";
import { Curvature } from "#internal/networks/curvature/curvature";
import {
  KernelConjugateGradient,
  type KernelSolution,
  type KernelSystem,
} from "#internal/optimizers/conjugateGradient/kernelConjugateGradient";
import { Arena } from "#internal/runtime/memory";

/**
 * A network with a batch staged and linearized, the kernels' conjugate gradient over its curvature, and blocks filled from public vectors.
 */
export class SolverBench {
  readonly curvature: Curvature;
  readonly solver: KernelConjugateGradient;
  readonly network: FeedForwardNetwork | RecurrentNetwork;
  private readonly arena: Arena;

  constructor(network: FeedForwardNetwork | RecurrentNetwork, batch: Batch) {
    this.network = network;
    this.arena = new Arena(network.engine.memory);
    this.curvature = new Curvature(network);
    this.curvature.stage(batch);
    this.curvature.linearize();
    this.solver = new KernelConjugateGradient(network, this.curvature);
  }

  /** A block that holds `values`, given in the public order. */
  block(values: ArrayLike<number>): number {
    const block = this.network.allocateBlock(this.arena, "test");
    this.network.writeBlock("test", block, Float32Array.from(values));
    return block;
  }

  /** A block in the public order. */
  read(block: number): Float32Array {
    return this.network.readBlock(block);
  }

  solve(system: KernelSystem): KernelSolution {
    return finish(this.solver.solve(system));
  }

  /** What a solution is, vectors included. */
  contents({ x, iterates, ...rest }: KernelSolution): object {
    return { ...rest, x: this.read(x), iterates: iterates.map(({ step, block, phi }) => ({ step, phi, x: this.read(block) })) };
  }

  release(): void {
    this.solver.release();
    this.curvature.release();
    this.arena.release();
  }
}

/** Runs a solve to its end. */
export function finish(solve: Generator<unknown, KernelSolution, void>): KernelSolution {
  for (;;) {
    const { done, value } = solve.next();
    if (done) return value as KernelSolution;
  }
}
