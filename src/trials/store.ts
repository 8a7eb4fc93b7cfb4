import { HeavyballError, InvalidOptionError } from "../errors.js";

/**
 * Where a run keeps what it makes, as named contents: a directory (`fileStore` of heavyball/node), memory (`memoryStore`), a browser's
 * storage (`browserStore` of heavyball/web). One writer at a time.
 *
 * What a run leaves in it:
 *
 *     spec.json           makes it repeatable
 *     events.jsonl        what is changed while it runs, where something is (storedEvents.ts)
 *     reports.jsonl       one report a line, as they come
 *     checkpoint.bin      the state, every so many seconds; checkpoint.previous.bin is the one before (checkpoints.ts)
 *     best.safetensors    the network of the lowest watched error so far (bestModel.ts)
 *     model.safetensors   the network, when the trial has ended or been stopped
 *     record.json         when it has ended: spec, versions, errors
 */
export interface Store {
  /** What it is called in messages: the path of the directory. */
  readonly place: string;
  /** The names of what is in it; none where it does not exist yet. Needs no opening. */
  names(): Promise<readonly string[]>;
  /** The content of a name; undefined where there is none. Needs no opening. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Makes it if need be, and keeps others out until it is closed. Throws StoreError where another writes it or nothing can be written. */
  open(): Promise<OpenStore>;
}

/** A store that nobody else writes. */
export interface OpenStore extends Store {
  /** Writes a content whole: whoever reads finds the old one or the new one, whatever happens meanwhile. */
  write(name: string, content: Uint8Array | string): Promise<void>;
  /** Adds to the end of a content. */
  append(name: string, text: string): Promise<void>;
  /** Gives a content another name, in place of what had that. */
  rename(from: string, to: string): Promise<void>;
  /** Removes contents, as far as they are there. */
  remove(...names: readonly string[]): Promise<void>;
  /** Others may write it from now on. */
  close(): Promise<void>;
  /** Closes it and takes back that it was made, as far as nothing else is in it. */
  discard(): Promise<void>;
}

/** Throws InvalidOptionError for what is no store. */
export function checkStore(option: string, value: unknown): Store {
  const { names, read, open } = (value ?? {}) as Partial<Store>;
  if ([names, read, open].every((method) => typeof method === "function")) return value as Store;
  throw new InvalidOptionError(
    option,
    value,
    "a store: memoryStore(), fileStore(directory) of heavyball/node, or browserStore(name) of heavyball/web",
  );
}

/** Why a store cannot be used: another writes it, it holds a run already, it holds none, it cannot be written, or its disk is full. */
export type StoreTrouble = "busy" | "holdsRun" | "holdsNoRun" | "unusable" | "full";

/** A store that cannot be used as it is. */
export class StoreError extends HeavyballError {
  override readonly name: string = "StoreError";
  readonly trouble: StoreTrouble;
  /** The store's place. */
  readonly place: string;
  constructor(trouble: StoreTrouble, place: string, message: string, options?: ErrorOptions) {
    super("STORE", message, options);
    this.trouble = trouble;
    this.place = place;
  }
}
