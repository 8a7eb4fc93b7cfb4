import { checkpointNames } from "./checkpoints.js";
import type { TrialSpec } from "./spec.js";
import type { Store } from "./store.js";
import { eventsName } from "./storedEvents.js";
import { specName, specText } from "./storedRun.js";

/**
 * Makes the run in a store one that goes on from a checkpoint that was made elsewhere, as `encodeCheckpoint` wrote it: with its spec it is
 * all that a run needs. Checkpoints and events that were there are replaced: its own are in the checkpoint.
 */
export async function carryRun(store: Store, spec: TrialSpec, checkpoint: Uint8Array): Promise<void> {
  const [present, ...others] = checkpointNames;
  const open = await store.open();
  try {
    await open.write(specName, specText(spec));
    await open.write(present, checkpoint);
    await open.remove(...others, eventsName);
  } finally {
    await open.close();
  }
}
