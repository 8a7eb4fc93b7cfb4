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
export function storeKeeper(store: Store): (method: string, given: readonly unknown[]) => Promise<unknown> {
  let open: OpenStore | undefined;
  return async (method, given) => {
    const now: Store = open ?? store;
    if (method === "open") {
      open = await now.open();
      return undefined;
    }
    if (method === "close" || method === "discard") {
      const closing = open;
      open = undefined;
      return closing?.[method]();
    }
    const work = now[method as keyof Store] as (...given: readonly unknown[]) => unknown;
    return work.apply(now, [...given]);
  };
}
