import { STATUS_BAD_LOSS } from "../../abi/control.js";
import { CheckpointMismatchError, DisposedError, DivergedError, InvalidOptionError } from "../../errors.js";
import type { Batch } from "../../networks/batch.js";
import type { Network } from "../../networks/network.js";
import { checkAnswer } from "../../networks/status.js";
import { Arena } from "../../runtime/memory.js";
import { scheduleValue } from "../../schedules/index.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject } from "../../validate.js";
import { checkOptimizer, type MomentumDescription, type OptimizerDescription } from "../descriptions.js";
import type { Optimizer, OptimizerOptions, StepResult } from "../optimizer.js";

/** Everything a resume needs besides the parameters. */
export interface MomentumState {
  readonly method: MomentumDescription["method"];
  /** Updates made so far: the t of the next one. */
  readonly update: number;
  /** v_t in the public order of the parameters. */
  readonly velocity: Float32Array;
  /** Loss of the last update, for what is said when the next one diverges; left out before the first. */
  readonly lastLoss?: number;
}

/**
 * SGD, classical momentum and Nesterov's accelerated gradient on a network, Eq. 1-4 with mu and the rate changing at every update:
 *
 *   v_{t+1} = mu_t v_t - eps_t (grad f(p_t) + w p_t),   theta_{t+1} = theta_t + v_{t+1}
 *   p_t = theta_t for SGD (mu = 0) and CM,   p_t = theta_t + mu_t v_t for NAG
 *
 * theta and v are the paper's after every update; the look-ahead point of the next update, theta_{t+1} + mu_{t+1} v_{t+1}, exists
 * only inside the kernels' packed operands, where writing it costs no pass of its own.
 */
export class MomentumOptimizer implements Optimizer {
  readonly description: MomentumDescription;
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly velocity: number;
  private readonly total: number | undefined;
  private readonly coefficients = { mu: 0, rate: 0, decay: 0, muNext: 0 };
  private update = 0;
  private lastLoss: number | undefined;
  private disposed = false;

  /** @internal Use `runtime.optimizer`. */
  constructor(network: Network, description: OptimizerDescription, options: OptimizerOptions = {}) {
    network.use();
    const checked = checkOptimizer("optimizer", description);
    if (checked.method === "nesterov1983") {
      throw new InvalidOptionError(
        "optimizer.method",
        checked.method,
        '"sgd", "classicalMomentum" or "nesterov" on a network: nesterov1983 needs exact gradients and runs in minimize()',
      );
    }
    if (checked.method === "hessianFree")
      throw new InvalidOptionError(
        "optimizer.method",
        checked.method,
        '"sgd", "classicalMomentum" or "nesterov" here: hessianFree makes a HessianFreeOptimizer',
      );
    checkKnownOptions("options", checkObject("options", options), ["updates"]);
    if (options.updates !== undefined) checkInteger("options.updates", options.updates, 1);
    this.network = network;
    this.description = checked;
    this.total = options.updates;
    // Fails here, not at the first update, when a schedule's end is needed and not known.
    this.rate(0);
    this.mu(0);
    this.arena = new Arena(network.engine.memory);
    this.velocity = network.allocateBlock(this.arena, "the optimizer's velocity");
    network.own(this);
  }

  /** Updates made so far: the t of the next one. */
  get updates(): number {
    return this.update;
  }

  /** Learning rate eps_t of update t. */
  rate(t: number): number {
    return scheduleValue(this.description.learningRate, checkInteger("t", t, 0), this.total);
  }

  /** Momentum mu_t of update t; 0 for SGD. */
  mu(t: number): number {
    return this.description.method === "sgd" ? 0 : scheduleValue(this.description.momentum, checkInteger("t", t, 0), this.total);
  }

  /**
   * One update from one batch. Throws ShapeError or InvalidOptionError for a batch that does not fit or is not finite, before anything
   * changes, and DivergedError for a loss that is not finite (parameters and velocity stay those before the update) or a parameter that
   * overflowed.
   */
  step(batch: Batch): StepResult {
    this.use();
    const t = this.update;
    const isNesterov = this.description.method === "nesterov";
    const { coefficients, network } = this;
    coefficients.mu = this.mu(t);
    coefficients.rate = this.rate(t);
    coefficients.decay = this.description.weightDecay;
    coefficients.muNext = isNesterov ? this.mu(t + 1) : 0;
    const diverged = network.momentumStep(batch, this.velocity, isNesterov ? coefficients.mu : 0, coefficients);
    if (diverged) throw this.divergence(diverged, t);
    const loss = network.lossSum / batch.cases;
    this.lastLoss = loss;
    this.update = t + 1;
    return { update: t, loss };
  }

  /** v_t, in the public order of the parameters. */
  getVelocity(): Float32Array {
    this.use();
    return this.network.readBlock(this.velocity);
  }

  getState(): MomentumState {
    const { lastLoss } = this;
    return {
      method: this.description.method,
      update: this.update,
      velocity: checkAnswer("the velocity", this.getVelocity()),
      ...(lastLoss === undefined ? {} : { lastLoss }),
    };
  }

  /** Goes on from a saved state. Throws CheckpointMismatchError for another method's state, ShapeError, InvalidOptionError. */
  setState(state: MomentumState): void {
    this.use();
    checkObject("state", state);
    if (state.method !== this.description.method) throw new CheckpointMismatchError("the method", state.method, this.description.method);
    checkKnownOptions("state", state, ["method", "update", "velocity", "lastLoss"]);
    const update = checkInteger("state.update", state.update, 0);
    const lastLoss = state.lastLoss === undefined ? undefined : checkNumber("state.lastLoss", state.lastLoss, -Number.MAX_VALUE);
    this.network.writeBlock("state.velocity", this.velocity, state.velocity);
    this.update = update;
    this.lastLoss = lastLoss;
  }

  /** Back to v = 0 and update 0; the parameters stay. */
  reset(): void {
    this.use();
    this.setState({ method: this.description.method, update: 0, velocity: new Float32Array(this.network.parameterCount) });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.network.forgetBlock(this.velocity);
    this.arena.release();
    this.network.disown(this);
  }

  private use(): void {
    if (this.disposed) throw new DisposedError("optimizer");
    this.network.use();
  }

  private divergence(status: number, t: number): DivergedError {
    const { rate, mu, decay } = this.coefficients;
    const remedy =
      `lower the learning rate (${rate} ` +
      `here)${mu > 0 ? ` or the momentum (${mu} here)` : ""}${decay > 0 ? ` or the weight decay (${decay} here)` : ""}`;
    return new DivergedError(t, this.lastLoss, status & STATUS_BAD_LOSS ? "the loss" : "a parameter", remedy);
  }
}
