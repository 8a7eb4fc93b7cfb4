import type { TrialSpec } from "../spec.js";
import type { AwayTrialOptions, StartedAwayTrial } from "./awayTypes.js";

/** What is allowed where something goes to the other side, in words. */
export const SENDABLE = "plain data and typed arrays, which can be sent to the trial's thread";

/** Callbacks whose argument goes to the other side as it is. */
export const plainCallbacks = ["onReport", "onCheckpoint", "onProgress", "onTrouble", "onMeasure"] as const;

/** What the network of a trial answers. */
export const networkMethods = ["getParameters", "predict", "evaluate", "activations"] as const;
export type NetworkMethod = (typeof networkMethods)[number];

/** What a thread is to run. */
export interface AwayOrder {
  readonly spec: TrialSpec;
  readonly options: Pick<AwayTrialOptions, "runtime" | "data" | "events" | "resume" | "checkpointSeconds">;
  /** The callbacks that are wanted, onStart always. */
  readonly callbacks: readonly string[];
  /** The place of the store, where there is one. */
  readonly place?: string;
  readonly isAborted: boolean;
}

/** What is told before the first update: the network's methods are calls, and so is a change. */
export interface StartNews extends Omit<StartedAwayTrial, "network" | "change"> {
  readonly network: Pick<StartedAwayTrial["network"], "description" | "layout">;
}
