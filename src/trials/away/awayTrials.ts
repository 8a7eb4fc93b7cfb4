import { present } from "../../boundary/present.js";
import { isUrl } from "../../boundary/realm.js";
import { Runtime } from "../../createRuntime.js";
import { DisposedError, InvalidOptionError, UnsupportedError, WorkerLostError } from "../../errors.js";
import { awaitStart } from "../../runtime/eitherWorker.js";
import { checkRuntimeOptions } from "../../runtime/loadEngine.js";
import type { TrialRecord } from "../record.js";
import { checkRunTrialOptions } from "../runTrialOptions.js";
import { checkTrialSpec } from "../spec.js";
import { checkedData } from "../trial.js";
import { checkEvents } from "../trialEvent.js";
import { Answers } from "./answers.js";
import type { AwayTrialOptions, AwayTrials } from "./awayTypes.js";
import { canBeSent } from "./errors.js";
import { Line } from "./line.js";
import { type AwayOrder, plainCallbacks, SENDABLE } from "./order.js";
import { streamAway } from "./streamAway.js";
import { workerPort } from "./workerPort.js";

/** The threads of trials. */
export interface AwayThreads {
  /** Makes one, a Worker. */
  start(): unknown;
  /** What to do where one cannot be had, by what was thrown, if anything. */
  remedy(error?: unknown): string;
  /** An address as text, for a thread to which another place is "here". */
  absolute(address: string): string;
}

/** Trials in threads of their own. */
export function awayTrials(threads: AwayThreads): AwayTrials {
  const runTrial: AwayTrials["runTrial"] = (spec, options = {}) => runAway(threads, spec, options);
  return { runTrial, streamTrial: (spec, options = {}) => streamAway(runTrial, spec, options) };
}

async function runAway(threads: AwayThreads, spec: unknown, options: AwayTrialOptions): Promise<TrialRecord> {
  const order = orderOf(threads, spec, options);
  const answers: Answers = new Answers(order.spec, options, (name, ...given) => line.call(name, ...given));
  const fail = (why: string): void => line.break(answers.hasStarted ? lost(why) : notStarted(why, threads.remedy()));
  const port = workerPort(startedBy(threads), fail);
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
    throw refusal(error, order);
  } finally {
    hasStarted();
    signal?.removeEventListener("abort", abort);
    line.break(new DisposedError("network"));
    port.end();
    await answers.release();
  }
}

/** Throws InvalidOptionError, ShapeError. */
function orderOf({ absolute }: AwayThreads, spec: unknown, options: AwayTrialOptions): AwayOrder {
  checkRunTrialOptions(options as Parameters<typeof checkRunTrialOptions>[0]);
  const checked = checkTrialSpec(spec);
  const events = options.events === undefined ? undefined : checkEvents("events", checked, options.events);
  const { runtime, resume, checkpointSeconds, store, signal } = options;
  if ((runtime as unknown) instanceof Runtime)
    throw new InvalidOptionError("runtime", runtime, "options for a runtime, such as { threads: 2 }: the trial's thread makes its own");
  if (typeof runtime?.worker === "function")
    throw new InvalidOptionError("runtime.worker", runtime.worker, "an address: a function cannot be sent to the trial's thread");
  if (runtime !== undefined) checkRuntimeOptions(runtime);
  // Missing data are missed where all else is ready, as by runTrial.
  const data = options.data === undefined ? undefined : checkedData(checked, options.data);
  const callbacks = [...plainCallbacks, "onEnd"] as const;
  return present({
    spec: checked,
    options: present({ runtime: runtime && withAddresses(runtime, absolute), data, events, resume, checkpointSeconds }),
    callbacks: callbacks.filter((name) => options[name] !== undefined),
    place: store?.place,
    isAborted: signal?.aborted === true,
  });
}

type AwayRuntimeOptions = NonNullable<AwayTrialOptions["runtime"]>;

/** Addresses as text, since URLs cannot be cloned, and as they are meant here. */
function withAddresses(options: AwayRuntimeOptions, absolute: AwayThreads["absolute"]): AwayRuntimeOptions {
  const address = <T>(value: T): T | string => (isUrl(value) ? value.href : typeof value === "string" ? absolute(value) : value);
  return present({ ...options, worker: address(options.worker), wasm: address(options.wasm) });
}

function startedBy({ start, remedy }: AwayThreads): unknown {
  try {
    return start();
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw notStarted(String(error), remedy(error));
  }
}

function notStarted(why: string, remedy: string): UnsupportedError {
  return new UnsupportedError(`the thread of a trial could not start: ${why}; ${remedy}`);
}

function lost(why: string): WorkerLostError {
  return new WorkerLostError(why, "the thread of a trial", "run the trial again; with a store, from its last checkpoint: resume");
}

/** What an option that cannot be cloned, such as an array whose buffer is gone, is refused with instead of the engine's own error. */
function refusal(error: unknown, { options: { data, runtime } }: AwayOrder): unknown {
  if ((error as { readonly name?: unknown } | null)?.name !== "DataCloneError") return error;
  if (!canBeSent(runtime?.wasm)) return new InvalidOptionError("wasm", runtime?.wasm, SENDABLE);
  return canBeSent(data) ? error : new InvalidOptionError("data", data, SENDABLE);
}
