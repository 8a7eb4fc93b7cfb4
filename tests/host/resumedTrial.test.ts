import {
  createRuntime,
  memoryStore,
  type Report,
  type RunTrialOptions,
  type Runtime,
  runTrial,
  streamTrial,
  type TrialProgress,
  type TrialRecord,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { rejection } from "../support/failures.js";
import {
  comparable,
  Fault,
  faulty,
  hessianFreeSpec,
  leavings,
  type MemoryStore,
  momentumSpec,
  oftenSaved,
  tick,
  uninterrupted,
  withoutSeconds,
} from "../support/storedTrials.js";
import { teamOf } from "../support/teamOf.js";

type Whole = Awaited<ReturnType<typeof uninterrupted>>;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

describe.each([
  ["momentum", momentumSpec],
  ["Hessian-free", hessianFreeSpec],
])("a trial that goes on (%s)", (_, spec) => {
  let whole: Whole;
  beforeAll(async () => {
    whole = await uninterrupted(spec, runtime);
    expect(whole.record.end.code).toBe("finished");
  });

  /** Goes on with what a store holds; it must come to what the trial comes to that was never interrupted. */
  async function goOn(store: MemoryStore, options: RunTrialOptions = {}): Promise<Report[]> {
    let parameters: Float32Array | undefined;
    const fresh: Report[] = [];
    const record = await runTrial(spec, {
      runtime,
      ...options,
      store,
      resume: true,
      onReport: (report) => void fresh.push(report),
      onEnd: ({ network }) => void (parameters = network.getParameters()),
    });
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(parameters).toEqual(whole.parameters);
    expect(leavings(store)).toEqual(whole.left);
    return fresh;
  }

  /** Stops after so many updates, by a signal that is given at the report of the last. */
  async function stoppedAfter(updates: number, store: MemoryStore, options: RunTrialOptions = {}): Promise<TrialRecord> {
    const controller = new AbortController();
    const onReport = ({ update }: Report) => (update === updates ? controller.abort() : undefined);
    return runTrial(spec, { runtime, ...options, store, signal: controller.signal, onReport });
  }

  it("ends in the same bits, whenever its signal has stopped it", async () => {
    for (let updates = 0; updates <= spec.updates; updates++) {
      const store = memoryStore();
      const record = await stoppedAfter(updates, store);
      const isOver = updates === spec.updates;
      expect(record.end.code).toBe(isOver ? "finished" : "stopped");
      expect(record.update).toBe(updates);
      expect(record.final).toBeDefined();
      const names = await store.names();
      expect([names.includes("model.safetensors"), names.includes("record.json")]).toEqual([true, isOver]);
      const fresh = await goOn(store);
      // A state without updates is the starting point, whose report comes again.
      const wanted = whole.record.reports.slice(updates === 0 ? 0 : updates + 1);
      expect(withoutSeconds(fresh)).toEqual(withoutSeconds(wanted));
    }
  });

  it("ends in the same bits however often it was stopped, and once more when it had ended", async () => {
    const store = memoryStore();
    await stoppedAfter(1, store);
    await stoppedAfter(2, store, { resume: true });
    await goOn(store);
    expect(await goOn(store)).toEqual([]);
  });

  it("ends in the same bits where its reader left it, which its end is told of", async () => {
    for (let updates = 0; updates <= spec.updates; updates++) {
      const store = memoryStore();
      const records: TrialRecord[] = [];
      for await (const { update } of streamTrial(spec, { runtime, store, onEnd: ({ record }) => void records.push(record) })) {
        if (update === updates) break;
      }
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({ update: updates, end: { code: updates === spec.updates ? "finished" : "stopped" } });
      await goOn(store);
    }
  });

  it("ends in the same bits where a callback threw", async () => {
    tick();
    for (const name of ["onReport", "onProgress", "onMeasure", "onEnd"] as const) {
      const store = memoryStore();
      let calls = 0;
      const throwing = () => {
        calls++;
        if (calls === 3 || name === "onMeasure" || name === "onEnd") throw new Error(name);
      };
      expect((await rejection(runTrial(spec, { runtime, store, ...oftenSaved, [name]: throwing }))).message).toBe(name);
      await goOn(store);
    }
  });

  it.runIf(spec === hessianFreeSpec)("ends in the same bits where it was stopped within an update, which is then made again", async () => {
    tick();
    for (let updates = 0; updates < spec.updates; updates++) {
      const store = memoryStore();
      const controller = new AbortController();
      const onProgress = ({ update, within }: TrialProgress) => (update === updates && within > 0.2 ? controller.abort() : undefined);
      const record = await runTrial(spec, { runtime, store, signal: controller.signal, onProgress });
      expect(controller.signal.aborted).toBe(true);
      expect(record).toMatchObject({ update: updates, end: { code: "stopped" } });
      await goOn(store);
    }
  });

  it.runIf(typeof document === "undefined")("ends in the same bits on another team", async () => {
    const store = memoryStore();
    await stoppedAfter(2, store, { runtime: { threads: teamOf(3), kernels: "simd" } });
    await goOn(store, { runtime: { threads: teamOf(2) } });
  });

  describe("after a kill", () => {
    /** Operations on the store of a trial that saves its state after every update. */
    async function count(): Promise<number> {
      tick();
      const { store, count: made } = faulty(memoryStore(), { at: Infinity, lasts: "once" });
      await runTrial(spec, { runtime, store, ...oftenSaved });
      return made();
    }

    it.each(["forever", "halfway"] as const)("at any moment ends in the same bits: %s", async (lasts) => {
      const operations = await count();
      expect(operations).toBeGreaterThan(5 * spec.updates);
      const begun = new Set<number>();
      for (let at = 1; at <= operations; at++) {
        const inner = memoryStore();
        const error = await rejection(runTrial(spec, { runtime, store: faulty(inner, { at, lasts }).store, ...oftenSaved }));
        expect(error, String(error.stack)).toBeInstanceOf(Fault);
        // What the killed process held open is open no more.
        const store = memoryStore(inner.entries());
        const troubles: string[] = [];
        const fresh = await goOn(store, { onTrouble: (sentence) => void troubles.push(sentence) });
        begun.add(fresh[0]?.update ?? spec.updates + 1);
        // A kill damages nothing.
        expect(troubles).toEqual([]);
      }
      // It went on from every update, and not from the start each time.
      expect([...begun].sort((a, b) => a - b)).toEqual([0, ...Array.from({ length: spec.updates }, (_, at) => at + 2)]);
    });

    it("of the trial that went on, too", async () => {
      tick();
      const before = memoryStore();
      await stoppedAfter(1, before, oftenSaved);
      const entries = before.entries();
      for (let at = 1, ended = false; !ended; at++) {
        const inner = memoryStore(entries);
        const { store } = faulty(inner, { at, lasts: "forever" });
        ended = await runTrial(spec, { runtime, store, resume: true, ...oftenSaved }).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(Fault);
            return false;
          },
        );
        await goOn(memoryStore(inner.entries()));
        expect(at).toBeLessThan(1000);
      }
    });

    it("and after any operation that fails once: the run is closed, and goes on", async () => {
      const operations = await count();
      for (let at = 1; at <= operations; at++) {
        const inner = memoryStore();
        const error = await rejection(runTrial(spec, { runtime, store: faulty(inner, { at, lasts: "once" }).store, ...oftenSaved }));
        expect(error, String(error.stack)).toBeInstanceOf(Fault);
        await goOn(inner);
      }
    });
  });
});
