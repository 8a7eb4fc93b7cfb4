import { allocate } from "../boundary/allocate.js";
import type { Initialization } from "../initialize/index.js";
import type { Engine } from "../runtime/engine.js";
import type { WeightUpdate } from "./arguments.js";
import type { Batch } from "./batch.js";
import type { Chunk, Forward, Purpose } from "./chunk.js";
import { gaussNewtonProduct, squaredGradient } from "./curvature/curvatureProducts.js";
import { curvatureWorkspaces } from "./curvature/curvatureRoom.js";
import type { Activation, Loss } from "./describe.js";
import type { Evaluation } from "./evaluation.js";
import type { Programs } from "./networkInterior.js";
import { NetworkParameters } from "./networkParameters.js";
import type { ParameterLayout } from "./parameterLayout.js";
import { Passes } from "./passes.js";
import { score } from "./scoring.js";
import { checkAnswer, checkFinite, checkingFinite, nonFiniteLoss } from "./status.js";
import { runThrough, type Work } from "./work.js";
import { WorkspacePool } from "./workspacePool.js";

/**
 * What every network is: parameters, and programs that run over batches at them, chunk by chunk.
 *
 * Parameters are f32; losses, errors and their sums are f64. Every result is the same to the bit for any number of threads.
 */
export abstract class Network extends NetworkParameters {
  /**
   * @internal The network itself, also where it is called on a proxy of it, such as Vue's reactive() makes: `this` is then the proxy, and a
   * function's result is not wrapped.
   */
  readonly self: () => Network;
  /** What batches pass through: one workspace, since they go chunk by chunk. */
  protected readonly workspaces = new WorkspacePool();
  private readonly passes: Passes;

  protected constructor(engine: Engine, parameters: ParameterLayout, activations: readonly Activation[], loss: Loss) {
    super(engine, parameters, activations, loss);
    this.self = () => this;
    try {
      this.passes = new Passes(this, this.args, this.arena);
    } catch (error) {
      this.dispose();
      throw error;
    }
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

  /**
   * @internal `evaluate`, and the outputs that it judged, from the same pass: those of `predict` to the bit, but 0 where the mask is.
   */
  evaluateWithOutputs(batch: Batch): { readonly evaluation: Evaluation; readonly outputs: Float32Array } {
    this.use();
    this.check(batch, "needed");
    const outputs = allocate(Float32Array, (batch.targets ?? batch.inputs).length, "the outputs");
    return { evaluation: runThrough(this.evaluating(batch, "batch", outputs)), outputs };
  }

  private *evaluating(batch: Batch, option: string, outputs?: Float32Array): Work<Evaluation> {
    yield* checkingFinite(`${option}.inputs`, batch.inputs);
    const evaluation = yield* score(this, this.args, batch, { aim: () => this.pack(0, 0), zeroOne: true, option, outputs });
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

  /**
   * @internal One update of an optimizer, from the gradient of the mean loss over the batch at the point that the update names. Returns the
   * mean loss at that point, and the status bits that mean divergence, 0 if none.
   */
  update(batch: Batch, update: WeightUpdate): { readonly status: number; readonly loss: number } {
    this.use();
    this.check(batch, "needed");
    const [block] = update.blocks;
    this.pack(block, update.ahead);
    this.changing();
    const made = this.passes.accumulate(batch, update);
    if (made.status) this.point.forget();
    else this.point.became(block, update.aheadNext);
    return made;
  }

  /**
   * @internal Means over a batch at theta + rate d, d a block; Infinity where f32 cannot hold them, for a trial point may lie anywhere.
   * Throws as `evaluate` does for bad data.
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

  protected releaseWorkspaces(): void {
    this.workspaces.trim(0);
  }
}
