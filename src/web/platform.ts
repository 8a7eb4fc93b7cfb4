import { MAXIMUM_MEMBERS } from "../abi/control.js";
import { present } from "../boundary/present.js";
import { InvalidOptionError } from "../errors.js";
import type { EitherWorker } from "../runtime/eitherWorker.js";
import { source as ownHelper } from "../runtime/embedded/browserHelper.js";
import { HelperFailure, joinedHelper } from "../runtime/helper.js";
import type { Helper, HelperStart, HostFacts, Platform, ThreadSupport, WorkerSource } from "../runtime/platform.js";
import { startWorker, workerRemedy } from "./platform/startWorker.js";

function threadSupport(): ThreadSupport {
  const alone = (reason: string): ThreadSupport => ({ threads: 1, reason, most: 1, limit: reason });
  if (typeof document !== "undefined") {
    return alone("a page's main thread must not wait; create the runtime in a Worker to use several threads");
  }
  if (typeof Worker === "undefined") return alone("this engine has no Worker");
  if (typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated !== true) {
    return alone(
      "memory cannot be shared: serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: " +
        "require-corp",
    );
  }
  const threads = Math.min(globalThis.navigator?.hardwareConcurrency ?? 1, MAXIMUM_MEMBERS);
  return { threads, reason: `this machine offers ${threads} core${threads === 1 ? "" : "s"}`, most: MAXIMUM_MEMBERS, limit: "" };
}

async function startHelper(start: HelperStart, source: WorkerSource | undefined): Promise<Helper> {
  const remedy = (error?: unknown): string => workerRemedy(source, error, "createRuntime", "heavyball/worker");
  let worker: EitherWorker;
  try {
    worker = startWorker(source, () => ownHelper);
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new HelperFailure(String(error), remedy(error));
  }
  return joinedHelper(worker, start, remedy());
}

function describe(): HostFacts {
  const { userAgent, hardwareConcurrency = 1 } = globalThis.navigator ?? {};
  return present({ browser: userAgent, cores: hardwareConcurrency });
}

/** Browsers: helper threads are module Workers; waiting is allowed in workers only, and sharing memory only where pages are isolated. */
export const platform: Platform = { threadSupport, startHelper, describe, wide: undefined };
