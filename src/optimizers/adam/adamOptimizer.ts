import {
  ADAM_BETA1,
  ADAM_BETA2,
  ADAM_DECAY,
  ADAM_EPSILON,
  ADAM_GAIN1,
  ADAM_GAIN2,
  ADAM_LIMIT,
  ADAM_ROOT,
  ADAM_SHRINK,
  ADAM_STEP,
} from "../../abi/adam.js";
import { COEFFICIENTS, METHOD_ADAM } from "../../abi/methods.js";
import type { WeightUpdate } from "../../networks/arguments.js";
import type { Network } from "../../networks/network.js";
import { checkInteger } from "../../validate.js";
import { type Blocks, MinibatchOptimizer } from "../minibatchOptimizer.js";
import type { OptimizerOptions, SavedState } from "../optimizer.js";
import type { AdamDescription } from "./adamDescription.js";
import { biasCorrection } from "./recurrence.js";

/** Everything a resume needs besides the parameters. */
export interface AdamState extends SavedState {
  readonly method: "adam";
  /** m_t and v_t, not corrected, in the public order of the parameters. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

const BLOCKS = { firstMoment: "first moment", secondMoment: "second moment" } as const satisfies Blocks;

/**
 * Adam and AdamW on a network; `adam` (adamDescription.ts) has the recurrence. The loss of an update is that at theta_t, where its gradient
 * is taken.
 */
export class AdamOptimizer extends MinibatchOptimizer<AdamDescription, AdamState> {
  /** @internal Vectors of the length of the parameters that it allocates. */
  static readonly vectors = Object.keys(BLOCKS).length;
  protected override readonly overflowing = "a parameter or its second moment";
  private readonly coefficients = new Float32Array(COEFFICIENTS >>> 2);

  /** @internal Use `runtime.optimizer`. */
  constructor(network: Network, description: AdamDescription, options: OptimizerOptions = {}) {
    super(network, description, options, BLOCKS);
  }

  /** beta1: the share of the last step's direction that an update keeps. */
  momentum(t: number): number {
    checkInteger("t", t, 0);
    return this.description.beta1;
  }

  protected prepare(t: number): WeightUpdate {
    const { beta1, beta2, epsilon, weightDecay, decoupled } = this.description;
    const rate = this.rate(t);
    const { coefficients } = this;
    coefficients[ADAM_DECAY >>> 2] = decoupled ? 0 : weightDecay;
    coefficients[ADAM_BETA1 >>> 2] = beta1;
    coefficients[ADAM_BETA2 >>> 2] = beta2;
    coefficients[ADAM_GAIN1 >>> 2] = 1 - beta1;
    coefficients[ADAM_GAIN2 >>> 2] = 1 - beta2;
    coefficients[ADAM_STEP >>> 2] = rate / biasCorrection(beta1, t + 1);
    coefficients[ADAM_ROOT >>> 2] = 1 / Math.sqrt(biasCorrection(beta2, t + 1));
    coefficients[ADAM_EPSILON >>> 2] = epsilon;
    coefficients[ADAM_SHRINK >>> 2] = decoupled ? rate * weightDecay : 0;
    coefficients[ADAM_LIMIT >>> 2] = 2 ** -63 / Math.sqrt(1 - beta2);
    return { method: METHOD_ADAM, blocks: this.addresses, coefficients, ahead: 0, aheadNext: 0 };
  }

  protected levels(t: number): Record<string, number> {
    return { "the learning rate": this.rate(t), "the weight decay": this.description.weightDecay };
  }
}
