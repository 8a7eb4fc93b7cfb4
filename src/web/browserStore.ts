import { InvalidOptionError } from "../errors.js";
import { type OpenStore, type Store, StoreError } from "../trials/store.js";
import { Contents, isNoRoom } from "./contents.js";

/**
 * A store that a browser keeps for its origin, in pages and workers: a run in it is there after a reload, a crash or a closed tab. It is
 * made when something is written in it. The browser's own lock (Web Locks) keeps one writer at a time, over all of its tabs, and is free
 * again when a tab is gone, however that came about.
 *
 * It lies in IndexedDB, not in the private file system: transactions make every write, append and rename whole or not done, in pages and
 * workers of all browsers alike, where files have renames and appends in some of them and handles in workers only.
 *
 * @throws InvalidOptionError for a name that is not text; its methods reject with StoreError where the browser keeps nothing or has no room
 */
export function browserStore(name: string): Store {
  if (typeof name !== "string" || name === "") throw new InvalidOptionError("name", name, "the name of a store, as text");
  return reading(name, new Contents(name));
}

const placeOf = (name: string): string => `the browser's store ${name}`;

function reading(name: string, contents: Contents): Store {
  const place = placeOf(name);
  return {
    place,
    names: () => kept(place, () => contents.names()),
    read: (content) => kept(place, () => contents.read(content)),
    open: () => open(name, contents),
  };
}

async function open(name: string, contents: Contents): Promise<OpenStore> {
  const place = placeOf(name);
  const unlock = await kept(place, () => lock(name));
  return {
    ...reading(name, contents),
    write: (content, bytes) => kept(place, () => contents.write(content, bytesOf(bytes))),
    append: (content, text) => kept(place, () => contents.append(content, bytesOf(text))),
    rename: (from, to) =>
      kept(place, async () => {
        if (!(await contents.rename(from, to))) throw new StoreError("unusable", place, `${place} holds nothing called ${from}`);
      }),
    remove: (...names) => kept(place, () => contents.remove(names)),
    close: async () => unlock(),
    // What holds nothing was never made.
    discard: async () => unlock(),
  };
}

/** A copy: who writes may change what was given at once. */
function bytesOf(content: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
}

/** Takes the store's lock; returns what gives it back. Throws StoreError where another has it. */
async function lock(name: string): Promise<() => void> {
  const place = placeOf(name);
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: LockManager } };
  if (navigator === undefined) throw new StoreError("unusable", place, `${place} is a browser's, and this is none: use another store`);
  const { locks } = navigator;
  if (locks === undefined) {
    const remedy = "serve the page over https, or from this machine (localhost)";
    throw new StoreError("unusable", place, `${place} cannot be locked, since this page is no secure context: ${remedy}`);
  }
  return new Promise((resolve, reject) => {
    const hold = (held: Lock | null): Promise<void> | undefined => {
      if (held !== null) return new Promise((unlock) => resolve(unlock));
      const remedy = "wait until that one has ended, close its tab, or give another name";
      reject(new StoreError("busy", place, `${place} is being written by another run, and one at a time writes it; ${remedy}`));
      return undefined;
    };
    locks.request(`heavyball store ${name}`, { ifAvailable: true }, hold).catch(reject);
  });
}

/** What the browser refuses, as a StoreError that says what to do. */
async function kept<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    const remedy = isNoRoom(cause)
      ? "the browser has no room left for this page; remove runs that are no longer needed"
      : `${String(cause)}; allow the page to keep data: private windows and blocked cookies may forbid it`;
    throw new StoreError("unusable", place, `${place} cannot be used: ${remedy}`, { cause });
  }
}
