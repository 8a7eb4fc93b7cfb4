import { MAXIMUM_MEMBERS } from "../abi/control.js";
import { present } from "../boundary/present.js";
import { InvalidOptionError } from "../errors.js";
import { scriptOf } from "../runtime/dataAddress.js";
import { checkWorker, type EitherWorker } from "../runtime/eitherWorker.js";
import { source as ownHelper } from "../runtime/embedded/browserHelper.js";
import { HelperFailure, joinedHelper } from "../runtime/helper.js";
import type { Helper, HelperStart, HostFacts, Platform, ThreadSupport, WorkerSource } from "../runtime/platform.js";

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

/** An address under which a script is the page's own, wherever its text has come from. */
function addressOf(script: string): string {
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

let ownAddress: string | undefined;

function createWorker(source: WorkerSource | undefined): EitherWorker {
  if (typeof source === "function") return checkWorker(source());
  ownAddress ??= addressOf(ownHelper);
  if (source === undefined) return new Worker(ownAddress, { type: "module" });
  const script = scriptOf(String(source));
  return new Worker(script === undefined ? source : addressOf(script), { type: "module" });
}

/** What helps where the helper cannot be loaded, by where it was to come from. */
function remedyFor(source: WorkerSource | undefined): string {
  if (source === undefined) {
    return "let the content security policy have worker-src blob:, or pass createRuntime({ worker }) the address of heavyball/worker";
  }
  return "pass createRuntime({ worker }) the address of heavyball/worker, on the page's own origin and served with its headers";
}

async function startHelper(start: HelperStart, source: WorkerSource | undefined): Promise<Helper> {
  let worker: EitherWorker;
  try {
    worker = createWorker(source);
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new HelperFailure(String(error), remedyFor(source));
  }
  return joinedHelper(worker, start, remedyFor(source));
}

function describe(): HostFacts {
  const { userAgent, hardwareConcurrency = 1 } = globalThis.navigator ?? {};
  return present({ browser: userAgent, cores: hardwareConcurrency });
}

/** Browsers: helper threads are module Workers; waiting is allowed in workers only, and sharing memory only where pages are isolated. */
export const platform: Platform = { threadSupport, startHelper, describe, wide: undefined };
