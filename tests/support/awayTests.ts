import {
  type AwayTrials,
  createRuntime,
  DisposedError,
  InvalidOptionError,
  type InWorkerOptions,
  memoryStore,
  type Report,
  type Runtime,
  runTrial,
  type StartedAwayTrial,
  type Store,
  StoreError,
  type TrialRecord,
  UnsupportedError,
  WorkerLostError,
} from "heavyball";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rejection } from "./failures.js";
import { comparable, hessianFreeSpec, leavings, oftenSaved, momentumSpec as spec, uninterrupted, withoutSeconds } from "./storedTrials.js";

const kernels = { kernels: "simd" } as const;

const dataSpec = { task: { name: "data", hidden: [3], held: 0.25 }, optimizer: spec.optimizer, updates: 3 };

/** What a trial is rejected with, be it an error or not. */
function rejectedWith(trial: Promise<unknown>): Promise<unknown> {
  return trial.then(
    () => "nothing",
    (thrown: unknown) => thrown,
  );
}

/** As Vue's reactive: every object that is read is wrapped too, but for typed arrays. */
function wrap<T extends object>(value: T): T {
  return new Proxy(value, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      return typeof member === "object" && member !== null && !ArrayBuffer.isView(member) ? wrap(member) : member;
    },
  });
}

/** Trials in threads of which the last can be ended, as a crash would. */
export interface LosingTrials {
  readonly away: AwayTrials;
  lose(): void;
}

/**
 * What a trial in a thread of its own has to do, in Node as in a browser. `missing`: where no file is; `losing`: trials whose threads are
 * lost; `freshStore`: one of the host's own stores, with nothing in it.
 */
export function awayTests(
  inWorker: (options?: InWorkerOptions) => AwayTrials,
  missing: string,
  losing: () => LosingTrials,
  freshStore: () => Store,
): void {
  let runtime: Runtime;
  beforeAll(async () => void (runtime = await createRuntime({ threads: 1, ...kernels })));
  afterAll(() => runtime.dispose());

  it.each([
    ["momentum", spec, 1],
    ["momentum on a team", spec, 3],
    ["Hessian-free", hessianFreeSpec, 2],
  ])("leaves the record, the reports and the store of runTrial: %s", async (_, given, threads) => {
    const whole = await uninterrupted(given, runtime);
    const store = memoryStore();
    const reports: Report[] = [];
    const started: unknown[] = [];
    let parameters: Float32Array | undefined;
    const record = await inWorker().runTrial(given, {
      runtime: { threads, ...kernels },
      store,
      onReport: (report) => reports.push(report),
      onStart: ({ runtime: { threads, kernels }, name, from, watched }) => started.push([threads, kernels, name, from, watched.key]),
      onEnd: async ({ network }) => void (parameters = await network.getParameters()),
    });
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(withoutSeconds(reports)).toEqual(withoutSeconds(whole.record.reports));
    expect(leavings(store)).toEqual(whole.left);
    expect(parameters).toEqual(whole.parameters);
    expect(started).toEqual([[threads, "simd", given === spec ? "NAG" : "HF", 0, "zeroOne"]]);
  });

  it.each([
    ["momentum", spec],
    ["Hessian-free", hessianFreeSpec],
  ])("answers for its network while it trains, to the same bits: %s", async (_, given) => {
    const whole = await uninterrupted(given, runtime);
    const batch = { inputs: new Float32Array(2 * 11 * 3).fill(0.5), cases: 3, steps: 11 };
    const answers: number[] = [];
    let late: Promise<unknown> | undefined;
    const record = await inWorker().runTrial(given, {
      runtime: { threads: 1, ...kernels },
      async onStart({ network }) {
        expect(network.layout.map(({ name }) => name)).toContain("hiddenToHidden");
        expect(network.description.kind).toBe("recurrent");
        const outputs = await network.predict(batch);
        const hidden = await network.activations(batch, 1);
        answers.push(outputs.length, hidden.length, (await network.getParameters()).length);
        late = new Promise((resolve) => setTimeout(resolve, 0)).then(() => network.predict(batch));
        late.catch(() => undefined);
        await expect(network.predict({ ...batch, cases: 4 })).rejects.toMatchObject({ code: "SHAPE" });
      },
    });
    expect(answers.every((length) => length > 0)).toBe(true);
    expect(comparable(record)).toEqual(comparable(whole.record));
    await late?.catch((error) => expect(error).toBeInstanceOf(DisposedError));
  });

  it("waits for callbacks: one that is pending holds the trial", async () => {
    let seen = 0;
    let release!: () => void;
    const pause = new Promise<void>((resolve) => (release = resolve));
    const held = new Promise<number>((resolve) => setTimeout(() => resolve(seen), 300));
    const running = inWorker().runTrial(spec, {
      runtime: { threads: 1, ...kernels },
      onReport: async () => {
        if (++seen === 2) await pause;
      },
    });
    void held.then(release);
    const record = await running;
    expect(await held).toBeLessThanOrEqual(2);
    expect(seen).toBe(record.reports.length);
  });

  it("is stopped by its signal and goes on from its store", async () => {
    const whole = await uninterrupted(spec, runtime);
    const store = memoryStore();
    const controller = new AbortController();
    const away = inWorker();
    const options = { runtime: { threads: 1, ...kernels }, store, ...oftenSaved };
    const onReport = ({ update }: Report): void => (update === 3 ? controller.abort() : undefined);
    const stopped = await away.runTrial(spec, { ...options, signal: controller.signal, onReport });
    expect(stopped.end.code).toBe("stopped");
    expect(await rejection(away.runTrial(spec, options))).toBeInstanceOf(StoreError);
    const ended = await away.runTrial(spec, { ...options, resume: true });
    expect(comparable(ended)).toEqual(comparable(whole.record));
    const before = await away.runTrial(spec, { ...options, store: undefined, signal: controller.signal });
    expect([before.end.code, before.update]).toEqual(["stopped", 0]);
  });

  it.each([
    ["the host's own", freshStore],
    ["in memory", memoryStore],
  ])("that is lost leaves its store, %s, to the one that goes on", async (_, make) => {
    const whole = await uninterrupted(spec, runtime);
    const store = make();
    const { away, lose } = losing();
    const options = { runtime: { threads: 1, ...kernels }, store, ...oftenSaved };
    const error = await rejection(away.runTrial(spec, { ...options, onReport: ({ update }) => (update === 3 ? lose() : undefined) }));
    expect(error).toBeInstanceOf(WorkerLostError);
    const ended = await inWorker().runTrial(spec, { ...options, resume: true });
    expect(comparable(ended)).toEqual(comparable(whole.record));
  });

  it("that is lost closes its store when all it had asked for is done", async () => {
    const inner = memoryStore();
    const { away, lose } = losing();
    const log: string[] = [];
    const store: Store = {
      ...inner,
      async open() {
        const open = await inner.open();
        return {
          ...open,
          async write(name, content) {
            lose();
            // The thread is known to be gone before this is done.
            await new Promise((resolve) => setTimeout(resolve, 300));
            await open.write(name, content);
            log.push(name);
          },
          close: async () => (log.push("closed"), open.close()),
        };
      },
    };
    expect(await rejection(away.runTrial(spec, { runtime: { threads: 1, ...kernels }, store }))).toBeInstanceOf(WorkerLostError);
    expect(log).toEqual(["spec.json", "closed"]);
    await (await inner.open()).close();
  });

  it("is changed while it trains, and repeated from its record, to the bits of runTrial", async () => {
    const changed = { learningRate: 0.05, momentum: 0.3 };
    const events = [{ update: 2, ...changed }];
    const whole = await uninterrupted(spec, runtime, { events });
    const options = { runtime: { threads: 1, ...kernels } };
    const store = memoryStore();
    let change!: StartedAwayTrial["change"];
    const refused: unknown[] = [];
    const record = await inWorker().runTrial(spec, {
      ...options,
      store,
      onStart: (started) => void ({ change } = started),
      async onReport({ update }) {
        if (update !== 2) return;
        refused.push(await rejection(change({ momentum: 2 })), await rejection(change(3 as never)));
        expect(await change(changed)).toEqual(events[0]);
      },
    });
    expect(refused.map((error) => [error instanceof InvalidOptionError, (error as InvalidOptionError).option])).toEqual([
      [true, "change.momentum"],
      [true, "change"],
    ]);
    expect(record.events).toEqual(events);
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(leavings(store)).toEqual(whole.left);
    expect(new TextDecoder().decode(await store.read("events.jsonl"))).toBe(`${JSON.stringify(events[0])}\n`);
    expect(await rejection(change({ momentum: 0.5 }))).toBeInstanceOf(UnsupportedError);
    const repeated = await inWorker().runTrial(record.spec, { ...options, events: record.events });
    expect(comparable(repeated)).toEqual(comparable(record));
    const wrong = await rejection(inWorker().runTrial(spec, { ...options, events: [{ update: 2 }] }));
    expect(wrong).toMatchObject({ code: "INVALID_OPTION", option: "events[0]" });
  });

  it("takes changes and batches that a page's framework has wrapped, and refuses by name what cannot be sent", async () => {
    const momentum = { schedule: "piecewise", values: [0.3, 0.4], at: [3] } as const;
    const batch = { inputs: new Float32Array(2 * 11 * 3).fill(0.5), cases: 3, steps: 11 };
    const refused: unknown[] = [];
    let outputs: readonly Float32Array[] = [];
    const record = await inWorker().runTrial(spec, {
      runtime: { threads: 1, ...kernels },
      async onStart({ change, network }) {
        for (const bad of [{ momentum: () => 3 }, { learningRate: Symbol("no") }, () => 3, wrap([])])
          refused.push(await rejection(change(bad as never)));
        refused.push(await rejection(network.predict({ ...batch, mask: () => 3 } as never)));
        refused.push(await rejection(network.activations(batch, (() => 3) as never)));
        expect(await change(wrap({ momentum }))).toEqual({ update: 0, momentum });
        outputs = [await network.predict(batch), await network.predict(wrap(batch))];
      },
    });
    expect(refused.map((error) => [(error as Error).name, (error as InvalidOptionError).option])).toEqual(
      ["change.momentum", "change.learningRate", "change", "change", "batch", "layer"].map((option) => ["InvalidOptionError", option]),
    );
    expect(outputs[1]).toEqual(outputs[0]);
    expect(record.events).toEqual([{ update: 0, momentum }]);
  });

  it("gives its reports one by one, and stops when their reader leaves", async () => {
    const whole = await uninterrupted(spec, runtime);
    const options = { runtime: { threads: 1, ...kernels } };
    const stream = inWorker().streamTrial(spec, options);
    const reports: Report[] = [];
    let record: TrialRecord | undefined;
    for (;;) {
      const next = await stream.next();
      if (next.done) {
        record = next.value;
        break;
      }
      reports.push(next.value);
    }
    expect(withoutSeconds(reports)).toEqual(withoutSeconds(whole.record.reports));
    expect(comparable(record)).toEqual(comparable(whole.record));

    const store = memoryStore();
    let end: string | undefined;
    const leaving = inWorker().streamTrial(spec, { ...options, store, onEnd: ({ record }) => void (end = record.end.code) });
    for await (const { update } of leaving) if (update === 2) break;
    expect(end).toBe("stopped");
    expect(await store.names()).toContain("checkpoint.bin");
  });

  it("gives back what a callback throws, and what a trial rejects with", async () => {
    const thrown = new TypeError("mine");
    const options = { runtime: { threads: 1, ...kernels } };
    const onReport = (): never => {
      throw thrown;
    };
    expect(await rejection(inWorker().runTrial(spec, { ...options, onReport }))).toBe(thrown);
    const stream = inWorker().streamTrial(spec, { ...options, onReport });
    expect(await rejection(stream.next())).toBe(thrown);
    const error = await rejection(inWorker().runTrial({ ...spec, task: { name: "mnist" } }, { ...options, data: { train: 3 } }));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).renamed(() => "--data").message).toMatch(/^--data is /);
  });

  it.each(["names", "open", "write", "append", "rename"] as const)(
    "gives back what its store throws, as runTrial does: %s",
    async (method) => {
      class NoRoom extends Error {
        readonly code = "ENOSPC";
        readonly left = () => 0;
      }
      for (const thrown of [new NoRoom("full"), Object.freeze(new TypeError("full")), "full", { code: "ENOSPC" }]) {
        const broken = <S extends Store>(store: S): S => ({
          ...store,
          open: async () => broken(await store.open()),
          [method]: () => Promise.reject(thrown),
        });
        const options = (): object => ({ runtime: { threads: 1, ...kernels }, store: broken(memoryStore()), ...oftenSaved });
        expect(await rejectedWith(runTrial(spec, options()))).toBe(thrown);
        expect(await rejectedWith(inWorker().runTrial(spec, options()))).toBe(thrown);
      }
    },
  );

  it("names the option that runTrial names, in its words", async () => {
    const options = { data: { inputs: 3 }, ...{ runtime: { threads: 1, ...kernels } } };
    const wrong: object[] = [
      { runtime: { foo() {} } },
      { runtime: { foo: 3 } },
      { runtime: { kernels: () => 1 } },
      { runtime: { threads: () => 1 } },
      { runtime: { threads: 0 } },
      { runtime: { wasm: () => 1 } },
      { runtime: { wasm: {} } },
      { runtime: { worker: 3 } },
      { runtime: 3 },
      { data: { ...options.data, foo() {} }, runtime: { foo() {} } },
      { data: { inputs: () => 3 } },
      { data: () => 3 },
      { signal: 3 },
      { signal: { aborted: true } },
      { signal: { aborted: false } },
    ];
    for (const given of [spec, dataSpec]) {
      for (const one of wrong) {
        const here = await rejection(runTrial(given, { ...options, ...one } as never));
        expect(here).toBeInstanceOf(InvalidOptionError);
        const { option, message } = here as InvalidOptionError;
        const away = inWorker();
        expect(await rejection(away.runTrial(given, { ...options, ...one } as never))).toMatchObject({ option, message });
        expect(await rejection(away.streamTrial(given, { ...options, ...one } as never).next())).toMatchObject({ option, message });
      }
    }
  });

  it("takes data and batches that hold what runTrial reads, whatever objects they are", async () => {
    const [inputs, targets] = [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1)];
    const data = { inputs, targets, cases: 4, classes: ["odd", "even"] };
    class Table {
      #data = data;
      get inputs() {
        return this.#data.inputs;
      }
      get targets() {
        return this.#data.targets;
      }
      get cases() {
        return this.#data.cases;
      }
      get classes() {
        return this.#data.classes;
      }
      describe() {
        return "a table";
      }
    }
    const options = { runtime: { threads: 1, ...kernels } };
    const whole = await runTrial(dataSpec, { ...options, data });
    const losses: number[] = [];
    for (const given of [data, wrap(data), new Table(), wrap({ ...data, columns: ["a", "b"] })]) {
      const onStart = async ({ network }: StartedAwayTrial) => void losses.push((await network.evaluate(given)).loss);
      const record = await inWorker().runTrial(dataSpec, { ...options, data: given, onStart });
      expect(comparable(record)).toEqual(comparable(whole));
    }
    expect(losses).toEqual(losses.map(() => losses[0]));
  });

  it("refuses what a thread cannot have, before there is one", async () => {
    const away = inWorker();
    const refused = async (given: object): Promise<string> => {
      const error = await rejection(away.runTrial(spec, given));
      expect(error).toBeInstanceOf(InvalidOptionError);
      return (error as InvalidOptionError).option;
    };
    expect(await refused({ runtime })).toBe("runtime");
    expect(await refused({ runtime: { worker: () => undefined } })).toBe("runtime.worker");
    expect(await refused({ data: () => 3 })).toBe("data");
    expect(await refused({ onReprot: () => 3 })).toBe("runTrial.onReprot");
    expect(await rejection(away.runTrial({ ...spec, updates: 0 }))).toMatchObject({ option: "updates" });
    expect(() => inWorker({ worker: 3 as never })).toThrow(InvalidOptionError);
    expect(await rejection(inWorker({ worker: () => 3 as never }).runTrial(spec))).toMatchObject({ option: "worker()" });
  });

  it("says what to do where its file is not there", async () => {
    const error = await rejection(inWorker({ worker: missing }).runTrial(spec));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toMatch(/^the thread of a trial could not start: .+; pass inWorker\(\{ worker \}\) the /);
    expect(error.message).toMatch(/ heavyball\/trial-worker, (or a function |on the page's own )/);
  });
}
