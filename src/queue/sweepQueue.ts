import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { resolve } from "node:path";
import { TrialProcesses } from "../node/trialProcesses.js";
import type { ExecutorSweep, Job, OpenExecutor } from "../sweeps/executor.js";
import { Limiter } from "../sweeps/limiter.js";
import { isDataFiles } from "../sweeps/sweepData.js";
import { kindOf } from "../tasks/index.js";
import { dataDigest } from "../trials/dataDigest.js";
import type { TrialEnd } from "../trials/record.js";
import type { TrialSpec } from "../trials/spec.js";
import type { ServerAddress } from "./address.js";
import { isFull, remedyFor, type Tries } from "./fullServer.js";
import { Interest } from "./interest.js";
import { JobWatch } from "./jobWatch.js";
import { prefix } from "./keys.js";
import type { Packages } from "./packages.js";
import { Presence } from "./presence.js";
import { patiently, QueuedTrial } from "./queuedTrial.js";
import type { QueueError } from "./queueError.js";
import { isLasting } from "./refusal.js";
import { Server } from "./server.js";
import { Shelf } from "./shelf.js";
import type { QueuedSweep, TrialQueue } from "./trialQueue.js";
import { within } from "./waiting.js";
import { queueNameOf, type Wants, wantsOf } from "./wants.js";

/** Milliseconds that are spent on leaving a server that may be gone. */
const patience = 5_000;
/** Trials whose contents are fetched at a time: each is in memory as a whole. */
const together = 3;
/** Events that BullMQ keeps of a queue; nobody reads them. */
const mostEvents = 100;

export interface QueueLimits {
  readonly jobs: number;
  readonly attempts: number;
  readonly tries: Tries;
}

/** A sweep at work through a server: its trials, in as many queues as they have different wants. */
export class SweepQueue implements OpenExecutor, QueuedSweep {
  readonly id = randomUUID();
  readonly jobs: number;
  readonly attempts: number;
  readonly tries: Tries;
  readonly watch: JobWatch;
  readonly fetching = new Limiter(together);
  /** Once the server refuses what it will always refuse. */
  broken: QueueError | undefined;
  private readonly presence: Presence;
  private readonly queues = new Map<string, Promise<TrialQueue>>();
  private readonly digests = new Map<string, Promise<string | undefined>>();

  private constructor(
    private readonly packages: Packages,
    readonly server: Server,
    readonly sweep: ExecutorSweep,
    private readonly teller: Teller,
    limits: QueueLimits,
  ) {
    ({ jobs: this.jobs, attempts: this.attempts, tries: this.tries } = limits);
    this.watch = new JobWatch(server, (error) => void this.breakOff(error));
    this.presence = new Presence(server, this.id, {
      onWord: (sentence) => teller.tell(sentence),
      onRefused: (error, times) => this.hearRefusal(error, times),
    });
  }

  /** Where the sweep is stopped before the server has let it in, it is one that runs nothing. Throws QueueError. */
  static async open(packages: Packages, address: ServerAddress, sweep: ExecutorSweep, limits: QueueLimits): Promise<OpenExecutor> {
    const teller = new Teller();
    let opened: SweepQueue | undefined;
    const listener = {
      onTrouble: (sentence: string) => teller.tell(sentence),
      // A server that was started anew may know nothing of this sweep.
      onReturn: () => void opened?.presence.tell().catch(() => {}),
    };
    const server = await Server.open(packages, address, listener, sweep.signal);
    if (server === undefined) return unopened;
    opened = new SweepQueue(packages, server, sweep, teller, limits);
    return opened;
  }

  async run(job: Job): Promise<TrialEnd> {
    // All trials of a sweep have one signal; Node takes more than ten listeners for a mistake, and says so.
    setMaxListeners(0, job.signal);
    this.teller.hear(job);
    try {
      const queue = await patiently(job, this, () => this.queueOf(job.spec));
      if (queue === undefined) return { code: "stopped", message: "stopped before it was on the queue" };
      return await new QueuedTrial(this, queue, job).run();
    } catch (error) {
      throw isLasting(error) ? this.breakOff(error) : error;
    } finally {
      this.teller.forget(job);
    }
  }

  hear(): Promise<void> {
    return this.presence.hear();
  }

  async close(): Promise<void> {
    this.watch.close();
    await within(patience, this.leave()).catch(() => {});
    this.server.disconnect();
  }

  /** What is refused for one trial is refused for all. */
  private breakOff(error: Error): QueueError {
    this.broken ??= this.server.refusal(error);
    this.watch.breakOff(this.broken);
    return this.broken;
  }

  /** Where the server takes no sign of life, it lets no worker take a trial. */
  private hearRefusal(error: unknown, times: number): void {
    const { server, tries, watch } = this;
    watch.refusal = undefined;
    if (isLasting(error)) return void this.breakOff(error);
    if (!isFull(error)) return;
    const [words, remedy] = [server.words(error), remedyFor(error, this.sweep.keep)];
    const what = `${server.place} refuses (${words})`;
    if (times === 1)
      this.teller.tell(
        `${what}: no worker can take a trial; it is asked ${tries.times} times, and then those that wait have failed${remedy}`,
      );
    if (times >= tries.times) watch.refusal = `${what}, asked ${times} times, so that no worker could take it${remedy}`;
  }

  private async leave(): Promise<void> {
    await this.presence.end();
    for (const { queue } of await Promise.all(this.queues.values())) await queue.close();
  }

  /** The queue of trials like this one, announced to the workers. */
  private async queueOf(spec: TrialSpec): Promise<TrialQueue> {
    const digest = await this.digestOf(spec);
    const wants = wantsOf(this.sweep.kernels, digest === undefined ? undefined : { digest, spec });
    const name = queueNameOf(wants);
    const known = this.queues.get(name) ?? this.makeQueue(name, wants);
    this.queues.set(name, known);
    // What the server refuses now it may take later.
    known.catch(() => this.queues.delete(name));
    return known;
  }

  private async makeQueue(name: string, wants: Wants): Promise<TrialQueue> {
    const { server } = this;
    await this.presence.announce(wants);
    const queue = new this.packages.Queue(name, {
      connection: server.client,
      prefix,
      skipVersionCheck: true,
      streams: { events: { maxLen: mostEvents } },
    });
    // The server tells its troubles itself.
    queue.on("error", () => {});
    return { name, wants, queue, shelf: new Shelf(server, name), interest: new Interest(server, name) };
  }

  /** The SHA-256 of what a trial takes from the sweep's data; undefined for a task that makes its own. Read once for each task. */
  private digestOf(spec: TrialSpec): Promise<string | undefined> {
    const { data } = this.sweep;
    if (kindOf(spec.task).files === undefined) return Promise.resolve(undefined);
    const key = JSON.stringify(spec.task);
    const known = this.digests.get(key) ?? (isDataFiles(data) ? digestOfFiles(spec, resolve(data.place)) : dataDigest(spec, data));
    this.digests.set(key, known);
    return known;
  }
}

/** What a sweep has that was stopped before its server let it in. */
const unopened: OpenExecutor = {
  jobs: 1,
  run: async () => ({ code: "stopped", message: "stopped before the queue's server let the sweep in" }),
  close: async () => {},
};

/** Read by a process that ends with what it has read. */
async function digestOfFiles(spec: TrialSpec, data: string): Promise<string | undefined> {
  const processes = new TrialProcesses();
  try {
    return await processes.digest({ kind: "digest", spec, data }, new AbortController().signal);
  } finally {
    await processes.close();
  }
}

/** Tells sentences about no trial in particular to one that is under way; those that come when there is none wait for the next. */
class Teller {
  private readonly jobs = new Set<Job>();
  private readonly waiting: string[] = [];

  tell(sentence: string): void {
    const [job] = this.jobs;
    if (job === undefined) this.waiting.push(sentence);
    else job.onTrouble(sentence);
  }

  hear(job: Job): void {
    this.jobs.add(job);
    for (const sentence of this.waiting.splice(0)) job.onTrouble(sentence);
  }

  forget(job: Job): void {
    this.jobs.delete(job);
  }
}
