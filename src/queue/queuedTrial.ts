import { HeavyballError } from "../errors.js";
import { damageOfRun } from "../sweeps/damagedRun.js";
import type { Job } from "../sweeps/executor.js";
import { recordName } from "../sweeps/storedTrial.js";
import { carryRun } from "../trials/carriedRun.js";
import { findCheckpoint } from "../trials/checkpoints.js";
import type { TrialEnd } from "../trials/record.js";
import { specName } from "../trials/storedRun.js";
import { dropContents, getContent } from "./contents.js";
import { remedyFor } from "./fullServer.js";
import { contentSeconds } from "./keys.js";
import { isLasting } from "./refusal.js";
import { type JobState, readState, stateFields, type TrialOrderData, type TrialResult } from "./trialJob.js";
import type { QueuedSweep, TrialQueue } from "./trialQueue.js";
import { soonerOf, within } from "./waiting.js";

/** Milliseconds for which a worker may go on with its last update and its checkpoint when the sweep is stopped. */
const patience = 30_000;
/** Milliseconds for which a server may be silent then. */
const shortPatience = 5_000;
/** Milliseconds between two looks whether it has. */
const interval = 200;
/** Milliseconds before a trial that has thrown is tried again. */
const backoff = 1_000;
/** How often what a trial left may be lost on the server before that counts as a failure. */
const mostMissing = 3;

/**
 * Does what a server may refuse for a time, as for want of memory, again and again until it does not. Undefined where the trial is to stop
 * before that; throws HeavyballError where it was refused often enough, and the server's error where asking again is in vain.
 */
export async function patiently<T>(
  { key, signal, onTrouble }: Job,
  { server, tries }: Pick<QueuedSweep, "server" | "tries">,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const { times, pause } = tries;
  for (let refused = 1; ; refused++) {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).name !== "ReplyError" || isLasting(error)) throw error;
      if (signal.aborted) return undefined;
      const [what, words, remedy] = [`trial ${key.slice(0, 12)}`, server.words(error), remedyFor(error)];
      if (refused >= times) throw new HeavyballError("QUEUE", `${server.place} has refused ${what} ${times} times (${words})${remedy}`);
      // In the same words for all trials, so that it is one piece of news.
      if (refused === 1)
        onTrouble(`${server.place} takes no trials (${words}); each is offered ${times} times, and then it has failed${remedy}`);
      await soonerOf(signal, pause);
    }
  }
}

/** One trial of a sweep on its way through the queue, from the sweep's store and back to it. */
export class QueuedTrial {
  constructor(
    private readonly sweep: QueuedSweep,
    private readonly at: TrialQueue,
    private readonly job: Job,
  ) {}

  async run(): Promise<TrialEnd> {
    const { job, sweep, at } = this;
    await sweep.fetching.run(() => this.bringCheckpoint());
    for (let missing = 0; ; ) {
      const before = await patiently(job, sweep, () => this.enqueue());
      if (before === undefined) return this.withdraw();
      const outcome = await sweep.watch.end(at.queue, job, before);
      if (outcome.kind === "aborted") return this.withdraw();
      if (outcome.kind === "broken") throw outcome.error;
      if (outcome.kind === "failed") {
        // What a worker has said of it comes before.
        await this.sweep.hear().catch(() => {});
        await this.sweep.fetching.run(() => this.takeCheckpoint());
        await this.release();
        throw new HeavyballError(outcome.failure.code, outcome.failure.message);
      }
      if (outcome.kind === "gone") continue;
      if (outcome.result !== undefined && (await this.takeRun(outcome.result))) {
        await this.release(outcome.result);
        return outcome.result.end;
      }
      if (++missing >= mostMissing) {
        await this.release(outcome.result);
        throw new HeavyballError(
          "QUEUE",
          `what trial ${job.key.slice(0, 12)} left is not whole on ${sweep.server.place}, ${missing} times`,
        );
      }
      job.onTrouble(`what trial ${job.key.slice(0, 12)} left is not whole on ${sweep.server.place}; it is run again`);
      await at.queue.remove(job.key);
    }
  }

  /**
   * A run that was begun without the queue is gone on with by it. Throws HeavyballError where it is damaged or not this trial's: what a
   * worker left would take its place.
   */
  private async bringCheckpoint(): Promise<void> {
    const { key, spec } = this.job;
    const { store, kernels } = this.sweep.sweep;
    const run = store.run(key);
    if (!(await run.names()).includes(specName)) return;
    const damage = await damageOfRun(run, { spec, kernels });
    if (damage !== undefined) throw new HeavyballError("FORMAT", damage);
    const { found } = await findCheckpoint(run);
    const bytes = found && (await run.read(found.name));
    if (bytes === undefined) return;
    try {
      await this.at.shelf.offer(key, this.sweep.id, found!.checkpoint.state.update, 0, bytes);
    } catch (error) {
      if (isLasting(error)) throw error;
      const { server } = this.sweep;
      const why = `its checkpoint is not on the server (${server.words(error)})${remedyFor(error)}`;
      this.job.onTrouble(`trial ${key.slice(0, 12)} begins anew: ${why}`);
    }
  }

  /** Puts the trial on the queue; one that another sweep has put there is shared with it. Tells how it stood there before. */
  private async enqueue(): Promise<JobState> {
    const { job, sweep, at } = this;
    const { wide, keep, checkpointSeconds } = sweep.sweep;
    const { attempts } = sweep;
    await at.interest.claim(job.key, sweep.id);
    const state = readState(await sweep.server.client.hmget(at.queue.toKey(job.key), ...stateFields));
    // A failure of before, which nobody has fetched.
    if (state.kind === "failed") await at.queue.remove(job.key);
    const order: TrialOrderData = { spec: job.spec, wide, keep, checkpointSeconds, attempts };
    await at.queue.add("trial", order, {
      jobId: job.key,
      attempts,
      backoff: { type: "fixed", delay: backoff },
      removeOnComplete: { age: contentSeconds },
      removeOnFail: { age: contentSeconds },
      // Stacks name files of other machines; messages say what happened.
      stackTraceLimit: 0,
    });
    return state;
  }

  private takeRun(result: TrialResult): Promise<boolean> {
    return this.sweep.fetching.run(() => this.take(result));
  }

  /** Brings what a trial left to the sweep's store. False where it is not whole. */
  private async take({ contents, end }: TrialResult): Promise<boolean> {
    const { key } = this.job;
    const { store, keep } = this.sweep.sweep;
    const found: [string, Uint8Array<ArrayBuffer>][] = [];
    for (const content of contents) {
      const bytes = await getContent(this.sweep.server.carrier, content);
      if (bytes === undefined) return false;
      found.push([content.name, bytes]);
    }
    const record = found.find(([name]) => name === recordName);
    if (record === undefined || !this.isOurs(record[1], end)) return false;
    if (keep === "all") await this.takeCheckpoint();
    const open = await store.run(key).open();
    try {
      for (const [name, bytes] of found.filter((entry) => entry !== record)) await open.write(name, bytes);
      // The last: whoever finds it finds all.
      await open.write(...record);
    } finally {
      await open.close();
    }
    return true;
  }

  /** Whether a record is of this trial's kernels and data; its spec is looked at when it is noted. */
  private isOurs(bytes: Uint8Array, end: TrialEnd): boolean {
    try {
      const { numerics, kernels, data, end: found } = JSON.parse(new TextDecoder().decode(bytes));
      const { wants } = this.at;
      return numerics === wants.numerics && kernels === wants.kernels && data === wants.data?.digest && found.code === end.code;
    } catch {
      return false;
    }
  }

  /** Takes the trial from the server, unless another sweep wants it. */
  private async release(result?: TrialResult): Promise<void> {
    const { job, sweep, at } = this;
    if (!(await at.interest.release(job.key, sweep.id))) return;
    await at.queue.remove(job.key);
    await at.shelf.drop(job.key);
    if (result !== undefined) await dropContents(sweep.server.client, result.contents);
  }

  /** Brings the trial's furthest checkpoint to the sweep's store. False where there is none. */
  private async takeCheckpoint(): Promise<boolean> {
    const { key, spec } = this.job;
    const checkpoint = await this.at.shelf.fetch(key);
    if (checkpoint !== undefined) await carryRun(this.sweep.sweep.store.run(key), spec, checkpoint.bytes);
    return checkpoint !== undefined;
  }

  /** Has the trial stopped, and brings its checkpoint to the sweep's store; bounded in time, also where the server is gone. */
  private async withdraw(): Promise<TrialEnd> {
    const { place } = this.sweep.server;
    const silent = { code: "stopped", message: `stopped; ${place} did not answer, and may hold a later checkpoint` } as const;
    return within(patience + shortPatience, this.bringHome()).catch(() => silent);
  }

  private async bringHome(): Promise<TrialEnd> {
    const { job, sweep, at } = this;
    const isLast = await within(shortPatience, at.interest.release(job.key, sweep.id));
    // A worker that runs it sees that nobody wants it, and takes it off the queue when its checkpoint is on the server.
    const until = performance.now() + patience;
    while (isLast) {
      const state = readState(await sweep.server.client.hmget(at.queue.toKey(job.key), ...stateFields));
      if (state.kind === "ended" && state.result !== undefined && (await this.takeRun(state.result))) {
        await this.release(state.result);
        return state.result.end;
      }
      if ((await at.queue.remove(job.key)) > 0 || performance.now() > until) break;
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
    const isThere = await sweep.fetching.run(() => this.takeCheckpoint());
    if (isLast) await at.shelf.drop(job.key);
    return { code: "stopped", message: isThere ? "stopped, with a checkpoint" : "stopped before its first checkpoint" };
  }
}
