import { present } from "../boundary/present.js";
import { DivergedError } from "../errors.js";
import type { KernelVariant } from "../runtime/kernels.js";
import type { MachineFacts } from "../runtime/machineFacts.js";
import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import type { Measures } from "../tasks/index.js";
import type { PreparedTask, TaskNetwork } from "../tasks/task.js";
import { measuredBeforeFinal } from "./finalPhase.js";
import { measureOf, type Report } from "./report.js";
import { isHessianFree, type TrialSpec } from "./spec.js";
import type { TrialChanges } from "./trialChanges.js";
import type { TrialEvent } from "./trialEvent.js";

/** Why a trial ended: `code` for programs, `message` a sentence for people. */
export interface TrialEnd {
  /**
   * finished: all updates, all steps of conjugate gradient, or all its seconds were used; diverged: a loss or a parameter was no longer
   * finite; stopped: the signal, or whoever read its reports, asked for it.
   */
  readonly code: "finished" | "diverged" | "stopped";
  readonly message: string;
}

/** What answering without looking at the inputs costs, and what that is called. */
export type Baseline = Measures & { readonly name: string };

/**
 * What a trial leaves, as plain data. Apart from times and facts about the machine it is the same wherever the spec is run with the same
 * kernels.
 */
export interface TrialRecord {
  readonly spec: TrialSpec;
  /**
   * What was changed while it ran, as far as updates were made with it: with `events` the spec ends in the same bits. Left out where
   * nothing was.
   */
  readonly events?: readonly TrialEvent[];
  /** Numerics version of the code. */
  readonly numerics: number;
  readonly kernels: KernelVariant;
  /** SHA-256 of the data that the task does not make itself, of a run in a store; otherwise left out. */
  readonly data?: string;
  /** Versions, threads, engine. */
  readonly machine: MachineFacts;
  readonly end: TrialEnd;
  /** Updates made, and seconds spent inside them. */
  readonly update: number;
  readonly seconds: number;
  /** Cases carried through the network by the updates, and Hessian-free's steps of conjugate gradient, as reports count them. */
  readonly casesProcessed: number;
  readonly conjugateGradientSteps?: number;
  /** Measured on all data at the end; none when the trial diverged. */
  readonly final?: Measures;
  /** The same before the first update of the optimizer's final phase, of a trial with minibatches that has one and came to it. */
  readonly beforeFinal?: Measures;
  /** The lowest watched error, which one that is, and when it was first seen. */
  readonly best?: {
    readonly update: number;
    readonly error: number;
    readonly measure: keyof Measures;
    /** False where the parameters of that moment were kept and have been lost since; otherwise left out. */
    readonly kept?: false;
  };
  readonly baseline: Baseline;
  /** The reports at which the errors were measured. In a store they are beside the record, in reports.jsonl. */
  readonly reports: readonly Report[];
}

/** What is known of a trial when it has ended, before all of its data are measured. */
export interface Ended {
  readonly spec: TrialSpec;
  readonly end: TrialEnd;
  readonly reports: readonly Report[];
  /** Its last report. */
  readonly last: Report;
  readonly changes: TrialChanges;
  readonly kernels: KernelVariant;
  readonly machine: MachineFacts;
  readonly data?: string | undefined;
  /** Whether the parameters of the lowest error are gone for good. */
  readonly bestIsLost?: boolean;
}

/** The record of a trial that has ended; `final` is what was measured on all data, none where it diverged. */
export function trialRecord(
  { spec, end, reports, last, changes, kernels, machine, data, bestIsLost = false }: Ended,
  task: PreparedTask,
  final?: Measures,
): TrialRecord {
  const best = bestReport(reports, task);
  const { update, casesProcessed, totalConjugateGradientSteps = 0, seconds } = last;
  // Of a trial that diverged also those of the update in which it did.
  const events = changes.before(end.code === "diverged" ? update + 1 : update);
  return present({
    spec,
    events: events.length === 0 ? undefined : events,
    numerics: NUMERICS_VERSION,
    kernels,
    data,
    machine,
    end,
    update,
    seconds,
    casesProcessed,
    conjugateGradientSteps: isHessianFree(spec) ? totalConjugateGradientSteps : undefined,
    final,
    beforeFinal: measuredBeforeFinal(reports, spec, events),
    best: best && present({ ...best, kept: bestIsLost ? (false as const) : undefined }),
    baseline: { name: task.baseline.name, ...task.baseline.measures },
    reports,
  });
}

/**
 * Why a trial has ended, `last` being its last report and `failure` why it has diverged: otherwise all of its updates were made, or all of
 * its steps of conjugate gradient, or somebody stopped it.
 */
export function endOf(spec: TrialSpec, { update, totalConjugateGradientSteps: steps = 0 }: Report, failure?: string): TrialEnd {
  if (failure !== undefined) return { code: "diverged", message: failure };
  if (update >= spec.updates) return { code: "finished", message: `all ${update} updates were made` };
  if (isHessianFree(spec) && steps >= (spec.conjugateGradientSteps ?? Infinity))
    return { code: "finished", message: `all ${spec.conjugateGradientSteps} steps of conjugate gradient were made` };
  return { code: "stopped", message: `stopped after ${update} of ${spec.updates} updates` };
}

/**
 * What a trial that ended like this comes to on all data. Weights whose errors were finite on the data that was watched may yet be too
 * large for the rest: then it has diverged.
 */
export function outcomeOf(end: TrialEnd, task: PreparedTask, network: TaskNetwork): { readonly end: TrialEnd; readonly final?: Measures } {
  if (end.code === "diverged") return { end };
  try {
    return { end, final: task.measure(network) as Measures };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    return { end: { code: "diverged", message: error.message } };
  }
}

function bestReport(reports: readonly Report[], { watched }: PreparedTask): TrialRecord["best"] {
  let best: TrialRecord["best"];
  for (const report of reports) {
    const error = measureOf(report, watched.key);
    if (error !== undefined && (best === undefined || error < best.error))
      best = { update: report.update, error, measure: watched.key as keyof Measures };
  }
  return best;
}
