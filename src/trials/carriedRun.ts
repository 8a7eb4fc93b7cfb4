import { checkpointNames } from "./checkpoints.js";
import type { TrialSpec } from "./spec.js";
import type { Store } from "./store.js";
import { eventsName } from "./storedEvents.js";
import { specName, specText } from "./storedRun.js";

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
