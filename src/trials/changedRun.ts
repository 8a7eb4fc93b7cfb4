import { checkStore, type Store, StoreError } from "./store.js";
import { recordName, StoredRun, storedSpec } from "./storedRun.js";
import { noUpdateLeft, TrialChanges } from "./trialChanges.js";
import type { TrialChange, TrialEvent } from "./trialEvent.js";

/**
 * Changes the run in a store while it does not train, as `change` of `onStart` does while it trains: from the first update that it makes
 * when it goes on, it has this learning rate or momentum. Changes before the same update become one event. Resolves with the event when it
 * is in the store.
 *
 * @throws (rejects with) InvalidOptionError for what its method does not have or a spec could not have, and for what is no store;
 * StoreError for a store that is busy or holds no run; UnsupportedError where the run has ended or has 10,000 events; FormatError,
 * CheckpointMismatchError for a run that is damaged. Nothing has changed then
 */
export async function changeRun(store: Store, change: TrialChange): Promise<TrialEvent> {
  const spec = await storedSpec(checkStore("store", store));
  const run = spec && (await StoredRun.open(store, spec));
  if (spec === undefined || run === undefined)
    throw new StoreError("holdsNoRun", store.place, `${store.place} holds no run that could be changed; begin one there: runTrial`);
  try {
    if ((await run.store.names()).includes(recordName)) throw noUpdateLeft();
    const changes = new TrialChanges(spec, run.events.found, run.from?.checkpoint.state.update ?? 0);
    const event = changes.add(change);
    await run.events.keep(changes.events);
    return event;
  } finally {
    await run.close();
  }
}
