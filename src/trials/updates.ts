import type { Runtime } from "../createRuntime.js";
import { DivergedError } from "../errors.js";
import type { OptimizerState } from "../optimizers/index.js";
import type { Measures } from "../tasks/index.js";
import type { PreparedTask, TaskNetwork } from "../tasks/task.js";
import type { Report } from "./report.js";
import type { TrialSpec } from "./spec.js";
import type { TrialChanges } from "./trialChanges.js";

/** Everything needed to go on with a trial, to the same bits: batches are functions of the update's index. */
export interface TrialState {
  /** Updates made. */
  readonly update: number;
  /** Seconds spent inside updates. */
  readonly seconds: number;
  /** theta, in the public order. */
  readonly parameters: Float32Array;
  readonly optimizer: OptimizerState;
  /** What a Hessian-free trial has counted. */
  readonly totals?: HessianFreeTotals;
}

/** A part of a trial's work: an update that is under way, or the report of one that was made. */
export type Slice = { readonly report?: undefined; readonly share: number; readonly detail: string } | { readonly report: Report };

/** What a Hessian-free trial has counted up to an update. */
export interface HessianFreeTotals {
  readonly conjugateGradientSteps: number;
  readonly casesProcessed: number;
}

/** What the updates of a trial are made of. */
export interface UpdateParts<Spec extends TrialSpec> {
  readonly runtime: Runtime;
  readonly network: TaskNetwork;
  readonly spec: Spec;
  readonly task: PreparedTask;
  readonly clock: Clock;
  /** What is changed while it runs. */
  readonly changes: TrialChanges;
}

/** Seconds inside updates: of those that were finished, and of the one under way. */
export class Clock {
  constructor(public finished: number) {}
  underWay = 0;

  /** Runs a part of an update. */
  time<Result>(work: () => Result): Result {
    const begun = performance.now();
    try {
      return work();
    } finally {
      this.underWay += (performance.now() - begun) / 1000;
    }
  }

  /** The update under way is finished. */
  settle(): number {
    this.finished += this.underWay;
    this.underWay = 0;
    return this.finished;
  }
}

/** A trial's updates, in slices, and the state after the last finished one. */
export interface Updates {
  readonly slices: Generator<Slice, void, undefined>;
  state(): { readonly update: number; readonly optimizer: OptimizerState; readonly totals?: HessianFreeTotals };
}

/** The measures of the task after update t, of the data that are watched. Throws DivergedError; `remedy` says what to do then. */
export function watch(parts: UpdateParts<TrialSpec>, t: number, remedy: string, lastLoss?: number): Measures {
  return measuredBy("watch", parts, t, remedy, lastLoss);
}

/** The same of all data. */
export function measureAll(parts: UpdateParts<TrialSpec>, t: number, remedy: string, lastLoss?: number): Measures {
  return measuredBy("measure", parts, t, remedy, lastLoss);
}

function measuredBy(
  what: "watch" | "measure",
  { task, network }: UpdateParts<TrialSpec>,
  t: number,
  remedy: string,
  lastLoss: number | undefined,
): Measures {
  try {
    return task[what](network) as Measures;
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    throw new DivergedError(t, lastLoss, `the ${task.watched.title.toLowerCase()} after it`, remedy);
  }
}
