import type { Network } from "../networks/network.js";
import type { SpecOption } from "../options.js";
import type { Schedule } from "../schedules/index.js";
import type { MethodDescription, Optimizer, OptimizerOptions } from "./optimizer.js";

/**
 * An optimization method: what the rest of the library needs to know of it, as functions of its description `D`, plain data with defaults
 * filled in. One folder each, one line in the registry (index.ts) and one in iterations.ts, which `minimize` reads; nothing else lists
 * methods.
 */
export interface Method<D extends MethodDescription> {
  readonly name: D["method"];
  /** "SGD", "NAG": in tables and progress bars. */
  readonly label: string;
  /** "Nesterov momentum": in titles. */
  readonly title: string;
  /** Its line style in plots (report/plot/palette.ts). */
  readonly style: number;
  /** Options of the command line that set parts of its description and of no other's. */
  readonly options: readonly SpecOption[];
  /** Validates a builder's options or a description, and fills in the defaults. Throws InvalidOptionError. */
  check(given: Record<string, unknown>): D;
  /** Every part of a description that is a schedule of numbers, by the name it has in error messages. */
  schedules(description: D): Record<string, Schedule>;
  /** What to change where `minimize` diverges. */
  remedy(description: D): string;
  /** The description in words, for people; `updates` is the length of the run. */
  describe(description: D, updates: number): string;
  /** The method at work on networks; left out where it needs exact gradients. */
  readonly network?: NetworkMethod<D>;
}

/** What a method needs to train networks. */
export interface NetworkMethod<D extends MethodDescription> {
  /** What its updates are made from: one minibatch each, or cases for the gradient and others for the curvature. */
  readonly batching: "minibatches" | "gradientAndCurvature";
  /** Vectors of the length of the parameters that an optimizer allocates, with the method's defaults. */
  readonly vectors: number;
  /** Updates of a trial of which nothing but the method is said, where the task's own number does not suit. */
  readonly updates?: number;
  /** The optimizer of such a trial, with what the task suggests. */
  start(task: { readonly learningRate: number; readonly momentum: Record<string, unknown> }): Record<string, unknown>;
  /** Why shared options of the command line mean nothing to it, by name: what follows "--momentum-max does not apply to adam, ". */
  readonly refuses: Readonly<Record<string, string>>;
  /**
   * A description, `before`, with other values at the paths that were asked for, such as "learningRate" or "damping.initial"; left out
   * where that is all there is to a change.
   */
  change?(before: Record<string, unknown>, asked: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Refuses numbers that f32, in which networks are trained, does not hold. Throws InvalidOptionError naming the option. */
  checkSinglePrecision(description: D): void;
  /** The optimizer for a network, from a description that has passed both checks. Throws InvalidOptionError, OutOfMemoryError. */
  create(network: Network, description: D, options?: OptimizerOptions): Optimizer;
}
