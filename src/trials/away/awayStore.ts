import type { OpenStore, Store } from "../store.js";
import type { Line } from "./line.js";

/** The store of the thread that asked for a trial, as the trial's thread sees it: every operation is a call. */
export function awayStore(line: Line, place: string): Store {
  const ask = <Result>(method: keyof OpenStore, ...given: readonly unknown[]) => line.call("store", method, ...given) as Promise<Result>;
  const reading = {
    place,
    names: () => ask<string[]>("names"),
    read: (name: string) => ask<Uint8Array<ArrayBuffer> | undefined>("read", name),
    async open(): Promise<OpenStore> {
      await ask("open");
      return {
        ...reading,
        write: (name, content) => ask("write", name, content),
        append: (name, text) => ask("append", name, text),
        rename: (from, to) => ask("rename", from, to),
        remove: (...names) => ask("remove", ...names),
        close: () => ask("close"),
        discard: () => ask("discard"),
      };
    },
  };
  return reading;
}

/** The other side of it: does to a store what the trial's thread asks for. */
export class StoreKeeper {
  private open: OpenStore | undefined;
  private readonly pending = new Set<Promise<unknown>>();

  constructor(private readonly store: Store) {}

  answer(method: string, given: readonly unknown[]): Promise<unknown> {
    const work = this.work(method, given);
    const settle = (): void => void this.pending.delete(work);
    this.pending.add(work);
    work.then(settle, settle);
    return work;
  }

  /** The thread asks for nothing any more: what it has left open is closed, when what it asked for is done. */
  async release(): Promise<void> {
    await Promise.allSettled(this.pending);
    const { open } = this;
    this.open = undefined;
    // What matters is why the thread is gone.
    await open?.close().catch(() => undefined);
  }

  private async work(method: string, given: readonly unknown[]): Promise<unknown> {
    const now: Store = this.open ?? this.store;
    if (method === "open") {
      this.open = await now.open();
      return undefined;
    }
    if (method === "close" || method === "discard") {
      const closing = this.open;
      this.open = undefined;
      return closing?.[method]();
    }
    const work = now[method as keyof Store] as (...given: readonly unknown[]) => unknown;
    return work.apply(now, [...given]);
  }
}
