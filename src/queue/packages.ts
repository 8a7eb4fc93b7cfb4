import type { Queue, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { QueueError } from "./queueError.js";

/** What is used of the optional packages. */
export interface Packages {
  readonly Queue: typeof Queue;
  readonly Worker: typeof Worker;
  readonly UnrecoverableError: typeof UnrecoverableError;
  readonly Redis: typeof Redis;
}

/** Loads BullMQ and its driver. Throws QueueError where they are not installed. */
export async function loadPackages(): Promise<Packages> {
  const [bullmq, ioredis] = await Promise.all([loaded("bullmq", () => import("bullmq")), loaded("ioredis", () => import("ioredis"))]);
  const { Queue, Worker, UnrecoverableError } = bullmq;
  return { Queue, Worker, UnrecoverableError, Redis: ioredis.Redis };
}

async function loaded<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    throw new QueueError(
      "missing",
      `sweeps on many machines need the packages bullmq and ioredis, and ${name} is not installed; install both beside heavyball: ` +
        "npm install bullmq@6 ioredis@6",
    );
  }
}
