import { localExecutor } from "../node/localExecutor.js";
import type { ServerAddress } from "../queue/address.js";
import { queueExecutor } from "../queue/queueExecutor.js";
import type { Executor } from "../sweeps/index.js";
import { connectionOf, queueServer } from "./queueAddress.js";
import { type Options, UsageError } from "./terminal/options.js";

/** What runs the trials of `heavyball sweep` and of the studies of `heavyball reproduce`. */
export const executorOptions = {
  jobs: {
    kind: "number",
    value: "N",
    help:
      "trials at a time, each in a process of its own (default: one\na core, or as many as --threads leaves cores for); with\n" +
      "--queue, trials on the queue at a time (default 256)",
  },
  threads: { kind: "number", value: "N", help: "threads of each trial (default 1, or with --jobs as many as\nthere are cores for)" },
  queue: {
    kind: "text",
    value: "URL",
    help:
      "have the trials run by workers on any number of machines\n(heavyball worker --queue URL), through a server of Redis or\n" +
      "Valkey: redis://host[:port][/database], rediss:// for TLS; the\npassword is HEAVYBALL_QUEUE_PASSWORD, or redis://:password@host",
  },
  kernels: {
    kind: "text",
    value: "WHICH",
    help: "auto, simd, relaxed or wide (default auto); part of every\ntrial's key, wide as relaxed",
  },
  data: { kind: "text", value: "PATH", help: "directory or file of the data, for tasks that do not make\ntheir own" },
} as const satisfies Options;

/** How they are kept. */
export const storeOptions = {
  repair: {
    kind: "flag",
    help:
      "run trials again whose records are damaged, from their last\ncheckpoints, and begin those anew that are too damaged to go\n" +
      "on; what is damaged is kept under other names",
  },
  "checkpoint-seconds": { kind: "number", value: "S", help: "seconds between checkpoints of a trial (default 30)" },
} as const satisfies Options;

interface ExecutorValues {
  readonly jobs?: number | undefined;
  readonly threads?: number | undefined;
  readonly queue?: string | undefined;
}

/** What is to run the trials of a command: processes of this machine, or the workers of a queue. Throws InvalidOptionError, UsageError. */
export function chooseExecutor(
  command: string,
  { jobs, threads, queue }: ExecutorValues,
): { readonly executor: Executor; readonly server?: ServerAddress } {
  const shared = jobs === undefined ? {} : { jobs };
  if (queue === undefined) return { executor: localExecutor({ ...shared, ...(threads === undefined ? {} : { threads }) }) };
  if (threads !== undefined) throw new UsageError("--threads does not apply with --queue: how many a trial has is said to each worker");
  const server = queueServer(command, queue);
  return { executor: queueExecutor({ connection: connectionOf(server), ...shared }), server };
}
