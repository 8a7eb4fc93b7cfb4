import { join } from "node:path";
import type { Job } from "bullmq";
import { fileStore } from "../node/fileStore.js";
import { readRegular } from "../node/regularFile.js";
import { discardedNames, type Keep } from "../sweeps/keeping.js";
import { recordName } from "../sweeps/storedTrial.js";
import { checkpointNames } from "../trials/checkpoints.js";
import type { TrialEnd } from "../trials/record.js";
import { dropContents, putContent, type StoredContent } from "./contents.js";
import { isFull, remedyFor, type Tries } from "./fullServer.js";
import { trialKeys } from "./keys.js";
import type { OfferedQueue } from "./offers.js";
import type { Server } from "./server.js";
import { readState, stateFields, type TrialResult } from "./trialJob.js";

/** Milliseconds between two looks whether a sweep asks for a trial again that its server has forgotten, and how many they are. */
const askAgain = 1_000;
const mostAsked = 6;

/** What became of what a trial left: on the server; another's to hand in, or nobody's; or refused until it was enough, and why. */
export type HandedIn = { readonly kind: "in" } | { readonly kind: "notOurs" } | { readonly kind: "refused"; readonly message: string };

interface Noted {
  readonly directory: string;
  readonly update: number;
}

/** What of a trial's run goes from a worker to the server: checkpoints while it runs, and what it left when it has ended. */
export class HandIn {
  private next: Noted | undefined;
  /** The last one that nobody asked for. */
  private kept: Noted | undefined;
  private carrying: Promise<void> | undefined;
  private readonly told = new Set<string>();

  constructor(
    private readonly server: Server,
    private readonly queue: OfferedQueue,
    private readonly job: Job,
    /** Tells this taking of the trial from others. */
    private readonly token: string,
    private readonly tries: Tries,
    private readonly onTrouble: (sentence: string) => void,
  ) {}

  /** A checkpoint is in the directory: it goes to the server, unless a later one comes before its turn. */
  note(directory: string, update: number): void {
    this.next = { directory, update };
    this.carrying ??= this.carry().finally(() => {
      this.carrying = undefined;
    });
  }

  /**
   * Resolves when the last checkpoint that was noted is on the server, or could not be brought there. Where the trial is no longer this
   * worker's (`isOurs`), it goes there only if a sweep asks for the trial, or does so soon: one whose server was started anew.
   */
  async settled(isOurs: boolean): Promise<void> {
    await this.carrying;
    const { kept } = this;
    if (kept === undefined) return;
    for (let asked = 0; !isOurs && !(await this.isAsked()); asked++) {
      if (asked === mostAsked) return;
      await new Promise((resolve) => setTimeout(resolve, askAgain));
    }
    await this.offer(kept);
  }

  private isAsked(): Promise<boolean> {
    return this.queue.interest.isAsked(this.job.id!);
  }

  private async carry(): Promise<void> {
    for (let next = this.next; next !== undefined; next = this.next) {
      this.next = undefined;
      this.kept = (await this.isAsked().catch(() => false)) ? undefined : next;
      if (this.kept === undefined) await this.offer(next);
    }
  }

  private async offer({ directory, update }: Noted): Promise<void> {
    try {
      const bytes = await readRun(directory, checkpointNames[0]);
      if (bytes !== undefined) await this.queue.shelf.offer(this.job.id!, this.token, update, this.job.stalledCounter, bytes);
    } catch (error) {
      const { place } = this.server;
      const remedy = remedyFor(error);
      this.complain("checkpoint", `its checkpoint is not on ${place} (${this.server.words(error)}); it goes on without${remedy}`);
      // In the same words for all trials, so that it is one piece of news.
      if (isFull(error)) this.tellSweeps("checkpoint", `goes on without checkpoints on ${place}, which has no room for them${remedy}`);
    }
  }

  /**
   * Hands in what a trial left, and tries it again where the server does not take it, until `isOver` says that it is enough, or a sweep
   * that is at work has waited for it long enough. Where it is not in, nothing of it is on the server.
   */
  async finish(end: TrialEnd, keep: Keep, directory: string, isOver: () => boolean): Promise<HandedIn> {
    await this.carrying;
    let contents: StoredContent[] = [];
    const { place } = this.server;
    const { times, pause } = this.tries;
    for (let refused = 0; ; ) {
      try {
        contents = await this.putRun(keep, directory);
        const result: TrialResult = { end, writer: this.token, contents };
        await this.job.moveToCompleted(result, this.token, false);
        return { kind: "in" };
      } catch (error) {
        if (await this.isIn().catch(() => false)) return { kind: "in" };
        await dropContents(this.server.client, contents).catch(() => {});
        // BullMQ's own codes are numbers: the lock is another's, or nobody knows the trial any more.
        if (typeof (error as { readonly code?: unknown }).code === "number") return { kind: "notOurs" };
        const [words, remedy] = [this.server.words(error), remedyFor(error, keep)];
        const what = `what it left is not on ${place} (${words}); it is offered ${times} times, and then the trial has failed${remedy}`;
        this.complain("result", what);
        this.tellSweeps("result", `has ended trial ${this.shortKey}, and ${what}`);
        // What leads to the same end makes room for it, unless it is to be kept too.
        if (keep !== "all" && isFull(error)) await this.queue.shelf.drop(this.job.id!).catch(() => {});
        // Where all sweeps are away nobody waits, and what was computed is kept for them.
        if (await this.queue.interest.isWanted(this.job.id!).catch(() => false)) refused++;
        if (refused >= times)
          return { kind: "refused", message: `it ended, and what it left is not on ${place}, offered ${times} times (${words})${remedy}` };
        await new Promise((resolve) => setTimeout(resolve, pause));
        if (isOver()) return { kind: "notOurs" };
      }
    }
  }

  /** Takes the trial off the queue. */
  async drop(): Promise<void> {
    this.job.opts.removeOnComplete = true;
    await this.job.moveToCompleted({}, this.token, false);
  }

  private async putRun(keep: Keep, directory: string): Promise<StoredContent[]> {
    const { piece } = trialKeys(this.queue.name, this.job.id!);
    const discarded: readonly string[] = [...checkpointNames, ...discardedNames(keep)];
    const names = (await fileStore(directory).names()).filter((name) => !discarded.includes(name) && name !== recordName);
    const contents: StoredContent[] = [];
    try {
      for (const name of [...names, recordName]) {
        const bytes = await readRun(directory, name);
        if (bytes === undefined) throw new Error(`${name} is missing`);
        contents.push(await putContent(this.server.carrier, name, bytes, (at) => piece(this.token, name, at)));
      }
      return contents;
    } catch (error) {
      await dropContents(this.server.client, contents).catch(() => {});
      throw error;
    }
  }

  /** Whether what was handed in is there: an answer may have been lost on its way. */
  private async isIn(): Promise<boolean> {
    const state = readState(await this.server.client.hmget(this.queue.worker.toKey(this.job.id!), ...stateFields));
    return state.kind === "ended" && state.result?.writer === this.token;
  }

  private get shortKey(): string {
    return this.job.id!.slice(0, 12);
  }

  /** Each kind of complaint once: one must not keep the other from being told. */
  private complain(kind: "checkpoint" | "result", what: string): void {
    if (!this.told.has(kind)) this.onTrouble(`trial ${this.shortKey}: ${what}`);
    this.told.add(kind);
  }

  private tellSweeps(kind: "checkpoint" | "result", what: string): void {
    const name = `${kind} for sweeps`;
    if (!this.told.has(name)) void this.queue.tell(what).catch(() => {});
    this.told.add(name);
  }
}

/** What a run's directory holds of a name; undefined where it is not there, as between two renames. */
async function readRun(directory: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readRegular(join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
