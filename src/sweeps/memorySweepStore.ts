import { memoryStore } from "../trials/memoryStore.js";
import { type Store, StoreError } from "../trials/store.js";
import { setDamagedAside } from "./damagedRun.js";
import { failureText } from "./keeping.js";
import { failureName, readStoredTrial, type StoredTrial } from "./storedTrial.js";
import type { OpenSweepStore, SweepStore } from "./sweepStore.js";

/** A sweep's store in memory, for pages and tests: gone with the program. */
export function memorySweepStore(): SweepStore {
  const place = "the memory store of a sweep";
  const runs = new Map<string, Store>();
  const contents = new Map<string, string>();
  let isOpen = false;
  const run = (key: string): Store => {
    const known = runs.get(key) ?? memoryStore();
    runs.set(key, known);
    return known;
  };
  const shared = {
    place,
    run,
    async list() {
      const trials = new Map<string, StoredTrial>();
      for (const [key, store] of runs) {
        const found = await readStoredTrial(store, key);
        if (found !== undefined) trials.set(key, found);
      }
      const troubles = [...trials.values()].flatMap((trial) => (trial.state === "damaged" ? [trial.trouble] : []));
      return { trials, troubles, recordsRead: trials.size };
    },
  };
  const open = async (): Promise<OpenSweepStore> => {
    if (isOpen) throw new StoreError("busy", place, `${place} is in use by another sweep; wait until that one has ended, or make another`);
    isOpen = true;
    return {
      ...shared,
      open,
      note: (key) => readStoredTrial(run(key), key),
      async keepFailure(key, spec, failure) {
        const store = await run(key).open();
        await store.write(failureName, failureText(spec, failure));
        await store.close();
      },
      setAside: (key, trial) => setDamagedAside(run(key), trial),
      async write(name, content) {
        contents.set(name, content);
      },
      async close() {
        isOpen = false;
      },
    };
  };
  return { ...shared, open };
}
