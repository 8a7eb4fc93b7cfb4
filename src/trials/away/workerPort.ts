import { checkWorker, hearFailures, hearMessages } from "../../runtime/eitherWorker.js";
import type { Port } from "./line.js";

/** A Worker as one side of a line. `lost` is called with the reason when nothing more will come from it. */
export function workerPort(made: unknown, lost: (why: string) => void): Port & { end(): void } {
  const worker = checkWorker(made);
  hearFailures(worker, lost);
  return {
    post: (message) => worker.postMessage(message),
    listen: (hear) => hearMessages(worker, hear),
    end: () => void worker.terminate(),
  };
}
