import { source as ownTrial } from "../runtime/embedded/browserTrial.js";
import type { AwayTrials } from "../trials/away/awayTypes.js";
import type { InWorkerOptions } from "../trials/away/inWorkerOptions.js";
import { trialsInWorkers } from "./trialsInWorkers.js";

/**
 * Trials in a Worker of their own, so that a page never waits for them: `inWorker().runTrial(spec, options)` is `runTrial(spec, options)`
 * to the same record, reports, store and bits, with a team of threads where the page is cross-origin isolated. The Worker's source is
 * inside the library; no file has to be found.
 *
 * @throws InvalidOptionError for an option that is none; its methods reject with UnsupportedError where the Worker cannot be had
 */
export function inWorker(options: InWorkerOptions = {}): AwayTrials {
  return trialsInWorkers(options, () => ownTrial);
}
