import { isArray, isUint8Array } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { type OpenStore, type Store, StoreError } from "./store.js";

/**
 * A store in memory: gone with the program, unless `entries` are kept elsewhere. `entries`, such as those of another one, are what it
 * begins with.
 *
 * @throws InvalidOptionError for entries that are no names and bytes
 */
export function memoryStore(entries: Iterable<readonly [string, Uint8Array<ArrayBuffer>]> = []): Store & {
  /** Copies of the contents, by their names. */
  entries(): [string, Uint8Array<ArrayBuffer>][];
} {
  const place = "the memory store";
  const contents = new Map(checkEntries(entries).map(([name, content]) => [name, content.slice()]));
  let isOpen = false;
  const bytesOf = (content: Uint8Array | string): Uint8Array<ArrayBuffer> =>
    typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
  const shared = {
    place,
    names: async () => [...contents.keys()],
    read: async (name: string) => contents.get(name)?.slice(),
  };
  const open = async (): Promise<OpenStore> => {
    if (isOpen)
      throw new StoreError(
        "busy",
        place,
        `${place} is being written by another run, and one at a time writes it; wait until that one has ended, or make another store`,
      );
    isOpen = true;
    return {
      ...shared,
      open,
      async write(name, content) {
        contents.set(name, bytesOf(content));
      },
      async append(name, text) {
        const before = contents.get(name) ?? new Uint8Array();
        const added = bytesOf(text);
        const all = new Uint8Array(before.length + added.length);
        all.set(before);
        all.set(added, before.length);
        contents.set(name, all);
      },
      async rename(from, to) {
        const content = contents.get(from);
        if (content === undefined) throw new StoreError("unusable", place, `${place} holds nothing called ${from}`);
        contents.delete(from);
        contents.set(to, content);
      },
      async remove(...names) {
        for (const name of names) contents.delete(name);
      },
      async close() {
        isOpen = false;
      },
      async discard() {
        isOpen = false;
      },
    };
  };
  return { ...shared, open, entries: () => [...contents].map(([name, content]) => [name, content.slice()]) };
}

type Entry = readonly [string, Uint8Array<ArrayBuffer>];

function checkEntries(given: unknown): Entry[] {
  const allowed = "names and bytes, [string, Uint8Array][], such as entries() of another memoryStore";
  if (typeof given !== "object" || typeof (given as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] !== "function")
    throw new InvalidOptionError("entries", given, allowed);
  return Array.from(given as Iterable<unknown>, (entry, at) => {
    if (isArray(entry) && typeof entry[0] === "string" && isUint8Array(entry[1])) return entry as unknown as Entry;
    throw new InvalidOptionError(`entries[${at}]`, entry, "a name and bytes, [string, Uint8Array]");
  });
}
