import {
  type AwayNetwork,
  changeRun,
  checkTrialSpec,
  type Report,
  runSoFar,
  type StartedAwayTrial,
  type Store,
  type TrialChange,
  type TrialEvent,
  type TrialSpec,
  takeUpCheckpoint,
} from "heavyball";
import threadAddress from "heavyball/trial-worker?worker&url";
import { browserStore, inWorker } from "heavyball/web";
import helperAddress from "heavyball/worker?worker&url";

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
  /** Changes that were asked for, made one after the other. */
  private changing: Promise<void> = Promise.resolve();
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
      const run = await runSoFar(this.store);
      if (run === undefined) return;
      [this.spec, this.reports, this.events, this.update] = [run.spec, [...run.reports], run.events, run.update];
      const { code, message } = run.record?.end ?? { code: "stopped", message: "" };
      this.settle(code === "stopped" ? "paused" : code, message);
    } catch (error) {
      this.settle("failed", messageOf(error));
    }
  }

  /** Begins a trial, or goes on with the one that is here; resolves when it has ended or been paused. */
  async run(spec: unknown, { threads, data, resume = false }: { threads: number; data?: unknown; resume?: boolean }): Promise<void> {
    this.controller = new AbortController();
    this.settle("preparing", "");
    try {
      await this.changing;
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

  /** Whether its rate and momentum can be changed now. */
  get isChangeable(): boolean {
    return this.changer !== undefined ? this.state === "running" : this.state === "paused";
  }

  /** Gives the run another rate or momentum from its next update on, whether it trains or is paused. */
  change(change: TrialChange): Promise<void> {
    if (!this.isChangeable) return this.changing;
    const make = this.changer ?? ((change) => changeRun(this.store, change));
    this.changing = this.changing.then(async () => {
      try {
        const made = await make(change);
        const others = this.events.filter(({ update }) => update !== made.update);
        this.events = [...others, made].sort((a, b) => a.update - b.update);
      } catch (error) {
        // One that has ended meanwhile says so itself.
        if (this.isAtWork || this.state === "paused") this.message = messageOf(error);
      }
      this.onChange();
    });
    return this.changing;
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
  async takeUp(checkpoint: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.clear();
    await takeUpCheckpoint(this.store, checkpoint);
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
