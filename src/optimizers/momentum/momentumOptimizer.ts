import { COEFFICIENTS, METHOD_MOMENTUM } from "../../abi/methods.js";
import { MOMENTUM_DECAY, MOMENTUM_MU, MOMENTUM_MU_NEXT, MOMENTUM_RATE } from "../../abi/momentum.js";
import type { WeightUpdate } from "../../networks/arguments.js";
import type { Network } from "../../networks/network.js";
import { type Blocks, MinibatchOptimizer } from "../minibatchOptimizer.js";
import type { OptimizerOptions, SavedState } from "../optimizer.js";
import type { MomentumDescription } from "./momentumDescriptions.js";

/** Everything a resume needs besides the parameters. */
export interface MomentumState extends SavedState {
  readonly method: MomentumDescription["method"];
  /** v_t in the public order of the parameters. */
  readonly velocity: Float32Array;
}

const BLOCKS = { velocity: "velocity" } as const satisfies Blocks;

/**
 * SGD, classical momentum and Nesterov's accelerated gradient on a network, Eq. 1-4 with mu and the rate changing at every update:
 *
 *   v_{t+1} = mu_t v_t - eps_t (grad f(p_t) + w p_t),   theta_{t+1} = theta_t + v_{t+1}
 *   p_t = theta_t for SGD (mu = 0) and CM,   p_t = theta_t + mu_t v_t for NAG
 *
 * theta and v are the paper's after every update; the look-ahead point of the next update, theta_{t+1} + mu_{t+1} v_{t+1}, exists
 * only inside the kernels' packed operands, where writing it costs no pass of its own.
 */
export class MomentumOptimizer extends MinibatchOptimizer<MomentumDescription, MomentumState> {
  /** @internal Vectors of the length of the parameters that it allocates. */
  static readonly vectors = Object.keys(BLOCKS).length;
  private readonly coefficients = new Float32Array(COEFFICIENTS >>> 2);

  /** @internal Use `runtime.optimizer`. */
  constructor(network: Network, description: MomentumDescription, options: OptimizerOptions = {}) {
    super(network, description, options, BLOCKS);
  }

  /** Momentum mu_t of update t; 0 for SGD. */
  momentum(t: number): number {
    return this.description.method === "sgd" ? 0 : this.valueAt(this.description.momentum, t);
  }

  /** v_t, in the public order. */
  getVelocity(): Float32Array<ArrayBuffer> {
    this.use();
    return this.network.readBlock(this.addresses[0]);
  }

  protected prepare(t: number): WeightUpdate {
    const looksAhead = this.description.method === "nesterov";
    const mu = this.momentum(t);
    const muNext = looksAhead ? this.momentum(t + 1) : 0;
    const { coefficients } = this;
    coefficients[MOMENTUM_DECAY >>> 2] = this.description.weightDecay;
    coefficients[MOMENTUM_MU >>> 2] = mu;
    coefficients[MOMENTUM_RATE >>> 2] = this.rate(t);
    coefficients[MOMENTUM_MU_NEXT >>> 2] = muNext;
    return { method: METHOD_MOMENTUM, blocks: this.addresses, coefficients, ahead: looksAhead ? mu : 0, aheadNext: muNext };
  }

  protected levels(t: number): Record<string, number> {
    return { "the learning rate": this.rate(t), "the momentum": this.momentum(t), "the weight decay": this.description.weightDecay };
  }
}
