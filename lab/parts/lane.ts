import {
  type AwayNetwork,
  checkTrialSpec,
  type Report,
  type StartedAwayTrial,
  type Store,
  storedSpec,
  type TrialChange,
  type TrialEvent,
  type TrialRecord,
  type TrialSpec,
} from "heavyball";
import threadAddress from "heavyball/trial-worker?worker&url";
import { browserStore, inWorker } from "heavyball/web";
import helperAddress from "heavyball/worker?worker&url";
import { carryRun } from "#internal/trials/carriedRun";
import { decodeCheckpoint } from "#internal/trials/checkpoint";
import { eventsName, storedEvents } from "#internal/trials/storedEvents";

/** What a lane is at. */
export type LaneState = "empty" | "preparing" | "running" | "pausing" | "paused" | "finished" | "diverged" | "failed";

const workAtHand: readonly LaneState[] = ["preparing", "running", "pausing"];

/**
 * One run of the laboratory: a trial in a Worker, kept by the browser, so that it can be paused, found again after a reload and gone on
 * with. Everything it does it does through the library's public functions, as any page could.
 */
export class Lane {
  state: LaneState = "empty";
  spec: TrialSpec | undefined;
  reports: Report[] = [];
  /** What was changed while it ran. */
  events: readonly TrialEvent[] = [];
  /** Updates made so far, and how many it makes in a second. */
  update = 0;
  pace: number | undefined;
  threads: number | undefined;
  threadsReason = "";
  /** There while it trains. */
  network: AwayNetwork | undefined;
  /** What has to be said of it. */
  message = "";
  readonly store: Store;
  private controller = new AbortController();
  private changer: StartedAwayTrial["change"] | undefined;
  private measured = { update: 0, at: 0 };

  constructor(
    readonly key: string,
    private readonly onChange: () => void,
  ) {
    this.store = browserStore(`laboratory ${key}`);
  }

  get isAtWork(): boolean {
    return workAtHand.includes(this.state);
  }

  /** Looks for the run that was left here. */
  async find(): Promise<void> {
    try {
      this.spec = await storedSpec(this.store);
      if (this.spec === undefined) return;
      const text = async (name: string): Promise<string> => new TextDecoder().decode((await this.store.read(name)) ?? new Uint8Array());
      const lines = (await text("reports.jsonl")).split("\n").filter((line) => line !== "");
      this.reports = lines.map((line) => JSON.parse(line) as Report);
      this.events = await storedEvents(this.store, this.spec);
      this.update = this.reports[this.reports.length - 1]?.update ?? 0;
      const record = await text("record.json");
      const end = record === "" ? undefined : (JSON.parse(record) as TrialRecord);
      this.update = end?.update ?? this.update;
      this.settle(end === undefined ? "paused" : end.end.code === "diverged" ? "diverged" : "finished", end?.end.message ?? "");
    } catch (error) {
      this.settle("failed", messageOf(error));
    }
  }

  /** Begins a trial, or goes on with the one that is here; resolves when it has ended or been paused. */
  async run(spec: unknown, { threads, data, resume = false }: { threads: number; data?: unknown; resume?: boolean }): Promise<void> {
    this.controller = new AbortController();
    this.settle("preparing", "");
    try {
      if (!resume) await this.clear();
      this.state = "preparing";
      this.spec = checkTrialSpec(spec);
      // The page's policy takes scripts as files alone.
      const record = await inWorker({ worker: threadAddress }).runTrial(this.spec, {
        // Of a run that goes on the kernels are those it was begun with; simd gives the same bits on every machine.
        runtime: { ...(crossOriginIsolated ? { threads } : {}), ...(resume ? {} : { kernels: "simd" as const }), worker: helperAddress },
        data,
        store: this.store,
        resume,
        signal: this.controller.signal,
        checkpointSeconds: 10,
        onStart: ({ from, network, runtime, events, change }) => {
          [this.events, this.changer] = [events, change];
          this.reports = this.reports.filter(({ update }) => update <= from && from > 0);
          [this.update, this.network] = [from, network];
          this.measured = { update: from, at: performance.now() };
          [this.threads, this.threadsReason] = [runtime.threads, runtime.threadsReason];
          if (this.state === "preparing") this.settle("running", "");
        },
        onReport: (report) => void this.reports.push(report),
        onProgress: ({ update }) => this.progress(update),
        onTrouble: (sentence) => void (this.message = sentence),
      });
      this.update = record.update;
      const { code, message } = record.end;
      this.settle(code === "stopped" ? "paused" : code, code === "stopped" ? "" : message);
    } catch (error) {
      this.settle("failed", messageOf(error));
    } finally {
      [this.network, this.changer] = [undefined, undefined];
      this.pace = undefined;
      this.onChange();
    }
  }

  /** Gives the run another rate or momentum from its next update on; nothing, where it does not train. */
  async change(change: TrialChange): Promise<void> {
    try {
      const made = await this.changer?.(change);
      if (made !== undefined) this.events = [...this.events.filter(({ update }) => update !== made.update), made];
    } catch (error) {
      // One that has ended meanwhile says so itself.
      if (this.isAtWork) this.message = messageOf(error);
    }
    this.onChange();
  }

  pause(): void {
    if (!this.isAtWork) return;
    this.controller.abort();
    this.settle("pausing", "");
  }

  /** Removes the run that is here. */
  async clear(): Promise<void> {
    const open = await this.store.open();
    await open.remove(...(await open.names()));
    await open.discard();
    [this.spec, this.reports, this.events, this.update, this.message] = [undefined, [], [], 0, ""];
    this.settle("empty", "");
  }

  /** Takes up a checkpoint that was made elsewhere, such as in Node: checkpoint.bin of a run's directory. */
  async takeUp(checkpoint: Uint8Array<ArrayBuffer>, spec: TrialSpec): Promise<void> {
    const { reports, events = [] } = await decodeCheckpoint(checkpoint, "the checkpoint");
    await this.clear();
    await carryRun(this.store, spec, checkpoint);
    const open = await this.store.open();
    const write = (name: string, values: readonly object[]) =>
      open.write(name, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
    await write("reports.jsonl", reports);
    if (events.length > 0) await write(eventsName, events);
    await open.close();
    await this.find();
  }

  /** Has something said of it. */
  say(message: string): void {
    this.message = message;
    this.onChange();
  }

  private progress(update: number): void {
    const now = performance.now();
    const passed = (now - this.measured.at) / 1000;
    this.update = update;
    if (passed < 1) return;
    this.pace = (update - this.measured.update) / passed;
    this.measured = { update, at: now };
    this.onChange();
  }

  private settle(state: LaneState, message: string): void {
    [this.state, this.message] = [state, message];
    this.onChange();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How often pictures of a network at work are asked for, in milliseconds. */
const LOOK = 1500;

/** Calls `look` now and then while lanes are at work and their page is shown, and once when they no longer are. */
export function whileAtWork(lanes: readonly Lane[], page: HTMLElement, look: () => void): void {
  const standing = (): string => lanes.map(({ state, update }) => `${state} ${update}`).join();
  let seen = standing();
  setInterval(() => {
    if (page.hidden) return;
    // A short run may begin and end between two looks.
    const now = standing();
    if (lanes.some((lane) => lane.isAtWork) || now !== seen) look();
    seen = now;
  }, LOOK);
}
