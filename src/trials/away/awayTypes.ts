import type { Runtime } from "../../createRuntime.js";
import type { Batch } from "../../networks/batch.js";
import type { NetworkDescription } from "../../networks/describe.js";
import type { Evaluation } from "../../networks/evaluation.js";
import type { ParameterTensor } from "../../networks/parameterLayout.js";
import type { RuntimeOptions } from "../../runtime/loadEngine.js";
import type { Measure } from "../../tasks/task.js";
import type { Baseline, TrialRecord } from "../record.js";
import type { Report } from "../report.js";
import type { EndedTrial, RunTrialOptions, StartedTrial } from "../runTrialOptions.js";

/**
 * Options of a trial in a thread of its own: those of `runTrial`. Callbacks run where the trial was asked for and are waited for as there,
 * so one whose promise is pending holds the trial. `data` is sent to the thread: all of it, or what the task reads of
 * it where objects of classes or proxies hold it. What the store or a callback throws, the trial is rejected with, the very same.
 */
export interface AwayTrialOptions extends Omit<RunTrialOptions, "runtime" | "onStart" | "onEnd"> {
  /** Options of the runtime that the thread makes; its `worker`, where helpers come from, is an address here. Default: all cores. */
  readonly runtime?: (Omit<RuntimeOptions, "worker"> & { readonly worker?: URL | string | undefined }) | undefined;
  /** Gets the trial when all is ready, before the first update. */
  readonly onStart?: ((started: StartedAwayTrial) => unknown) | undefined;
  /** Called when the trial has ended, while its network is there and its store open. */
  readonly onEnd?: ((ended: EndedAwayTrial) => unknown) | undefined;
}

/** A trial in a thread of its own that is about to begin or to go on. */
export interface StartedAwayTrial extends Pick<StartedTrial, "spec" | "name" | "from" | "events" | "change"> {
  /** The measure that is watched, by its key in reports. */
  readonly watched: Measure;
  readonly baseline: Baseline;
  readonly runtime: AwayRuntime;
  readonly network: AwayNetwork;
}

/** A trial in a thread of its own that has ended. */
export interface EndedAwayTrial extends Pick<EndedTrial, "name" | "record" | "written"> {
  readonly network: AwayNetwork;
}

/** What is told of the runtime of a trial in a thread of its own. */
export type AwayRuntime = Pick<Runtime, "threads" | "threadsReason" | "kernels" | "kernelsReason" | "wide">;

/**
 * The network of a trial in a thread of its own. What it is asked it answers between two updates, or parts of a long one, and the trial
 * goes on to the same bits. Once the trial has ended everything is rejected with DisposedError.
 */
export interface AwayNetwork {
  readonly description: NetworkDescription;
  /** Where each tensor lies among the parameters. */
  readonly layout: readonly ParameterTensor[];
  /** theta, in the order of `layout`. */
  getParameters(): Promise<Float32Array<ArrayBuffer>>;
  /** Outputs of a batch, as the network's `predict`. */
  predict(batch: Batch): Promise<Float32Array<ArrayBuffer>>;
  /** Mean loss and errors of a batch, as the network's `evaluate`. */
  evaluate(batch: Batch): Promise<Evaluation>;
  /** Activations of a layer, as the network's `activations`. */
  activations(batch: Batch, layer: number): Promise<Float32Array<ArrayBuffer>>;
}

/** Trials, each in a thread of its own that is gone when the trial has ended. */
export interface AwayTrials {
  /**
   * `runTrial` in a thread of its own: the same record, store and bits.
   *
   * @throws what `runTrial` throws; InvalidOptionError for options that cannot be sent; UnsupportedError where the thread cannot start,
   * WorkerLostError where it is lost: the last checkpoint is kept
   */
  runTrial(spec: unknown, options?: AwayTrialOptions): Promise<TrialRecord>;
  /** `streamTrial` in a thread of its own: whoever stops reading stops the trial. */
  streamTrial(spec: unknown, options?: AwayTrialOptions): AsyncGenerator<Report, TrialRecord, void>;
}
