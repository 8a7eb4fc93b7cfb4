import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { HeavyballError, InvalidOptionError } from "../errors.js";
import { embeddedKernels } from "../runtime/embeddedKernels.js";
import type { Executor, ExecutorSweep, Job, OpenExecutor } from "../sweeps/executor.js";
import { isDataFiles } from "../sweeps/sweepData.js";
import { kindOf } from "../tasks/index.js";
import { isNoRoomCode, noRoomIn } from "../trials/noRoom.js";
import type { TrialEnd } from "../trials/record.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../validate.js";
import type { TrialOrder } from "./trialMessages.js";
import { trialPlace } from "./trialPlaces.js";
import { TrialProcesses } from "./trialProcesses.js";

/** Options of `localExecutor`. */
export interface LocalExecutorOptions {
  /** Processes, and so trials at a time. Default: as many as leave every thread a core; without `threads` that is one a core. */
  readonly jobs?: number;
  /** Threads of each trial. Default 1; with `jobs`, as many as leave every thread a core. */
  readonly threads?: number;
  /** How often a process may die under a trial without its having come to a later checkpoint. Default 3. */
  readonly attempts?: number;
}

/**
 * Runs the trials of a sweep in processes of this machine. A trial a core makes at least as many updates a second as a team a trial:
 * docs/sweeps.md has the figures. A process that is killed or crashes loses at most what came after its last checkpoint: its trial is taken
 * up again, to the same bits. When this process is gone the others stop, with checkpoints.
 *
 * Its store is one that other processes find, `sweepDirectory(path)`, and data are files, `dataFiles(path)`, read once by each process.
 *
 * @throws InvalidOptionError for an option that it cannot have; its `open` also UnsupportedError for kernels that this engine cannot run
 */
export function localExecutor(options: LocalExecutorOptions = {}): Executor {
  const given = checkObject("options of localExecutor", options);
  checkKnownOptions("localExecutor", given, ["jobs", "threads", "attempts"]);
  const attempts = checkInteger("attempts", orDefault(given.attempts, 3), 1);
  const { jobs, threads } = shareCores(given, availableParallelism());
  return {
    async open(sweep) {
      if (sweep.store.directory === undefined)
        throw new InvalidOptionError("store", sweep.store.place, "one that other processes find: sweepDirectory(path)");
      if (sweep.data !== undefined && !isDataFiles(sweep.data))
        throw new InvalidOptionError("data", sweep.data, "files that other processes can read: dataFiles(path)");
      // What this engine cannot run no process can: better told once than by every trial.
      await embeddedKernels(sweep.kernels, false);
      return new LocalProcesses(sweep, jobs, threads, attempts);
    },
  };
}

/** A trial a core, unless told otherwise. Throws InvalidOptionError. */
export function shareCores(
  given: { readonly jobs?: unknown; readonly threads?: unknown },
  cores: number,
): { jobs: number; threads: number } {
  const jobs = given.jobs === undefined ? undefined : checkInteger("jobs", given.jobs, 1, 1024);
  const threads = given.threads === undefined ? undefined : checkInteger("threads", given.threads, 1, 64);
  if (jobs === undefined) return { jobs: Math.max(1, Math.floor(cores / (threads ?? 1))), threads: threads ?? 1 };
  return { jobs, threads: threads ?? Math.max(1, Math.floor(cores / jobs)) };
}

class LocalProcesses implements OpenExecutor {
  private readonly processes = new TrialProcesses();

  constructor(
    private readonly sweep: ExecutorSweep,
    readonly jobs: number,
    private readonly threads: number,
    private readonly attempts: number,
  ) {}

  async run(job: Job): Promise<TrialEnd> {
    try {
      return await this.processes.run(this.orderOf(job), this.attempts, job);
    } catch (error) {
      // Its processes write where the sweep does: what one of them has no room for no other has.
      if (error instanceof HeavyballError && isNoRoomCode(error.code)) throw noRoomIn(this.sweep.store.place, error);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.processes.close();
  }

  private orderOf({ key, spec }: Job): TrialOrder {
    const { store, kernels: variant, wide, data, checkpointSeconds } = this.sweep;
    const kernels = wide ? "wide" : variant;
    const directory = trialPlace(store.directory!, key);
    const needs = kindOf(spec.task).files !== undefined && isDataFiles(data);
    const order = { kind: "run", spec, directory, kernels, threads: this.threads, checkpointSeconds } as const;
    return needs ? { ...order, data: resolve(data.place) } : order;
  }
}
