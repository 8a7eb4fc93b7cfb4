import { checkWorker } from "../../runtime/helper.js";
import type { HelperWorker } from "../../runtime/platform.js";
import type { Port } from "./line.js";

/** What the two kinds of Worker have of their own. */
interface EitherWorker extends HelperWorker {
  /** node:worker_threads. */
  on?(event: string, listen: (value: unknown) => void): unknown;
  /** The web's. */
  addEventListener?(event: string, listen: (event: { readonly data?: unknown; readonly message?: string }) => void): unknown;
}

/** A Worker as one side of a line. `lost` is called with the reason when nothing more will come from it. */
export function workerPort(made: unknown, lost: (why: string) => void): Port & { end(): void } {
  const worker = checkWorker(made) as EitherWorker;
  const { on, addEventListener } = worker;
  if (on !== undefined) {
    on.call(worker, "error", (error) => lost(String(error)));
    on.call(worker, "messageerror", (error) => lost(String(error)));
    on.call(worker, "exit", (code) => lost(`exit code ${String(code)}`));
  } else {
    addEventListener!.call(worker, "error", ({ message }) => lost(message ?? "its file could not be loaded"));
    addEventListener!.call(worker, "messageerror", () => lost("it could not read what it was sent"));
  }
  return {
    post: (message) => worker.postMessage(message),
    listen(hear) {
      if (on !== undefined) on.call(worker, "message", hear);
      else addEventListener!.call(worker, "message", ({ data }) => hear(data));
    },
    end: () => void worker.terminate(),
  };
}
