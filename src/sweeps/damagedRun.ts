import { CheckpointMismatchError, FormatError } from "../errors.js";
import { findCheckpoint } from "../trials/checkpoints.js";
import type { Store } from "../trials/store.js";
import { readStoredEvents } from "../trials/storedEvents.js";
import { specName, storedSpec } from "../trials/storedRun.js";
import { recordName } from "./storedTrial.js";

/** What a record that was damaged is called from then on. */
export const asideName = "record.damaged.json";

/** What keeps a run that was begun from going on, as a sentence: its spec, its events or all its checkpoints are damaged. */
export async function damageOfRun(run: Store): Promise<string | undefined> {
  if (!(await run.names()).includes(specName)) return undefined;
  try {
    const spec = await storedSpec(run);
    const { found } = await findCheckpoint(run);
    if (spec !== undefined) await readStoredEvents(run, spec, found?.checkpoint);
    return undefined;
  } catch (error) {
    if (error instanceof FormatError || error instanceof CheckpointMismatchError) return error.message;
    throw error;
  }
}

/**
 * Gives what is damaged in a run another name, so that its trial can be run again: its record, and all the rest where it cannot go on.
 * Nothing of it is lost.
 */
export async function setDamagedAside(run: Store): Promise<void> {
  const store = await run.open();
  try {
    if ((await store.names()).includes(recordName)) await store.rename(recordName, asideName);
    if ((await damageOfRun(store)) === undefined) return;
    const rest = (await store.names()).filter((name) => !name.startsWith(asidePrefix) && name !== asideName);
    for (const name of rest) await store.rename(name, asidePrefix + name);
  } finally {
    await store.close();
  }
}

const asidePrefix = "damaged.";
