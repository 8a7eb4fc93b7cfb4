import { REASON_MAXIMUM, REASON_NEGATIVE, REASON_PROGRESS, REASON_ROUNDING, REASON_SOLVED } from "../../abi/conjugateGradient.js";
import { PROGRAM_CONJUGATE_GRADIENT } from "../../abi/programs.js";
import { InvalidOptionError } from "../../errors.js";
import type { Network } from "../../networks/network.js";
import { Arena } from "../../runtime/memory.js";
import { ConjugateGradientArguments } from "./conjugateGradientArguments.js";
import { type ConjugateGradientReason, stopped } from "./conjugateGradientReason.js";

/** A network's curvature as the solver needs it (networks/curvature/curvature.ts): products over the cases staged there, chunk by chunk. */
export interface CurvatureOperator {
  /** Address of the arguments of assembly/network/curvaturePass.ts. */
  readonly args: number;
  readonly chunks: number;
  readonly cases: number;
  /** Makes theta the point of the coming products, and names where they read their direction and leave their sums. */
  aim(direction: number, product: number, structural: number): void;
}

/** A x = b with A = G + structural damping + shift I. Vectors are blocks of the network. */
export interface KernelSystem {
  /** b. */
  right: number;
  /** Added to the diagonal: lambda and weight decay. */
  shift: number;
  /** Weight of structural damping, lambda mu. Default 0. */
  structural?: number;
  /** Diagonal of M^-1 (`inversePower`). Default: the identity. */
  inverse?: number;
  /** x_0 = scale * block. Default 0, which saves a product. The block may be the `x` of the solve before. */
  start?: { block: number; scale: number };
  maximum: number;
  /** Steps before `progress` may end the solve. Default 1. */
  minimum?: number;
  /** Martens' rule; 0 never stops. Default 5e-4. */
  progress?: number;
  /**
   * Share of |b|, or of |r_0| if that is larger, at which a residual is only rounding, and of the steepest curvature at which that along a
   * direction is; it ends the solve whatever the steps asked for at least. Default 0: only 0 is.
   */
  tolerance?: number;
  /** Ascending steps whose iterates are wanted. */
  keep?: readonly number[];
}

export interface KernelSolveProgress {
  /** Steps made. */
  readonly step: number;
  /** Steps at most. */
  readonly of: number;
}

export interface KernelSolution {
  /** The last iterate's block, phi and step: the solver's own, good until its next solve. */
  readonly x: number;
  readonly phi: number;
  readonly steps: number;
  /** Curvature products made: one a step, one more for a start, and one more where the last one led to no step. */
  readonly products: number;
  readonly reason: ConjugateGradientReason;
  /** The kept iterates that were reached before the last, in order; the solver's own, good until its next solve. */
  readonly iterates: readonly { readonly step: number; readonly block: number; readonly phi: number }[];
}

/** How long a slice of a solve should keep the caller waiting, in milliseconds. */
const SLICE = 30;
/** How much longer than the last a slice may be, whatever a coarse clock says. */
const GROWTH = 8;
const PROGRESS = 5e-4;

/** The blocks of every solve, besides those of kept iterates. */
const VECTORS = ["product", "direction", "residual", "x", "next"] as const;

/**
 * Preconditioned conjugate gradient in the kernels, over a network's curvature; `conjugateGradient` is the readable twin, with the same
 * recurrence and rules.
 *
 * It owns its vectors (five blocks and one for each kept iterate) until `release`.
 */
export class KernelConjugateGradient {
  /** Vectors it allocates, those of kept iterates not among them. */
  static readonly vectors = VECTORS.length;
  private readonly network: Network;
  private readonly curvature: CurvatureOperator;
  private readonly arena: Arena;
  private readonly vectors: Readonly<Record<(typeof VECTORS)[number], number>>;
  private readonly kept: number[] = [];
  /** The arguments with their room for steps and iterates, and the arena to free them when they grow. */
  private room: { arena: Arena; args: ConjugateGradientArguments; maximum: number; keeps: number } | undefined;

  constructor(network: Network, curvature: CurvatureOperator) {
    this.network = network;
    this.curvature = curvature;
    const arena = new Arena(network.engine.memory);
    this.arena = arena;
    try {
      const blocks = VECTORS.map((name) => [name, network.allocateBlock(arena, "conjugate gradient")]);
      this.vectors = Object.fromEntries(blocks) as typeof this.vectors;
    } catch (error) {
      arena.release();
      throw error;
    }
  }

  /**
   * Solves in slices of about 30 ms, yielding after each; where it is cut never changes a bit. It may be left at any yield.
   * Throws InvalidOptionError for a right-hand side that is 0 or not finite.
   */
  *solve(system: KernelSystem): Generator<KernelSolveProgress, KernelSolution, void> {
    const { engine, blockBytes } = this.network;
    const {
      right,
      shift,
      structural = 0,
      inverse = 0,
      start,
      maximum,
      minimum = 1,
      progress = PROGRESS,
      tolerance = 0,
      keep = [],
    } = system;
    const square = engine.use().kernels.dot(right, right, blockBytes);
    if (!(square > 0 && square < Infinity)) {
      const seen = square === 0 ? "0 in every entry" : "not finite";
      throw new InvalidOptionError(
        "the right-hand side",
        seen,
        "finite and different from 0 somewhere: at a gradient of 0 there is nothing to solve; where it overflowed, scale the data or " +
          "start elsewhere",
      );
    }
    const { curvature, vectors } = this;
    const args = this.reserve(maximum, keep.length);
    const keeps = keep.map((step, i) => ({ step, block: this.kept[i] }));
    args.begin(
      { ...vectors, right, inverse, start: start?.block ?? 0 },
      { startScale: start?.scale ?? 0, scale: 1 / curvature.cases, shift, maximum, minimum, progress, square, tolerance },
      keeps,
    );
    for (let ticks = 1; ; ) {
      // Whoever ran between two slices may have moved the point or aimed the curvature elsewhere.
      curvature.aim(vectors.direction, vectors.product, structural);
      args.slice(ticks, curvature.args, curvature.chunks);
      const began = performance.now();
      engine.use().run(PROGRAM_CONJUGATE_GRADIENT, args.address);
      const elapsed = performance.now() - began;
      if (args.hasEnded) break;
      yield { step: args.steps, of: maximum };
      ticks = Math.max(1, Math.min(GROWTH * ticks, Math.floor((ticks * SLICE) / elapsed)));
    }
    const { steps, products } = args;
    return {
      x: args.x,
      phi: args.phi(steps),
      steps,
      products,
      reason: reasonOf(args, progress),
      iterates: keeps.filter(({ step }) => step < steps).map(({ step, block }) => ({ step, block, phi: args.phi(step) })),
    };
  }

  release(): void {
    this.room?.arena.release();
    this.room = undefined;
    this.arena.release();
  }

  /** Arguments with room for so many steps and iterates. */
  private reserve(maximum: number, keeps: number): ConjugateGradientArguments {
    const { engine, blockBytes } = this.network;
    if (keeps > this.kept.length) engine.memory.ensure((keeps - this.kept.length) * blockBytes, "the iterates of conjugate gradient");
    while (this.kept.length < keeps) this.kept.push(this.network.allocateBlock(this.arena, "an iterate of conjugate gradient"));
    if (this.room && this.room.maximum >= maximum && this.room.keeps >= keeps) return this.room.args;
    this.room?.arena.release();
    this.room = undefined;
    const arena = new Arena(engine.memory);
    try {
      this.room = {
        arena,
        args: new ConjugateGradientArguments(engine.memory, arena, engine.threads, blockBytes, maximum, keeps),
        maximum,
        keeps,
      };
    } catch (error) {
      arena.release();
      throw error;
    }
    return this.room.args;
  }
}

function reasonOf(args: ConjugateGradientArguments, progress: number): ConjugateGradientReason {
  const { steps } = args;
  switch (args.reason) {
    case REASON_SOLVED:
      return stopped.solved(steps);
    case REASON_ROUNDING:
      return stopped.rounding(steps);
    case REASON_PROGRESS:
      return stopped.progress(steps, progress);
    case REASON_MAXIMUM:
      return stopped.maximum(steps);
    case REASON_NEGATIVE:
      return stopped.negativeCurvature(steps, args.curvature);
    default:
      return stopped.nonFinite(steps);
  }
}
