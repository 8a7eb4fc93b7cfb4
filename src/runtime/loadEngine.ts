import { platform } from "#platform";
import { MAXIMUM_MEMBERS } from "../abi/control.js";
import { isUrl, isWebAssemblyModule } from "../boundary/realm.js";
import { InvalidOptionError, UnsupportedError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf } from "../validate.js";
import type { EngineParts } from "./engine.js";
import { HelperFailure } from "./helper.js";
import { type KernelVariant, layoutOfKernels } from "./kernels.js";
import { KernelMemory } from "./memory.js";
import { bestVariant, checkWebAssembly, embeddedKernels, suppliedKernels, type WasmSource } from "./module.js";
import type { WorkerSource } from "./platform.js";
import { Team } from "./team.js";

export interface RuntimeOptions {
  /**
   * Threads to use, the caller included. Default: all cores in Node and in isolated browser workers, else 1; and 1 where helpers cannot be
   * started, which `runtime.threadsReason` then tells. Threads that were asked for and cannot be started are an UnsupportedError.
   */
  threads?: number;
  /**
   * `relaxed` fuses multiply and add, `simd` gives the same bits on every engine, `auto` (default) takes `relaxed` where the engine accepts
   * it.
   */
  kernels?: "auto" | KernelVariant;
  /** A heavyball binary of your own serving: bytes, a compiled module, or a URL. Default: the embedded one. */
  wasm?: WasmSource;
  /**
   * Where helper threads come from, when bundling has moved `heavyball/worker`: its address (of the page's origin in a browser; a path or a
   * file: URL in Node) or a function that makes the Worker, one of the web's or of node:worker_threads.
   */
  worker?: WorkerSource;
}

/** Validates the options, loads the module and starts the team; `createRuntime` (createRuntime.ts) documents them. */
export async function loadEngine(options: RuntimeOptions): Promise<EngineParts> {
  checkObject("options", options);
  checkKnownOptions("createRuntime", options, ["threads", "kernels", "wasm", "worker"]);
  const { kernels = "auto", wasm, worker } = options;
  checkOneOf("kernels", kernels, ["auto", "simd", "relaxed"]);
  if (options.threads !== undefined) checkInteger("threads", options.threads, 1, MAXIMUM_MEMBERS);
  if (worker !== undefined && typeof worker !== "function" && typeof worker !== "string" && !isUrl(worker)) {
    throw new InvalidOptionError("worker", worker, "a URL or a function that makes a Worker");
  }
  checkWebAssembly();
  const support = platform.threadSupport(worker);
  const isAsked = options.threads !== undefined && !support.alone;
  const threads = isAsked ? options.threads! : support.threads;
  const reason = isAsked || options.threads === threads ? `${threads} asked for` : support.reason;
  const variant = kernels === "auto" && wasm === undefined ? await bestVariant() : kernels === "relaxed" ? "relaxed" : "simd";
  const load = async (count: number): Promise<Pick<EngineParts, "team" | "memory">> => {
    const shared = count > 1;
    const compiled = wasm === undefined ? await embeddedKernels(variant, shared) : await suppliedKernels(wasm, shared);
    const memory = new KernelMemory(shared || isWebAssemblyModule(wasm));
    return { memory, team: await Team.create(compiled, memory, count, worker) };
  };
  const parts = await load(threads).then(
    (loaded) => ({ ...loaded, threadsReason: reason }),
    async (error: unknown) => {
      if (threads === 1 || isAsked || error instanceof InvalidOptionError) throw asError(error);
      // Nobody asked for threads, so what keeps them from starting is no failure; whatever else is wrong fails again.
      return { ...(await load(1)), threadsReason: `one thread: ${asReason(error)}` };
    },
  );
  const held = layoutOfKernels(parts.team.kernels).variant;
  if (wasm !== undefined && kernels !== "auto" && held !== kernels) {
    await parts.team.close();
    throw new InvalidOptionError("kernels", kernels, `"${held}", which is what the supplied wasm holds`);
  }
  return parts;
}

function asError(error: unknown): unknown {
  if (!(error instanceof HelperFailure)) return error;
  return new UnsupportedError(`a helper thread could not start: ${error.why}; ${error.remedy}, or use threads: 1`);
}

function asReason(error: unknown): string {
  if (error instanceof HelperFailure) return `a helper thread could not start (${error.why}); for several, ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
