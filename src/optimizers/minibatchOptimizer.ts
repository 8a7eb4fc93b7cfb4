import { STATUS_BAD_LOSS } from "../abi/control.js";
import { DisposedError, DivergedError } from "../errors.js";
import type { WeightUpdate } from "../networks/arguments.js";
import type { Batch } from "../networks/batch.js";
import type { Network } from "../networks/network.js";
import { checkAnswer } from "../networks/status.js";
import { Arena } from "../runtime/memory.js";
import { type Schedule, scheduleValue } from "../schedules/index.js";
import { checkInteger } from "../validate.js";
import type { MethodDescription, Optimizer, OptimizerOptions, SavedState, StepResult } from "./optimizer.js";
import { checkSavedState, checkTotalUpdates } from "./optimizerChecks.js";

/** Vectors that an optimizer keeps, in the order of its kernel: each by its name in the saved state, and in words. */
export type Blocks = Readonly<Record<string, string>>;

/**
 * An optimizer on a network whose every update is one gradient and one step, both made in one pass of the kernels over the weights. It
 * keeps blocks, vectors in the network's layout that are 0 at first; a method says which they are, and what an update computes with.
 */
export abstract class MinibatchOptimizer<D extends MethodDescription & { readonly learningRate: Schedule }, S extends SavedState>
  implements Optimizer<D, S>
{
  private described: D;
  protected readonly network: Network;
  /** Addresses of the blocks. */
  protected readonly addresses: readonly number[];
  private readonly blocks: Blocks;
  private readonly arena: Arena;
  private readonly total: number | undefined;
  private update = 0;
  private lastLoss: number | undefined;
  private disposed = false;
  /** What overflows in a step that diverges with a finite loss, in words. */
  protected readonly overflowing: string = "a parameter";

  protected constructor(network: Network, description: D, options: OptimizerOptions, blocks: Blocks) {
    network.use();
    this.total = checkTotalUpdates(options);
    this.network = network;
    this.described = description;
    this.blocks = blocks;
    // Fails here, not at the first update, when a schedule's end is needed and not known.
    this.rate(0);
    this.momentum(0);
    const { memory } = network.engine;
    const words = Object.values(blocks);
    memory.ensure(words.length * network.blockBytes, `the optimizer's ${words.join(" and ")}`);
    this.arena = new Arena(memory);
    this.addresses = words.map((what) => network.allocateBlock(this.arena, `the optimizer's ${what}`));
    network.own(this);
  }

  /** What it was made from, or has adopted since. */
  get description(): D {
    return this.described;
  }

  /** @internal */ adopt(description: D): void {
    this.use();
    this.described = description;
  }

  /** Updates made so far: the t of the next one. */
  get updates(): number {
    return this.update;
  }

  /** Learning rate eps_t of update t. */
  rate(t: number): number {
    return this.valueAt(this.description.learningRate, t);
  }

  abstract momentum(t: number): number;

  /**
   * One update from one batch. Throws ShapeError or InvalidOptionError for a batch that does not fit or is not finite, before anything
   * changes, and DivergedError for a loss that is not finite (everything stays as it was before the update) or a number that overflowed.
   */
  step(batch: Batch): StepResult {
    this.use();
    const t = this.update;
    const { status, loss } = this.network.update(batch, this.prepare(t));
    if (status) {
      const levels = Object.entries(this.levels(t)).filter(([, level]) => level > 0);
      const remedy = `lower ${levels.map(([name, level]) => `${name} (${level} here)`).join(" or ")}`;
      throw new DivergedError(t, this.lastLoss, status & STATUS_BAD_LOSS ? "the loss" : this.overflowing, remedy);
    }
    this.lastLoss = loss;
    this.update = t + 1;
    return { update: t, loss };
  }

  getState(): S {
    this.use();
    const vectors = this.names.map((name, i) => {
      return [name, checkAnswer(`the ${this.blocks[name]}`, this.network.readBlock(this.addresses[i]))] as const;
    });
    const { method } = this.description;
    const state: SavedState = { method, update: this.update, ...Object.fromEntries(vectors), lastLoss: this.lastLoss };
    return state as S;
  }

  /** Goes on from a saved state. Throws CheckpointMismatchError for another method's state, ShapeError, InvalidOptionError. */
  setState(state: S): void {
    this.use();
    const { names, network } = this;
    const { update, lastLoss } = checkSavedState(state, this.description.method, names);
    const vectors = state as unknown as Readonly<Record<string, Float32Array>>;
    // All are looked at before one is written.
    for (const name of names) network.parameters.check(`state.${name}`, vectors[name]);
    names.forEach((name, i) => network.writeBlock(`state.${name}`, this.addresses[i], vectors[name]));
    this.update = update;
    this.lastLoss = lastLoss;
  }

  /** Back to update 0 and blocks of 0; the parameters stay. */
  reset(): void {
    this.use();
    const zeros = new Float32Array(this.network.parameterCount);
    const vectors = Object.fromEntries(this.names.map((name) => [name, zeros]));
    const state: SavedState = { method: this.description.method, update: 0, ...vectors };
    this.setState(state as S);
  }

  /** Frees its vectors; the network stays. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const block of this.addresses) this.network.forgetBlock(block);
    this.arena.release();
    this.network.disown(this);
  }

  /** What update t is made from. */
  protected abstract prepare(t: number): WeightUpdate;

  /** What may be lowered when update t diverges, in words, and how much of it there is. */
  protected abstract levels(t: number): Record<string, number>;

  /** The blocks' names. */
  private get names(): string[] {
    return Object.keys(this.blocks);
  }

  protected valueAt(schedule: Schedule, t: number): number {
    return scheduleValue(schedule, checkInteger("t", t, 0), this.total);
  }

  protected use(): void {
    if (this.disposed) throw new DisposedError("optimizer");
    this.network.use();
  }
}
