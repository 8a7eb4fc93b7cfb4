import { InvalidOptionError } from "../errors.js";
import type { HelperWorker } from "./platform.js";

/** How long a worker has to say that it is there: one whose file is not heavyball's never would. It only ends a wait. */
const STARTING_MILLISECONDS = 30_000;

/** What the two kinds of Worker have of their own. */
export interface EitherWorker extends HelperWorker {
  /** node:worker_threads. */
  on?(event: string, listen: (value: unknown) => void): unknown;
  /** The web's. */
  addEventListener?(event: string, listen: (event: { readonly data?: unknown; readonly message?: string }) => void): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** What a function of the caller's made. Throws InvalidOptionError for anything but a Worker. */
export function checkWorker(made: unknown): EitherWorker {
  const worker = made as Partial<EitherWorker> | null | undefined;
  const isWorker = typeof worker?.postMessage === "function" && typeof worker.terminate === "function";
  if (isWorker && (typeof worker.on === "function" || typeof worker.addEventListener === "function")) return worker as EitherWorker;
  throw new InvalidOptionError("worker()", made, "a Worker of the web's or of node:worker_threads");
}

/** Calls `hear` with every message of a worker. */
export function hearMessages(worker: EitherWorker, hear: (message: unknown) => void): void {
  if (worker.on) worker.on("message", hear);
  else worker.addEventListener!("message", ({ data }) => hear(data));
}

/**
 * Calls `fail` with the reason whenever nothing more will come from a worker. No event of it goes unheard: an error that nobody listens to
 * would end the process.
 */
export function hearFailures(worker: EitherWorker, fail: (why: string) => void): void {
  if (worker.on) {
    worker.on("error", (error) => fail(String(error)));
    worker.on("messageerror", (error) => fail(String(error)));
    worker.on("exit", (code) => fail(`exit code ${String(code)}`));
  } else {
    worker.addEventListener!("error", ({ message }) => fail(message || "its file could not be loaded"));
    worker.addEventListener!("messageerror", () => fail("it could not read what it was sent"));
  }
}

/** Calls `fail` unless a worker says in time that it is there; returns what is to be called when it does. */
export function awaitStart(fail: (why: string) => void, whatItDidNot: string): () => void {
  const impatience = setTimeout(() => fail(`its file was loaded but it did not ${whatItDidNot}`), STARTING_MILLISECONDS);
  return () => clearTimeout(impatience);
}
