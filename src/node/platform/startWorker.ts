import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { checkWorker, type EitherWorker } from "../../runtime/eitherWorker.js";
import type { WorkerSource } from "../../runtime/platform.js";

/**
 * A thread from wherever the caller says; where nothing is said, of the library's `own`: an address, or text that is the script itself.
 * What Node was started with (--input-type, --import) is the program's and stays out of it. Throws InvalidOptionError for a function that
 * makes no Worker, and what the engine throws.
 */
export function startWorker(source: WorkerSource | undefined, own: () => URL | string): EitherWorker {
  if (typeof source === "function") return checkWorker(source());
  const from = source === undefined ? own() : fileOf(source);
  return new Worker(from, { execArgv: [], stdin: false, eval: typeof from === "string" });
}

/** Worker takes URLs as objects of its own class only, and of paths those that begin with "./" or "/". */
function fileOf(source: URL | string): URL {
  const text = String(source);
  return /^[a-z]{2,}:/i.test(text) ? new URL(text) : pathToFileURL(text);
}

/** What helps where a thread cannot start, by what was thrown, if anything: the option of `call` that takes the path of `file`. */
export function workerRemedy(error: unknown, call: string, file: string): string {
  if ((error as { readonly code?: unknown } | null | undefined)?.code === "ERR_ACCESS_DENIED") return "start Node with --allow-worker";
  return `pass ${call}({ worker }) the path of ${file}, or a function that makes a Worker of it`;
}
