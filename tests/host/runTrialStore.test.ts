import {
  CheckpointMismatchError,
  checkTrialSpec,
  createRuntime,
  FormatError,
  loadModel,
  memoryStore,
  type Report,
  type RunTrialOptions,
  type Runtime,
  runTrial,
  StoreError,
  storedSpec,
  streamTrial,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { rejection } from "../support/failures.js";
import { comparable, leavings, type MemoryStore, oftenSaved, momentumSpec as spec, tick, uninterrupted } from "../support/storedTrials.js";
import { variants } from "../support/variants.js";

type Whole = Awaited<ReturnType<typeof uninterrupted>>;

let runtime: Runtime;
let whole: Whole;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
  whole = await uninterrupted(spec, runtime);
});
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

/** A store that holds a run that was stopped after some updates, with a checkpoint of each of the last two. */
async function stopped(options: RunTrialOptions = {}): Promise<MemoryStore> {
  tick();
  const store = memoryStore();
  const controller = new AbortController();
  const onReport = ({ update }: Report) => (update === 3 ? controller.abort() : undefined);
  await runTrial(spec, { runtime, ...oftenSaved, ...options, store, signal: controller.signal, onReport });
  expect([...(await store.names())].sort()).toEqual([
    "best.safetensors",
    "checkpoint.bin",
    "checkpoint.previous.bin",
    "model.safetensors",
    "reports.jsonl",
    "spec.json",
  ]);
  return store;
}

/** The same contents, but for some that are others, or with undefined missing. */
function changed(store: MemoryStore, changes: Record<string, ((bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) | undefined>) {
  return memoryStore(
    store.entries().flatMap(([name, bytes]): [string, Uint8Array<ArrayBuffer>][] => {
      if (!(name in changes)) return [[name, bytes]];
      const change = changes[name];
      return change === undefined ? [] : [[name, change(bytes)]];
    }),
  );
}
const flipped = (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 4 : byte));
const cut = (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, bytes.length >> 1);
const emptied = () => new Uint8Array();

/** Goes on, with what it was told of troubles; it must come to what was never interrupted. */
async function goOn(store: MemoryStore): Promise<string[]> {
  const troubles: string[] = [];
  const record = await runTrial(spec, { runtime, store, resume: true, onTrouble: (sentence) => void troubles.push(sentence) });
  expect(comparable(record)).toEqual(comparable(whole.record));
  expect(leavings(store)).toEqual(whole.left);
  return troubles;
}

async function storeError(work: Promise<unknown>): Promise<StoreError> {
  const error = await rejection(work);
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

describe("the store of a trial", () => {
  it("has its spec, its reports and its models", async () => {
    const store = memoryStore();
    let parameters: Float32Array | undefined;
    const record = await runTrial(spec, { runtime, store, onEnd: ({ network }) => void (parameters = network.getParameters()) });
    expect(await storedSpec(store)).toEqual(checkTrialSpec(spec));
    expect(leavings(store)).toMatchObject({ spec: record.spec, record: { update: 6, best: record.best } });
    const model = loadModel(runtime, (await store.read("model.safetensors"))!);
    expect(model.getParameters()).toEqual(parameters);
    model.dispose();
    expect(await storedSpec(memoryStore())).toBeUndefined();
  });

  it("is refused where it holds a run, or any part of one, and stays as it was", async () => {
    const full = memoryStore();
    await runTrial(spec, { runtime, store: full });
    for (const [name, bytes] of [...full.entries(), ["report.html", new Uint8Array(3)] as [string, Uint8Array<ArrayBuffer>]]) {
      for (const store of [full, memoryStore([[name, bytes]])]) {
        const before = store.entries();
        const error = await storeError(runTrial(spec, { runtime, store }));
        expect(error).toMatchObject({ code: "STORE", trouble: "holdsRun", place: store.place });
        expect(error.message).toContain("holds a run already");
        expect(store.entries()).toEqual(before);
      }
    }
  });

  it("may hold other things, which stay", async () => {
    const store = memoryStore([["notes.txt", Uint8Array.of(1, 2)]]);
    await runTrial(spec, { runtime, store });
    expect(await store.read("notes.txt")).toEqual(Uint8Array.of(1, 2));
    expect(leavings(store)).toEqual(whole.left);
  });

  it("is busy while another run is in it, which goes on undisturbed", async () => {
    const store = memoryStore();
    let seen = 0;
    for await (const { update } of streamTrial(spec, { runtime, store })) {
      seen = update;
      for (const resume of [true, false]) {
        const error = await storeError(runTrial(spec, { runtime, store, resume }));
        expect(error.trouble).toBe("busy");
        expect(error.message).not.toMatch(/resume/);
      }
    }
    expect(seen).toBe(6);
    expect(leavings(store)).toEqual(whole.left);

    const held = memoryStore();
    const open = await held.open();
    const error = await storeError(runTrial(spec, { runtime, store: held }));
    expect(error).toMatchObject({ trouble: "busy", place: held.place });
    expect(held.entries()).toEqual([]);
    await open.close();
    await runTrial(spec, { runtime, store: held });
  });

  it("is busy for the second of two that begin at once, whether or not these are to go on", async () => {
    for (const resume of [true, false]) {
      const store = memoryStore();
      const [ended, refused] = [runTrial(spec, { runtime, store, resume }), storeError(runTrial(spec, { runtime, store, resume }))];
      expect((await refused).trouble).toBe("busy");
      expect(comparable(await ended)).toEqual(comparable(whole.record));
    }
  });

  it("that is empty begins a trial that is to go on", async () => {
    expect(await goOn(memoryStore())).toEqual([]);
  });
});

describe("a run that goes on", () => {
  it("keeps its kernels, and is refused with others", async () => {
    for (const kernels of variants) {
      const made = { runtime: { threads: 1, kernels } } as const;
      const store = await stopped(made);
      for (const other of variants.filter((variant) => variant !== kernels)) {
        const before = store.entries();
        const error = await rejection(runTrial(spec, { runtime: { threads: 1, kernels: other }, store, resume: true }));
        expect(error).toBeInstanceOf(CheckpointMismatchError);
        expect(error.message).toContain(`the kernel variant of the saved state is "${kernels}", here it is "${other}"`);
        if (other === "simd")
          expect(await rejection(runTrial(spec, { runtime, store, resume: true }))).toBeInstanceOf(CheckpointMismatchError);
        expect(store.entries()).toEqual(before);
      }
      // Nobody has to say which: neither the runtime's default nor "auto" is another.
      const record = await runTrial(spec, { runtime: { threads: 1, kernels: "auto" }, store, resume: true });
      expect(record.kernels).toBe(kernels);
      const unbroken = await runTrial(spec, made);
      expect(comparable(record)).toEqual(comparable(unbroken));
    }
  });

  it.each<[string, object]>([
    ["spec.seed", { seed: 8 }],
    ["spec.updates", { updates: 7 }],
    ["spec.batchSize", { batchSize: 5 }],
    ["spec.task.length", { task: { ...spec.task, length: 11 } }],
    ["spec.task.name", { task: { ...spec.task, name: "multiplication" } }],
    ["spec.optimizer.momentum", { optimizer: { ...spec.optimizer, momentum: 0.9 } }],
    ["spec.initialization.spectralRadius", { initialization: { method: "echoState", spectralRadius: 1.2 } }],
  ])("is refused for another trial: %s", async (part, change) => {
    const store = await stopped();
    const before = store.entries();
    const error = await rejection(runTrial({ ...spec, ...change }, { runtime, store, resume: true }));
    expect(error).toBeInstanceOf(CheckpointMismatchError);
    expect(error.message).toContain(`${part} of the saved state is`);
    expect(store.entries()).toEqual(before);
    // It is not left open.
    expect(await goOn(store)).toEqual([]);
  });

  it("is the same trial where its defaults are spelled out", async () => {
    const store = await stopped();
    const record = await runTrial(JSON.parse(JSON.stringify(checkTrialSpec(spec))), { runtime, store, resume: true });
    expect(comparable(record)).toEqual(comparable(whole.record));
  });

  it.each([
    ["a bit of it has changed", flipped],
    ["its end is missing", cut],
    ["nothing is in it", emptied],
  ])("falls back to the checkpoint before the last where %s, and says so", async (_, damage) => {
    const store = changed(await stopped(), { "checkpoint.bin": damage });
    const troubles = await goOn(store);
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toMatch(/^the memory store\/checkpoint\.bin.*: at byte \d+, expected .*; going on from the checkpoint before it$/);
    // Then it is whole again.
    expect(await goOn(store)).toEqual([]);
  });

  it("takes either checkpoint where the other is missing, without a word", async () => {
    const store = await stopped();
    expect(await goOn(changed(store, { "checkpoint.bin": undefined }))).toEqual([]);
    expect(await goOn(changed(store, { "checkpoint.previous.bin": undefined }))).toEqual([]);
    expect(await goOn(changed(store, { "checkpoint.previous.bin": flipped }))).toEqual([]);
    expect(await goOn(changed(store, { "checkpoint.bin": undefined, "checkpoint.previous.bin": undefined }))).toEqual([]);
  });

  it("is refused where both checkpoints are damaged, or its spec", async () => {
    const run = await stopped();
    for (const changes of [{ "checkpoint.bin": flipped, "checkpoint.previous.bin": cut }, { "spec.json": cut }, { "spec.json": emptied }]) {
      const store = changed(run, changes);
      const before = store.entries();
      const error = await rejection(runTrial(spec, { runtime, store, resume: true }));
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).file).toBe(`the memory store/${Object.keys(changes)[0]}`);
      expect(store.entries()).toEqual(before);
      await (await store.open()).close();
    }
  });

  it("makes its best network again where that is damaged or missing, and says so", async () => {
    const run = await stopped();
    for (const [damage, word] of [
      [flipped, "damaged"],
      [undefined, "missing"],
    ] as const) {
      const troubles = await goOn(changed(run, { "best.safetensors": damage }));
      expect(troubles).toEqual([`the memory store/best.safetensors is ${word}; it is written again from the checkpoint`]);
    }
  });
});
