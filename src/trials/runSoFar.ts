import { isRecord, isUint8Array } from "../boundary/realm.js";
import { FormatError, InvalidOptionError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { decodeCheckpoint, readSound } from "./checkpoint.js";
import { readReports, refuser } from "./checkpointState.js";
import { findCheckpoint } from "./checkpoints.js";
import type { TrialRecord } from "./record.js";
import { contradictionIn, flawOfRecord } from "./recordShape.js";
import type { Report } from "./report.js";
import type { TrialSpec } from "./spec.js";
import { checkStore, type Store } from "./store.js";
import { readStoredEvents } from "./storedEvents.js";
import { recordName, reportsName, storedSpec } from "./storedRun.js";
import { checkEvents, type TrialEvent } from "./trialEvent.js";

/** A run as it stands: where it ended, or where it goes on. */
export interface RunSoFar {
  readonly spec: TrialSpec;
  /** Updates that it has made, and that no resuming makes again. */
  readonly update: number;
  /** The reports of these updates at which the errors were measured. */
  readonly reports: readonly Report[];
  /** What was changed while it ran, and what will be. */
  readonly events: readonly TrialEvent[];
  /** What it came to; left out where it can be gone on with. */
  readonly record?: TrialRecord;
}

/**
 * The run in a store as it stands; undefined where there is none. Of one that has not ended it tells what the last checkpoint has: from
 * there it goes on. The store need not be free.
 *
 * @throws (rejects with) InvalidOptionError for what is no store, FormatError for a content that is damaged, CheckpointMismatchError for a
 * checkpoint of another numerics version
 */
export async function runSoFar(store: Store): Promise<RunSoFar | undefined> {
  const spec = await storedSpec(checkStore("store", store));
  if (spec === undefined) return undefined;
  const ended = await store.read(recordName);
  if (ended !== undefined) return endedRun(store, spec, ended);
  const { found } = await findCheckpoint(store);
  const { events } = await readStoredEvents(store, spec, found?.checkpoint);
  return { spec, update: found?.checkpoint.state.update ?? 0, reports: found?.checkpoint.reports ?? [], events };
}

/**
 * The run that a checkpoint is of, as it goes on from there. `file` is what to call the bytes in messages; default "the checkpoint".
 *
 * @throws (rejects with) InvalidOptionError for what are no bytes, FormatError for bytes that are no checkpoint or a damaged one,
 * CheckpointMismatchError for one of another numerics version
 */
export async function runOfCheckpoint(checkpoint: Uint8Array<ArrayBuffer>, file = "the checkpoint"): Promise<RunSoFar> {
  if (!isUint8Array(checkpoint)) throw new InvalidOptionError("checkpoint", checkpoint, "a Uint8Array, the content of checkpoint.bin");
  const { spec, state, reports, events = [] } = await decodeCheckpoint(checkpoint, file);
  return { spec, update: state.update, reports, events };
}

/** Its record, and what belongs to it: its reports are beside it, and of its events it has those that were met. */
async function endedRun(store: Store, spec: TrialSpec, bytes: Uint8Array): Promise<RunSoFar> {
  const file = `${store.place}/${recordName}`;
  const value = parse(textOf(bytes, file), file);
  const flaw = isRecord(value) ? (flawOfRecord(value) ?? contradictionIn(value, spec)) : "it is no object";
  if (flaw !== undefined) throw new FormatError(file, 0, `the record of a trial that has ended, found that ${flaw}`);
  const { update, events: met } = value as Readonly<Record<string, unknown>>;
  const events = met === undefined ? [] : readSound(file, 0, "the events of its trial", () => checkEvents("events", spec, met));
  const reportsFile = `${store.place}/${reportsName}`;
  const lines = textOf((await store.read(reportsName)) ?? new Uint8Array(), reportsFile).split("\n");
  const parsed = lines.filter((line) => line !== "").map((line) => parse(line, reportsFile));
  const reports = readReports(parsed, update as number, refuser(reportsFile, 0));
  const record = { ...(value as object), spec, reports } as unknown as TrialRecord;
  return { spec, update: update as number, reports, events, record };
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(file, 0, "text in UTF-8");
  }
}

function parse(text: string, file: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    throw new FormatError(file, 0, "JSON");
  }
}
