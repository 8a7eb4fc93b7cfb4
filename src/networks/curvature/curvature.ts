import { ROWS_GRADIENT } from "../../abi/arguments.js";
import { PROGRAM_CURVATURE, PROGRAM_SQUARES } from "../../abi/programs.js";
import { UnsupportedError } from "../../errors.js";
import { Arena } from "../../runtime/memory.js";
import { ProgramArguments } from "../arguments.js";
import type { Batch } from "../batch.js";
import type { Chunk } from "../chunk.js";
import type { Evaluation } from "../evaluation.js";
import { LongSums } from "../longSums.js";
import type { NetworkInterior } from "../networkInterior.js";
import { nonFiniteLoss, throwForStatus } from "../status.js";
import { WorkspacePool } from "../workspacePool.js";
import { CurvatureArguments } from "./curvatureArguments.js";

/**
 * @internal The Gauss-Newton matrix of a network's loss on a batch, as products: stage a batch, linearize at theta, then as many products
 *   as wanted.
 *
 * The whole batch stays in memory, chunk beside chunk, with the activations that `linearize` leaves there; a product costs one pass through
 * the tangents and one back, not a forward pass. Vectors are blocks of the network (`allocateBlock`); products and squares are sums over
 * cases, not means. Whoever changes theta linearizes again.
 */
export class Curvature {
  private readonly network: NetworkInterior;
  private readonly arena: Arena;
  private readonly program: ProgramArguments;
  private readonly curvature: CurvatureArguments;
  private readonly longSums: LongSums;
  private readonly pool = new WorkspacePool();
  /** Whether the deltas of the loss are still where `linearize` left them. */
  private hasDeltas = false;
  private staged: { readonly batch: Batch; readonly chunks: readonly Chunk[]; readonly cases: number } | undefined;

  constructor(network: NetworkInterior) {
    this.network = network;
    const { memory } = network.engine;
    this.arena = new Arena(memory);
    this.program = new ProgramArguments(memory, this.arena);
    this.curvature = new CurvatureArguments(memory);
    this.longSums = new LongSums(this.arena, network.blockBytes);
  }

  /** Address of the arguments that assembly/network/curvaturePass.ts reads. */
  get args(): number {
    return this.curvature.address;
  }

  /** Chunks of the staged batch. */
  get chunks(): number {
    return this.staged?.chunks.length ?? 0;
  }

  /** Cases of the staged batch. */
  get cases(): number {
    return this.staged?.cases ?? 0;
  }

  /**
   * Copies a batch into memory, into workspaces that are kept for the next one. Throws ShapeError, InvalidOptionError, OutOfMemoryError.
   */
  stage(batch: Batch): void {
    this.network.use();
    this.network.check(batch, "needed");
    this.staged = undefined;
    if (this.pool.isEmpty) this.network.engine.memory.ensure(this.network.curvatureBytes(batch), "the batch that curvature is taken of");
    const chunks: Chunk[] = [];
    this.network.forEachChunk(batch, { curvature: true, pool: this.pool }, (chunk) => chunks.push(chunk));
    this.pool.trim(chunks.length);
    this.adopt(batch, chunks, batch.cases, false);
  }

  /** Takes over chunks that somebody else has staged; `continues`: products go on from the sums of earlier chunks. */
  adopt(batch: Batch, chunks: readonly Chunk[], cases: number, continues: boolean): void {
    this.curvature.setChunks(
      this.network.description.kind === "recurrent",
      chunks,
      continues,
      this.longSums.blockFor(this.network.gradientRows(batch)),
    );
    this.staged = { batch, chunks, cases };
    this.hasDeltas = false;
  }

  /**
   * Carries the staged batch forward and back at theta, leaving its activations and deltas in place; with `gradient`, a block, its sums
   * over cases as well. Returns the means of loss and squared error. Throws InvalidOptionError for data that is not finite, DivergedError
   * for a loss that is not.
   */
  linearize(gradient = 0): Evaluation {
    const work = this.linearizing(gradient);
    for (;;) {
      const next = work.next();
      if (next.done) return next.value;
    }
  }

  /** `linearize`, yielding before every chunk; it may be left at any yield. */
  *linearizing(gradient = 0): Generator<{ readonly step: number; readonly of: number }, Evaluation, void> {
    const { network, program } = this;
    const { batch, chunks, cases } = this.use();
    program.clearSums();
    this.hasDeltas = false;
    const code = gradient ? network.programs.update : network.programs.rows;
    for (const [step, { network: descriptor, cases: count, rows, isFirst }] of chunks.entries()) {
      yield { step, of: chunks.length };
      // Whoever ran since may have moved the point.
      network.pack(0, 0);
      program.rows(descriptor, count, ROWS_GRADIENT, rows);
      program.accumulate(count, !isFirst, gradient, this.longSums.blockFor(network.gradientRows(batch)));
      const team = network.engine.use();
      if (throwForStatus(team.run(code, program.address), batch, network.description.loss)) throw nonFiniteLoss();
      team.kernels.addRowSums(program.address);
    }
    const loss = program.loss / cases;
    const squaredError = program.error / cases;
    if (!Number.isFinite(loss + squaredError)) throw nonFiniteLoss();
    this.hasDeltas = true;
    return { loss, squaredError };
  }

  /** Makes theta the point of the products that follow, unless it is already, and names the blocks they read and write. */
  aim(direction: number, product: number, structural: number): void {
    this.use();
    this.network.pack(0, 0);
    this.hasDeltas = false;
    this.curvature.aim(direction, product, structural);
  }

  /**
   * product <- sum over cases of J'HJ direction, plus `structural` times the matrix of structural damping (recurrent networks;
   * assembly/recurrent/curvature.ts).
   */
  product(direction: number, product: number, structural = 0): void {
    this.aim(direction, product, structural);
    this.network.engine.use().run(PROGRAM_CURVATURE, this.curvature.address);
  }

  /**
   * squares <- sum over cases of the squared entries of each case's gradient, the diagonal that Martens (2010) preconditions with. Between
   * `linearize` and the first product, which overwrites the deltas it needs. Throws UnsupportedError for a recurrent network.
   */
  squares(squares: number): void {
    refuseRecurrent(this.network);
    if (!this.hasDeltas)
      throw new UnsupportedError(
        "squared gradients after a curvature product, which overwrites the deltas they are made of; linearize again first",
      );
    this.aim(0, squares, 0);
    this.network.engine.use().run(PROGRAM_SQUARES, this.curvature.address);
  }

  release(): void {
    this.staged = undefined;
    this.pool.trim(0);
    this.curvature.release();
    this.arena.release();
  }

  private use(): { readonly batch: Batch; readonly chunks: readonly Chunk[]; readonly cases: number } {
    this.network.use();
    if (!this.staged) throw new UnsupportedError("curvature without a batch; stage one first");
    return this.staged;
  }
}

/** Throws UnsupportedError for a network whose squared gradients cannot be had at the price of a gradient. */
export function refuseRecurrent({ description }: Pick<NetworkInterior, "description">): void {
  if (description.kind !== "recurrent") return;
  throw new UnsupportedError(
    "a recurrent network has no squared gradients: a sequence's gradient is a sum over its steps, whose square does not factor; use " +
      'preconditioner: "none"',
  );
}
