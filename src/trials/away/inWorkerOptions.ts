import { isUrl } from "../../boundary/realm.js";
import { InvalidOptionError } from "../../errors.js";
import type { WorkerSource } from "../../runtime/platform.js";
import { checkKnownOptions, checkObject } from "../../validate.js";

/** Options of `inWorker`. */
export interface InWorkerOptions {
  /**
   * Where threads come from, when bundling has moved `heavyball/trial-worker`: its address (of the page's origin in a browser; a path or a
   * file: URL in Node) or a function that makes the Worker, one of the web's or of node:worker_threads.
   */
  readonly worker?: WorkerSource | undefined;
}

/** Throws InvalidOptionError. */
export function checkInWorkerOptions(options: InWorkerOptions): WorkerSource | undefined {
  checkKnownOptions("inWorker", checkObject("options of inWorker", options), ["worker"]);
  const { worker } = options;
  if (worker === undefined || typeof worker === "function" || typeof worker === "string" || isUrl(worker)) return worker;
  throw new InvalidOptionError("worker", worker, "a URL or a function that makes a Worker");
}
