import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { HeavyballError, InvalidOptionError } from "../errors.js";
import type { Executor, ExecutorSweep, Job, OpenExecutor } from "../sweeps/executor.js";
import { isDataFiles } from "../sweeps/sweepData.js";
import { kindOf } from "../tasks/index.js";
import type { TrialEnd } from "../trials/record.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../validate.js";
import { TrialChild } from "./trialChild.js";
import type { FromProcess, TrialOrder } from "./trialMessages.js";

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
 * @throws InvalidOptionError for an option that it cannot have
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
  private readonly idle: TrialChild[] = [];

  constructor(
    private readonly sweep: ExecutorSweep,
    readonly jobs: number,
    private readonly threads: number,
    private readonly attempts: number,
  ) {}

  async run(job: Job): Promise<TrialEnd> {
    let deaths = 0;
    let from = -1;
    const onMessage = (message: FromProcess): void => {
      if (message.kind === "progress") job.onProgress(message.progress);
      if (message.kind === "trouble") job.onTrouble(message.sentence);
      if (message.kind !== "started") return;
      if (message.from > from) deaths = 0;
      from = message.from;
    };
    for (;;) {
      const child = this.idle.pop() ?? new TrialChild();
      const outcome = await child.run(this.orderOf(job), job.signal, onMessage);
      if (outcome.kind === "ended" && outcome.end.code === "stopped" && !job.signal.aborted) {
        // Somebody else told it to end: it has stopped its trial with a checkpoint, and another goes on.
        await child.close();
        this.count(job, ++deaths, "was told to end");
        continue;
      }
      if (outcome.kind === "died") {
        this.count(job, ++deaths, outcome.how);
        if (job.signal.aborted) return { code: "stopped", message: `its process ${outcome.how} while it was to stop` };
        continue;
      }
      this.idle.push(child);
      if (outcome.kind === "failed") throw new HeavyballError(outcome.failure.code, outcome.failure.message);
      return outcome.end;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((child) => child.close()));
  }

  private count({ key, onTrouble }: Job, deaths: number, how: string): void {
    const what = `the process of trial ${key.slice(0, 12)} ${how}`;
    if (deaths >= this.attempts) {
      const times = deaths === 1 ? "" : `, as ${deaths} did one after another without coming to a later checkpoint`;
      throw new HeavyballError("PROCESS_LOST", `${what}${times}; what it left can be gone on with by running the sweep again`);
    }
    onTrouble(`${what}; another goes on from its last checkpoint`);
  }

  private orderOf({ key, spec }: Job): TrialOrder {
    const { store, kernels: variant, wide, data, checkpointSeconds } = this.sweep;
    const kernels = wide ? "wide" : variant;
    const directory = join(store.directory!, "trials", key);
    const needs = kindOf(spec.task).files !== undefined && isDataFiles(data);
    const order = { kind: "run", spec, directory, kernels, threads: this.threads, checkpointSeconds } as const;
    return needs ? { ...order, data: resolve(data.place) } : order;
  }
}
