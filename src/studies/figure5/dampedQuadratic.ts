import type { Batch } from "../../networks/batch.js";
import { Curvature } from "../../networks/curvature/curvature.js";
import type { Network } from "../../networks/network.js";
import { Arena } from "../../runtime/memory.js";

/**
 * What Hessian-free minimizes at a network's theta: phi(x) = x'Ax / 2 - b'x with A = G + (lambda + w) I and b = -(grad f + w theta), all of
 * it on one batch, G its Gauss-Newton matrix and w the weight decay. Vectors are f64 in the public order; the kernels' part of the product
 * is f32.
 *
 * Frozen: it is good as long as the network's parameters stay. It holds the batch in memory until `release`.
 */
export class DampedQuadratic {
  readonly b: Float64Array;
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly curvature: Curvature;
  private readonly shift: number;
  private readonly direction: number;
  private readonly sums: number;

  /** Throws OutOfMemoryError, DivergedError. */
  constructor(network: Network, batch: Batch, lambda: number, weightDecay: number) {
    this.network = network;
    this.shift = lambda + weightDecay;
    this.arena = new Arena(network.engine.memory);
    this.curvature = new Curvature(network);
    try {
      this.direction = network.allocateBlock(this.arena, "a direction");
      this.sums = network.allocateBlock(this.arena, "a curvature product");
      this.curvature.stage(batch);
      this.curvature.linearize(this.sums);
      const gradient = network.readBlock(this.sums);
      const theta = network.getParameters();
      this.b = Float64Array.from(gradient, (sum, i) => -(sum / batch.cases + weightDecay * theta[i]));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** out <- A vector. */
  readonly product = (vector: Float64Array, out: Float64Array): void => {
    const { network, curvature } = this;
    network.parameters.write(network.engine.memory.f32, this.direction >>> 2, Float32Array.from(vector));
    curvature.product(this.direction, this.sums);
    const product = network.readBlock(this.sums);
    for (let i = 0; i < out.length; i++) out[i] = product[i] / curvature.cases + this.shift * vector[i];
  };

  release(): void {
    this.curvature.release();
    this.arena.release();
  }
}
