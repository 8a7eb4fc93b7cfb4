/** What is changed while a trial runs, in its store: whenever it is killed or stopped, it goes on with what was asked for. */
import {
  CheckpointMismatchError,
  createRuntime,
  FormatError,
  inlineExecutor,
  memoryStore,
  memorySweepStore,
  nesterov,
  type Runtime,
  runSweep,
  runTrial,
  type TrialChange,
  type TrialEvent,
  trialKey,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { carryRun } from "#internal/trials/carriedRun";
import { decodeCheckpoint } from "#internal/trials/checkpoint";
import { rising, runnerOn, specOf, stopAt } from "../support/changedTrials.js";
import { rejection } from "../support/failures.js";
import { comparable, Fault, faulty, oftenSaved, tick } from "../support/storedTrials.js";

let runtime: Runtime;
const run = runnerOn(() => runtime);
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

describe("a run in a store", () => {
  const spec = specOf(nesterov({ learningRate: 0.02, momentum: rising }));
  const change = { learningRate: 0.05, momentum: 0.4 };
  const text = async (store: ReturnType<typeof memoryStore>, name: string) => new TextDecoder().decode(await store.read(name));

  it("has its events there, and none where there are none", async () => {
    const [plain, changed] = [memoryStore(), memoryStore()];
    const { record } = await run(spec, {}, { store: plain });
    expect(Object.keys(record)).not.toContain("events");
    expect(await plain.names()).not.toContain("events.jsonl");
    expect(await text(plain, "record.json")).not.toContain("events");
    expect(new TextDecoder("latin1").decode(await plain.read("checkpoint.bin"))).not.toContain("events");
    await run(spec, { 3: [change] }, { store: changed });
    expect(await text(changed, "events.jsonl")).toBe('{"update":3,"learningRate":0.05,"momentum":0.4}\n');
    expect(JSON.parse(await text(changed, "record.json")).events).toEqual([{ update: 3, ...change }]);
    expect((await decodeCheckpoint((await changed.read("checkpoint.bin"))!, "it")).events).toEqual([{ update: 3, ...change }]);
    expect(JSON.parse(await text(changed, "spec.json"))).toEqual(JSON.parse(await text(plain, "spec.json")));
  });

  it.each([1, 2, 3, 4, 5])("goes on with them, stopped after %i updates, where update 3 was changed", async (until) => {
    const whole = await run(spec, { 3: [change] });
    const store = memoryStore();
    // Stopped before it, the event is known beforehand, as when a record is repeated.
    const events = until < 3 ? [{ update: 3, ...change }] : undefined;
    const stopped = await run(spec, until < 3 ? {} : { 3: [change] }, { store, ...stopAt(until), events });
    expect(stopped.record.end.code).toBe("stopped");
    expect(stopped.record.events).toEqual(until > 3 ? [{ update: 3, ...change }] : undefined);
    const ended = await run(spec, {}, { store, resume: true });
    expect(comparable(ended.record)).toEqual(comparable(whole.record));
    expect(ended.parameters).toEqual(whole.parameters);
  });

  it("is changed again when it goes on, before its first update", async () => {
    const planned = await run(spec, { 2: [change], 4: [{ momentum: 0.9 }] });
    const store = memoryStore();
    await run(
      spec,
      { 2: [change] },
      {
        store,
        ...stopAt(4),
      },
    );
    let parameters!: Float32Array;
    const record = await runTrial(spec, {
      runtime,
      store,
      resume: true,
      async onStart({ events, change }) {
        expect(events).toHaveLength(1);
        expect(await change({ momentum: 0.9 })).toEqual({ update: 4, momentum: 0.9 });
      },
      onEnd: ({ network }) => void (parameters = network.getParameters()),
    });
    expect(comparable(record)).toEqual(comparable(planned.record));
    expect(parameters).toEqual(planned.parameters);
  });

  it("does not go on with others", async () => {
    const stopped = memoryStore();
    const { made } = await run(spec, { 2: [change] }, { store: stopped, ...stopAt(4) });
    const before = stopped.entries();
    for (const events of [[], [{ update: 2, momentum: 0.4 }], [...made, { update: 5, momentum: 0.1 }]])
      expect(await rejection(runTrial(spec, { runtime, store: stopped, resume: true, events }))).toBeInstanceOf(CheckpointMismatchError);
    expect(stopped.entries()).toEqual(before);
    const { record } = await run(spec, {}, { store: stopped, resume: true, events: made });
    expect(record.events).toEqual(made);
  });

  it.each([
    ["that are none", "{]\n"],
    ["of another trial", '{"update":2,"momentum":3}\n'],
    ["with which its updates were not made", '{"update":1,"momentum":0.1}\n'],
    ["that are no text", "\ud800".repeat(3)],
  ])("refuses a file of events %s, and goes on with the checkpoint's where it is removed", async (_, content) => {
    const whole = await run(spec, { 2: [change] });
    const store = memoryStore();
    await run(spec, { 2: [change] }, { store, ...stopAt(4) });
    const entries = new Map(store.entries());
    const damaged = memoryStore([...entries, ["events.jsonl", new TextEncoder().encode(content)]]);
    const error = await rejection(runTrial(spec, { runtime, store: damaged, resume: true }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/events\.jsonl: .+remove the file to go on with the changes of the checkpoint$/);
    entries.delete("events.jsonl");
    const rest = memoryStore(entries);
    const { record } = await run(spec, {}, { store: rest, resume: true });
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(await rest.names()).toContain("events.jsonl");
  });

  it("keeps what was asked for and confirmed, whenever it is killed", async () => {
    for (const lasts of ["forever", "halfway"] as const) {
      for (let at = 1, isKilled = true; isKilled; at++) {
        tick();
        const inner = memoryStore();
        const confirmed: TrialEvent[] = [];
        try {
          let ask!: (change: TrialChange) => Promise<TrialEvent>;
          await runTrial(spec, {
            runtime,
            store: faulty(inner, { at, lasts }).store,
            ...oftenSaved,
            onStart: (started) => void (ask = started.change),
            onReport: async ({ update }) => void (update === 3 && confirmed.push(await ask(change))),
          });
          isKilled = false;
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
        vi.restoreAllMocks();
        const whole = memoryStore(inner.entries());
        if ((await whole.names()).includes("record.json")) continue;
        const ended = await run(spec, {}, { store: whole, resume: true });
        if (confirmed.length > 0) expect(ended.record.events, `${lasts} ${at}`).toEqual(confirmed);
        const repeated = await run(spec, {}, { events: ended.record.events ?? [] });
        expect(comparable(ended.record), `${lasts} ${at}`).toEqual(comparable(repeated.record));
        expect(ended.parameters).toEqual(repeated.parameters);
      }
    }
  });

  it("that somebody has changed by hand is not the trial of its key", async () => {
    const key = await trialKey(spec, { kernels: "simd" });
    const sweepOf = async (fill: (store: ReturnType<typeof memorySweepStore>) => Promise<unknown>) => {
      const store = memorySweepStore();
      const open = await store.open();
      await fill(store);
      await open.close();
      return runSweep({ trial: spec } as never, { executor: inlineExecutor(runtime), store });
    };
    const ended = await sweepOf((store) => run(spec, { 3: [change] }, { store: store.run(key) }));
    expect(ended.rows.map(({ state }) => state)).toEqual(["damaged"]);
    expect(ended.rows[0].failure?.message).toContain("it has events");
    const begun = await sweepOf((store) => run(spec, { 3: [change] }, { store: store.run(key), ...stopAt(4) }));
    expect(begun.rows.map(({ state, failure }) => [state, failure?.code])).toEqual([["failed", "CHECKPOINT_MISMATCH"]]);
  });
});

describe("a run that a checkpoint from elsewhere is laid into", () => {
  it("can be gone on with whenever that is cut short", async () => {
    const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
    const stopped = async (update: number, asked: Readonly<Record<number, readonly TrialChange[]>>) => {
      const store = memoryStore();
      await run(spec, asked, { store, ...stopAt(update) });
      return store;
    };
    const there = await stopped(3, { 1: [{ momentum: 0.2 }] });
    const carried = (await (await stopped(4, { 2: [{ momentum: 0.5 }] })).read("checkpoint.bin"))!;
    let isCut = true;
    for (let at = 1; isCut; at++) {
      const inner = memoryStore(there.entries());
      isCut = await carryRun(faulty(inner, { at, lasts: "forever" }).store, spec, carried).then(
        () => false,
        (error) => error instanceof Fault,
      );
      const { record } = await run(spec, {}, { store: memoryStore(inner.entries()), resume: true });
      expect(record.end.code, `cut short at ${at}`).toBe("finished");
      if (!isCut) expect(record.events).toEqual([{ update: 2, momentum: 0.5 }]);
    }
  });
});
