import { FormatError, InvalidOptionError, ShapeError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { saveModel } from "../networks/model.js";
import type { TaskNetwork } from "../tasks/task.js";
import { BestModel, bestModelName } from "./bestModel.js";
import { type Checkpoint, checkSameTrial } from "./checkpoint.js";
import { Checkpoints, checkpointNames, type FoundCheckpoint, findCheckpoint } from "./checkpoints.js";
import type { TrialRecord } from "./record.js";
import type { Report } from "./report.js";
import { checkTrialSpec, type TrialSpec } from "./spec.js";
import { checkStore, type OpenStore, type Store, StoreError } from "./store.js";
import { eventsName, StoredEvents } from "./storedEvents.js";
import type { TrialEvent } from "./trialEvent.js";

export const specName = "spec.json";
/** Reports, one a line. */
export const reportsName = "reports.jsonl";
export const modelName = "model.safetensors";
export const recordName = "record.json";

/** The content that makes a run repeatable. */
export function specText(spec: TrialSpec): string {
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** What a run leaves, in the order in which it appears; checkpoints besides. */
const runNames = [specName, reportsName, bestModelName, modelName, recordName, "report.html"];

/**
 * The spec of the run in a store; undefined where there is none.
 *
 * @throws (rejects with) InvalidOptionError for what is no store, FormatError for a spec that is damaged or wrong
 */
export async function storedSpec(store: Store): Promise<TrialSpec | undefined> {
  const bytes = await checkStore("store", store).read(specName);
  if (bytes === undefined) return undefined;
  const file = `${store.place}/${specName}`;
  let value: unknown;
  try {
    value = parseBoundedJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new FormatError(file, 0, "the spec of a trial as JSON in UTF-8");
  }
  try {
    return checkTrialSpec(value);
  } catch (error) {
    if (!(error instanceof InvalidOptionError) && !(error instanceof ShapeError)) throw error;
    throw new FormatError(file, 0, `the spec of a trial, found one that is wrong: ${error.message}`);
  }
}

/** Throws StoreError where a store holds a run already, which may be one at work: nothing is overwritten. */
export async function requireNoRun(store: Store): Promise<void> {
  const present = await findRun(store);
  if (present === undefined) return;
  await requireIdle(store);
  refuseRun(store, present);
}

/** The name of something that a run left in a store. */
export async function findRun(store: Store): Promise<string | undefined> {
  const names = await store.names();
  return [...runNames, ...checkpointNames].find((name) => names.includes(name));
}

/** Throws StoreError where another run is being written: nobody can go on with that. Opening is the one way to find out. */
async function requireIdle(store: Store): Promise<void> {
  try {
    await (await store.open()).close();
  } catch (error) {
    // What cannot be written holds a run all the same.
    if (error instanceof StoreError && error.trouble === "busy") throw error;
  }
}

function refuseRun(store: Store, present: string): never {
  const remedy = "give another place, remove it, or go on with it: resume";
  throw new StoreError("holdsRun", store.place, `${store.place} holds a run already (${present}); ${remedy}`);
}

/** A trial's run in a store that is open for it: what it leaves there, and what it finds there when it goes on. */
export class StoredRun {
  private best: BestModel | undefined;
  private checkpoints: Checkpoints;
  private savedUpdate: number | undefined;

  private constructor(
    readonly store: OpenStore,
    /** Whether it was begun here. */
    readonly isNew: boolean,
    /** Where to go on. */
    readonly from: FoundCheckpoint | undefined,
    readonly events: StoredEvents,
    isWhole: boolean,
  ) {
    this.checkpoints = new Checkpoints(store, isWhole);
    // A checkpoint that is where it belongs is not written again.
    if (from?.name === "checkpoint.bin" && from.damaged === undefined) this.savedUpdate = from.checkpoint.state.update;
  }

  /** Begins a run. Throws StoreError where there is one. */
  static async create(store: Store, spec: TrialSpec, given: readonly TrialEvent[]): Promise<StoredRun> {
    await requireNoRun(store);
    const open = await store.open();
    try {
      // Another may have begun and ended meanwhile.
      const present = await findRun(open);
      if (present !== undefined) refuseRun(open, present);
    } catch (error) {
      await open.close();
      throw error;
    }
    try {
      // Before the spec, with which there is a run: whoever goes on with it finds them.
      const events = await StoredEvents.create(open, given);
      await open.write(specName, specText(spec));
      return new StoredRun(open, true, undefined, events, false);
    } catch (error) {
      await discardAll(open);
      throw error;
    }
  }

  /**
   * The run of a trial that was begun, or undefined where none was. Throws StoreError, FormatError; CheckpointMismatchError for the run of
   * another trial.
   */
  static async open(store: Store, spec: TrialSpec): Promise<StoredRun | undefined> {
    if (!(await store.names()).includes(specName)) return undefined;
    const open = await store.open();
    try {
      const saved = await storedSpec(open);
      if (saved === undefined) {
        await open.close();
        return undefined;
      }
      checkSameTrial(saved, spec);
      const { found, isWhole } = await findCheckpoint(open);
      if (found !== undefined) checkSameTrial(found.checkpoint.spec, spec);
      const events = await StoredEvents.open(open, spec, found?.checkpoint);
      return new StoredRun(open, false, found, events, isWhole);
    } catch (error) {
      await open.close();
      throw error;
    }
  }

  /**
   * Makes ready for the trial's updates; a run that goes on is cut back to its checkpoint. Returns a sentence where something of it was
   * lost.
   */
  async start(network: TaskNetwork, watched: string): Promise<string | undefined> {
    this.best = new BestModel(this.store, watched, network);
    if (!this.isNew) await this.store.write(reportsName, (this.from?.checkpoint.reports ?? []).map(reportLine).join(""));
    return this.from && (await this.best.goOn(this.from.checkpoint));
  }

  async addReport(report: Report): Promise<void> {
    // The best is looked at first: the network must still be that of the report.
    this.best?.see(report);
    await this.events.kept;
    await this.store.append(reportsName, reportLine(report));
  }

  /** Saves the state, if it is not that of the last time; `checkpoint` is made only then. Tells whether it did. */
  async save(update: number, checkpoint: () => Checkpoint): Promise<boolean> {
    await this.events.kept;
    if (update === this.savedUpdate) return false;
    await this.best?.write();
    const { best, reports, ...rest } = checkpoint();
    // The report of the starting point comes again when a trial goes on from there.
    const seen = update === 0 ? { reports: [] } : { reports, best: best ?? this.best?.state };
    await this.checkpoints.save({ ...rest, ...seen });
    this.savedUpdate = update;
    return true;
  }

  /** Whether the parameters of the lowest error are gone for good. */
  get bestIsLost(): boolean {
    return this.best?.isLost === true;
  }

  /**
   * Writes what belongs to this end of a trial, and removes what an earlier one left that does not. Without `isOver` there is no record:
   * the run can go on. Returns the names of what was written.
   */
  async finish(record: TrialRecord, network: TaskNetwork, isOver: boolean): Promise<string[]> {
    const { store } = this;
    const hasFailed = record.end.code === "diverged";
    await this.best?.write();
    if (hasFailed) await store.remove(modelName);
    if (!isOver) await store.remove(recordName);
    const written: string[] = [];
    const write = async (name: string, content: Uint8Array | string): Promise<void> => {
      await store.write(name, content);
      written.push(name);
    };
    if (!hasFailed) await write(modelName, saveModel(network));
    if (isOver) {
      const { reports: _, ...rest } = record;
      await write(recordName, `${JSON.stringify(rest, null, 2)}\n`);
    }
    return written;
  }

  /** Others may write it from now on. */
  async close(): Promise<void> {
    // What could not be kept was told to whoever asked for it.
    await this.events.kept.catch(() => undefined);
    await this.store.close();
  }

  /** Takes back a run that came to nothing: the corrected one finds the place as this one did. */
  async discard(): Promise<void> {
    await this.events.kept.catch(() => undefined);
    await discardAll(this.store);
  }
}

async function discardAll(store: OpenStore): Promise<void> {
  // A store that fails here too keeps what it has. What matters is the failure that led here.
  const attempt = (work: () => Promise<void>) => work().catch(() => undefined);
  // The spec last: with it whatever else is left is a run to go on with.
  await attempt(() => store.remove(...runNames.filter((name) => name !== specName), eventsName, ...checkpointNames));
  await attempt(() => store.remove(specName));
  await attempt(() => store.discard());
}

function reportLine(report: Report): string {
  return `${JSON.stringify(report)}\n`;
}
