import { ROWS_GRADIENT, ROWS_LOSS, WEIGHTS_ACCUMULATE, WEIGHTS_UPDATE } from "../abi/arguments.js";
import { BLOCK_CASES } from "../abi/sums.js";
import type { Arena } from "../runtime/memory.js";
import type { ProgramArguments, UpdateCoefficients } from "./arguments.js";
import type { Batch } from "./batch.js";
import { LongSums } from "./longSums.js";
import type { Evaluation, Network } from "./network.js";
import { throwForStatus } from "./status.js";

/**
 * The passes of a network over a batch, chunk by chunk, at the point that is packed: forward for losses, forward and back for gradients and
 * updates.
 */
export class Passes {
  private readonly network: Network;
  private readonly args: ProgramArguments;
  private readonly arena: Arena;
  private readonly longSums: LongSums;
  /** Where gradient sums stand that go through memory; made when first needed. */
  private block = 0;

  constructor(network: Network, args: ProgramArguments, arena: Arena) {
    this.network = network;
    this.args = args;
    this.arena = arena;
    this.longSums = new LongSums(arena, network.blockBytes);
  }

  /** The block that `accumulate` leaves gradient sums in where it is given none. */
  get gradientBlock(): number {
    return this.block;
  }

  /** Means of loss and squared error at the packed point, finite or not. */
  score(batch: Batch): Evaluation {
    this.args.clearSums();
    this.network.forEachChunk(batch, { goal: ROWS_LOSS }, ({ network, cases, rows }) => {
      this.args.rows(network, cases, ROWS_LOSS, rows);
      const team = this.network.engine.use();
      throwForStatus(team.run(this.network.programs.rows, this.args.address), batch, this.network.description.loss);
      team.kernels.addRowSums(this.args.address);
    });
    return { loss: this.args.loss / batch.cases, squaredError: this.args.error / batch.cases };
  }

  /**
   * Gradient sums over all chunks; the last chunk applies the update when there are coefficients, else it leaves the sums in `block` or in
   * `gradientBlock`. Returns the status bits that mean divergence.
   */
  accumulate(batch: Batch, velocity: number, coefficients?: UpdateCoefficients, block = 0): number {
    let status = 0;
    this.args.clearSums();
    this.network.forEachChunk(batch, { goal: ROWS_GRADIENT }, ({ network, cases, rows, isFirst, isLast }) => {
      if (status) return;
      // Sums over more than one block of cases or more than one chunk, and gradients asked for, need a place in memory; a minibatch's do
      // not.
      if (block === 0 && this.block === 0 && !(coefficients && isLast && this.network.gradientRows(batch) <= BLOCK_CASES)) {
        this.block = this.arena.allocate(this.network.blockBytes, "the gradient");
      }
      this.args.rows(network, cases, ROWS_GRADIENT, rows);
      const mode = isLast && coefficients ? WEIGHTS_UPDATE : WEIGHTS_ACCUMULATE;
      const rest = this.longSums.blockFor(this.network.gradientRows(batch));
      this.args.weights(cases, mode, !isFirst, this.network.parametersBlock, velocity, block || this.block, rest);
      if (coefficients) this.args.coefficients(coefficients, batch.cases);
      const team = this.network.engine.use();
      status = throwForStatus(team.run(this.network.programs.update, this.args.address), batch, this.network.description.loss);
      team.kernels.addRowSums(this.args.address);
    });
    return status;
  }
}
