import { ROWS_GRADIENT } from "../abi/arguments.js";
import { BLOCK_CASES } from "../abi/sums.js";
import type { Arena } from "../runtime/memory.js";
import type { ProgramArguments, WeightUpdate } from "./arguments.js";
import type { Batch } from "./batch.js";
import type { Evaluation } from "./evaluation.js";
import { LongSums } from "./longSums.js";
import type { NetworkInterior } from "./networkInterior.js";
import { throwForStatus } from "./status.js";

/** The passes of a network over a batch that go forward and back, chunk by chunk, at the packed point: for gradients and updates. */
export class Passes {
  private readonly network: NetworkInterior;
  private readonly args: ProgramArguments;
  private readonly arena: Arena;
  private readonly longSums: LongSums;
  /** Where gradient sums stand that go through memory; made when first needed. */
  private block = 0;

  constructor(network: NetworkInterior, args: ProgramArguments, arena: Arena) {
    this.network = network;
    this.args = args;
    this.arena = arena;
    this.longSums = new LongSums(arena, network.blockBytes);
  }

  /** The block that `accumulate` leaves gradient sums in where it is given none. */
  get gradientBlock(): number {
    return this.block;
  }

  /**
   * Gradient sums over all chunks; the last chunk makes the update if there is one, else it leaves the sums in `block` or in
   * `gradientBlock`. Returns means over the batch, and the status bits that mean divergence.
   */
  accumulate(batch: Batch, update?: WeightUpdate, block = 0): Evaluation & { readonly status: number } {
    let status = 0;
    this.args.clearSums();
    this.network.forEachChunk(batch, {}, ({ network, cases, rows, isFirst, isLast }) => {
      if (status) return;
      // Sums over more than one block of cases or more than one chunk, and gradients asked for, need a place in memory; a minibatch's do
      // not.
      if (block === 0 && this.block === 0 && !(update && isLast && this.network.gradientRows(batch) <= BLOCK_CASES)) {
        this.block = this.arena.allocate(this.network.blockBytes, "the gradient");
      }
      this.args.rows(network, cases, ROWS_GRADIENT, rows);
      this.args.accumulate(cases, !isFirst, block || this.block, this.longSums.blockFor(this.network.gradientRows(batch)));
      if (update && isLast) this.args.update(this.network.parametersBlock, update, 1 / batch.cases);
      const team = this.network.engine.use();
      status = throwForStatus(team.run(this.network.programs.update, this.args.address), batch, this.network.description.loss);
      team.kernels.addRowSums(this.args.address);
    });
    return { status, ...this.meansOver(batch.cases) };
  }

  private meansOver(cases: number): Evaluation {
    return { loss: this.args.loss / cases, squaredError: this.args.error / cases };
  }
}
