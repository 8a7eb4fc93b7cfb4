import { present } from "../../boundary/present.js";
import { isUrl } from "../../boundary/realm.js";
import { Runtime } from "../../createRuntime.js";
import { DisposedError, InvalidOptionError, UnsupportedError, WorkerLostError } from "../../errors.js";
import { awaitStart } from "../../runtime/eitherWorker.js";
import type { TrialRecord } from "../record.js";
import { checkRunTrialOptions } from "../runTrialOptions.js";
import { checkTrialSpec } from "../spec.js";
import { checkEvents } from "../trialEvent.js";
import { Answers } from "./answers.js";
import type { AwayTrialOptions, AwayTrials } from "./awayTypes.js";
import { Line } from "./line.js";
import { type AwayOrder, plainCallbacks } from "./order.js";
import { streamAway } from "./streamAway.js";
import { workerPort } from "./workerPort.js";

/** Trials in threads that `start` makes, Workers; `remedy` says what to do where they cannot be had. */
export function awayTrials(start: () => unknown, remedy: string): AwayTrials {
  const runTrial: AwayTrials["runTrial"] = (spec, options = {}) => runAway(start, remedy, spec, options);
  return { runTrial, streamTrial: (spec, options = {}) => streamAway(runTrial, spec, options) };
}

async function runAway(start: () => unknown, remedy: string, spec: unknown, options: AwayTrialOptions): Promise<TrialRecord> {
  const order = orderOf(spec, options);
  const answers: Answers = new Answers(options, (name, ...given) => line.call(name, ...given));
  const fail = (why: string): void => line.break(answers.hasStarted ? lost(why) : notStarted(why, remedy));
  const port = workerPort(startedBy(start, remedy), fail);
  const hasStarted = awaitStart(fail, "answer");
  const line = new Line(port, (name, given) => {
    hasStarted();
    return answers.answer(name, given);
  });
  // A trial that cannot hear it any more has ended.
  const abort = (): void => void line.call("abort").catch(() => undefined);
  const { signal } = options;
  signal?.addEventListener("abort", abort);
  try {
    return (await line.call("run", order)) as TrialRecord;
  } catch (error) {
    // What a callback has thrown is the caller's own, and comes back as it was.
    throw answers.thrown === undefined ? refusal(error, options) : answers.thrown.error;
  } finally {
    hasStarted();
    signal?.removeEventListener("abort", abort);
    line.break(new DisposedError("network"));
    port.end();
  }
}

/** Throws InvalidOptionError, ShapeError. */
function orderOf(spec: unknown, options: AwayTrialOptions): AwayOrder {
  const checked = checkTrialSpec(spec);
  checkRunTrialOptions(options as Parameters<typeof checkRunTrialOptions>[0]);
  const events = options.events === undefined ? undefined : checkEvents("events", checked, options.events);
  const { runtime, data, resume, checkpointSeconds, store, signal } = options;
  if ((runtime as unknown) instanceof Runtime)
    throw new InvalidOptionError("runtime", runtime, "options for a runtime, such as { threads: 2 }: the trial's thread makes its own");
  if (typeof runtime?.worker === "function")
    throw new InvalidOptionError("runtime.worker", runtime.worker, "an address: a function cannot be sent to the trial's thread");
  const callbacks = [...plainCallbacks, "onEnd"] as const;
  return present({
    spec: checked,
    options: present({ runtime: runtime && withAddresses(runtime), data, events, resume, checkpointSeconds }),
    callbacks: callbacks.filter((name) => options[name] !== undefined),
    place: store?.place,
    isAborted: signal?.aborted === true,
  });
}

/** URLs as text, since they cannot be cloned. */
function withAddresses<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, isUrl(value) ? value.href : value])) as T;
}

function startedBy(start: () => unknown, remedy: string): unknown {
  try {
    return start();
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw notStarted(String(error), remedy);
  }
}

function notStarted(why: string, remedy: string): UnsupportedError {
  return new UnsupportedError(`the thread of a trial could not start: ${why}; ${remedy}`);
}

function lost(why: string): WorkerLostError {
  return new WorkerLostError(why, "the thread of a trial", "run the trial again; with a store, from its last checkpoint: resume");
}

/** What an option that cannot be cloned is refused with, instead of the engine's own error. */
function refusal(error: unknown, { data, runtime }: AwayTrialOptions): unknown {
  if ((error as { readonly name?: unknown } | null)?.name !== "DataCloneError") return error;
  const allowed = "plain data and typed arrays, which can be sent to the trial's thread";
  return data === undefined ? new InvalidOptionError("runtime", runtime, allowed) : new InvalidOptionError("data", data, allowed);
}
