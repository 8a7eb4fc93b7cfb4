/** How many changes a trial may have, and how large: as many as anybody makes by hand. */
import {
  checkTrialSpec,
  createRuntime,
  InvalidOptionError,
  memoryStore,
  nesterov,
  type RunTrialOptions,
  type Runtime,
  runTrial,
  type Store,
  schedules,
  UnsupportedError,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkEvents } from "#internal/trials/trialEvent";
import { runnerOn, specOf, stopAt } from "../support/changedTrials.js";
import { rejection } from "../support/failures.js";

let runtime: Runtime;
const run = runnerOn(() => runtime);
beforeAll(async () => void (runtime = await createRuntime({ threads: 1, kernels: "simd" })));
afterAll(() => runtime.dispose());

describe("events by the thousand", () => {
  const long = checkTrialSpec({ ...specOf(nesterov({ learningRate: 0.02, momentum: 0.9 })), updates: 20_000 });
  const events = Array.from({ length: 10_000 }, (_, update) => ({ update: update + 5, momentum: 0.5 }));

  it("are a run's as long as they are 10,000, which goes on with them", async () => {
    const store = memoryStore();
    await run(long, {}, { ...stopAt(2), store, events });
    const late: Error[] = [];
    await runTrial(long, {
      runtime,
      store,
      resume: true,
      ...stopAt(3),
      async onStart(started) {
        expect(started.events).toEqual(events);
        late.push(await rejection(started.change({ momentum: 0.1 })));
      },
    });
    expect(late[0]).toBeInstanceOf(UnsupportedError);
    expect(late[0].message).toMatch(/10000 events, as many as it may have/);
    const { made } = await run(long, { 5: [{ learningRate: 0.01 }] }, { ...stopAt(6), events });
    expect(made).toEqual([{ update: 5, momentum: 0.5, learningRate: 0.01 }]);
  });

  it("are refused where they are more", async () => {
    const more = [...events, { update: 19_000, momentum: 0.5 }];
    const error = await rejection(runTrial(long, { runtime, events: more }));
    expect(error).toMatchObject({ code: "INVALID_OPTION", option: "events.length", value: 10_001 });
  });

  it("are checked once, as schedules of the spec they are for", () => {
    const checked = checkEvents("events", long, events);
    expect(checked).toEqual(events);
    expect(checkEvents("events", long, checked)).toBe(checked);
    expect(Object.isFrozen(checked)).toBe(true);
    const other = checkTrialSpec({ ...long, updates: 30 });
    expect(() => checkEvents("events", other, checked)).toThrow(InvalidOptionError);
  });

  it("made while another is written are written as one", async () => {
    const inner = memoryStore();
    const written: string[] = [];
    const store: Store = {
      ...inner,
      async open() {
        const open = await inner.open();
        return { ...open, write: async (name, content) => (written.push(name), open.write(name, content)) };
      },
    };
    const onStart: RunTrialOptions["onStart"] = async ({ change }) => {
      await Promise.all(Array.from({ length: 50 }, (_, at) => change({ momentum: at / 100 })));
    };
    const record = await runTrial(specOf(nesterov({ learningRate: 0.02, momentum: 0.9 })), { runtime, store, onStart });
    expect(record.events).toEqual([{ update: 0, momentum: 0.49 }]);
    expect(written.filter((name) => name === "events.jsonl")).toHaveLength(1);
  });
});

describe("events with schedules of any length", () => {
  const spec = checkTrialSpec({ ...specOf(nesterov({ learningRate: 0.02, momentum: 0.9 })), updates: 1_000_000 });
  const long = (pieces: number) =>
    schedules.piecewise({
      values: Array.from({ length: pieces }, (_, at) => 0.5 + at / 1e6),
      at: Array.from({ length: pieces - 1 }, (_, at) => at + 1),
    });
  const sizeOf = (events: readonly object[]) => events.reduce((sum, event) => sum + JSON.stringify(event).length, 0);

  it("are refused where they are larger together than a run may have, by the one with which they are", async () => {
    const one = { learningRate: long(1500), momentum: long(1500) };
    const events = Array.from({ length: 60 }, (_, update) => ({ update, ...one }));
    const most = events.findIndex((_, at) => sizeOf(events.slice(0, at + 1)) > 2_000_000);
    expect(most).toBeGreaterThan(5);
    expect(checkEvents("events", spec, events.slice(0, most))).toHaveLength(most);
    const store = memoryStore();
    const error = await rejection(runTrial(spec, { runtime, store, events }));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ option: `events[${most}]`, value: events[most] });
    expect(error.message).toMatch(/at most 2000000 characters as JSON, and with this they had \d+; .+ the spec of another trial$/);
    expect(error.message.length).toBeLessThan(1000);
    expect(await store.names()).toEqual([]);
  });

  it("are refused while it runs, which goes on with what it has and takes others", async () => {
    const store = memoryStore();
    const refused: Error[] = [];
    const made: object[] = [];
    const ended = stopAt(3);
    const record = await runTrial(spec, {
      runtime,
      store,
      ...ended,
      async onStart({ change }) {
        made.push(await change({ momentum: long(90_000) }));
        // In place of it, not beside it.
        made.push(await change({ momentum: long(90_001) }));
        refused.push(await rejection(change({ learningRate: long(90_000) })));
        refused.push(await rejection(change({ momentum: long(200_000) })));
        made.push(await change({ learningRate: 0.03 }));
      },
    });
    for (const error of refused) expect(error).toMatchObject({ code: "INVALID_OPTION", option: "change" });
    expect(record.end.code).toBe("stopped");
    expect(record.events).toEqual([made[2]]);
    expect(made[2]).toEqual({ update: 0, momentum: long(90_001), learningRate: 0.03 });
    const { record: more } = await run(spec, {}, { store, resume: true, ...stopAt(4) });
    expect(more.events).toEqual(record.events);
  });
});
