/** A run in a store, looked at and changed while it does not train, and made of a checkpoint from elsewhere. */
import {
  changeRun,
  createRuntime,
  FormatError,
  InvalidOptionError,
  memoryStore,
  nesterov,
  type Runtime,
  runOfCheckpoint,
  runSoFar,
  type Store,
  StoreError,
  sgd,
  takeUpCheckpoint,
  UnsupportedError,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runnerOn, specOf, stopAt, updates } from "../support/changedTrials.js";
import { rejection } from "../support/failures.js";
import { comparable, Fault, faulty, withoutSeconds } from "../support/storedTrials.js";

let runtime: Runtime;
const run = runnerOn(() => runtime);
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());

const spec = specOf(nesterov({ learningRate: 0.02, momentum: 0.9 }));
const change = { momentum: 0.2 };

/** A run that was changed at update 1 and stopped after so many. */
async function stopped(update: number) {
  const store = memoryStore();
  const { record } = await run(spec, { 1: [change] }, { store, ...stopAt(update) });
  return { store, record };
}

describe("a run so far", () => {
  it("is none where there is none", async () => {
    expect(await runSoFar(memoryStore())).toBeUndefined();
    expect(await rejection(runSoFar({} as Store))).toMatchObject({ code: "INVALID_OPTION", option: "store" });
  });

  it.each([1, 3, updates - 1])("is where it goes on, stopped after %i updates", async (update) => {
    const { store, record } = await stopped(update);
    const found = (await runSoFar(store))!;
    const events = [{ update: 1, ...change }];
    expect(found).toEqual({ spec, update, reports: record.reports, events });
    expect(await runOfCheckpoint((await store.read("checkpoint.bin"))!)).toEqual(found);
    // What came after its checkpoint it has not made: it makes that again.
    const open = await store.open();
    await open.append("reports.jsonl", `${JSON.stringify({ update: update + 1 })}\n`);
    await open.close();
    expect(await runSoFar(store)).toEqual(found);
  });

  it("is told of while it trains, and has its record when it has ended", async () => {
    const store = memoryStore();
    const seen: (number | undefined)[] = [];
    const { record } = await run(spec, { 2: [change] }, { store, onReport: async () => void seen.push((await runSoFar(store))?.update) });
    expect(seen).toEqual(Array.from({ length: updates + 1 }, () => 0));
    const found = (await runSoFar(store))!;
    expect(found).toEqual({ spec, update: updates, reports: record.reports, events: record.events, record });
  });

  it("has diverged where it has", async () => {
    const store = memoryStore();
    const { record } = await run(specOf(sgd({ learningRate: 1e20 })), {}, { store });
    expect(record.end.code).toBe("diverged");
    const found = (await runSoFar(store))!;
    expect(found.record?.end).toEqual(record.end);
    expect(withoutSeconds(found.reports)).toEqual(withoutSeconds(record.reports));
  });

  it.each(["spec.json", "checkpoint.bin", "events.jsonl", "record.json", "reports.jsonl"])(
    "is refused where %s is damaged",
    async (name) => {
      const ended = memoryStore();
      await run(spec, { 1: [change] }, { store: ended });
      const { store } = name.startsWith("re") ? { store: ended } : await stopped(4);
      for (const junk of [[0xff], [0x7b], [0x5b, 0x5d], [0x31]]) {
        const damaged = memoryStore([
          ...store.entries().filter(([other]) => other !== "checkpoint.previous.bin"),
          [name, new Uint8Array(junk)],
        ]);
        const error = await rejection(runSoFar(damaged));
        expect(error, String(junk)).toBeInstanceOf(FormatError);
        expect(error.message).toContain(name);
      }
    },
  );
});

describe("a record that contradicts itself", () => {
  it.each([
    [{ update: updates + 1 }, `update is ${updates + 1}, of the ${updates} updates of its spec`],
    [{ update: 1, best: { update: 2, error: 0.5, measure: "zeroOne" } }, "best.update is 2, and only 1 updates were made"],
    [{ seconds: -0.5 }, "seconds is -0.5; a number of at least 0 belongs there"],
  ])("%j is no record", async (change, why) => {
    const store = memoryStore();
    await run(spec, {}, { store });
    const record = JSON.parse(new TextDecoder().decode(await store.read("record.json")));
    const bytes = new TextEncoder().encode(JSON.stringify({ ...record, ...change }));
    const changed = memoryStore([...store.entries().filter(([name]) => name !== "record.json"), ["record.json", bytes]]);
    const error = await rejection(runSoFar(changed));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(why);
  });
});

describe("a run that is changed while it does not train", () => {
  it.each([0, 2, updates - 1])("after %i updates goes on as if it had been changed there, and its record repeats that", async (update) => {
    const planned = await run(spec, {}, { events: [{ update, momentum: 0.5, learningRate: 0.01 }] });
    const store = memoryStore();
    await run(spec, {}, { store, ...stopAt(update) });
    expect(await changeRun(store, { momentum: 0.7, learningRate: 0.01 })).toEqual({ update, momentum: 0.7, learningRate: 0.01 });
    const events = [{ update, momentum: 0.5, learningRate: 0.01 }];
    expect(await changeRun(store, { momentum: 0.5 })).toEqual(events[0]);
    expect((await runSoFar(store))!.events).toEqual(events);
    const ended = await run(spec, {}, { store, resume: true });
    expect(ended.record.events).toEqual(events);
    expect(comparable(ended.record)).toEqual(comparable(planned.record));
    expect(ended.parameters).toEqual(planned.parameters);
  });

  it("keeps what was changed before, whenever the change is cut short", async () => {
    const { store } = await stopped(3);
    let isCut = true;
    for (let at = 1; isCut; at++) {
      const inner = memoryStore(store.entries());
      isCut = await changeRun(faulty(inner, { at, lasts: "forever" }).store, { momentum: 0.5 }).then(
        () => false,
        (error) => error instanceof Fault,
      );
      const { events } = (await runSoFar(memoryStore(inner.entries())))!;
      expect(events[0], `cut short at ${at}`).toEqual({ update: 1, ...change });
      const { record } = await run(spec, {}, { store: memoryStore(inner.entries()), resume: true });
      expect(record.end.code).toBe("finished");
      expect(record.events).toEqual(events);
    }
  });

  it("is not changed by what is none, where there is none, while another writes it, or when it has ended", async () => {
    const { store } = await stopped(3);
    const before = store.entries();
    for (const [bad, option] of [
      [{ momentum: 2 }, "change.momentum"],
      [{}, "change"],
      [{ weightDecay: 1 }, "change.weightDecay"],
      [undefined, "change"],
    ] as const)
      expect(await rejection(changeRun(store, bad as never))).toMatchObject({ code: "INVALID_OPTION", option });
    const open = await store.open();
    expect(await rejection(changeRun(store, change))).toMatchObject({ code: "STORE", trouble: "busy" });
    await open.close();
    expect(store.entries()).toEqual(before);
    const empty = memoryStore();
    expect(await rejection(changeRun(empty, change))).toMatchObject({ code: "STORE", trouble: "holdsNoRun" });
    expect(await empty.names()).toEqual([]);
    expect(await rejection(changeRun(3 as never, change))).toBeInstanceOf(InvalidOptionError);
    await run(spec, {}, { store, resume: true });
    expect(await rejection(changeRun(store, change))).toBeInstanceOf(UnsupportedError);
    // Nobody is kept out by what was refused.
    await (await store.open()).close();
  });
});

describe("a checkpoint that is taken up", () => {
  it("goes on to the bits of the run it is of", async () => {
    const whole = await run(spec, { 1: [change] });
    const { store, record } = await stopped(3);
    const other = memoryStore();
    await takeUpCheckpoint(other, (await store.read("checkpoint.bin"))!);
    expect(await runSoFar(other)).toEqual({ spec, update: 3, reports: record.reports, events: [{ update: 1, ...change }] });
    const ended = await run(spec, {}, { store: other, resume: true });
    expect(comparable(ended.record)).toEqual(comparable(whole.record));
    expect(ended.parameters).toEqual(whole.parameters);
  });

  it("is refused over a run, and where it is none; nothing is in the store then", async () => {
    const { store } = await stopped(3);
    const bytes = (await store.read("checkpoint.bin"))!;
    const before = store.entries();
    expect(await rejection(takeUpCheckpoint(store, bytes))).toBeInstanceOf(StoreError);
    expect(store.entries()).toEqual(before);
    const empty = memoryStore();
    const numerics = bytes.slice();
    numerics[12] ^= 1;
    // Its SHA-256 is checked first.
    for (const junk of [new Uint8Array(), bytes.slice(0, -1), bytes.map((byte, at) => (at === 200 ? byte ^ 1 : byte)), numerics])
      expect(await rejection(takeUpCheckpoint(empty, junk))).toBeInstanceOf(FormatError);
    expect(await rejection(takeUpCheckpoint(empty, "checkpoint.bin" as never))).toMatchObject({ option: "checkpoint" });
    expect(await rejection(runOfCheckpoint(numerics, "mine.bin"))).toMatchObject({ code: "FORMAT", file: "mine.bin" });
    expect(await empty.names()).toEqual([]);
  });
});
