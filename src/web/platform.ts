import { HelperStartError } from "../errors.js";
import { MAXIMUM_THREADS } from "../runtime/control.js";
import { type Helper, type HelperStart, type Platform, STARTING_MILLISECONDS, type ThreadSupport, type WorkerSource } from "../runtime/platform.js";

const REMEDY = "pass createRuntime({ worker }) the address of heavyball/worker, or use threads: 1";

function threadSupport(worker: WorkerSource | undefined): ThreadSupport {
  if (typeof document !== "undefined") return { threads: 1, alone: true, reason: "a page's main thread must not wait; create the runtime in a Worker to use several threads" };
  if (typeof Worker === "undefined") return { threads: 1, alone: true, reason: "this engine has no Worker" };
  if (typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated !== true) {
    return { threads: 1, alone: true, reason: "memory cannot be shared: serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp" };
  }
  if (worker === undefined && !import.meta.url?.startsWith(globalThis.location?.origin ?? "\0")) {
    return { threads: 1, alone: true, reason: "no same-origin worker file was found: pass createRuntime({ worker }) the address of heavyball/worker" };
  }
  const threads = Math.min(globalThis.navigator?.hardwareConcurrency ?? 1, MAXIMUM_THREADS);
  return { threads, alone: false, reason: `this machine offers ${threads} core${threads === 1 ? "" : "s"}` };
}

function createWorker(source: WorkerSource | undefined): Worker {
  if (typeof source === "function") return source() as Worker;
  if (source !== undefined) return new Worker(source, { type: "module" });
  return new Worker(new URL("./teamWorker.js", import.meta.url), { type: "module" });
}

async function startHelper(start: HelperStart, source: WorkerSource | undefined): Promise<Helper> {
  let worker: Worker;
  try {
    worker = createWorker(source);
  } catch (error) {
    // A policy or an origin that forbids it, a bundle that has no address of its own.
    throw new HelperStartError(String(error), REMEDY);
  }
  return new Promise<Helper>((resolve, reject) => {
    let finish: (reason: string) => void;
    const ended = new Promise<string>((done) => {
      finish = done;
    });
    const fail = (reason: string): void => {
      worker.terminate();
      finish(reason);
      reject(new HelperStartError(reason, REMEDY));
    };
    const impatience = setTimeout(() => fail("its file was loaded but it did not join the team"), STARTING_MILLISECONDS);
    worker.onerror = (event) => {
      clearTimeout(impatience);
      fail(event.message ?? "the worker file could not be loaded");
    };
    worker.onmessage = (event) => {
      clearTimeout(impatience);
      if (event.data === "ready") resolve({ ended, awaitEnd: () => undefined, terminate: () => (worker.terminate(), finish("terminated")) });
      else finish("left the team");
    };
    worker.postMessage(start);
  });
}

/** Browsers: helper threads are module Workers; waiting is allowed in workers only, and sharing memory only where pages are isolated. */
export const platform: Platform = { threadSupport, startHelper };
