import type { Executor } from "../sweeps/executor.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../validate.js";
import { checkConnection, type QueueConnection } from "./address.js";
import { tries } from "./fullServer.js";
import { loadPackages } from "./packages.js";
import { SweepQueue } from "./sweepQueue.js";

/** Options of `queueExecutor`. */
export interface QueueExecutorOptions {
  /** The server of Redis or Valkey: an address such as "redis://host", or its parts. */
  readonly connection: QueueConnection;
  /** Trials that are on the queue at a time, those that run included: at least as many as all workers run. Default 256. */
  readonly jobs?: number;
  /**
   * How often a trial that throws is tried, and how often its worker may be lost without its having come to a later checkpoint. Default 3.
   */
  readonly attempts?: number;
}

/**
 * Has the trials of a sweep run by workers on any number of machines (`runWorker`, `heavyball worker`), which take them from a queue of
 * BullMQ on a server of Redis or Valkey. Checkpoints and what a trial leaves travel through that server; the sweep's store is written here
 * alone. A worker that is killed or cut off loses at most what came after its last checkpoint: another goes on, to the same bits. Workers
 * of another version of the library, other kernels or other data take none of the trials. docs/queue.md has how it works and what it costs.
 *
 * It needs the packages bullmq and ioredis, which do not come with heavyball.
 *
 * @throws InvalidOptionError for an option that it cannot have, in which no password is shown. The sweep rejects with QueueError where the
 * packages are missing, or where the server cannot be used, as soon as that shows
 */
export function queueExecutor(options: QueueExecutorOptions): Executor {
  const given = checkObject("options of queueExecutor", options);
  checkKnownOptions("queueExecutor", given, ["connection", "jobs", "attempts"]);
  const address = checkConnection(given.connection);
  const jobs = checkInteger("jobs", orDefault(given.jobs, 256), 1, 100_000);
  const attempts = checkInteger("attempts", orDefault(given.attempts, 3), 1, 1_000_000);
  return {
    async open(sweep) {
      return SweepQueue.open(await loadPackages(), address, sweep, { jobs, attempts, tries });
    },
  };
}
