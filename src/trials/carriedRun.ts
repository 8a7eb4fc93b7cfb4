import { checkpointNames } from "./checkpoints.js";
import { runOfCheckpoint } from "./runSoFar.js";
import type { TrialSpec } from "./spec.js";
import { checkStore, type Store } from "./store.js";
import { eventsName } from "./storedEvents.js";
import { requireNoRun, specName, specText } from "./storedRun.js";

/**
 * Makes the run in a store one that goes on from a checkpoint that was made elsewhere, as `encodeCheckpoint` wrote it: with its spec it is
 * all that a run needs. Checkpoints and events that were there are replaced: its own are in the checkpoint. What is there
 * whenever this is cut short is a run to go on with.
 */
export async function carryRun(store: Store, spec: TrialSpec, checkpoint: Uint8Array): Promise<void> {
  const [present, ...others] = checkpointNames;
  const open = await store.open();
  try {
    // Before the checkpoint: events with which its updates were not made would have it refused.
    await open.remove(eventsName);
    await open.write(specName, specText(spec));
    await open.write(present, checkpoint);
    await open.remove(...others);
  } finally {
    await open.close();
  }
}

/**
 * Makes a run in a store of a checkpoint that was made elsewhere, the content of checkpoint.bin: `runTrial` with `resume` goes on with it,
 * to the bits of the run it is of. Its spec, its reports and what was changed are in the checkpoint.
 *
 * @throws (rejects with) StoreError for a store that is busy or holds a run, InvalidOptionError for what is no store or no bytes,
 * FormatError for bytes that are no checkpoint or a damaged one, CheckpointMismatchError for one of another numerics version
 */
export async function takeUpCheckpoint(store: Store, checkpoint: Uint8Array<ArrayBuffer>): Promise<void> {
  await requireNoRun(checkStore("store", store));
  const { spec } = await runOfCheckpoint(checkpoint);
  await carryRun(store, spec, checkpoint);
}
