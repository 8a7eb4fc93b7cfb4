import { DisposedError, InvalidOptionError } from "../errors.js";
import type { Initialization } from "../initialize/index.js";
import type { Engine, Owned } from "../runtime/engine.js";
import { Arena } from "../runtime/memory.js";
import { ProgramArguments, type WeightUpdate } from "./arguments.js";
import type { Batch } from "./batch.js";
import type { Chunk, Forward, Purpose } from "./chunk.js";
import { gaussNewtonProduct, squaredGradient } from "./curvature/curvatureProducts.js";
import { curvatureWorkspaces } from "./curvature/curvatureRoom.js";
import type { Activation, Loss, NetworkDescription } from "./describe.js";
import type { Evaluation } from "./evaluation.js";
import type { Programs } from "./networkInterior.js";

import { isNetworkLike, type NetworkLike } from "./networkLike.js";
import { Operands } from "./operands.js";
import { networkBytes, type ParameterLayout, type ParameterTensor } from "./parameterLayout.js";
import { Passes } from "./passes.js";
import { Point } from "./point.js";
import { score } from "./scoring.js";
import { checkAnswer, checkFinite, checkingFinite, nonFiniteLoss } from "./status.js";
import { runThrough, type Work } from "./work.js";
import { WorkspacePool } from "./workspacePool.js";

/**
 * What every network is: parameters in the kernels' blocks, the packed operands that the kernels read, and programs run chunk by chunk over
 * batches.
 *
 * Parameters are f32; losses, errors and their sums are f64. Every result is the same to the bit for any number of threads.
 */
export abstract class Network implements NetworkLike {
  abstract readonly description: NetworkDescription;
  /**
   * @internal The network itself, also where it is called on a proxy of it, such as Vue's reactive() makes: `this` is then the proxy, and a
   * function's result is not wrapped.
   */
  readonly self: () => Network;
  /** @internal */ readonly engine: Engine;
  /** @internal */ readonly parameters: ParameterLayout;
  protected readonly args: ProgramArguments;
  protected readonly operands: Operands;
  /** What batches pass through: one workspace, since they go chunk by chunk. */
  protected readonly workspaces = new WorkspacePool();
  private readonly arena: Arena;
  private readonly theta: number;
  private readonly point: Point;
  private readonly passes: Passes;
  private changes = 0;
  /** Optimizers, which keep vectors in this network's layout and are of no use without it. */
  private readonly owned = new Set<Owned>();
  private disposed = false;

  protected constructor(engine: Engine, parameters: ParameterLayout, activations: readonly Activation[], loss: Loss) {
    this.self = () => this;
    this.engine = engine;
    this.parameters = parameters;
    this.arena = new Arena(engine.memory);
    try {
      engine.memory.ensure(networkBytes(parameters), "the network's parameters");
      this.args = new ProgramArguments(engine.memory, this.arena);
      this.theta = this.arena.allocate(parameters.blockBytes, "the network's parameters");
      this.operands = new Operands(engine.memory, this.arena, parameters, activations, loss);
      this.point = new Point(engine, this.args, this.operands, this.theta, parameters.blockBytes);
      this.passes = new Passes(this, this.args, this.arena);
    } catch (error) {
      this.arena.release();
      throw error;
    }
    engine.own(this);
  }

  /** @internal */ abstract readonly programs: Programs;

  /** @internal Checks the shape of a batch, called `option` ("batch" unless given); throws ShapeError, InvalidOptionError. */
  abstract check(batch: Batch, targets: "needed" | "unused", option?: string): void;

  /** @internal Bytes of the workspaces that hold a whole batch for curvature products. */
  curvatureBytes({ cases, steps = 1 }: Batch): number {
    return curvatureWorkspaces(this.description, this.engine.layout, cases, steps);
  }

  /** @internal How a batch is carried forward, to its losses or to its outputs (`goal`): shapes and scored steps. */
  abstract forward(batch: Batch, goal: number): Forward;

  /** @internal Stages a batch for its gradient, chunk by chunk; how it is cut depends on the shapes and the purpose only. */
  abstract forEachChunk(batch: Batch, purpose: Purpose, run: (chunk: Chunk) => void): void;

  /** @internal Rows that the gradient of a batch sums over: cases, or cases and steps. */
  abstract gradientRows(batch: Batch): number;

  /**
   * Draws the parameters afresh; optimizers keep their velocity (`optimizer.reset()` clears it). `seed` is used where the description has
   * none.
   */
  abstract initialize(initialization: Initialization, seed?: number): void;

  /** The public order of the flat parameter vector. */
  get layout(): readonly ParameterTensor[] {
    return this.parameters.tensors;
  }

  /** Length of the flat parameter vector. */
  get parameterCount(): number {
    return this.parameters.count;
  }

  /** theta, in the public order: never the look-ahead point. */
  getParameters(): Float32Array<ArrayBuffer> {
    this.use();
    return this.parameters.read(this.engine.memory.f32, this.theta >>> 2);
  }

  /** @internal Rises whenever theta may have changed: who works at a fixed theta over a while can tell. */
  get version(): number {
    return this.changes;
  }

  /**
   * Copies `values` (the public order) into theta. Throws ShapeError for a wrong length, InvalidOptionError for a value that is not finite,
   * before anything changes.
   */
  setParameters(values: Float32Array): void {
    this.use();
    this.parameters.check("parameters", values);
    this.changes++;
    this.parameters.write(this.engine.memory.f32, this.theta >>> 2, values);
    this.point.forget();
  }

  /**
   * Takes over another network's parameters: the way to let several optimizers race from one start. Throws InvalidOptionError when the
   * shapes differ.
   */
  copyParametersFrom(other: NetworkLike): void {
    if (!isNetworkLike(other)) throw new InvalidOptionError("other", other, "a network");
    const shapes = (network: NetworkLike): string => network.layout.map(({ name, shape }) => `${name} ${shape.join(" x ")}`).join(", ");
    if (shapes(other) !== shapes(this))
      throw new InvalidOptionError("other", shapes(other), `a network of this one's shape: ${shapes(this)}`);
    this.setParameters(other.getParameters());
  }

  /**
   * Mean loss and squared error of a batch or data set at theta, and the zero-one error of a classifier. Throws ShapeError,
   * InvalidOptionError, and DivergedError where f32 cannot hold the outputs.
   */
  evaluate(batch: Batch): Evaluation {
    return runThrough(this.evaluateInSlices(batch));
  }

  /**
   * @internal `evaluate` in slices of some milliseconds, to the same bits. The batch, called `option`, and the parameters must stay as they
   * are until it returns: UnsupportedError where the parameters did not. Between two slices the network may be used for other things.
   */
  evaluateInSlices(batch: Batch, option = "batch"): Work<Evaluation> {
    this.use();
    this.check(batch, "needed", option);
    return this.evaluating(batch, option);
  }

  private *evaluating(batch: Batch, option: string): Work<Evaluation> {
    yield* checkingFinite(`${option}.inputs`, batch.inputs);
    const evaluation = yield* score(this, this.args, batch, { aim: () => this.pack(0, 0), zeroOne: true, option });
    if (!Number.isFinite(evaluation.loss + evaluation.squaredError)) throw nonFiniteLoss();
    return evaluation;
  }

  /** Mean loss of a batch and its gradient with respect to theta, in the public order. Throws DivergedError where f32 cannot hold them. */
  gradient(batch: Batch): { loss: number; gradient: Float32Array<ArrayBuffer> } {
    this.use();
    this.check(batch, "needed");
    this.pack(0, 0);
    const { status, loss } = this.passes.accumulate(batch);
    if (status) throw nonFiniteLoss();
    const gradient = this.parameters.read(this.engine.memory.f32, this.passes.gradientBlock >>> 2);
    for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i] / batch.cases;
    return { loss, gradient: checkAnswer("the gradient", gradient) };
  }

  /**
   * G v, in the public order: G = mean over cases of J'HJ at theta, J the derivative of the logits with respect to the parameters and H the
   * loss's second derivative in them, positive semidefinite for every matched loss. Throws ShapeError, InvalidOptionError, and
   * DivergedError where f32 cannot hold the product.
   */
  gaussNewtonProduct(vector: Float32Array, batch: Batch): Float32Array<ArrayBuffer> {
    return gaussNewtonProduct(this, vector, batch);
  }

  /**
   * Mean over cases of the squared entries of each case's gradient at theta, in the public order. Throws ShapeError, InvalidOptionError,
   * DivergedError, and UnsupportedError for a recurrent network, where a case's gradient is a sum over steps and its square does not
   * factor.
   */
  squaredGradient(batch: Batch): Float32Array<ArrayBuffer> {
    return squaredGradient(this, batch);
  }

  /** Frees the network's memory and that of its optimizers, which are disposed of with it. */
  dispose(): void {
    if (this.disposed) return;
    for (const owned of [...this.owned]) owned.dispose();
    this.disposed = true;
    this.workspaces.trim(0);
    this.arena.release();
    this.engine.disown(this);
  }

  /** @internal */ own(thing: Owned): void {
    this.owned.add(thing);
  }

  /** @internal */ disown(thing: Owned): void {
    this.owned.delete(thing);
  }

  /**
   * @internal The block is about to be freed: another direction may come to stand at its address, so a point packed from it must not pass
   * for that one's.
   */
  forgetBlock(block: number): void {
    this.point.forget(block);
  }

  /** @internal A zeroed block in the order of the parameters, for an optimizer. */
  allocateBlock(arena: Arena, what: string): number {
    return arena.allocate(this.parameters.blockBytes, what);
  }

  /** @internal theta's block: to be read, and written by nobody but the network. */
  get parametersBlock(): number {
    return this.theta;
  }

  /** @internal Bytes of a block, padding included. */
  get blockBytes(): number {
    return this.parameters.blockBytes;
  }

  /** @internal */ readBlock(block: number): Float32Array<ArrayBuffer> {
    return this.parameters.read(this.engine.memory.f32, block >>> 2);
  }

  /** @internal */ writeBlock(option: string, block: number, values: Float32Array): void {
    this.parameters.check(option, values);
    this.parameters.write(this.engine.memory.f32, block >>> 2, values);
    this.point.forget();
  }

  /**
   * @internal One update of an optimizer, from the gradient of the mean loss over the batch at the point that the update names. Returns the
   * mean loss at that point, and the status bits that mean divergence, 0 if none.
   */
  update(batch: Batch, update: WeightUpdate): { readonly status: number; readonly loss: number } {
    this.use();
    this.check(batch, "needed");
    const [block] = update.blocks;
    this.pack(block, update.ahead);
    this.changes++;
    const made = this.passes.accumulate(batch, update);
    if (made.status) this.point.forget();
    else this.point.became(block, update.aheadNext);
    return made;
  }

  /** @internal */ use(): void {
    if (this.disposed) throw new DisposedError("network");
    this.engine.use();
  }

  /**
   * @internal Means over a batch at theta + rate d, d a block; Infinity where f32 cannot hold them, for a trial point may lie anywhere.
   *   Throws as
   * `evaluate` does for bad data.
   */
  evaluateAt(batch: Batch, direction: number, rate: number): Evaluation {
    this.use();
    this.check(batch, "needed");
    checkFinite("batch.inputs", batch.inputs);
    this.point.tryOut(direction, rate);
    const { loss, squaredError } = runThrough(score(this, this.args, batch, { aim: () => {}, zeroOne: false, option: "batch" }));
    return Number.isFinite(loss + squaredError) ? { loss, squaredError } : { loss: Infinity, squaredError: Infinity };
  }

  /** @internal Means over a batch at theta; `block` receives the gradient of the mean loss. Throws as `gradient` does. */
  gradientInto(batch: Batch, block: number): Evaluation {
    this.use();
    this.check(batch, "needed");
    this.pack(0, 0);
    const { status, loss, squaredError } = this.passes.accumulate(batch, undefined, block);
    if (status) throw nonFiniteLoss();
    const values = this.engine.memory.f32.subarray(block >>> 2, (block + this.blockBytes) >>> 2);
    for (let i = 0; i < values.length; i++) values[i] = values[i] / batch.cases;
    return { loss, squaredError };
  }

  /**
   * @internal theta <- theta + rate d, d a block: to the bit the point that `evaluateAt` tried. Throws DivergedError before anything
   * changes.
   */
  addToParameters(direction: number, rate: number): void {
    this.use();
    this.point.move(direction, rate);
    this.changes++;
  }

  /** @internal Makes theta + ahead d, d a block, the point that the kernels read. */
  pack(direction: number, ahead: number): void {
    this.point.at(direction, ahead);
  }
}
