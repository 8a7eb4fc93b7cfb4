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

/** A question for a process: the SHA-256 of the data that a trial takes from a path. */
export interface DigestOrder {
  readonly kind: "digest";
  readonly spec: TrialSpec;
  readonly data: string;
}

/** What a process is told. */
export type ToProcess = TrialOrder | DigestOrder | { readonly kind: "stop" };

/** What a process tells while it works on an order. */
export type Meanwhile =
  /** The trial begins, or goes on after so many updates. */
  | { readonly kind: "started"; readonly from: number }
  | { readonly kind: "progress"; readonly progress: TrialProgress }
  /** The checkpoint after so many updates is in its directory. */
  | { readonly kind: "checkpoint"; readonly update: number }
  | { readonly kind: "trouble"; readonly sentence: string };

/** What came of an order. */
export type OrderEnd =
  | { readonly kind: "ended"; readonly end: TrialEnd }
  | { readonly kind: "digest"; readonly digest: string | undefined }
  | { readonly kind: "failed"; readonly failure: TrialFailure };

/** What a process tells. */
export type FromProcess = Meanwhile | OrderEnd;
