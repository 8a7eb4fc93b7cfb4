import type { KernelChoice } from "../runtime/kernels.js";
import type { TrialFailure } from "../sweeps/storedTrial.js";
import type { TrialProgress } from "../trials/progress.js";
import type { TrialEnd } from "../trials/record.js";
import type { TrialSpec } from "../trials/spec.js";

/** A trial for a process. */
export interface TrialOrder {
  readonly kind: "run";
  readonly spec: TrialSpec;
  /** The directory of its run. */
  readonly directory: string;
  readonly kernels: KernelChoice;
  readonly threads: number;
  /** The path of its data, where it needs any. */
  readonly data?: string;
  readonly checkpointSeconds: number;
}

/** What a process is told. */
export type ToProcess = TrialOrder | { readonly kind: "stop" };

/** What a process tells. */
export type FromProcess =
  /** The trial begins, or goes on after so many updates. */
  | { readonly kind: "started"; readonly from: number }
  | { readonly kind: "progress"; readonly progress: TrialProgress }
  | { readonly kind: "trouble"; readonly sentence: string }
  | { readonly kind: "ended"; readonly end: TrialEnd }
  | { readonly kind: "failed"; readonly failure: TrialFailure };
