import { MAXIMUM_MEMBERS } from "../abi/control.js";
import { present } from "../boundary/present.js";
import { InvalidOptionError } from "../errors.js";
import { checkWorker, HelperFailure, joinedHelper } from "../runtime/helper.js";
import type { Helper, HelperStart, HelperWorker, HostFacts, Platform, ThreadSupport, WorkerSource } from "../runtime/platform.js";

const REMEDY = "pass createRuntime({ worker }) the address of heavyball/worker";

function threadSupport(worker: WorkerSource | undefined): ThreadSupport {
  if (typeof document !== "undefined")
    return { threads: 1, alone: true, reason: "a page's main thread must not wait; create the runtime in a Worker to use several threads" };
  if (typeof Worker === "undefined") return { threads: 1, alone: true, reason: "this engine has no Worker" };
  if (typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated !== true) {
    return {
      threads: 1,
      alone: true,
      reason:
        "memory cannot be shared: serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: " +
        "require-corp",
    };
  }
  // Bundles that are no modules leave the address empty.
  if (worker === undefined && (import.meta.url as string | undefined)?.startsWith(globalThis.location?.origin ?? "\0") !== true) {
    return {
      threads: 1,
      alone: true,
      reason: "no same-origin worker file was found: pass createRuntime({ worker }) the address of heavyball/worker",
    };
  }
  const threads = Math.min(globalThis.navigator?.hardwareConcurrency ?? 1, MAXIMUM_MEMBERS);
  return { threads, alone: false, reason: `this machine offers ${threads} core${threads === 1 ? "" : "s"}` };
}

function createWorker(source: WorkerSource | undefined): HelperWorker {
  if (typeof source === "function") return checkWorker(source());
  if (source !== undefined) return new Worker(source, { type: "module" });
  return new Worker(new URL("./teamWorker.js", import.meta.url), { type: "module" });
}

async function startHelper(start: HelperStart, source: WorkerSource | undefined): Promise<Helper> {
  let worker: HelperWorker;
  try {
    worker = createWorker(source);
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new HelperFailure(String(error), REMEDY);
  }
  return joinedHelper(worker, start, REMEDY);
}

function describe(): HostFacts {
  const { userAgent, hardwareConcurrency = 1 } = globalThis.navigator ?? {};
  return present({ browser: userAgent, cores: hardwareConcurrency });
}

function wideObstacle(): string | undefined {
  return "wide kernels need a flag of V8 that a page cannot set";
}

/** Browsers: helper threads are module Workers; waiting is allowed in workers only, and sharing memory only where pages are isolated. */
export const platform: Platform = { threadSupport, startHelper, describe, wideObstacle, fuseVectors: wideObstacle };
