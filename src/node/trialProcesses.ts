import { HeavyballError } from "../errors.js";
import type { Job } from "../sweeps/executor.js";
import type { TrialEnd } from "../trials/record.js";
import { TrialChild } from "./trialChild.js";
import type { DigestOrder, Meanwhile, TrialOrder } from "./trialMessages.js";

/** Who hears of a trial while it runs. */
export type TrialListener = Pick<Job, "key" | "signal" | "onProgress" | "onTrouble"> & {
  /** The trial begins, or goes on after so many updates. */
  onStart?(from: number): void;
  /** The checkpoint after so many updates is in the directory of the run. */
  onCheckpoint?(update: number): void;
};

/** Processes of this machine that run trials; one that has ended its trial is kept for the next. */
export class TrialProcesses {
  private readonly idle: TrialChild[] = [];

  /**
   * Runs a trial to its end or to an abort. A process that dies under it is followed by another, which goes on from the last checkpoint.
   * Throws HeavyballError with what the trial threw, or where `attempts` have died one after another without coming to a later one.
   */
  async run(order: TrialOrder, attempts: number, listener: TrialListener): Promise<TrialEnd> {
    let deaths = 0;
    let from = -1;
    const onMessage = (message: Meanwhile): void => {
      if (message.kind === "progress") listener.onProgress(message.progress);
      if (message.kind === "trouble") listener.onTrouble(message.sentence);
      if (message.kind === "checkpoint") listener.onCheckpoint?.(message.update);
      if (message.kind !== "started") return;
      if (message.from > from) deaths = 0;
      from = message.from;
      listener.onStart?.(from);
    };
    const count = (how: string): void => {
      const what = `the process of trial ${listener.key.slice(0, 12)} ${how}`;
      if (++deaths >= attempts) {
        const times = deaths === 1 ? "" : `, as ${deaths} did one after another without coming to a later checkpoint`;
        throw new HeavyballError("PROCESS_LOST", `${what}${times}; what it left can be gone on with by running the sweep again`);
      }
      listener.onTrouble(`${what}; another goes on from its last checkpoint`);
    };
    for (;;) {
      const child = this.idle.pop() ?? new TrialChild();
      const outcome = await child.ask(order, listener.signal, onMessage);
      if (outcome.kind === "ended" && outcome.end.code === "stopped" && !listener.signal.aborted) {
        // Somebody else told it to end: it has stopped its trial with a checkpoint, and another goes on.
        await child.close();
        count("was told to end");
        continue;
      }
      if (outcome.kind === "died") {
        count(outcome.how);
        if (listener.signal.aborted) return { code: "stopped", message: `its process ${outcome.how} while it was to stop` };
        continue;
      }
      this.idle.push(child);
      if (outcome.kind === "failed") throw new HeavyballError(outcome.failure.code, outcome.failure.message);
      if (outcome.kind === "ended") return outcome.end;
    }
  }

  /** The SHA-256 of the data that a trial takes from a path. Throws HeavyballError where they are not there or are not what it takes. */
  async digest(order: DigestOrder, signal: AbortSignal): Promise<string | undefined> {
    const child = this.idle.pop() ?? new TrialChild();
    const outcome = await child.ask(order, signal, () => {});
    if (outcome.kind === "died") throw new HeavyballError("PROCESS_LOST", `the process that read ${order.data} ${outcome.how}`);
    this.idle.push(child);
    if (outcome.kind === "failed") throw new HeavyballError(outcome.failure.code, outcome.failure.message);
    return outcome.kind === "digest" ? outcome.digest : undefined;
  }

  /** Lets the processes end; no trial is under way. */
  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((child) => child.close()));
  }
}
