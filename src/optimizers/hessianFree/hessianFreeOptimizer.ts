import { checkSinglePrecision } from "../../boundary/singlePrecision.js";
import { DisposedError, DivergedError, InvalidOptionError, UnsupportedError } from "../../errors.js";
import type { Batch } from "../../networks/batch.js";
import type { Network } from "../../networks/network.js";
import { checkInteger, checkNumber } from "../../validate.js";
import type { Optimizer, OptimizerOptions, SavedState, StepResult } from "../optimizer.js";
import { checkSavedState, checkTotalUpdates } from "../optimizerChecks.js";
import { LARGEST_DAMPING } from "./dampingRule.js";
import { chooseBatches, type HessianFreeStepOptions } from "./hessianFreeBatches.js";
import type { HessianFreeDescription } from "./hessianFreeDescription.js";
import { type HessianFreeBatches, NetworkProblem } from "./hessianFreeNetwork.js";
import { type HessianFreeSettings, hessianFreeSettings } from "./hessianFreeSettings.js";
import { type HessianFreeProgress, type HessianFreeReport, hessianFreeUpdate, runThrough } from "./hessianFreeUpdate.js";

export interface HessianFreeStepResult extends StepResult, HessianFreeReport {
  /** Mean squared error over the gradient's cases at theta_t. */
  readonly squaredError: number;
  /**
   * Cases carried through the network in this update: each once for the gradient, each curvature product, the preconditioner and each trial
   * point.
   */
  readonly casesProcessed: number;
}

/** Everything a resume needs besides the parameters. */
export interface HessianFreeState extends SavedState {
  readonly method: "hessianFree";
  /** lambda of the next update. */
  readonly lambda: number;
  /** The last solution of conjugate gradient, in the public order of the parameters; 0 where the next starts from 0. */
  readonly start: Float32Array;
}

/**
 * Hessian-free optimization on a network: `hessianFree` (hessianFreeDescription.ts) has the method, hessianFreeUpdate.ts the steps of an
 * update.
 *
 * A result's loss and squared error are those at theta_t, before the update, over the gradient's cases and without weight decay.
 */
export class HessianFreeOptimizer implements Optimizer<HessianFreeDescription, HessianFreeState> {
  private described: HessianFreeDescription;
  private readonly network: Network;
  private readonly problem: NetworkProblem;
  private readonly total: number | undefined;
  private update = 0;
  private damping: number;
  private lastLoss: number | undefined;
  /** The update under way; any other is stale. */
  private current: Ticket | undefined;
  /** Updates begun, finished or not. */
  private begun = 0;
  private disposed = false;

  /** @internal Use `runtime.optimizer`. */
  constructor(network: Network, description: HessianFreeDescription, options: OptimizerOptions = {}) {
    network.use();
    this.total = checkTotalUpdates(options);
    this.described = description;
    this.network = network;
    this.damping = this.description.damping.initial;
    checkSuits(network, this.description);
    // Fails here, not at the first update, when a schedule's end is needed and not known.
    this.settings(0);
    this.problem = new NetworkProblem(network);
    network.own(this);
  }

  /** What it was made from, or has adopted since. */
  get description(): HessianFreeDescription {
    return this.described;
  }

  /** @internal An update that was begun goes on as it began. */
  adopt(description: HessianFreeDescription): void {
    this.use();
    this.described = description;
  }

  /** Updates made so far: the t of the next one. */
  get updates(): number {
    return this.update;
  }

  /** lambda of the next update. */
  get lambda(): number {
    return this.damping;
  }

  /** Learning rate eps_t of update t. */
  rate(t: number): number {
    return this.settings(checkInteger("t", t, 0)).learningRate;
  }

  /** Share of its last solution that conjugate gradient starts from at update t: the momentum, where section 5 of the paper compares. */
  momentum(t: number): number {
    return this.settings(checkInteger("t", t, 0)).decay;
  }

  /**
   * One update. `batch` gives the gradient (`gradientCases` of it) and, unless they have batches of their own, curvature and judgment of
   * steps.
   *
   * Throws ShapeError or InvalidOptionError for batches that do not fit, are smaller than the description asks or not finite, and
   * DivergedError for a loss, gradient or parameter that is not finite; nothing has changed then.
   */
  step(batch: Batch, options: HessianFreeStepOptions = {}): HessianFreeStepResult {
    return runThrough(this.advance(batch, options));
  }

  /**
   * The same update in slices of some tens of milliseconds: a generator that yields how far it has come and returns what `step` does. Until
   * it returns, theta and the state are those before the update, so that it can be paused, or left for good (`return()`), at any yield.
   * Only one can be under way, and the network's parameters must stay as they are meanwhile: UnsupportedError otherwise. The arrays of its
   * batches are read until it returns and must stay as they are too, which is not checked: what is written into one meanwhile goes into the
   * parts of the update that are still to come.
   */
  advance(batch: Batch, options: HessianFreeStepOptions = {}): Generator<HessianFreeProgress, HessianFreeStepResult, void> {
    this.use();
    const settings = this.settings(this.update);
    const batches = chooseBatches(this.network, batch, options, settings);
    const ticket = { version: this.network.version, serial: ++this.begun };
    this.current = ticket;
    return this.run(batches, settings, ticket);
  }

  getState(): HessianFreeState {
    this.use();
    return { method: "hessianFree", update: this.update, lambda: this.damping, start: this.problem.start, lastLoss: this.lastLoss };
  }

  /** Goes on from a saved state. Throws CheckpointMismatchError for another method's state, ShapeError, InvalidOptionError. */
  setState(state: HessianFreeState): void {
    this.use();
    const { update, lastLoss } = checkSavedState(state, "hessianFree", ["lambda", "start"]);
    const lambda = checkNumber("state.lambda", state.lambda, 0, LARGEST_DAMPING);
    checkSinglePrecision("state.lambda", lambda);
    this.problem.restart("state.start", state.start);
    this.update = update;
    this.damping = lambda;
    this.lastLoss = lastLoss;
    this.current = undefined;
  }

  /** Back to update 0, the first lambda and a start from 0; the parameters stay. */
  reset(): void {
    this.use();
    this.setState({
      method: "hessianFree",
      update: 0,
      lambda: this.description.damping.initial,
      start: new Float32Array(this.network.parameterCount),
    });
  }

  /** Frees its vectors; the network stays. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.current = undefined;
    this.problem.release();
    this.network.disown(this);
  }

  private *run(
    batches: HessianFreeBatches,
    settings: HessianFreeSettings,
    ticket: Ticket,
  ): Generator<HessianFreeProgress, HessianFreeStepResult, void> {
    const { problem } = this;
    const { update } = settings;
    this.resume(ticket);
    problem.begin(batches);
    const work = hessianFreeUpdate(problem, settings, this.damping);
    let phase: HessianFreeProgress["phase"] = "gradient";
    for (;;) {
      let next: ReturnType<typeof work.next>;
      try {
        next = work.next();
      } catch (error) {
        if (!(error instanceof DivergedError)) throw error;
        throw new DivergedError(
          update,
          this.lastLoss,
          phase === "gradient" ? "the loss or its gradient" : "a parameter",
          `lower the learning rate (${settings.learningRate} here) or raise damping.initial (lambda is ${this.damping} here)`,
        );
      }
      if (next.done) {
        const { loss, ...report } = next.value;
        this.lastLoss = loss;
        this.damping = report.nextLambda;
        this.update = update + 1;
        this.current = undefined;
        const { squaredError, casesProcessed } = problem;
        return { update, loss, squaredError, ...report, casesProcessed };
      }
      ({ phase } = next.value);
      yield next.value;
      this.resume(ticket);
    }
  }

  private settings(t: number): HessianFreeSettings {
    return hessianFreeSettings(this.description, t, this.total, this.network.description.kind === "feedForward");
  }

  private use(): void {
    if (this.disposed) throw new DisposedError("optimizer");
    this.network.use();
  }

  private resume(ticket: Ticket): void {
    this.use();
    // Numbers are compared, not objects: an optimizer may be called on a proxy of it, which wraps what it holds.
    if (this.current?.serial !== ticket.serial) {
      throw new UnsupportedError(
        "this update cannot go on: another one was begun, or the state was set, after it; finish one advance() before the next, or " +
          "leave it with return()",
      );
    }
    if (this.network.version !== ticket.version) {
      this.current = undefined;
      throw new UnsupportedError(
        "this update cannot go on: the network's parameters were changed after it was begun, and its gradient and curvature are " +
          "those of the old ones; begin it again",
      );
    }
  }
}

/** An update under way, and the network's version when it was begun. */
interface Ticket {
  readonly version: number;
  readonly serial: number;
}

function checkSuits(network: Network, { preconditioner, structuralDamping }: HessianFreeDescription): void {
  const isRecurrent = network.description.kind === "recurrent";
  if (isRecurrent && typeof preconditioner === "object") {
    throw new UnsupportedError(
      "a recurrent network has no preconditioner: a case's gradient is a sum over time steps, whose square does not factor into " +
        'inputs and deltas; set preconditioner to "none" or leave it out',
    );
  }
  if (!isRecurrent && structuralDamping !== 0) {
    throw new InvalidOptionError(
      "structuralDamping",
      structuralDamping,
      "0 for a feed-forward network: it damps the change of hidden states over time",
    );
  }
}
