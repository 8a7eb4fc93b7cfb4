import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Breath } from "../breath.js";
import { InvalidOptionError } from "../errors.js";
import { setDamagedAside } from "../sweeps/damagedRun.js";
import { failureText } from "../sweeps/keeping.js";
import { failureName, readRecord, readStoredTrial, recordName, type StoredTrial } from "../sweeps/storedTrial.js";
import type { OpenSweepStore, StoredTrials, SweepStore } from "../sweeps/sweepStore.js";
import { isReadOnly, noRoomOf } from "../trials/noRoom.js";
import { type OpenStore, StoreError } from "../trials/store.js";
import { isOfSystem } from "../trials/systemTrouble.js";
import { fileStore, removeLeft } from "./fileStore.js";
import { readRegular } from "./regularFile.js";
import { checkSweepFormat, markSweepFormat } from "./sweepFormat.js";
import { digestOf, type IndexEntry, SweepIndex } from "./sweepIndex.js";
import { inTrial, leadsNowhere, nowhere, remedyOf, trialPlace, trialsIn, troubleWithin, tryTrials } from "./trialPlaces.js";

/**
 * A sweep's store that is a directory:
 *
 *     trials/KEY/     the run of a trial, as `fileStore` keeps it; failure.json where it failed
 *     index.jsonl     a copy of the records, for listing
 *     store.json      the format of all this
 *     lock.json       while a sweep is at work in it: which process, and on what host
 *
 * @throws InvalidOptionError for a path that is not text
 */
export function sweepDirectory(directory: string): SweepStore & { readonly directory: string } {
  if (typeof directory !== "string" || directory === "" || directory.includes("\0"))
    throw new InvalidOptionError("directory", directory, "the path of a directory, as text");
  const place = directory;
  const path = (key: string): string => trialPlace(directory, key);
  const index = join(directory, "index.jsonl");
  const run = (key: string) => fileStore(path(key));
  const shared = { place, directory: resolve(directory), run, list: () => list(directory) };

  const writing = (open: OpenStore): OpenSweepStore => ({
    ...shared,
    open: openStore,
    async note(key) {
      const found = await look(path(key), key);
      if (found?.entry !== undefined) {
        await SweepIndex.append(index, found.entry);
        // With its record a trial has ended, whatever else has the place of a failure from before.
        await rm(join(path(key), failureName), { force: true }).catch(leaveIt);
      }
      return found?.trial;
    },
    keepFailure: (key, spec, failure) =>
      inTrial(directory, key, async () => {
        const store = await run(key).open();
        try {
          await store.write(failureName, failureText(spec, failure));
        } finally {
          await store.close();
        }
      }),
    setAside: (key, trial) => inTrial(directory, key, () => setDamagedAside(run(key), trial)),
    async canKeepTrials() {
      try {
        tryTrials(directory);
        return true;
      } catch (error) {
        if (error instanceof StoreError) return false;
        throw error;
      }
    },
    write: (name, content) => open.write(name, content),
    close: () => open.close(),
  });

  async function openStore(): Promise<OpenSweepStore> {
    await checkSweepFormat(directory);
    const open = await fileStore(directory).open();
    try {
      tryTrials(directory);
      await markSweepFormat(open);
      // A sweep that was killed just as a trial had ended holds that run still, which nobody opens again.
      const breath = new Breath();
      for (const key of await trialsIn(directory)) {
        if (breath.isDue) await breath.take();
        await removeLeft(path(key)).catch(leaveIt);
      }
    } catch (error) {
      await open.discard();
      throw error;
    }
    return writing(open);
  }

  return { ...shared, open: openStore };
}

/** A run that cannot be written, be it for a disk of its own that can only be read, is told when its trial is to be run. */
function leaveIt(error: unknown): void {
  const none = noRoomOf(error);
  if ((none !== undefined && !isReadOnly(none)) || !(error instanceof StoreError || isOfSystem(error))) throw error;
}

async function list(directory: string): Promise<StoredTrials> {
  await checkSweepFormat(directory);
  const index = await SweepIndex.read(join(directory, "index.jsonl"));
  const keys = await trialsIn(directory);
  const trials = new Map<string, StoredTrial>();
  const troubles: string[] = [];
  const fresh: IndexEntry[] = [];
  const breath = new Breath();
  let recordsRead = 0;
  for (const key of keys) {
    if (breath.isDue) await breath.take();
    const path = trialPlace(directory, key);
    const known = index.get(key);
    if (known !== undefined && isUnchanged(join(path, recordName), known)) {
      trials.set(key, { key, state: "ended", record: known.record });
      continue;
    }
    const found = await look(path, key);
    if (found === undefined) continue;
    trials.set(key, found.trial);
    if (found.trial.state === "damaged") troubles.push(found.trial.trouble);
    if (found.entry === undefined) continue;
    recordsRead++;
    // A record that was changed by hand stands, and is told every time.
    if (known === undefined || known.digest === found.entry.digest) fresh.push(found.entry);
    else troubles.push(`${join(path, recordName)} was changed after its trial had ended; it is taken as it is now`);
  }
  await index.add(fresh, new Set(keys));
  return { trials, troubles, recordsRead };
}

/** What is not there or cannot be looked at is not: `look` says why. */
function isUnchanged(file: string, { size, modified }: IndexEntry): boolean {
  try {
    const found = statSync(file);
    return found.size === size && found.mtimeMs === modified;
  } catch {
    return false;
  }
}

interface Looked {
  readonly trial: StoredTrial;
  /** Of its record. */
  readonly entry?: IndexEntry;
}

/** Reads what a trial left. What is in the way of that, such as a file in a directory's place, is the trial's trouble alone. */
async function look(path: string, key: string): Promise<Looked | undefined> {
  try {
    return await lookInto(path, key);
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    const within = troubleWithin(path, error, "cannot be read");
    return within === undefined ? inTheWay(path, key, error.message, remedyOf(error)) : damaged(key, within);
  }
}

function inTheWay(path: string, key: string, why: string, remedy: string): Looked {
  return damaged(key, `${path} is no run that can be read: ${remedy} (${why})`);
}

function damaged(key: string, trouble: string): Looked {
  return { trial: { key, state: "damaged", trouble } };
}

async function lookInto(path: string, key: string): Promise<Looked | undefined> {
  const file = join(path, recordName);
  // Before it is read: a change meanwhile is then seen by the next one who looks.
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    const trial = await readStoredTrial(fileStore(path), key);
    if (trial !== undefined) return { trial };
    return leadsNowhere(path) ? inTheWay(path, key, nowhere, remedyOf(undefined)) : undefined;
  }
  const bytes = await readRegular(file);
  const trial = await readRecord(bytes, file, key);
  if (trial.state !== "ended") return { trial };
  return { trial, entry: { key, size: found.size, modified: found.mtimeMs, digest: digestOf(bytes), record: trial.record } };
}
