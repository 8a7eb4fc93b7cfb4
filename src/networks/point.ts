import { PROGRAM_PACK } from "../abi/programs.js";
import { DivergedError } from "../errors.js";
import type { Engine } from "../runtime/engine.js";
import type { ProgramArguments } from "./arguments.js";
import type { Operands } from "./operands.js";

/**
 * The point that the kernels read, theta + ahead d, packed into a network's operands; it is packed again only when it is not the one asked
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
  /** Where the packed point lies; the direction is 0 for theta itself. Undefined: it must be packed anew. */
  private packed: { readonly direction: number; readonly ahead: number } | undefined;

  constructor(engine: Engine, args: ProgramArguments, operands: Operands, theta: number, bytes: number) {
    this.engine = engine;
    this.args = args;
    this.operands = operands;
    this.theta = theta;
    this.bytes = bytes;
  }

  /** Makes theta + ahead d the point, unless it is already. */
  at(direction: number, ahead: number): void {
    const along = ahead === 0 ? 0 : direction;
    if (this.packed?.direction === along && this.packed.ahead === ahead) return;
    this.args.pack(this.operands.descriptor, this.theta, along, ahead);
    this.engine.use().run(PROGRAM_PACK, this.args.address);
    this.became(along, ahead);
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

  /** The kernels have packed theta + ahead d themselves. */
  became(direction: number, ahead: number): void {
    this.packed = { direction: ahead === 0 ? 0 : direction, ahead };
  }

  /** theta has changed, or a block: only `block`, if given. */
  forget(block?: number): void {
    if (block === undefined || this.packed?.direction === block) this.packed = undefined;
  }
}
