import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { HelperStartError, InvalidOptionError } from "../errors.js";
import { MAXIMUM_THREADS } from "../runtime/control.js";
import { type Helper, type HelperStart, type Platform, STARTING_MILLISECONDS, type ThreadSupport, type WorkerSource } from "../runtime/platform.js";

const REMEDY = "use threads: 1";

function threadSupport(): ThreadSupport {
  const threads = Math.min(availableParallelism(), MAXIMUM_THREADS);
  return { threads, alone: false, reason: `this machine offers ${threads} core${threads === 1 ? "" : "s"}` };
}

/** What Node or the caller's function throws (no such file, no permission, no memory) is a reason, not a crash. */
function createWorker(start: HelperStart, source: WorkerSource | undefined): Worker {
  const options = { workerData: start, execArgv: [], stdin: false };
  if (typeof source !== "function") return new Worker(source === undefined ? new URL("./teamWorker.js", import.meta.url) : fileOf(source), options);
  const made = source() as Partial<Worker> | undefined;
  if (typeof made?.postMessage !== "function" || typeof made.once !== "function") {
    throw new InvalidOptionError("worker", made, "a function that returns a Worker of node:worker_threads, in Node");
  }
  made.postMessage(start);
  return made as Worker;
}

/** Worker takes the text of an address for a path. */
function fileOf(source: URL | string): URL | string {
  return typeof source === "string" && /^(file|data):/.test(source) ? new URL(source) : source;
}

async function startHelper(start: HelperStart, source: WorkerSource | undefined): Promise<Helper> {
  let worker: Worker;
  try {
    worker = createWorker(start, source);
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new HelperStartError(String(error), REMEDY);
  }
  const ended = new Promise<string>((resolve) => {
    worker.once("error", (error) => resolve(String(error)));
    worker.once("exit", (code) => resolve(`exit code ${code}`));
  });
  return new Promise<Helper>((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(impatience);
      void worker.terminate();
      reject(new HelperStartError(reason, REMEDY));
    };
    const impatience = setTimeout(() => fail("its file was loaded but it did not join the team"), STARTING_MILLISECONDS);
    worker.once("message", (message) => {
      if (message !== "ready") return fail("its file is not heavyball/worker");
      clearTimeout(impatience);
      // A team must never keep a process alive: neither a forgotten one nor one that waits for work.
      worker.unref();
      resolve({ ended, awaitEnd: () => worker.ref(), terminate: () => void worker.terminate() });
    });
    void ended.then(fail);
  });
}

/** Node: helper threads are worker_threads. */
export const platform: Platform = { threadSupport, startHelper };
