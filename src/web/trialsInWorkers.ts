import { awayTrials } from "../trials/away/awayTrials.js";
import type { AwayTrials } from "../trials/away/awayTypes.js";
import { checkInWorkerOptions, type InWorkerOptions } from "../trials/away/inWorkerOptions.js";
import { startWorker, workerRemedy } from "./platform/startWorker.js";

/** `inWorker` of a browser; `own` is the script of a trial's thread where nobody says another. Throws InvalidOptionError. */
export function trialsInWorkers(options: InWorkerOptions, own: () => string): AwayTrials {
  const worker = checkInWorkerOptions(options);
  return awayTrials({
    start: () => startWorker(worker, own),
    remedy: (error) => workerRemedy(worker, error, "inWorker", "heavyball/trial-worker"),
    absolute,
  });
}

/** An address as it is meant here: the Worker may have one of its own, blob:, to which nothing is relative. */
function absolute(address: string): string {
  const here = typeof document === "undefined" ? globalThis.location.href : document.baseURI;
  return URL.canParse(address, here) ? new URL(address, here).href : address;
}
