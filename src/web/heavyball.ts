/**
 * Everything that heavyball has in browsers, `heavyball` and `heavyball/web`, in one file for pages and workers without a bundler:
 * `import { ... } from "./heavyball.js"`.
 *
 * @module heavyball/browser
 */
import type { AwayTrials } from "../trials/away/awayTypes.js";
import type { InWorkerOptions } from "../trials/away/inWorkerOptions.js";
import { trialsInWorkers } from "./trialsInWorkers.js";

export * from "../index.js";
export { browserStore } from "./browserStore.js";
/** @internal What the Worker of a trial calls. */
export { serveTrialHere } from "./serveTrialHere.js";

/**
 * Trials in a Worker of their own: `inWorker` of `heavyball/web`. The Worker imports this same file, so that nothing is loaded twice.
 *
 * @throws InvalidOptionError for an option that is none; its methods reject with UnsupportedError where the Worker cannot be had
 */
export function inWorker(options: InWorkerOptions = {}): AwayTrials {
  return trialsInWorkers(options, importingScript);
}

function importingScript(): string {
  const address: unknown = import.meta.url;
  if (typeof address !== "string") throw new Error("heavyball/browser is for pages without a bundler; with one, import heavyball/web");
  return `import { serveTrialHere } from ${JSON.stringify(address)}; serveTrialHere();`;
}
