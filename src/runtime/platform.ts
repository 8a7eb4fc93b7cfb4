import type { CompiledKernels } from "./module.js";

/** What a helper thread needs to join a team; plain data that can be posted to a worker. */
export interface HelperStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
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

/** A thread as both platforms make them: a browser's Worker, or one of `node:worker_threads`. */
export interface HelperThread {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** Makes the thread of a helper: for programs whose bundler or policy wants a say in where the worker file comes from. */
export type WorkerSource = URL | string | (() => HelperThread);

/** How long a worker file that loads has to join its team: one that is not heavyball's never would. */
export const STARTING_MILLISECONDS = 30_000;

/** What differs between Node and browsers; picked by the package's `#platform` import. */
export interface Platform {
  threadSupport(worker: WorkerSource | undefined): ThreadSupport;
  startHelper(start: HelperStart, worker: WorkerSource | undefined): Promise<Helper>;
}

export function helperStart(kernels: CompiledKernels, memory: WebAssembly.Memory, control: number, rank: number, epoch: number): HelperStart {
  return { module: kernels.module, memory, control, rank, epoch };
}
