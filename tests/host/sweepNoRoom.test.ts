import {
  createRuntime,
  type Executor,
  HeavyballError,
  inlineExecutor,
  memorySweepStore,
  type OpenStore,
  type Runtime,
  runSweep,
  type Store,
  StoreError,
  type SweepStore,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rejection } from "../support/failures.js";
import { outcomes, tinySweep } from "../support/sweeps.js";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

const systemError = (code: string, syscall = "write") => Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall });
const unusable = (code: string) =>
  new StoreError("unusable", "a run", "store is a run, where nothing can be written", { cause: systemError(code, "mkdir") });

/** A store whose runs throw, from the run of this number (from 0) on, what is made for them, when this is done to them. */
function failing(inner: SweepStore, from: number, operation: "open" | "write" | "append", error: () => Error): SweepStore {
  const seen: string[] = [];
  const fail = async (): Promise<never> => {
    throw error();
  };
  const run = (key: string): Store => {
    const store = inner.run(key);
    const open = async (): Promise<OpenStore> => {
      if (!seen.includes(key)) seen.push(key);
      if (seen.indexOf(key) < from) return store.open();
      return operation === "open" ? fail() : { ...(await store.open()), [operation]: fail };
    };
    return { ...store, open };
  };
  return { ...inner, run, open: async () => ({ ...(await inner.open()), run }) };
}

describe("a sweep whose disk is full", () => {
  it.each([
    ["ENOSPC", "append", systemError],
    ["EDQUOT", "write", systemError],
    ["EROFS", "open", systemError],
    ["ENOSPC", "open", unusable],
  ] as const)("(%s, %s) ends at the first trial, in one sentence, and goes on when there is room", async (code, operation, make) => {
    const store = memorySweepStore();
    const states: string[] = [];
    const error = await rejection(
      runSweep(tinySweep, {
        executor: inlineExecutor(runtime),
        store: failing(store, 3, operation, () => make(code)),
        onRow: ({ state }) => states.push(state),
      }),
    );
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ trouble: "full", place: store.place });
    const remedy = code === "EROFS" ? "mounted for writing" : "make room there";
    const words = `store is "${store.place}", where nothing more can be written \\(${code}: injected, \\w+\\); [^;]*${remedy} and run`;
    expect(error.message).toMatch(new RegExp(`^${words} the same again: `));
    expect(states).toEqual(["ended", "ended", "ended", "stopped"]);
    expect([...(await store.list()).trials.values()].filter(({ state }) => state === "failed")).toEqual([]);
    const whole = await runSweep(tinySweep, { executor: inlineExecutor(runtime), store: memorySweepStore() });
    expect(outcomes(await runSweep(tinySweep, { executor: inlineExecutor(runtime), store }))).toEqual(outcomes(whole));
  });

  it("stops the trials that run beside the first, and begins no other", async () => {
    const begun: string[] = [];
    let both: () => void;
    const bothBegun = new Promise<void>((resolve) => (both = resolve));
    const executor: Executor = {
      async open() {
        return {
          jobs: 2,
          async run({ key, signal }) {
            if (begun.push(key) === 2) both();
            await bothBegun;
            if (key === begun[0]) throw systemError("ENOSPC");
            await new Promise((resolve) => (signal.aborted ? resolve(0) : signal.addEventListener("abort", resolve)));
            return { code: "stopped", message: "stopped by its signal" };
          },
          async close() {},
        };
      },
    };
    const states: string[] = [];
    const error = await rejection(runSweep(tinySweep, { executor, store: memorySweepStore(), onRow: ({ state }) => states.push(state) }));
    expect(error).toMatchObject({ trouble: "full" });
    expect([begun.length, states]).toEqual([2, ["stopped", "stopped"]]);
  });

  it("is told so too where that is noticed when the store is opened, or a failure is to be kept", async () => {
    const store = memorySweepStore();
    const none = () => Promise.reject(systemError("ENOSPC"));
    const closed: SweepStore = { ...store, open: none };
    const executor = inlineExecutor(runtime);
    expect(await rejection(runSweep(tinySweep, { executor, store: closed }))).toMatchObject({ trouble: "full" });
    const noFailures: SweepStore = { ...store, open: async () => ({ ...(await store.open()), keepFailure: none }) };
    const failingExecutor: Executor = {
      ...executor,
      open: async () => ({ jobs: 1, run: () => Promise.reject(new Error("odd")), close: async () => {} }),
    };
    expect(await rejection(runSweep(tinySweep, { executor: failingExecutor, store: noFailures }))).toMatchObject({ trouble: "full" });
  });

  it("is ended like one whose executor can run nothing more", async () => {
    const broken = new HeavyballError("SHUT_OUT", "the server shuts it out");
    const open: { jobs: number; broken?: Error } & Omit<Awaited<ReturnType<Executor["open"]>>, "jobs" | "broken"> = {
      jobs: 1,
      async run({ key }) {
        if (begun.push(key) < 3) throw new Error("a trial's own failure");
        open.broken = broken;
        throw new Error("the server's words");
      },
      async close() {},
    };
    const [begun, states]: [string[], string[]] = [[], []];
    const store = memorySweepStore();
    const options = { executor: { open: async () => open }, store, onRow: ({ state }: { state: string }) => states.push(state) };
    expect(await rejection(runSweep(tinySweep, options))).toBe(broken);
    expect([begun.length, states]).toEqual([3, ["failed", "failed", "stopped"]]);
    // The third has not failed.
    expect([...(await store.list()).trials.values()].map(({ state }) => state)).toEqual(["failed", "failed"]);
  });

  it("is not one whose trials fail for the full disks of other machines, of which an executor tells", async () => {
    const executor: Executor = {
      open: async () => ({
        jobs: 1,
        run: () => Promise.reject(new HeavyballError("ENOSPC", "ENOSPC: no space left on device, write")),
        close: async () => {},
      }),
    };
    const { rows } = await runSweep(tinySweep, { executor, store: memorySweepStore() });
    expect(rows.map(({ state }) => state)).toEqual(Array(12).fill("failed"));
  });
});
