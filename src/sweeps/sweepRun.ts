import type { KernelVariant } from "../runtime/kernels.js";
import { isReadOnly, noRoomIn, noRoomOf } from "../trials/noRoom.js";
import { StoreError } from "../trials/store.js";
import { damageOfRun } from "./damagedRun.js";
import type { OpenExecutor } from "./executor.js";
import { explainFailure, unreadable } from "./explainFailure.js";
import { failureOf, isSystemCode } from "./failureOf.js";
import { discardRest } from "./keeping.js";
import type { RunSweepOptions } from "./runSweepOptions.js";
import { storedRow } from "./storedRow.js";
import type { StoredTrial } from "./storedTrial.js";
import type { PlannedTrial } from "./sweep.js";
import type { SweepPace } from "./sweepPace.js";
import type { SweepRow } from "./sweepResult.js";
import type { OpenSweepStore, StoredTrials } from "./sweepStore.js";
import { trialKey } from "./trialKey.js";

/** A row before it is known what comes of its trial. */
type RowBase = Omit<SweepRow, "state" | "isFound">;

/** How many trials of a sweep that was stopped are looked at, whether they are there. */
const mostLookedAt = 100_000;

/** What one sweep's trials are run with. */
export interface SweepTools {
  readonly store: OpenSweepStore;
  readonly executor: OpenExecutor;
  readonly kernels: KernelVariant;
  readonly options: RunSweepOptions;
  readonly pace: SweepPace;
  readonly found: StoredTrials["trials"];
  readonly tell: (sentence: string) => void;
}

/** Runs single trials of a sweep, or finds them in its store. */
export class SweepRun {
  private readonly controller = new AbortController();
  /** Trials under way or over, by key: one that occurs twice is run once. */
  private readonly known = new Map<string, Promise<SweepRow | undefined>>();
  /** Keys of what the store has to tell that have not come yet. */
  private readonly unseen: Set<string>;
  /** Trials that were looked at since it was stopped. */
  private lookedAt = 0;
  /** Why nothing more can be kept, or run, once that is so. */
  private broken: unknown;

  constructor(private readonly tools: SweepTools) {
    const { signal } = tools.options;
    this.unseen = new Set([...tools.found.values()].filter(({ state }) => state === "ended" || state === "damaged").map(({ key }) => key));
    if (signal?.aborted) this.controller.abort();
    signal?.addEventListener("abort", this.stop);
  }

  private readonly stop = (): void => this.controller.abort();

  get isStopped(): boolean {
    return this.controller.signal.aborted;
  }

  /** One that is stopped still finds what is there, among as many trials as are looked at in some seconds. */
  get isOver(): boolean {
    return this.isStopped && (this.broken !== undefined || this.unseen.size === 0 || this.lookedAt >= mostLookedAt);
  }

  /** Ends it. Throws what made it impossible to keep or to run anything more. */
  finish(): void {
    this.tools.options.signal?.removeEventListener("abort", this.stop);
    if (this.broken !== undefined) throw this.broken;
  }

  /** What comes of a trial; undefined where it is not to be run now. */
  async row(planned: PlannedTrial, cell?: string): Promise<SweepRow | undefined> {
    const { spec, part, coordinates, pilot, failure } = planned;
    if (failure !== undefined)
      return this.told({ ...planned, ...(cell === undefined ? {} : { cell }), failure, key: "", state: "failed", isFound: false });
    const key = await trialKey(spec, { kernels: this.tools.kernels });
    this.unseen.delete(key);
    if (this.isStopped) this.lookedAt++;
    const isFirst = !this.known.has(key);
    // A part that is not to be run leaves its trials to another that has them too, and is.
    if (isFirst && this.isAsked(key, part)) this.known.set(key, this.settle(key, planned));
    const made = this.known.has(key) ? await this.known.get(key) : storedRow(this.tools.found.get(key), { key, spec, part, coordinates });
    if (made === undefined) {
      // Of a million that are not to be run nothing is kept.
      this.known.delete(key);
      return undefined;
    }
    const place = { part, coordinates, ...(cell === undefined ? {} : { cell }), ...(pilot === undefined ? {} : { pilot }) };
    const { pilot: _pilot, cell: _cell, ...rest } = made;
    return this.told({ ...rest, ...place, isFound: made.isFound || !isFirst });
  }

  private isAsked(key: string, part: string): boolean {
    const { only, onlyParts } = this.tools.options;
    return (only === undefined || key.startsWith(only)) && onlyParts?.(part) !== false;
  }

  private told(row: SweepRow): SweepRow {
    this.tools.pace.end(row);
    this.tools.options.onRow?.(row);
    this.tools.options.onProgress?.(this.tools.pace.progress);
    return row;
  }

  private async settle(key: string, planned: PlannedTrial): Promise<SweepRow | undefined> {
    const { spec, part, coordinates } = planned;
    const { options, found } = this.tools;
    const base = { key, spec, part, coordinates };
    const before = found.get(key);
    const known = storedRow(before, base);
    if (before?.state === "ended") return known;
    if (before?.state === "damaged" && options.repair !== true) return known;
    const unmended = before !== undefined && options.repair === true ? await this.mend(before, base) : undefined;
    if (unmended !== undefined) return unmended;
    if (this.isStopped) return undefined;
    return this.run(base, planned);
  }

  /** Makes way for a trial whose record or run is damaged. The row of one for which that cannot be done; the others go on. */
  private async mend({ key, state }: StoredTrial, base: RowBase): Promise<SweepRow | undefined> {
    const { store, kernels, tell } = this.tools;
    const trial = { spec: base.spec, kernels };
    try {
      const damage = await damageOfRun(store.run(key), trial);
      if (state !== "damaged" && damage === undefined) return undefined;
      await store.setAside(key, trial);
      if (damage !== undefined) tell(`${damage}; all that was there has a name now that begins with "damaged.", and its trial begins anew`);
      const left = await store.note(key);
      if (left?.state !== "damaged") return undefined;
      return { ...base, state: "damaged", failure: { code: "FORMAT", message: left.trouble }, isFound: true };
    } catch (error) {
      const reason = noRoomOf(error);
      if (reason !== undefined) return this.breakOff(base, this.noRoom(reason));
      return { ...base, state: "damaged", failure: unreadable(store.run(key).place, error) ?? failureOf(error), isFound: true };
    }
  }

  private async run(base: RowBase, planned: PlannedTrial): Promise<SweepRow> {
    const { key, spec } = base;
    const { executor, pace, options, store, tell } = this.tools;
    pace.begin(key, planned);
    options.onProgress?.(pace.progress);
    try {
      const end = await executor.run({
        key,
        spec,
        signal: this.controller.signal,
        onProgress(progress) {
          pace.advance(key, progress);
          options.onProgress?.(pace.progress);
        },
        onTrouble: tell,
      });
      if (end.code === "stopped") return { ...base, state: "stopped", isFound: false };
      const left = await store.note(key);
      if (left?.state === "ended") {
        await discardRest(store.run(key), options.keep ?? "all");
        return { ...base, state: "ended", record: left.record, isFound: false };
      }
      const why = left?.state === "damaged" ? left.trouble : `the trial ${key.slice(0, 12)} ended, and its record is not in ${store.place}`;
      return { ...base, state: "damaged", failure: { code: "FORMAT", message: why }, isFound: false };
    } catch (error) {
      if (executor.broken !== undefined) return this.breakOff(base, executor.broken);
      return await this.fail(base, error);
    }
  }

  /** A failure is kept, and the rest goes on; where nothing more can be kept the sweep ends. */
  private async fail(base: RowBase, error: unknown): Promise<SweepRow> {
    const { store, kernels, tell } = this.tools;
    const reason = noRoomOf(error);
    const isOfItself = isReadOnly(reason) && (await store.canKeepTrials?.()) === true;
    if (reason !== undefined && !isOfItself) return this.breakOff(base, this.noRoom(reason));
    const failure = await explainFailure(store.run(base.key), { spec: base.spec, kernels }, failureOf(error));
    const row = { ...base, state: "failed", failure, isFound: false } as const;
    try {
      await store.keepFailure(base.key, base.spec, failure);
      return row;
    } catch (storeError) {
      const none = noRoomOf(storeError);
      if (none !== undefined) return this.breakOff(base, this.noRoom(none));
      // A run that another process writes is told, and not touched.
      if (storeError instanceof StoreError && storeError.trouble === "busy") return row;
      // The place of one trial that cannot be written keeps no other from its own.
      const isOfTrial = storeError instanceof StoreError && storeError.place !== store.place;
      if (isOfTrial && (failure.code === storeError.code || isSystemCode(failure.code))) return { ...row, failure: failureOf(storeError) };
      if (isOfTrial) tell(storeError.message);
      else {
        this.broken ??= storeError;
        this.controller.abort();
      }
      return row;
    }
  }

  private noRoom(reason: { readonly code: string; readonly message: string }): StoreError {
    return noRoomIn(this.tools.store.place, reason);
  }

  /** What fails one trial after another, as a full disk: the sweep ends at the first, which can go on from its last checkpoint. */
  private breakOff(base: RowBase, error: Error): SweepRow {
    this.broken ??= error;
    this.controller.abort();
    return { ...base, state: "stopped", isFound: false };
  }
}
