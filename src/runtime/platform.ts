import type { KernelMemory } from "./memory.js";
import type { ChosenKernels, CompiledKernels, WasmSource } from "./module.js";
import type { WasmMemory, WasmModule } from "./wasmTypes.js";

/** What a helper thread needs to join a team; plain data that is posted to its worker as the first message. */
export interface HelperStart {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly control: number;
  readonly rank: number;
  readonly epoch: number;
}

/** A helper thread that has joined. */
export interface Helper {
  /** Resolves once the thread has ended, whatever the reason. */
  readonly ended: Promise<string>;
  /** Keeps the process alive until the thread has ended; said when the team closes, since a thread at work or asleep must not. */
  awaitEnd(): void;
  /** Ends it at once. */
  terminate(): void;
}

/** How many threads a runtime gets here by default and why. */
export interface ThreadSupport {
  readonly threads: number;
  readonly reason: string;
  /** As many as can be asked for, 1 where helpers are impossible, and what keeps more from being had. */
  readonly most: number;
  readonly limit: string;
}

/** A Worker of the web's or of node:worker_threads, as far as both are one. */
export interface HelperWorker {
  /** Sends what can be cloned. */
  postMessage(message: unknown): void;
  /** Ends it at once. */
  terminate(): unknown;
}

/**
 * Where helpers come from: the address of `heavyball/worker` (a path, in Node), or a function that makes the Worker, for policies that want
 * a say. The library carries the helper's source inside itself for whoever does not say.
 */
export type WorkerSource = URL | string | (() => HelperWorker);

/** What can be known of the machine and the engine; each host says what it has. */
export interface HostFacts {
  /** Cores that the engine says there are. */
  readonly cores: number;
  readonly node?: string;
  readonly v8?: string;
  readonly system?: string;
  readonly processor?: string;
  /** What a browser calls itself. */
  readonly browser?: string;
}

/** Kernels for Node alone (docs/wide-kernels.md). */
export interface WideKernels {
  /** What keeps them from running here; undefined where they may be tried. */
  obstacle(): string | undefined;
  /** Them, or `relaxed` in their place and why; asks the engine to fuse vectors in whatever the process compiles from then on. */
  choose(wasm: WasmSource | undefined, memory: KernelMemory): Promise<ChosenKernels>;
  /** Their embedded binary. */
  bytes(): Uint8Array<ArrayBuffer>;
}

/** What differs between Node and browsers; picked by the package's `#platform` import. */
export interface Platform {
  threadSupport(): ThreadSupport;
  describe(): HostFacts;
  /** Undefined where there are none, so that bundles for browsers leave them out. */
  readonly wide: WideKernels | undefined;
  /** Rejects with HelperFailure. */
  startHelper(start: HelperStart, worker: WorkerSource | undefined): Promise<Helper>;
}

export function helperStart(kernels: CompiledKernels, memory: WasmMemory, control: number, rank: number, epoch: number): HelperStart {
  return { module: kernels.module, memory, control, rank, epoch };
}
