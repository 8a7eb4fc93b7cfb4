import {
  memoryStore,
  type OpenStore,
  type Report,
  type RunTrialOptions,
  type Runtime,
  runTrial,
  type Store,
  type TrialRecord,
} from "heavyball";
import { vi } from "vitest";

/** A store in memory, as `memoryStore` makes it. */
export type MemoryStore = ReturnType<typeof memoryStore>;

/** Trials of a few updates, each of a few milliseconds. */
export const task = { name: "addition", length: 10, hidden: 3, testCases: 12 } as const;
export const momentumSpec = {
  task,
  optimizer: { method: "nesterov", learningRate: 0.01, momentum: { schedule: "piecewise", values: [0.5, 0.9], at: [3] } },
  batchSize: 4,
  updates: 6,
  seed: 7,
};
export const hessianFreeSpec = {
  task,
  optimizer: { method: "hessianFree", gradientCases: 8, curvatureCases: 4, conjugateGradient: { maximum: 3, minimum: 3 } },
  updates: 3,
  seed: 7,
};

/** Every look at the clock is 40 ms after the one before, so that the host gets its turn, and a checkpoint is due, after every update. */
export function tick(): void {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 40));
}

/** With the clock of `tick`: a checkpoint whenever the host has had its turn. */
export const oftenSaved = { checkpointSeconds: 0.001 } as const;

const isReport = (line: string) => line !== "";

export const withoutSeconds = (reports: readonly Report[]) => reports.map(({ seconds: _, ...rest }) => rest);

/** A record without times and the machine, which are not the spec's. */
export const comparable = ({ seconds: _seconds, machine: _machine, reports, ...rest }: TrialRecord) => ({
  ...rest,
  reports: withoutSeconds(reports),
});

/** What a run has left in a store, without times and the machine, and without checkpoints; binary contents as text, a letter a byte. */
export function leavings(store: MemoryStore): Record<string, unknown> {
  const contents = new Map(store.entries());
  const text = (name: string) => new TextDecoder().decode(contents.get(name));
  const letters = (name: string) => Array.from(contents.get(name) ?? [], (byte) => String.fromCharCode(byte)).join("");
  const lines = text("reports.jsonl").split("\n").filter(isReport);
  const record = contents.has("record.json") ? comparable({ ...JSON.parse(text("record.json")), reports: [] }) : undefined;
  return {
    spec: JSON.parse(text("spec.json")),
    reports: withoutSeconds(lines.map((line) => JSON.parse(line) as Report)),
    best: letters("best.safetensors"),
    model: letters("model.safetensors"),
    record,
  };
}

/** The record of a trial and what it leaves, run from its start to its end in a store of its own. */
export async function uninterrupted(spec: object, runtime: Runtime, options: RunTrialOptions = {}) {
  const store = memoryStore();
  let parameters: Float32Array | undefined;
  const record = await runTrial(spec, {
    ...options,
    runtime,
    store,
    onEnd: ({ network }) => void (parameters = network.getParameters()),
  });
  return { record, parameters: parameters!, left: leavings(store) };
}

/** What is thrown by an operation that fails on purpose. */
export class Fault extends Error {}

export interface Faults {
  /** The operation that fails, counted from 1. */
  readonly at: number;
  /** "once": the others succeed. "forever": it is as if the process were killed before the operation; "halfway": in the middle of it. */
  readonly lasts: "once" | "forever" | "halfway";
}

/**
 * A store that does what `inner` does, but for the operation that fails; `count` counts them. An operation that fails does nothing, but
 * that a half is appended where it fails halfway, and that what is to be closed is closed.
 */
export function faulty(inner: MemoryStore, { at, lasts }: Faults): { readonly store: Store; count(): number } {
  let made = 0;
  const meet = async (halfway?: () => Promise<void>): Promise<void> => {
    made++;
    if (made < at || (made > at && lasts === "once")) return;
    if (made === at && lasts === "halfway") await halfway?.();
    throw new Fault(`operation ${made}`);
  };
  const reading = (store: Store) => ({
    place: store.place,
    names: async () => (await meet(), store.names()),
    read: async (name: string) => (await meet(), store.read(name)),
    open: async () => (await meet(), writing(await store.open())),
  });
  const writing = (store: OpenStore): OpenStore => ({
    ...reading(store),
    write: async (name, content) => (await meet(), store.write(name, content)),
    append: async (name, text) => {
      await meet(() => store.append(name, text.slice(0, text.length / 2)));
      await store.append(name, text);
    },
    rename: async (from, to) => (await meet(), store.rename(from, to)),
    remove: async (...names) => {
      await meet(() => store.remove(names[0]));
      await store.remove(...names);
    },
    close: async () => {
      if (lasts === "once") await store.close();
      await meet();
      await store.close();
    },
    discard: async () => {
      if (lasts === "once") await store.discard();
      await meet();
      await store.discard();
    },
  });
  return { store: reading(inner), count: () => made };
}
