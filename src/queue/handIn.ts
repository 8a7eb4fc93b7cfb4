import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Job } from "bullmq";
import { fileStore } from "../node/fileStore.js";
import { discardedNames, type Keep } from "../sweeps/keeping.js";
import { recordName } from "../sweeps/storedTrial.js";
import { checkpointNames } from "../trials/checkpoints.js";
import type { TrialEnd } from "../trials/record.js";
import { dropContents, putContent, type StoredContent } from "./contents.js";
import { trialKeys } from "./keys.js";
import type { OfferedQueue } from "./offers.js";
import type { Server } from "./server.js";
import { readState, stateFields, type TrialResult } from "./trialJob.js";

/** Milliseconds before what the server did not take is offered again. */
const pause = 2_000;
/** Milliseconds between two looks whether a sweep asks for a trial again that its server has forgotten, and how many they are. */
const askAgain = 1_000;
const mostAsked = 6;

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
  private isTold = false;

  constructor(
    private readonly server: Server,
    private readonly queue: OfferedQueue,
    private readonly job: Job,
    /** Tells this taking of the trial from others. */
    private readonly token: string,
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
      this.complain(`its checkpoint is not on ${this.server.place} (${(error as Error).message}); it goes on without`);
    }
  }

  /**
   * Hands in what a trial left, and tries it again where the server does not take it, until `isOver` says that it is enough. False where
   * it is not in: then nothing of it is on the server.
   */
  async finish(end: TrialEnd, keep: Keep, directory: string, isOver: () => boolean): Promise<boolean> {
    await this.carrying;
    let contents: StoredContent[] = [];
    do {
      try {
        contents = await this.putRun(keep, directory);
        const result: TrialResult = { end, writer: this.token, contents };
        await this.job.moveToCompleted(result, this.token, false);
        return true;
      } catch (error) {
        if (await this.isIn().catch(() => false)) return true;
        await dropContents(this.server.client, contents).catch(() => {});
        // BullMQ's own codes are numbers: the lock is another's, or nobody knows the trial any more.
        if (typeof (error as { readonly code?: unknown }).code === "number") return false;
        this.complain(`what it left is not on ${this.server.place} (${(error as Error).message}); it is tried again`);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    } while (!isOver());
    return false;
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

  private complain(what: string): void {
    if (!this.isTold) this.onTrouble(`trial ${this.job.id!.slice(0, 12)}: ${what}`);
    this.isTold = true;
  }
}

/** What a run's directory holds of a name; undefined where it is not there, as between two renames. */
async function readRun(directory: string, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(join(directory, name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
