import { awayTrials } from "../trials/away/awayTrials.js";
import type { AwayTrials } from "../trials/away/awayTypes.js";
import { checkInWorkerOptions, type InWorkerOptions } from "../trials/away/inWorkerOptions.js";

/**
 * Trials in a Worker of their own, so that a page never waits for them: `inWorker().runTrial(spec, options)` is `runTrial(spec, options)`
 * to the same record, reports, store and bits, with a team of threads where the page is cross-origin isolated.
 *
 * @throws InvalidOptionError for an option that is none
 */
export function inWorker(options: InWorkerOptions = {}): AwayTrials {
  const worker = checkInWorkerOptions(options);
  const start = (): unknown => {
    if (typeof worker === "function") return worker();
    if (worker !== undefined) return new Worker(worker, { type: "module" });
    return new Worker(new URL("./trialWorker.js", import.meta.url), { type: "module" });
  };
  return awayTrials(start, "pass inWorker({ worker }) the address of heavyball/trial-worker");
}
