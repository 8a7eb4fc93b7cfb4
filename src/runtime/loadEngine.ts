import { platform } from "#platform";
import { MAXIMUM_MEMBERS } from "../abi/control.js";
import { isUrl, isWebAssemblyModule } from "../boundary/realm.js";
import { InvalidOptionError, UnsupportedError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf } from "../validate.js";
import { chooseKernels } from "./chooseKernels.js";
import type { EngineParts } from "./engine.js";
import { HelperFailure } from "./helper.js";
import { KERNEL_CHOICES, type KernelChoice, layoutOfKernels } from "./kernels.js";
import { KernelMemory } from "./memory.js";
import { checkWasmSource, checkWebAssembly, type WasmSource } from "./module.js";
import type { WorkerSource } from "./platform.js";
import { requireHeld } from "./requireHeld.js";
import { Team } from "./team.js";

/** Options of `createRuntime`. */
export interface RuntimeOptions {
  /**
   * Threads to use, the caller included. Default: all cores in Node and in isolated browser workers, else 1; and 1 where helpers cannot be
   * started: `runtime.threadsReason` tells, and what to do for more. Threads that were asked for and cannot be had are an UnsupportedError.
   */
  threads?: number | undefined;
  /**
   * `relaxed` fuses multiply and add, `simd` gives the same bits on every engine, `auto` (default) takes `relaxed` where the engine accepts
   * it. `wide` computes the numbers of `relaxed` with 256-bit code, in Node 24 or later on x86-64, by an experimental flag of V8 that it
   * sets for the whole process; where its tile does not pass a check of bits and speed, `relaxed` is taken. `runtime.kernelsReason` tells.
   */
  kernels?: KernelChoice | undefined;
  /** A heavyball binary of your own serving: bytes, a compiled module, or a URL. Default: the embedded one. */
  wasm?: WasmSource | undefined;
  /**
   * Where helper threads come from: the address of `heavyball/worker` (of the page's own origin in a browser; a path or a file: URL in
   * Node) or a function that makes the Worker, one of the web's or of node:worker_threads. Default: the library's own copy of that file,
   * for which a page's content security policy needs `worker-src blob:`.
   */
  worker?: WorkerSource | undefined;
}

/** Throws InvalidOptionError. */
export function checkRuntimeOptions(options: RuntimeOptions): void {
  checkObject("options", options);
  checkKnownOptions("createRuntime", options, ["threads", "kernels", "wasm", "worker"]);
  const { threads, kernels = "auto", wasm, worker } = options;
  checkOneOf("kernels", kernels, KERNEL_CHOICES);
  if (threads !== undefined) checkInteger("threads", threads, 1, MAXIMUM_MEMBERS);
  if (wasm !== undefined) checkWasmSource(wasm);
  if (worker !== undefined && typeof worker !== "function" && typeof worker !== "string" && !isUrl(worker)) {
    throw new InvalidOptionError("worker", worker, "a URL or a function that makes a Worker");
  }
}

/** Validates the options, loads the module and starts the team; `createRuntime` (createRuntime.ts) documents them. */
export async function loadEngine(options: RuntimeOptions): Promise<EngineParts> {
  checkRuntimeOptions(options);
  const { kernels = "auto", wasm, worker } = options;
  checkWebAssembly();
  const support = platform.threadSupport();
  const isAsked = options.threads !== undefined;
  const threads = options.threads ?? support.threads;
  if (threads > support.most) {
    // Where not even one thread finds a memory, its error has the remedy.
    new KernelMemory(false);
    const remedy = `leave threads out, or use threads: ${support.most}`;
    throw new UnsupportedError(`threads is ${threads}, and there can be ${support.most} here: ${support.limit}; ${remedy}`);
  }
  const reason = isAsked ? `${threads} asked for` : support.reason;
  const load = async (count: number): Promise<Pick<EngineParts, "team" | "memory" | "kernelsReason">> => {
    // A module of the caller's is compiled already, for shared memory.
    const shared = count > 1 || isWebAssemblyModule(wasm);
    const memory = new KernelMemory(shared);
    const { compiled, reason: kernelsReason } = await chooseKernels(kernels, wasm, memory);
    return { memory, team: await Team.create(compiled, memory, count, worker), kernelsReason };
  };
  const parts = await load(threads).then(
    (loaded) => ({ ...loaded, threadsReason: reason }),
    async (error: unknown) => {
      if (threads === 1 || isAsked || error instanceof InvalidOptionError) throw asError(error);
      // Nobody asked for threads, so what keeps them from starting is no failure; whatever else is wrong fails again.
      return { ...(await load(1)), threadsReason: `one thread: ${asReason(error)}` };
    },
  );
  // What was to be wide has been looked at before, and may have become relaxed.
  if (wasm !== undefined && kernels !== "wide") {
    try {
      requireHeld(kernels, layoutOfKernels(parts.team.kernels).binary);
    } catch (error) {
      await parts.team.close();
      throw error;
    }
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
