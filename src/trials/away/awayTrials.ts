import { present } from "../../boundary/present.js";
import { isPlainObject, isRecord, isUrl } from "../../boundary/realm.js";
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
    return await run(line, order);
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
  const data = hasPlainObjects(options.data) ? options.data : checkedData(checked, options.data);
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

/**
 * Data go as they are, since to look through them takes time that the thread has. Where they cannot be cloned, what the task reads of them
 * goes: a page's framework may have wrapped them, or something is wrong with them, which then has a name.
 */
async function run(line: Line, order: AwayOrder): Promise<TrialRecord> {
  const { spec, options } = order;
  try {
    return (await line.call("run", order)) as TrialRecord;
  } catch (error) {
    if ((error as { readonly name?: unknown } | null)?.name !== "DataCloneError") throw error;
    if (!canBeSent(options.runtime?.wasm)) throw new InvalidOptionError("wasm", options.runtime?.wasm, SENDABLE);
    if (canBeSent(options.data)) throw error;
    return (await line.call("run", { ...order, options: { ...options, data: checkedData(spec, options.data) } })) as TrialRecord;
  }
}

/** Whether data and what they consist of are no instances of the user's classes, whose getters a clone has not. */
function hasPlainObjects(data: unknown): boolean {
  const isPlain = (value: unknown): boolean => !isRecord(value) || ArrayBuffer.isView(value) || isPlainObject(value);
  return isPlain(data) && (!isRecord(data) || Object.values(data).every(isPlain));
}
