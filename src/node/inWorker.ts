import { Worker } from "node:worker_threads";
import { awayTrials } from "../trials/away/awayTrials.js";
import type { AwayTrials } from "../trials/away/awayTypes.js";
import { checkInWorkerOptions, type InWorkerOptions } from "../trials/away/inWorkerOptions.js";

/**
 * Trials in a thread of their own, so that a program answers meanwhile: `inWorker().runTrial(spec, options)` is `runTrial(spec, options)`
 * to the same record, reports, store and bits, with a team of threads of its own.
 *
 * @throws InvalidOptionError for an option that is none
 */
export function inWorker(options: InWorkerOptions = {}): AwayTrials {
  const worker = checkInWorkerOptions(options);
  const start = (): unknown => {
    if (typeof worker === "function") return worker();
    return new Worker(worker ?? new URL("./trialWorker.js", import.meta.url));
  };
  const absolute = (path: string): string => path;
  return awayTrials({ start, remedy: "pass inWorker({ worker }) the path of heavyball/trial-worker", absolute });
}
