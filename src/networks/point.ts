import { PROGRAM_PACK } from "../abi/programs.js";
import { DivergedError } from "../errors.js";
import type { Engine } from "../runtime/engine.js";
import type { ProgramArguments } from "./arguments.js";
import type { Operands } from "./operands.js";

/**
 * The point that the kernels read, theta + mu v, packed into a network's operands; it is packed again only when it is not the one asked
 * for.
 *
 * Blocks are addresses of vectors in the order of the parameters.
 */
export class Point {
  private readonly engine: Engine;
  private readonly args: ProgramArguments;
  private readonly operands: Operands;
  private readonly theta: number;
  private readonly bytes: number;
  /** v and mu of the packed point; v is 0 for theta itself. Undefined: must be packed anew. */
  private packed: { readonly velocity: number; readonly mu: number } | undefined;

  constructor(engine: Engine, args: ProgramArguments, operands: Operands, theta: number, bytes: number) {
    this.engine = engine;
    this.args = args;
    this.operands = operands;
    this.theta = theta;
    this.bytes = bytes;
  }

  /** Makes theta + mu v the point, unless it is already. */
  at(velocity: number, mu: number): void {
    const from = mu === 0 ? 0 : velocity;
    if (this.packed?.velocity === from && this.packed.mu === mu) return;
    this.args.pack(this.operands.descriptor, this.theta, from, mu);
    this.engine.use().run(PROGRAM_PACK, this.args.address);
    this.became(from, mu);
  }

  /**
   * Makes theta + rate d the point whatever it was, and lets nobody take it for current later: directions change without anybody being
   * told.
   */
  tryOut(direction: number, rate: number): void {
    this.forget();
    this.at(direction, rate);
    if (rate !== 0) this.forget();
  }

  /**
   * theta <- theta + rate d, to the bit the point that `tryOut` makes. Throws DivergedError for a parameter that overflows, before theta
   * changes.
   */
  move(direction: number, rate: number): void {
    this.tryOut(direction, rate);
    const memory = this.engine.memory.f32;
    const point = this.operands.point >>> 2;
    const end = point + (this.bytes >>> 2);
    let sum = 0;
    for (let i = point; i < end; i++) sum += memory[i] - memory[i];
    if (sum !== 0)
      throw new DivergedError(undefined, undefined, "a parameter", "take a shorter step: raise the damping or lower the learning rate");
    memory.copyWithin(this.theta >>> 2, point, end);
    this.became(0, 0);
  }

  /** The kernels have packed theta + mu v themselves. */
  became(velocity: number, mu: number): void {
    this.packed = { velocity: mu === 0 ? 0 : velocity, mu };
  }

  /** theta has changed, or a block: only `block`, if given. */
  forget(block?: number): void {
    if (block === undefined || this.packed?.velocity === block) this.packed = undefined;
  }
}
