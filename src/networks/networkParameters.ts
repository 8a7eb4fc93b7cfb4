import { DisposedError, InvalidOptionError } from "../errors.js";
import type { Engine, Owned } from "../runtime/engine.js";
import { Arena } from "../runtime/memory.js";
import { ProgramArguments } from "./arguments.js";
import type { Activation, Loss, NetworkDescription } from "./describe.js";
import { isNetworkLike, type NetworkLike } from "./networkLike.js";
import { Operands } from "./operands.js";
import { networkBytes, type ParameterLayout, type ParameterTensor } from "./parameterLayout.js";
import { Point } from "./point.js";

/**
 * A network's parameters, theta, with the other vectors in their layout, and how long they live.
 *
 * A *block* is such a vector in the kernels' order (`ParameterLayout`), by its address: theta, an optimizer's velocity, a gradient. The
 * kernels read the *point*, theta or theta plus a multiple of a block, which is packed when it is not the one asked for (`Point`).
 */
export abstract class NetworkParameters implements NetworkLike {
  abstract readonly description: NetworkDescription;
  /** @internal */ readonly engine: Engine;
  /** @internal */ readonly parameters: ParameterLayout;
  protected readonly args: ProgramArguments;
  protected readonly operands: Operands;
  protected readonly arena: Arena;
  protected readonly point: Point;
  private readonly theta: number;
  private changes = 0;
  /** Optimizers, which keep vectors in this network's layout and are of no use without it. */
  private readonly owned = new Set<Owned>();
  private disposed = false;

  protected constructor(engine: Engine, parameters: ParameterLayout, activations: readonly Activation[], loss: Loss) {
    this.engine = engine;
    this.parameters = parameters;
    this.arena = new Arena(engine.memory);
    try {
      engine.memory.ensure(networkBytes(parameters), "the network's parameters");
      this.args = new ProgramArguments(engine.memory, this.arena);
      this.theta = this.arena.allocate(parameters.blockBytes, "the network's parameters");
      this.operands = new Operands(engine.memory, this.arena, parameters, activations, loss);
      this.point = new Point(engine, this.args, this.operands, this.theta, parameters.blockBytes);
    } catch (error) {
      this.arena.release();
      throw error;
    }
    engine.own(this);
  }

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

  /** theta is about to change. */
  protected changing(): void {
    this.changes++;
  }

  /**
   * Copies `values` (the public order) into theta. Throws ShapeError for a wrong length, InvalidOptionError for a value that is not finite,
   * before anything changes.
   */
  setParameters(values: Float32Array): void {
    this.use();
    this.parameters.check("parameters", values);
    this.changing();
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

  /** Frees the network's memory and that of its optimizers, which are disposed of with it. */
  dispose(): void {
    if (this.disposed) return;
    for (const owned of [...this.owned]) owned.dispose();
    this.disposed = true;
    this.releaseWorkspaces();
    this.arena.release();
    this.engine.disown(this);
  }

  /** Frees what batches pass through. */
  protected abstract releaseWorkspaces(): void;

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

  /** @internal */ use(): void {
    if (this.disposed) throw new DisposedError("network");
    this.engine.use();
  }

  /**
   * @internal theta <- theta + rate d, d a block: to the bit the point that `evaluateAt` tried. Throws DivergedError before anything
   * changes.
   */
  addToParameters(direction: number, rate: number): void {
    this.use();
    this.point.move(direction, rate);
    this.changing();
  }

  /** @internal Makes theta + ahead d, d a block, the point that the kernels read. */
  pack(direction: number, ahead: number): void {
    this.point.at(direction, ahead);
  }
}
