import { MAXIMUM_MEMBERS } from "../abi/control.js";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { UnsupportedError } from "../errors.js";
import type { Helper, HelperStart, Platform, ThreadSupport } from "../runtime/platform.js";

function threadSupport(): ThreadSupport {
  const threads = Math.min(availableParallelism(), MAXIMUM_MEMBERS);
  return { threads, alone: false, reason: `this machine offers ${threads} core${threads === 1 ? "" : "s"}` };
}

function startHelper(start: HelperStart): Promise<Helper> {
  const worker = new Worker(new URL("./teamWorker.js", import.meta.url), { workerData: start, execArgv: [], stdin: false });
  const ended = new Promise<string>((resolve) => {
    worker.once("error", (error) => resolve(String(error)));
    worker.once("exit", (code) => resolve(`exit code ${code}`));
  });
  return new Promise<Helper>((resolve, reject) => {
    worker.once("message", () => {
      // A team must never keep a process alive: neither a forgotten one nor one that waits for work.
      worker.unref();
      resolve({ ended, awaitEnd: () => worker.ref(), terminate: () => void worker.terminate() });
    });
    void ended.then((reason) => reject(new UnsupportedError(`a helper thread could not start: ${reason}; use threads: 1`)));
  });
}

/** Node: helper threads are worker_threads. */
export const platform: Platform = { threadSupport, startHelper };
