import type { Job, UnrecoverableError } from "bullmq";
import { fileStore } from "../node/fileStore.js";
import type { TrialProcesses } from "../node/trialProcesses.js";
import type { KernelChoice, KernelVariant } from "../runtime/kernels.js";
import { failureOf } from "../sweeps/failureOf.js";
import type { TrialFailure } from "../sweeps/storedTrial.js";
import { trialKey } from "../sweeps/trialKey.js";
import { carryRun } from "../trials/carriedRun.js";
import type { TrialProgress } from "../trials/progress.js";
import type { TrialEnd } from "../trials/record.js";
import type { Tries } from "./fullServer.js";
import { HandIn } from "./handIn.js";
import { renewLock } from "./lock.js";
import type { OfferedQueue } from "./offers.js";
import type { Server } from "./server.js";
import { failureWords, readOrder, type TrialOrderData } from "./trialJob.js";
import type { WorkerEvent } from "./workerEvents.js";
import type { Workplace } from "./workplace.js";

/** What a worker runs its trials with. */
export interface TakenTools {
  readonly server: Server;
  readonly processes: TrialProcesses;
  readonly workplace: Workplace;
  /** How often trials that threw here are still to be left to others, by queue and key. */
  readonly failures: Map<string, number>;
  /** What the worker was asked for. */
  readonly kernels: KernelChoice;
  readonly threads: number;
  readonly lostAfter: number;
  readonly tries: Tries;
  readonly signal: AbortSignal;
  readonly data: string | undefined;
  readonly UnrecoverableError: typeof UnrecoverableError;
  onEvent(event: WorkerEvent): void;
  onTrouble(sentence: string): void;
}

/** Why a trial is stopped before its end. */
type Reason = "leaving" | "unwanted" | "lost";

/** How often a trial that threw here is left to other workers, and for how many milliseconds each time. */
const leftToOthers = 8;
const offerAgain = 1_000;

/** A trial that a worker has taken from a queue: run from its last checkpoint to its end, or given back. */
export class TakenTrial {
  private readonly controller = new AbortController();
  private reason: Reason | undefined;
  private progress: TrialProgress | undefined;
  /** Updates until the last checkpoint in the directory. */
  private checkpointed = 0;
  private timer: NodeJS.Timeout | undefined;
  private isTicking = false;
  private renewed = performance.now();
  private readonly handIn: HandIn;

  constructor(
    private readonly job: Job,
    private readonly token: string,
    private readonly queue: OfferedQueue,
    private readonly tools: TakenTools,
  ) {
    this.handIn = new HandIn(tools.server, queue, job, token, tools.tries, tools.onTrouble);
  }

  /** Whatever goes wrong is told, and is no error of the worker's. */
  async run(): Promise<void> {
    const { signal, lostAfter } = this.tools;
    const leave = (): void => this.stop("leaving");
    signal.addEventListener("abort", leave);
    this.timer = setInterval(() => void this.tick(), Math.min(1000, lostAfter / 5));
    if (signal.aborted) leave();
    try {
      await this.settle();
    } catch (error) {
      // The server refused something: when the lock has run out another worker takes the trial.
      this.tell("lost", `it could not be given back (${this.tools.server.words(error)}); another worker takes it up`);
    } finally {
      clearInterval(this.timer);
      signal.removeEventListener("abort", leave);
      await this.tools.workplace.clear(this.token).catch(() => {});
    }
  }

  private get key(): string {
    return this.job.id!;
  }

  private async settle(): Promise<void> {
    let order: TrialOrderData;
    try {
      order = readOrder(this.job.data);
      if ((await trialKey(order.spec, { kernels: this.queue.wants.kernels })) !== this.key)
        throw new Error("the job is not that of its trial");
    } catch (error) {
      return this.fail(error, true);
    }
    if (this.isForOthers()) return this.job.moveToDelayed(Date.now() + offerAgain, this.token);
    if (!(await this.queue.interest.isWanted(this.key))) return this.handIn.drop();
    let end: TrialEnd;
    const directory = this.tools.workplace.place(this.token);
    try {
      if (await this.isHopeless(order, directory)) return;
      end = await this.work(order, directory);
    } catch (error) {
      await this.handIn.settled(this.reason !== "lost");
      return this.fail(error, false);
    }
    if (end.code !== "stopped") return this.finish(order, end, directory);
    // A server that was started anew has forgotten who wants it, and who has it.
    if (this.reason === "unwanted" && !(await this.renew())) this.reason = "lost";
    await this.handIn.settled(this.reason !== "lost");
    await this.giveBack(end);
  }

  private work({ spec, wide, keep, checkpointSeconds, attempts }: TrialOrderData, directory: string): Promise<TrialEnd> {
    const { threads, data, processes, onTrouble } = this.tools;
    const kernels = binaryOf(this.tools.kernels, this.queue.wants.kernels, wide);
    const needs = this.queue.wants.data !== undefined && data !== undefined;
    const order = { kind: "run", spec, directory, kernels, threads, checkpointSeconds, ...(needs ? { data } : {}) } as const;
    let isTold = false;
    return processes.run(order, attempts, {
      key: this.key,
      signal: this.controller.signal,
      onTrouble,
      onProgress: (progress) => {
        this.progress = progress;
      },
      onStart: (from) => {
        if (!isTold) this.tell("begun", from === 0 ? "from its start" : `from its checkpoint after ${from} updates`);
        isTold = true;
      },
      onCheckpoint: (update) => {
        this.checkpointed = update;
        // The start needs no checkpoint, and the end only where the sweep keeps it.
        const isNeeded = update > 0 && (update < spec.updates || keep === "all");
        if (isNeeded) this.handIn.note(directory, update);
      },
    });
  }

  /** Gives up a trial whose workers were lost too often; otherwise lays its furthest checkpoint in the directory. */
  private async isHopeless({ spec, attempts }: TrialOrderData, directory: string): Promise<boolean> {
    const checkpoint = await this.queue.shelf.fetch(this.key);
    const losses = this.job.stalledCounter - Math.min(this.job.stalledCounter, checkpoint?.losses ?? 0);
    if (losses >= attempts) {
      const message = `its worker was lost ${losses} times without its having come to a later checkpoint`;
      await this.fail({ code: "WORKER_LOST", message }, true);
      return true;
    }
    if (checkpoint !== undefined) await carryRun(fileStore(directory), spec, checkpoint.bytes);
    return false;
  }

  /** Hands in what the trial left. */
  private async finish({ keep }: TrialOrderData, end: TrialEnd, directory: string): Promise<void> {
    const handed = await this.handIn.finish(end, keep, directory, () => this.reason !== undefined);
    if (handed.kind === "in") return this.tell("ended", end.message);
    const isGivenBack = this.reason === "leaving" || this.reason === "unwanted";
    // The last checkpoint leads to the same end at once, and may find room where all that was left does not.
    this.handIn.note(directory, this.checkpointed);
    await this.handIn.settled(handed.kind === "refused" || isGivenBack);
    if (handed.kind === "refused") return this.giveUp({ code: "QUEUE", message: handed.message });
    if (isGivenBack) return this.giveBack(end);
    this.tell("lost", "it had ended, and another worker has been given it meanwhile: to the same bits");
  }

  /** A trial that was stopped goes to others, or to nobody. */
  private async giveBack({ message }: TrialEnd): Promise<void> {
    if (this.reason === "lost") return this.tell("lost", `${message}; the server has given it to another worker`);
    if (this.reason === "unwanted") {
      await this.handIn.drop();
      return this.tell("stopped", `${message}; nobody wants it any more`);
    }
    await this.job.moveToWait(this.token);
    this.tell("stopped", `${message}; given back to the queue`);
  }

  /** Counts a failure; unless it is final the trial is tried again, by another worker first. */
  private async fail(error: unknown, isFinal: boolean): Promise<void> {
    const failure = typeof error === "object" && !(error instanceof Error) ? (error as ReturnType<typeof failureOf>) : failureOf(error);
    this.tools.failures.set(`${this.queue.name}/${this.key}`, leftToOthers);
    if (isFinal) return this.giveUp(failure);
    await this.job.moveToFailed(new Error(failureWords(failure)), this.token, false);
    this.tell("failed", failure.message);
  }

  /** A failure that is not tried again. */
  private async giveUp(failure: TrialFailure): Promise<void> {
    await this.job.moveToFailed(new this.tools.UnrecoverableError(failureWords(failure)), this.token, false);
    this.tell("failed", failure.message);
  }

  private isForOthers(): boolean {
    const name = `${this.queue.name}/${this.key}`;
    const times = this.tools.failures.get(name) ?? 0;
    if (times > 0) this.tools.failures.set(name, times - 1);
    return times > 0;
  }

  private stop(reason: Reason): void {
    this.reason ??= reason;
    this.controller.abort();
  }

  /** Says that the trial is under way, and how far, and hears whether it still should be. */
  private async tick(): Promise<void> {
    if (this.isTicking) return;
    this.isTicking = true;
    try {
      if (performance.now() - this.renewed >= this.tools.lostAfter / 4) {
        if (!(await this.renew())) return this.stop("lost");
        this.renewed = performance.now();
      }
      if (!(await this.queue.interest.isAsked(this.key))) return this.stop("unwanted");
      if (this.progress !== undefined) await this.job.updateProgress({ progress: this.progress });
    } catch {
      // A server that has no answer now is asked again; when it has forgotten the trial, it says so then.
    } finally {
      this.isTicking = false;
    }
  }

  /** False where the trial is no longer this worker's. */
  private renew(): Promise<boolean> {
    const { server, lostAfter } = this.tools;
    return renewLock(server, this.queue, this.key, this.token, lostAfter);
  }

  private tell(state: WorkerEvent["state"], message: string): void {
    this.tools.onEvent({ state, key: this.key, message });
  }
}

/** The binary that computes a trial: the sweep's wish for wide ones counts where the worker was not asked for anything. */
function binaryOf(asked: KernelChoice, wanted: KernelVariant, wide: boolean): KernelChoice {
  return asked === "wide" || (asked === "auto" && wide) ? "wide" : wanted;
}
