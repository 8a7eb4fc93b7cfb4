/**
 * Sweeps on many machines, by a queue on a server of Redis or Valkey: `import { ... } from "heavyball/queue"`.
 *
 * @module heavyball/queue
 */
export type { QueueConnection, QueueServer } from "./address.js";
export { QueueError, type QueueTrouble } from "./queueError.js";
export { type QueueExecutorOptions, queueExecutor } from "./queueExecutor.js";
export { runWorker, type WorkerOptions } from "./runWorker.js";
export type { WorkerEvent, WorkerSummary } from "./workerEvents.js";
