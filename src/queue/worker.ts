import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { UnsupportedError } from "../errors.js";
import { TrialProcesses } from "../node/trialProcesses.js";
import { bestVariant } from "../runtime/embeddedKernels.js";
import { type KernelChoice, type KernelVariant, numericsOf } from "../runtime/kernels.js";
import type { ServerAddress } from "./address.js";
import { remedyFor, type Tries } from "./fullServer.js";
import { Offers } from "./offers.js";
import type { Packages } from "./packages.js";
import { isLasting } from "./refusal.js";
import { Server } from "./server.js";
import { TakenTrial } from "./takenTrial.js";
import { soonerOf, within } from "./waiting.js";
import type { Abilities } from "./wants.js";
import type { WorkerEvent, WorkerSummary } from "./workerEvents.js";
import { Workplace } from "./workplace.js";

/** Milliseconds between two looks for trials while there are none: at random, so that no worker is always just before another. */
const pause = (): number => 250 + 500 * Math.random();
/** Milliseconds between two looks for sweeps. */
const lookAgain = 2_000;
/** Milliseconds for which the trials may be given back, and what they left handed in, when the worker is to end. */
const patience = 30_000;
const leave = 3_000;

export interface WorkerSettings {
  readonly jobs: number;
  readonly threads: number;
  readonly kernels: KernelChoice;
  /** Milliseconds. */
  readonly lostAfter: number;
  readonly tries: Tries;
  readonly signal: AbortSignal;
  readonly data: string | undefined;
  readonly directory: string | undefined;
  onReady(ready: { readonly place: string; readonly jobs: number; readonly threads: number }): void;
  onEvent(event: WorkerEvent): void;
  onTrouble(sentence: string): void;
}

/** A worker: it looks for trials while it has room for one more, and for sweeps now and then. */
export class QueueWorker {
  /** What sweeps call it. */
  private readonly name = `${hostname()} (process ${process.pid})`;
  private readonly processes = new TrialProcesses();
  private readonly taken = new Set<Promise<void>>();
  private readonly counts = { ended: 0, failed: 0, stopped: 0, lost: 0 };
  /** Trials that threw here, which others are to try first. */
  private readonly failures = new Map<string, number>();

  private constructor(
    private readonly packages: Packages,
    private readonly server: Server,
    private readonly workplace: Workplace,
    private readonly settings: WorkerSettings,
  ) {}

  /**
   * Undefined where the signal is given before the server has let it in. Throws QueueError, StoreError; UnsupportedError for kernels that
   * this engine has not.
   */
  static async open(packages: Packages, address: ServerAddress, settings: WorkerSettings): Promise<QueueWorker | undefined> {
    variantsOf(settings.kernels);
    const server = await Server.open(packages, address, { onTrouble: settings.onTrouble }, settings.signal);
    if (server === undefined) return undefined;
    try {
      return new QueueWorker(packages, server, await Workplace.open(settings.directory), settings);
    } catch (error) {
      server.disconnect();
      throw error;
    }
  }

  /**
   * Works until the signal is given. Throws QueueError where it is not for any of the sweeps that it finds, or where the server refuses
   * what it will always refuse.
   */
  async run(): Promise<WorkerSummary> {
    const { settings, server } = this;
    const { signal, jobs, threads, lostAfter, onTrouble } = settings;
    const offers = new Offers(this.packages, server, await this.abilities(), { name: this.name, lostAfter, onTrouble });
    try {
      // Now it is not known whether the server does what it is asked; later it is asked again.
      const looked = offers.look().catch((error: Error) => {
        throw error.name === "ReplyError" ? server.refusal(error) : error;
      });
      await soonerOf(signal, undefined, looked);
      if (signal.aborted) return { ...this.counts };
      settings.onReady({ place: server.place, jobs, threads });
      const work = this.work(offers);
      await soonerOf(signal, undefined, work);
      await within(
        server.isThere ? patience : leave,
        work.then(() => Promise.all(this.taken)),
      ).catch(() =>
        onTrouble(`${server.place} does not answer: trials that could not be given back go on from their last checkpoints there`),
      );
      return { ...this.counts };
    } finally {
      await within(leave, offers.close()).catch(() => {});
    }
  }

  async close(): Promise<void> {
    this.server.disconnect();
    // Of a server that is gone some answers never come.
    await within(leave, Promise.all(this.taken)).catch(() => {});
    await this.processes.close();
    await this.workplace.close();
  }

  private async abilities(): Promise<Abilities> {
    const { kernels, data, signal } = this.settings;
    return {
      variants: variantsOf(kernels),
      digest: async (spec) => (data === undefined ? undefined : this.processes.digest({ kind: "digest", spec, data }, signal)),
      ...(kernels === "auto" ? {} : { asked: kernels }),
    };
  }

  /** Until the signal is given. A server that refuses something for a time is asked again. */
  private async work(offers: Offers): Promise<void> {
    const { signal, jobs } = this.settings;
    let looked = performance.now();
    let complaint = "";
    while (!signal.aborted) {
      try {
        if (performance.now() - looked >= lookAgain) {
          await offers.look();
          looked = performance.now();
        }
        if (this.taken.size < jobs && (await this.takeOne(offers))) continue;
      } catch (error) {
        if (isLasting(error)) throw this.server.refusal(error);
        const message = this.server.words(error);
        if (message !== complaint && !signal.aborted)
          this.settings.onTrouble(`${this.server.place} refuses: ${message}; it is asked again${remedyFor(error)}`);
        complaint = message;
      }
      await soonerOf(signal, pause(), ...(this.taken.size < jobs ? [] : this.taken));
    }
  }

  /** Takes a trial, if there is one. */
  private async takeOne(offers: Offers): Promise<boolean> {
    for (const queue of offers.inTurn()) {
      if (this.settings.signal.aborted) return false;
      const token = randomUUID();
      const job = await queue.worker.getNextJob(token, { block: false });
      if (job === undefined) continue;
      const { kernels, threads, signal, lostAfter, tries, data } = this.settings;
      const trial = new TakenTrial(job, token, queue, {
        server: this.server,
        processes: this.processes,
        workplace: this.workplace,
        failures: this.failures,
        kernels,
        threads,
        lostAfter,
        tries,
        signal,
        data,
        UnrecoverableError: this.packages.UnrecoverableError,
        onEvent: (event) => this.note(event),
        onTrouble: (sentence) => this.settings.onTrouble(sentence),
      });
      const run: Promise<void> = trial.run().finally(() => this.taken.delete(run));
      this.taken.add(run);
      return true;
    }
    return false;
  }

  private note(event: WorkerEvent): void {
    if (event.state !== "begun") this.counts[event.state]++;
    this.settings.onEvent(event);
  }
}

/** The variants whose numbers a worker computes. Throws UnsupportedError where this engine has none of them. */
function variantsOf(kernels: KernelChoice): KernelVariant[] {
  const best = bestVariant();
  if (kernels === "auto") return best === "simd" ? ["simd"] : ["relaxed", "simd"];
  if (numericsOf(kernels) === "relaxed" && best === "simd")
    throw new UnsupportedError(`this engine has no ${kernels} kernels: use Node 22 or later, or leave kernels to the sweeps`);
  return [numericsOf(kernels)];
}
