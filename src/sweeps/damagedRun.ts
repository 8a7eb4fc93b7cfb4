import { CheckpointMismatchError, FormatError } from "../errors.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { checkSameTrial } from "../trials/checkpoint.js";
import { findCheckpoint } from "../trials/checkpoints.js";
import type { TrialSpec } from "../trials/spec.js";
import type { Store } from "../trials/store.js";
import { readStoredEvents } from "../trials/storedEvents.js";
import { specName, storedSpec } from "../trials/storedRun.js";
import { recordName } from "./storedTrial.js";

/** What a record that was damaged is called from then on. */
export const asideName = "record.damaged.json";

/** What a run must be of, to be that of its key. */
export interface KeyedTrial {
  readonly spec: TrialSpec;
  readonly kernels: KernelVariant;
}

/**
 * What keeps a run that was begun from going on as the trial of its key, as a sentence: its spec, its events or all its checkpoints are
 * damaged, or they are those of another trial, of other kernels, of another numerics version, or of one that was changed by hand.
 */
export async function damageOfRun(run: Store, { spec, kernels }: KeyedTrial): Promise<string | undefined> {
  if (!(await run.names()).includes(specName)) return undefined;
  try {
    const saved = await storedSpec(run);
    if (saved !== undefined) checkSameTrial(saved, spec);
    const checkpoint = (await findCheckpoint(run)).found?.checkpoint;
    if (checkpoint !== undefined) checkSameTrial(checkpoint.spec, spec);
    if (checkpoint !== undefined && checkpoint.kernels !== kernels)
      throw new CheckpointMismatchError("the kernel variant", checkpoint.kernels, kernels);
    const { events } = await readStoredEvents(run, spec, checkpoint);
    // Without a checkpoint it begins anew, without them.
    if (checkpoint === undefined || events.length === 0) return undefined;
    return `${run.place} was changed by hand while it ran, with which it is not the trial of its spec alone`;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    if (error instanceof CheckpointMismatchError) return `${run.place} holds the run of another trial: ${error.message}`;
    throw error;
  }
}

/**
 * Gives what is damaged in a run another name, so that its trial can be run again: its record, and all the rest where it cannot go on.
 * Nothing of it is lost.
 */
export async function setDamagedAside(run: Store, trial: KeyedTrial): Promise<void> {
  const store = await run.open();
  try {
    if ((await store.names()).includes(recordName)) await store.rename(recordName, asideName);
    if ((await damageOfRun(store, trial)) === undefined) return;
    const rest = (await store.names()).filter((name) => !name.startsWith(asidePrefix) && name !== asideName);
    for (const name of rest) await store.rename(name, asidePrefix + name);
  } finally {
    await store.close();
  }
}

const asidePrefix = "damaged.";
