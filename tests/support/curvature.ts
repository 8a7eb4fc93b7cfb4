import type { Batch, Network } from "heavyball";
import { Curvature } from "#internal/networks/curvature/curvature";
import { Arena } from "#internal/runtime/memory";

/** A network's curvature on a staged batch, with vectors in the public order in place of blocks; sums over cases. */
export class PublicCurvature {
  readonly curvature: Curvature;
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly direction: number;
  private readonly result: number;

  constructor(network: Network) {
    this.network = network;
    this.curvature = new Curvature(network);
    this.arena = new Arena(network.engine.memory);
    this.direction = network.allocateBlock(this.arena, "test");
    this.result = network.allocateBlock(this.arena, "test");
  }

  /** Stages a batch and linearizes at theta; returns the gradient's sums. */
  linearize(batch: Batch): { loss: number; squaredError: number; gradient: Float32Array } {
    this.curvature.stage(batch);
    return { ...this.curvature.linearize(this.result), gradient: this.network.readBlock(this.result) };
  }

  product(vector: Float32Array, structural = 0): Float32Array {
    this.network.writeBlock("vector", this.direction, vector);
    this.curvature.product(this.direction, this.result, structural);
    return this.network.readBlock(this.result);
  }

  squares(): Float32Array {
    this.curvature.squares(this.result);
    return this.network.readBlock(this.result);
  }

  release(): void {
    this.curvature.release();
    this.arena.release();
  }
}

/** |a - b| / |b| in the 2-norm. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

/** Sums over cases divided by their number, as means are. */
export function meanOf(sums: Float32Array, cases: number): Float32Array {
  return sums.map((sum) => sum / cases);
}
