import { awayTrials } from "../trials/away/awayTrials.js";
import type { AwayTrials } from "../trials/away/awayTypes.js";
import { checkInWorkerOptions, type InWorkerOptions } from "../trials/away/inWorkerOptions.js";
import { startWorker, workerRemedy } from "./platform/startWorker.js";

/**
 * Trials in a thread of their own, so that a program answers meanwhile: `inWorker().runTrial(spec, options)` is `runTrial(spec, options)`
 * to the same record, reports, store and bits, with a team of threads of its own.
 *
 * @throws InvalidOptionError for an option that is none
 */
export function inWorker(options: InWorkerOptions = {}): AwayTrials {
  const worker = checkInWorkerOptions(options);
  return awayTrials({
    start: () => startWorker(worker, () => new URL("./trialWorker.js", import.meta.url)),
    remedy: (error) => workerRemedy(error, "inWorker", "heavyball/trial-worker"),
    absolute: (path) => path,
  });
}
