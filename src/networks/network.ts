import { DisposedError, DivergedError, InvalidOptionError } from "../errors.js";
import type { Initialization } from "../initialize/index.js";
import type { Engine } from "../runtime/engine.js";
import { Arena } from "../runtime/memory.js";
import { GOAL, ProgramArguments, type UpdateCoefficients, WEIGHTS } from "./arguments.js";
import type { Batch } from "./batch.js";
import type { NetworkDescription } from "./describe.js";
import type { ParameterLayout, ParameterTensor } from "./parameterLayout.js";
import { PROGRAM } from "../runtime/control.js";
import { checkFinite, throwForStatus } from "./status.js";
import { BLOCK_CASES } from "./blocks.js";

export interface Evaluation {
  /** Mean over cases of the per-case loss. */
  readonly loss: number;
  /** Mean over cases of the summed squared difference of outputs and targets, without the 1/2; a mask weighs it as it weighs the loss. */
  readonly squaredError: number;
}

/** The buffers that batches pass through and the descriptor that leads the kernels to them. */
export interface Workspace {
  /** Address of the descriptor. */
  readonly network: number;
  release(): void;
}

/** One chunk of a batch, staged in a workspace. */
export interface Chunk {
  readonly network: number;
  readonly cases: number;
  /** Entries of losses and errors: one a case, or one a case and scored step. */
  readonly rows: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Codes of the programs that carry one family's cases (runtime/control.ts). */
export interface Programs {
  readonly rows: number;
  readonly update: number;
}

/**
 * What every network is: parameters in the kernels' blocks, the packed operands that the kernels read, and programs run chunk by chunk over batches.
 *
 * Parameters are f32; losses, errors and their sums are f64. Every result is the same to the bit for any number of threads.
 */
export abstract class Network {
  abstract readonly description: NetworkDescription;
  /** @internal */ readonly engine: Engine;
  protected readonly parameters: ParameterLayout;
  protected readonly args: ProgramArguments;
  protected readonly point: number;
  protected readonly transposed: number;
  private readonly arena: Arena;
  private readonly theta: number;
  private gradientBlock = 0;
  private current: Workspace | undefined;
  /** The velocity and mu of the packed point theta + mu v; velocity 0 stands for theta itself. Undefined: must be packed anew. */
  private packed: { velocity: number; mu: number } | undefined;
  private disposed = false;

  protected constructor(engine: Engine, parameters: ParameterLayout) {
    this.engine = engine;
    this.parameters = parameters;
    this.arena = new Arena(engine.memory);
    try {
      const { blockBytes, transposedBytes } = parameters;
      this.args = new ProgramArguments(engine.memory, this.arena);
      this.theta = this.arena.allocate(blockBytes, "the network's parameters");
      this.point = this.arena.allocate(blockBytes, "the network's packed parameters");
      this.transposed = this.arena.allocate(transposedBytes, "the network's transposed parameters");
    } catch (error) {
      this.arena.release();
      throw error;
    }
    engine.own(this);
  }

  protected abstract readonly programs: Programs;

  /** Checks a batch's shape; throws ShapeError, InvalidOptionError. */
  protected abstract check(batch: Batch, targets: "needed" | "unused"): void;

  /** Stages a batch chunk by chunk; how it is cut depends on the shapes only. */
  protected abstract forEachChunk(batch: Batch, goal: number, run: (chunk: Chunk) => void): void;

  /** A workspace for batches of the least size, for packing before any batch has come. */
  protected abstract smallestWorkspace(): Workspace;

  /** Rows that the gradient of a batch sums over: cases, or cases and steps. */
  protected abstract gradientRows(batch: Batch): number;

  /** Draws the parameters afresh; optimizers keep their velocity (`optimizer.reset()` clears it). `seed` is used where the description has none. */
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
  getParameters(): Float32Array {
    this.use();
    return this.parameters.read(this.engine.memory.f32, this.theta >>> 2);
  }

  /** Copies `values` (the public order) into theta. Throws ShapeError for a wrong length, InvalidOptionError for a value that is not finite, before anything changes. */
  setParameters(values: Float32Array): void {
    this.use();
    this.parameters.check("parameters", values);
    this.parameters.write(this.engine.memory.f32, this.theta >>> 2, values);
    this.packed = undefined;
  }

  /** Takes over another network's parameters: the way to let several optimizers race from one start. Throws InvalidOptionError when the shapes differ. */
  copyParametersFrom(other: Network): void {
    if (!(other instanceof Network)) throw new InvalidOptionError("other", other, "a network");
    const shapes = (network: Network): string => network.layout.map(({ name, shape }) => `${name} ${shape.join(" x ")}`).join(", ");
    if (shapes(other) !== shapes(this)) throw new InvalidOptionError("other", shapes(other), `a network of this one's shape: ${shapes(this)}`);
    this.setParameters(other.getParameters());
  }

  /** Mean loss and squared error of a batch or data set at theta. Throws DivergedError where f32 cannot hold the outputs. */
  evaluate(batch: Batch): Evaluation {
    this.use();
    this.check(batch, "needed");
    checkFinite("batch.inputs", batch.inputs);
    this.pack(0, 0);
    this.args.clearSums();
    this.forEachChunk(batch, GOAL.loss, ({ network, cases, rows }) => {
      this.args.rows(network, cases, GOAL.loss, rows);
      const team = this.engine.use();
      throwForStatus(team.run(this.programs.rows, this.args.address), batch);
      team.kernels.addRowSums(this.args.address);
    });
    const loss = this.args.loss / batch.cases;
    const squaredError = this.args.error / batch.cases;
    if (!Number.isFinite(loss + squaredError)) throw nonFiniteLoss();
    return { loss, squaredError };
  }

  /** Mean loss of a batch and its gradient with respect to theta, in the public order. Throws DivergedError where the loss is not finite. */
  gradient(batch: Batch): { loss: number; gradient: Float32Array } {
    this.use();
    this.check(batch, "needed");
    this.pack(0, 0);
    if (this.accumulate(batch, 0)) throw nonFiniteLoss();
    const gradient = this.parameters.read(this.engine.memory.f32, this.gradientBlock >>> 2);
    for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! / batch.cases;
    return { loss: this.args.loss / batch.cases, gradient };
  }

  /** Frees the network's memory. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.current?.release();
    this.arena.release();
    this.engine.disown(this);
  }

  /** @internal The block is about to be freed: another velocity may come to stand at its address, so a point packed from it must not pass for that one's. */
  forgetBlock(block: number): void {
    if (this.packed?.velocity === block) this.packed = undefined;
  }

  /** @internal A zeroed block in the order of the parameters, for an optimizer. */
  allocateBlock(arena: Arena, what: string): number {
    return arena.allocate(this.parameters.blockBytes, what);
  }

  /** @internal */ readBlock(block: number): Float32Array {
    return this.parameters.read(this.engine.memory.f32, block >>> 2);
  }

  /** @internal */ writeBlock(option: string, block: number, values: Float32Array): void {
    this.parameters.check(option, values);
    this.parameters.write(this.engine.memory.f32, block >>> 2, values);
    this.packed = undefined;
  }

  /**
   * @internal One momentum update (assembly/optimize/momentum.ts) with the gradient of the mean loss over the batch at theta + pointMu v.
   * Returns the status bits that mean divergence, 0 if none; `lastLoss` then holds the mean loss at that point.
   */
  momentumStep(batch: Batch, velocity: number, pointMu: number, coefficients: UpdateCoefficients): number {
    this.use();
    this.check(batch, "needed");
    this.pack(velocity, pointMu);
    const status = this.accumulate(batch, velocity, coefficients);
    if (status) this.packed = undefined;
    else this.packed = coefficients.muNext === 0 ? { velocity: 0, mu: 0 } : { velocity, mu: coefficients.muNext };
    return status;
  }

  /** @internal Mean loss of the last `momentumStep` is this divided by the cases. */
  get lossSum(): number {
    return this.args.loss;
  }

  /** @internal */ use(): void {
    if (this.disposed) throw new DisposedError("network");
    this.engine.use();
  }

  /** @internal Makes theta + mu v the point that the kernels read, unless it is already. */
  protected pack(velocity: number, mu: number): void {
    const from = mu === 0 ? 0 : velocity;
    if (this.packed?.velocity === from && this.packed.mu === mu) return;
    const { network } = this.current ?? this.smallestWorkspace();
    this.args.pack(network, this.theta, from, mu);
    this.engine.use().run(PROGRAM.pack, this.args.address);
    this.packed = { velocity: from, mu };
  }

  /** Puts a new workspace, which has no biases yet, in the place of the old one: the point must be packed again. */
  protected replaceWorkspace<W extends Workspace>(make: () => W): W {
    this.current?.release();
    this.current = undefined;
    const packed = this.packed;
    this.packed = undefined;
    const workspace = make();
    this.current = workspace;
    if (packed) this.pack(packed.velocity, packed.mu);
    return workspace;
  }

  /** Gradient sums over all chunks; the last chunk applies the update when there are coefficients, else it leaves the sums in `gradientBlock`. */
  private accumulate(batch: Batch, velocity: number, coefficients?: UpdateCoefficients): number {
    // Sums of more than one block of cases, and gradients asked for, need a place in memory; a minibatch's do not.
    if (this.gradientBlock === 0 && (!coefficients || this.gradientRows(batch) > BLOCK_CASES)) {
      this.gradientBlock = this.arena.allocate(this.parameters.blockBytes, "the gradient");
    }
    let status = 0;
    this.args.clearSums();
    this.forEachChunk(batch, GOAL.gradient, ({ network, cases, rows, isFirst, isLast }) => {
      if (status) return;
      this.args.rows(network, cases, GOAL.gradient, rows);
      this.args.weights(cases, isLast && coefficients ? WEIGHTS.update : WEIGHTS.accumulate, !isFirst, this.theta, velocity, this.gradientBlock);
      if (coefficients) this.args.coefficients(coefficients, batch.cases);
      const team = this.engine.use();
      status = throwForStatus(team.run(this.programs.update, this.args.address), batch);
      team.kernels.addRowSums(this.args.address);
    });
    return status;
  }
}

function nonFiniteLoss(): DivergedError {
  return new DivergedError(undefined, undefined, "the loss of the batch", "the parameters or the data are too large for f32: start from smaller parameters, lower the learning rate, or scale the data");
}
