import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { InvalidOptionError } from "../errors.js";
import { shareCores } from "../node/localExecutor.js";
import { KERNEL_CHOICES, type KernelChoice } from "../runtime/kernels.js";
import { isDataFiles } from "../sweeps/sweepData.js";
import type { DataFiles } from "../tasks/dataFiles.js";
import { checkFunctions, checkKnownOptions, checkNumber, checkObject, checkOneOf, checkSignal, orDefault } from "../validate.js";
import { checkConnection, type QueueConnection } from "./address.js";
import { tries } from "./fullServer.js";
import { loadPackages } from "./packages.js";
import { QueueWorker } from "./worker.js";
import type { WorkerEvent, WorkerSummary } from "./workerEvents.js";

/** Options of `runWorker`. */
export interface WorkerOptions {
  /** The server of Redis or Valkey that sweeps put their trials on: an address such as "redis://host", or its parts. */
  readonly connection: QueueConnection;
  /** Processes, and so trials at a time. Default: as many as leave every thread a core; without `threads` that is one a core. */
  readonly jobs?: number;
  /** Threads of each trial. Default 1; with `jobs`, as many as leave every thread a core. */
  readonly threads?: number;
  /**
   * The kernels it has: "auto" (default) those that a sweep asks for, as far as this engine has them; "wide" computes the trials of
   * `relaxed`.
   */
  readonly kernels?: KernelChoice;
  /** Where tasks take their data that do not make them themselves: the files that the sweeps have, such as `dataFiles(path)`. */
  readonly data?: DataFiles;
  /** Where runs are kept while they are under way. Default: the system's directory for temporary files. */
  readonly directory?: string;
  /** Seconds after which this worker counts as lost when the server has not heard of it, from 1 to 1,000,000. Default 30. */
  readonly lostAfter?: number;
  /** An abort stops the trials with checkpoints, gives them back to the queue, and ends the worker. */
  readonly signal?: AbortSignal;
  /** Called when it is ready to take trials, with how many at a time and on how many threads each. */
  readonly onReady?: (ready: { readonly place: string; readonly jobs: number; readonly threads: number }) => void;
  /** Gets what becomes of its trials. */
  readonly onEvent?: (event: WorkerEvent) => void;
  /** Gets a sentence when something was not as it should be, and what is done about it. */
  readonly onTrouble?: (sentence: string) => void;
}

const names = [
  "connection",
  "jobs",
  "threads",
  "kernels",
  "data",
  "directory",
  "lostAfter",
  "signal",
  "onReady",
  "onEvent",
  "onTrouble",
] as const;

/**
 * Takes trials of sweeps from a server and runs them in processes of this machine, until its signal says that it is enough. It takes those
 * alone that it computes to the bits that their sweeps want: of its own version of the library, of kernels that it has, and with the same
 * data. While no sweep is at work it waits.
 *
 * It needs the packages bullmq and ioredis, which do not come with heavyball.
 *
 * @throws (rejects with) InvalidOptionError for an option that it cannot have, in which no password is shown; QueueError where the packages
 * are missing, where the server cannot be used, as soon as that shows, or where sweeps are at work and none wants what this worker
 * computes; StoreError where nothing can be written in its directory
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerSummary> {
  const given = checkObject("options of runWorker", options);
  checkKnownOptions("runWorker", given, names);
  const address = checkConnection(given.connection);
  const { data, directory } = options;
  const kernels = checkOneOf("kernels", orDefault(given.kernels, "auto"), KERNEL_CHOICES);
  const { jobs, threads } = shareCores(given, availableParallelism());
  const lostAfter = checkNumber("lostAfter", orDefault(given.lostAfter, 30), 1, 1_000_000);
  if (data !== undefined && !isDataFiles(data))
    throw new InvalidOptionError("data", data, "files that processes can read: dataFiles(path) of heavyball/node");
  if (directory !== undefined && (typeof directory !== "string" || directory === "" || directory.includes("\0")))
    throw new InvalidOptionError("directory", directory, "the path of a directory, as text");
  checkSignal("signal", given.signal);
  checkFunctions(given, ["onReady", "onEvent", "onTrouble"]);
  const controller = new AbortController();
  // Every trial listens to it.
  setMaxListeners(0, controller.signal);
  const stop = (): void => controller.abort();
  const settings = {
    jobs,
    threads,
    kernels,
    // The server counts in whole milliseconds.
    lostAfter: Math.ceil(1000 * lostAfter),
    tries,
    signal: controller.signal,
    data: data === undefined ? undefined : resolve(data.place),
    directory,
    onReady: options.onReady ?? (() => {}),
    onEvent: options.onEvent ?? (() => {}),
    onTrouble: options.onTrouble ?? (() => {}),
  };
  options.signal?.addEventListener("abort", stop);
  if (options.signal?.aborted) stop();
  try {
    const worker = await QueueWorker.open(await loadPackages(), address, settings);
    if (worker === undefined) return { ended: 0, failed: 0, stopped: 0, lost: 0 };
    try {
      return await worker.run();
    } finally {
      await worker.close();
    }
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
}
