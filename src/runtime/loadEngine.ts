import { platform } from "#platform";
import { HelperStartError, InvalidOptionError, UnsupportedError } from "../errors.js";
import { isUrl, isWebAssemblyModule } from "../realm.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf } from "../validate.js";
import { MAXIMUM_THREADS } from "./control.js";
import { type KernelVariant, layoutOfKernels } from "./kernels.js";
import { KernelMemory } from "./memory.js";
import { type WasmSource, bestVariant, embeddedKernels, suppliedKernels } from "./module.js";
import type { WorkerSource } from "./platform.js";
import type { EngineParts } from "./engine.js";
import { Team } from "./team.js";

export interface RuntimeOptions {
  /**
   * Threads to use, the caller included; an UnsupportedError where their helpers cannot be started. Default: all cores in Node and in isolated browser workers; 1 elsewhere,
   * and where no helper can be started, as `runtime.threadsReason` then says.
   */
  threads?: number;
  /** `relaxed` fuses multiply and add, `simd` gives the same bits on every engine, `auto` (default) takes `relaxed` where the engine accepts it. */
  kernels?: "auto" | KernelVariant;
  /** A heavyball binary of your own serving: bytes, a compiled module, or a URL. Default: the embedded one. */
  wasm?: WasmSource;
  /** Where helper threads come from: the address of `heavyball/worker` (in browsers of the same origin), or a function that makes the Worker. Default: the file beside this one. */
  worker?: WorkerSource;
}

/** Validates the options, loads the module and starts the team; `createRuntime` (machines.ts) documents them. */
export async function loadEngine(options: RuntimeOptions): Promise<EngineParts> {
  checkObject("options", options);
  checkKnownOptions("createRuntime", options, ["threads", "kernels", "wasm", "worker"]);
  const { kernels = "auto", wasm, worker } = options;
  checkOneOf("kernels", kernels, ["auto", "simd", "relaxed"]);
  if (options.threads !== undefined) checkInteger("threads", options.threads, 1, MAXIMUM_THREADS);
  if (worker !== undefined && typeof worker !== "function" && typeof worker !== "string" && !isUrl(worker)) {
    throw new InvalidOptionError("worker", worker, "a URL or a function that makes a Worker");
  }
  if (typeof WebAssembly === "undefined") {
    throw new UnsupportedError("this engine has no WebAssembly: run Node without --jitless, or a browser whose policy allows it");
  }
  const support = platform.threadSupport(worker);
  const threads = support.alone ? 1 : (options.threads ?? support.threads);
  const reason = options.threads !== undefined && threads === options.threads ? `${threads} asked for` : support.reason;
  const variant = kernels === "auto" && wasm === undefined ? await bestVariant() : kernels === "relaxed" ? "relaxed" : "simd";
  const load = async (members: number): Promise<Omit<EngineParts, "threadsReason">> => {
    const shared = members > 1;
    const compiled = wasm === undefined ? await embeddedKernels(variant, shared) : await suppliedKernels(wasm, shared);
    const memory = new KernelMemory(shared || isWebAssemblyModule(wasm));
    return { memory, team: await Team.create(compiled, memory, members, worker) };
  };
  const { team, memory, alone } = await load(threads).catch(async (error: unknown) => {
    // Nobody asked for these threads: one will do, and the reason is there to be read.
    if (!(error instanceof HelperStartError) || options.threads !== undefined) throw error;
    return { ...(await load(1)), alone: `${error.detail}; createRuntime({ worker }) takes the address of heavyball/worker, where it is not found by itself` };
  }) as Omit<EngineParts, "threadsReason"> & { readonly alone?: string };
  const held = layoutOfKernels(team.kernels).variant;
  if (wasm !== undefined && kernels !== "auto" && held !== kernels) {
    void team.close();
    throw new InvalidOptionError("kernels", kernels, `"${held}", which is what the supplied wasm holds`);
  }
  return { team, memory, threadsReason: alone ?? reason };
}
