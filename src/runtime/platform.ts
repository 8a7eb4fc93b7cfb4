import type { CompiledKernels } from "./module.js";
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

/** How many threads a runtime gets here by default and why; `alone` where helpers are impossible, however many are asked for. */
export interface ThreadSupport {
  readonly threads: number;
  readonly alone: boolean;
  readonly reason: string;
}

/** A Worker of the web's or of node:worker_threads, as far as both are one. */
export interface HelperWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/**
 * Where helpers come from: the address of `heavyball/worker` (a path, in Node), or a function that makes the Worker, for bundlers and
 * policies that want a say.
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

/** What differs between Node and browsers; picked by the package's `#platform` import. */
export interface Platform {
  threadSupport(worker: WorkerSource | undefined): ThreadSupport;
  describe(): HostFacts;
  /** What keeps the wide kernels from running here; undefined where they may be tried (docs/wide-kernels.md). */
  wideObstacle(): string | undefined;
  /**
   * Asks the engine to fuse neighboring vector operations in whatever the process compiles from now on, helpers' code included. Returns
   * what keeps it from doing so, undefined where nothing does.
   */
  fuseVectors(): string | undefined;
  /** Rejects with HelperFailure. */
  startHelper(start: HelperStart, worker: WorkerSource | undefined): Promise<Helper>;
}

export function helperStart(kernels: CompiledKernels, memory: WasmMemory, control: number, rank: number, epoch: number): HelperStart {
  return { module: kernels.module, memory, control, rank, epoch };
}
