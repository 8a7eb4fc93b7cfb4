import type { Queue } from "bullmq";
import type { Job } from "../sweeps/executor.js";
import type { TrialFailure } from "../sweeps/storedTrial.js";
import { isLasting } from "./refusal.js";
import type { Server } from "./server.js";
import { type JobState, readState, stateFields, type TrialResult } from "./trialJob.js";

/** What became of a job that was watched. */
export type WatchEnd =
  | { readonly kind: "ended"; readonly result: TrialResult | undefined }
  | { readonly kind: "failed"; readonly failure: TrialFailure }
  | { readonly kind: "gone" }
  /** The server will never tell. */
  | { readonly kind: "broken"; readonly error: Error }
  | { readonly kind: "aborted" };

interface Watched {
  readonly job: Job;
  readonly queue: Queue;
  /** Losses and throws that are no news. */
  losses: number;
  throws: number;
  end(end: WatchEnd): void;
}

/** Milliseconds between two looks: the more there are to be looked at, the longer, so that the server answers some 250 a second at most. */
const shortest = 200;
const longest = 5_000;
const each = 4;

/** Milliseconds without any trial being begun after which it is told that there may be no worker. */
const lonely = 15_000;

/** Looks by turns at the jobs of a sweep's trials, and tells what their workers tell. */
export class JobWatch {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  private since = performance.now();
  private hasWorkers = false;
  /** Why no trial can be taken by any worker, once that has been so for long enough: those that wait have failed. */
  refusal: string | undefined;

  private broken: WatchEnd | undefined;

  /** `onRefused` gets why the server does not tell how a job stands, and never will. */
  constructor(
    private readonly server: Server,
    private readonly onRefused: (error: Error) => void,
  ) {}

  /**
   * Resolves when the job has ended one way or another, or the trial's signal has been given. `before`: how it stood when it was enqueued.
   */
  end(queue: Queue, job: Job, before: JobState): Promise<WatchEnd> {
    return new Promise((resolve) => {
      const { losses, throws } = before.kind === "open" ? before : { losses: 0, throws: 0 };
      const entry: Watched = { job, queue, losses, throws, end: (end) => finish(end) };
      const abort = (): void => finish({ kind: "aborted" });
      const finish = (end: WatchEnd): void => {
        this.watched.delete(entry);
        job.signal.removeEventListener("abort", abort);
        resolve(end);
      };
      if (job.signal.aborted) return abort();
      if (this.broken !== undefined) return finish(this.broken);
      job.signal.addEventListener("abort", abort);
      if (this.watched.size === 0 && !this.hasWorkers) this.since = performance.now();
      this.watched.add(entry);
      this.schedule();
    });
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** Ends all that is watched, and all that is to be. */
  breakOff(error: Error): void {
    this.broken = { kind: "broken", error };
    for (const entry of [...this.watched]) entry.end(this.broken);
  }

  private schedule(): void {
    if (this.timer !== undefined) return;
    const pause = Math.min(longest, Math.max(shortest, each * this.watched.size));
    this.timer = setTimeout(() => {
      this.look()
        // What the server cannot answer now is asked again.
        .catch(() => {})
        .finally(() => {
          this.timer = undefined;
          if (this.watched.size > 0) this.schedule();
        });
    }, pause);
  }

  private async look(): Promise<void> {
    const entries = [...this.watched];
    const pipeline = this.server.client.pipeline();
    for (const { queue, job } of entries) pipeline.hmget(queue.toKey(job.key), ...stateFields);
    const answers = (await pipeline.exec()) ?? [];
    const gone: Watched[] = [];
    for (const [at, [error, values]] of answers.entries()) {
      const entry = entries[at];
      if (isLasting(error)) return this.onRefused(error);
      if (error !== null || !this.watched.has(entry)) continue;
      const state = readState(values as (string | null)[]);
      if (state.kind === "open" && !state.isBegun && this.refusal !== undefined)
        entry.end({ kind: "failed", failure: { code: "QUEUE", message: this.refusal } });
      else if (state.kind === "open") this.tell(entry, state);
      else if (state.kind === "gone") gone.push(entry);
      else entry.end(state);
      if (state.kind !== "gone" && (state.kind !== "open" || state.isBegun)) this.hasWorkers = true;
    }
    if (gone.length > 0) this.tellGone(gone);
    if (!this.hasWorkers && entries.length > 0 && performance.now() - this.since > lonely) this.tellLonely(entries[0]);
  }

  private tell(entry: Watched, state: Extract<JobState, { kind: "open" }>): void {
    const { job } = entry;
    const what = `trial ${job.key.slice(0, 12)}`;
    if (state.losses > entry.losses) job.onTrouble(`${what}: its worker was lost or cut off; another goes on from its last checkpoint`);
    if (state.throws > entry.throws)
      job.onTrouble(`${what} failed on ${state.worker} (${state.failure?.message ?? "it does not say why"}); it is tried again elsewhere`);
    [entry.losses, entry.throws] = [state.losses, state.throws];
    if (state.progress !== undefined) job.onProgress(state.progress);
  }

  /** Many at once are one piece of news. */
  private tellGone(gone: readonly Watched[]): void {
    const [{ job }] = gone;
    const what = gone.length === 1 ? `trial ${job.key.slice(0, 12)} is` : `${gone.length} trials are`;
    job.onTrouble(`${what} no longer on ${this.server.place}, which may have been started anew; enqueued again`);
    for (const entry of gone) entry.end({ kind: "gone" });
  }

  private tellLonely({ job }: Watched): void {
    this.hasWorkers = true;
    job.onTrouble(`no worker has taken a trial so far; on any machine: heavyball worker --queue ${this.server.place}`);
  }
}
