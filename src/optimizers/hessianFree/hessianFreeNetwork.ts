import { BLOCK_CASES } from "../../abi/sums.js";
import type { Batch } from "../../networks/batch.js";
import { caseRange } from "../../networks/caseRange.js";
import { Curvature } from "../../networks/curvature/curvature.js";
import { LONGEST_PLAIN_SUM } from "../../networks/longSums.js";
import type { Network } from "../../networks/network.js";
import type { Kernels } from "../../runtime/kernels.js";
import { Arena } from "../../runtime/memory.js";
import { KernelConjugateGradient } from "../conjugateGradient/kernelConjugateGradient.js";
import type { HessianFreeProblem, HessianFreeSolution, HessianFreeSystem, Work } from "./hessianFreeUpdate.js";

/**
 * What an update takes its gradient, its curvature and its judgment of steps from. Batches that are one object are passed through once.
 */
export interface HessianFreeBatches {
  readonly gradient: Batch;
  readonly curvature: Batch;
  readonly search: Batch;
}

/**
 * Weights times cases times steps between two yields: some tens of milliseconds. A number of the shapes only, since how sums are cut shapes
 * their bits.
 */
const PART_WORK = 2 ** 30;

/** Of a mean of f32 losses: some units in their last place. */
const LOSS_ROUNDING = 2 ** -22;

/** Of a residual in f32: some units in the last place of what it is a difference of. */
const RESIDUAL_ROUNDING = 2 ** -20;

/** The vectors of every update. A batch in several parts takes one or two more, which are made when they are needed. */
const VECTORS = {
  right: "Hessian-free's gradient",
  previous: "conjugate gradient's last solution",
  inverse: "the preconditioner",
} as const;

/** @internal A network as Hessian-free sees it: vectors are blocks of its memory. The batches of an update are named by `begin`. */
export class NetworkProblem implements HessianFreeProblem<number> {
  /** Vectors it allocates, the solver's not among them. */
  static readonly vectors = Object.keys(VECTORS).length;
  readonly theta: number;
  readonly right: number;
  readonly rounding = LOSS_ROUNDING;
  /** Mean squared error over the gradient's cases at theta. */
  squaredError = 0;
  /**
   * Cases carried through the network so far in this update: each once for the gradient, each curvature product, the preconditioner and
   * each trial point.
   */
  casesProcessed = 0;
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly curvature: Curvature;
  private readonly solver: KernelConjugateGradient;
  /** The last solution of conjugate gradient. */
  private readonly previous: number;
  private isStarted = false;
  /** Diagonal of M^-1, and sums over one part of a batch; made when first needed. */
  private inverse = 0;
  private partial = 0;
  /** What a sum over very many parts loses to rounding. */
  private rest = 0;
  private batches!: HessianFreeBatches;

  constructor(network: Network) {
    this.network = network;
    this.theta = network.parametersBlock;
    this.arena = new Arena(network.engine.memory);
    this.curvature = new Curvature(network);
    try {
      // The two that are made here, those of the solver and its arguments.
      network.engine.memory.ensure((2 + KernelConjugateGradient.vectors) * network.blockBytes + 4096, "Hessian-free's vectors");
      this.right = this.block(VECTORS.right);
      this.previous = this.block(VECTORS.previous);
      this.solver = new KernelConjugateGradient(network, this.curvature);
    } catch (error) {
      this.curvature.release();
      this.arena.release();
      throw error;
    }
  }

  begin(batches: HessianFreeBatches): void {
    this.batches = batches;
    this.casesProcessed = 0;
  }

  get searchesOnCurvature(): boolean {
    return this.batches.curvature === this.batches.search;
  }

  *differentiate(weightDecay: number): Work<{ readonly loss: number; readonly curvatureLoss: number; readonly searchLoss: number }> {
    const { batches, curvature, right } = this;
    const isShared = batches.curvature === batches.gradient;
    const own = isShared ? undefined : yield* this.gradientOverParts(batches.gradient);
    curvature.stage(batches.curvature);
    const bent = yield* curvature.linearizing(isShared ? right : 0);
    this.casesProcessed += batches.curvature.cases;
    const { loss, squaredError } = own ?? bent;
    this.squaredError = squaredError;
    const { cases } = batches.gradient;
    this.kernels.combine(right, isShared ? -1 / cases : -1, right, -weightDecay, this.theta, this.network.blockBytes);
    const isKnown = batches.search === batches.gradient || this.searchesOnCurvature;
    const searchLoss = !isKnown ? yield* this.lossAt("search", 0, 0) : this.searchesOnCurvature ? bent.loss : loss;
    return { loss, curvatureLoss: bent.loss, searchLoss };
  }

  *solve({ exponent, decay, ...system }: HessianFreeSystem): Work<HessianFreeSolution<number>> {
    const { curvature, network, right } = this;
    yield { step: 0, of: system.maximum };
    if (exponent !== undefined) {
      this.inverse ||= this.block(VECTORS.inverse);
      curvature.squares(this.inverse);
      this.casesProcessed += curvature.cases;
      this.kernels.inversePower(this.inverse, this.inverse, 1 / curvature.cases, system.shift, exponent, network.blockBytes);
      yield { step: 0, of: system.maximum };
    }
    const { x, phi, steps, products, reason, iterates } = yield* this.solver.solve({
      ...system,
      tolerance: RESIDUAL_ROUNDING,
      right,
      inverse: exponent === undefined ? 0 : this.inverse,
      start: this.isStarted && decay > 0 ? { block: this.previous, scale: decay } : undefined,
    });
    this.casesProcessed += products * curvature.cases;
    return { last: { step: steps, x, phi }, iterates: iterates.map(({ step, block, phi }) => ({ step, x: block, phi })), reason };
  }

  *lossAt(cases: "curvature" | "search", direction: number, rate: number): Work<number> {
    const batch = this.batches[cases];
    let loss = 0;
    for (const { part, share, step, of } of this.parts(batch)) {
      yield { step, of };
      loss += share * this.network.evaluateAt(part, direction, rate).loss;
      this.casesProcessed += part.cases;
    }
    return loss;
  }

  dot(a: number, b: number): number {
    return this.kernels.dot(a, b, this.network.blockBytes);
  }

  /** f64 holds the squares of all that f32 holds. */
  norm(block: number): number {
    return Math.sqrt(this.dot(block, block));
  }

  move(direction: number, factor: number): void {
    this.network.addToParameters(direction, factor);
  }

  remember(x: number | undefined): void {
    this.isStarted = x !== undefined;
    if (x !== undefined) this.kernels.combine(this.previous, 1, x, 0, x, this.network.blockBytes);
  }

  /** The last solution in the public order; 0 where the next solve starts from 0. */
  get start(): Float32Array<ArrayBuffer> {
    return this.isStarted ? this.network.readBlock(this.previous) : new Float32Array(this.network.parameterCount);
  }

  /** Throws ShapeError, InvalidOptionError. */
  restart(option: string, start: Float32Array): void {
    this.network.writeBlock(option, this.previous, start);
    this.isStarted = start.some((value) => value !== 0);
  }

  release(): void {
    this.solver.release();
    this.curvature.release();
    this.arena.release();
  }

  /** `right` <- the gradient of the mean loss. */
  private *gradientOverParts(batch: Batch): Work<{ readonly loss: number; readonly squaredError: number }> {
    const { network, right } = this;
    let loss = 0;
    let squaredError = 0;
    let isFirst = true;
    let rest = 0;
    for (const { part, share, step, of } of this.parts(batch)) {
      yield { step, of };
      if (isFirst && of > LONGEST_PLAIN_SUM) rest = this.rest ||= this.block("a sum over very many parts");
      if (!isFirst) this.partial ||= this.block("a partial gradient");
      const means = network.gradientInto(part, isFirst ? right : this.partial);
      const { kernels } = this;
      if (isFirst) {
        if (share < 1) kernels.combine(right, share, right, 0, right, network.blockBytes);
        if (rest) kernels.addToLongSum(right, rest, right, network.blockBytes, 0);
      } else if (rest) {
        kernels.combine(this.partial, share, this.partial, 0, this.partial, network.blockBytes);
        kernels.addToLongSum(right, rest, this.partial, network.blockBytes, 1);
      } else kernels.combine(right, 1, right, share, this.partial, network.blockBytes);
      isFirst = false;
      loss += share * means.loss;
      squaredError += share * means.squaredError;
      this.casesProcessed += part.cases;
    }
    return { loss, squaredError };
  }

  /** A batch in parts, each with its share of the cases. Parts that a mask leaves nothing of are left out, unless that is all there is. */
  private *parts(
    batch: Batch,
  ): Generator<{ readonly part: Batch; readonly share: number; readonly step: number; readonly of: number }, void, void> {
    const { cases, steps = 1 } = batch;
    const blocks = Math.floor(PART_WORK / (this.network.parameterCount * steps * BLOCK_CASES));
    const size = Math.max(1, blocks) * BLOCK_CASES;
    const of = Math.ceil(cases / size);
    let isEmpty = true;
    for (let step = 0; step < of; step++) {
      const first = step * size;
      const part = caseRange(batch, first, Math.min(size, cases - first));
      if (of > 1 && part.mask?.every((weight) => weight === 0)) continue;
      isEmpty = false;
      yield { part, share: part.cases / cases, step, of };
    }
    if (isEmpty) yield { part: batch, share: 1, step: 0, of };
  }

  private get kernels(): Kernels {
    return this.network.engine.use().kernels;
  }

  private block(what: string): number {
    return this.network.allocateBlock(this.arena, what);
  }
}
