import { localExecutor } from "../node/localExecutor.js";
import type { Executor } from "../sweeps/index.js";
import type { Options } from "./terminal/options.js";

/** What runs the trials of `heavyball sweep` and of the studies of `heavyball reproduce`. */
export const executorOptions = {
  jobs: {
    kind: "number",
    value: "N",
    help: "trials at a time, each in a process of its own (default: one\na core, or as many as --threads leaves cores for)",
  },
  threads: { kind: "number", value: "N", help: "threads of each trial (default 1, or with --jobs as many as\nthere are cores for)" },
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
    help: "run trials again whose records are damaged, from their last\ncheckpoints; the damaged records are kept beside the new ones",
  },
  "checkpoint-seconds": { kind: "number", value: "S", help: "seconds between checkpoints of a trial (default 30)" },
} as const satisfies Options;

/** What is to run the trials: processes of this machine. Throws InvalidOptionError. */
export function chooseExecutor({ jobs, threads }: { readonly jobs?: number | undefined; readonly threads?: number | undefined }): Executor {
  return localExecutor({ ...(jobs === undefined ? {} : { jobs }), ...(threads === undefined ? {} : { threads }) });
}
