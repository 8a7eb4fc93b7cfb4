import {
  checkTrialSpec,
  createRuntime,
  DisposedError,
  DivergedError,
  type EndedTrial,
  feedForward,
  InvalidOptionError,
  memoryStore,
  type Report,
  type RunTrialOptions,
  type Runtime,
  raceTrials,
  runTrial,
  type StartedTrial,
  streamTrial,
  type TrialProgress,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { NUMERICS_VERSION } from "#internal/runtime/numericsVersion";
import { taskKinds } from "#internal/tasks/index";
import { rejection } from "../support/failures.js";
import { comparable, hessianFreeSpec, leavings, momentumSpec, tick, uninterrupted, withoutSeconds } from "../support/storedTrials.js";
import { variants } from "../support/variants.js";

const specs: [string, typeof momentumSpec | typeof hessianFreeSpec][] = [
  ["momentum", momentumSpec],
  ["Hessian-free", hessianFreeSpec],
];
const endless = { ...momentumSpec, updates: 100_000_000 };
const diverging = { ...momentumSpec, optimizer: { method: "sgd", learningRate: 1e25 } };

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

const throwing = (): never => {
  throw new Error("out of the callback");
};

/** As `runTrial`, by way of its reports. */
async function streamed(spec: unknown, options: RunTrialOptions): Promise<void> {
  for await (const report of streamTrial(spec, options)) expect(report.updates).toBeGreaterThan(0);
}

describe("callbacks", () => {
  const names = ["onStart", "onReport", "onProgress", "onMeasure", "onEnd"] as const;

  it.each(names)("are waited for, and what they reject with ends the trial: %s", async (name) => {
    const order: string[] = [];
    const slow = async () => {
      order.push("begin");
      await new Promise((resolve) => setTimeout(resolve));
      order.push("end");
    };
    await runTrial(momentumSpec, { runtime, [name]: slow });
    expect(order.length).toBeGreaterThan(0);
    // Each has ended before the next begins, and all before the trial.
    order.forEach((word, at) => expect(word).toBe(at % 2 === 0 ? "begin" : "end"));
    const failing = async () => throwing();
    expect((await rejection(runTrial(momentumSpec, { runtime, [name]: failing }))).message).toBe("out of the callback");
    expect((await rejection(streamed(momentumSpec, { runtime, [name]: failing }))).message).toBe("out of the callback");
  });

  it.each(names)("of a race too: %s", async (name) => {
    const failing = async () => throwing();
    expect((await rejection(raceTrials([{ spec: momentumSpec as never }], { runtime, [name]: failing }))).message).toBe(
      "out of the callback",
    );
  });
});

describe("a trial with a final phase", () => {
  it("is measured on all data before it, whether it was stopped there or not", async () => {
    const momentum = { schedule: "constant", value: 0.9, final: { updates: 2, value: 0.5 } };
    const spec = { ...momentumSpec, optimizer: { ...momentumSpec.optimizer, momentum } };
    const whole = await runTrial(spec, { runtime });
    // The same updates as a trial of their own, which ends where the final phase begins.
    const first = await runTrial({ ...spec, updates: 4, optimizer: { ...spec.optimizer, momentum: 0.9 } }, { runtime });
    expect(whole.beforeFinal).toEqual(first.final);
    expect(whole.reports.filter(({ beforeFinal }) => beforeFinal !== undefined)).toMatchObject([{ update: 4 }]);
    expect(whole.final).not.toEqual(whole.beforeFinal);
    for (const at of [3, 4, 5]) {
      const store = memoryStore();
      for await (const { update } of streamTrial(spec, { runtime, store })) if (update === at) break;
      const troubles: string[] = [];
      const resumed = await runTrial(spec, { runtime, store, resume: true, onTrouble: (sentence) => void troubles.push(sentence) });
      expect([at, resumed.beforeFinal, troubles]).toEqual([at, whole.beforeFinal, []]);
    }
  });

  it.each([
    ["has none", 0.9],
    ["is all final phase", { schedule: "constant", value: 0.9, final: { updates: 6, value: 0.5 } }],
    ["has one of no update", { schedule: "constant", value: 0.9, final: { updates: 0, value: 0.5 } }],
  ])("that %s is not", async (_, momentum) => {
    const record = await runTrial({ ...momentumSpec, optimizer: { ...momentumSpec.optimizer, momentum } }, { runtime });
    expect(record).not.toHaveProperty("beforeFinal");
  });
});

describe("a trial", () => {
  it.each(specs)("reports, tells how far it is, and leaves a record: %s", async (_, given) => {
    tick();
    const started: StartedTrial[] = [];
    const reports: Report[] = [];
    const progress: TrialProgress[] = [];
    const order: string[] = [];
    const record = await runTrial(given, {
      runtime,
      onStart: (trial) => void (started.push(trial), order.push("start")),
      onReport: (report) => void (reports.push(report), order.push("report")),
      onProgress: (moment) => void progress.push(moment),
      onMeasure: () => void order.push("measure"),
      onEnd: () => void order.push("end"),
    });
    const { updates } = given;
    expect(started).toHaveLength(1);
    expect(started[0]).toMatchObject({ spec: checkTrialSpec(given), from: 0, name: given === momentumSpec ? "NAG" : "HF" });
    expect(started[0].runtime).toBe(runtime);
    expect(reports.map(({ update }) => update)).toEqual(Array.from({ length: updates + 1 }, (_, update) => update));
    for (const report of reports) expect(report.zeroOne).toBeGreaterThanOrEqual(0);
    expect(order).toEqual(["start", ...reports.map(() => "report"), "measure", "end"]);

    expect(record).toMatchObject({
      spec: checkTrialSpec(given),
      numerics: NUMERICS_VERSION,
      kernels: "simd",
      machine: { kernels: "simd", threads: 1 },
      end: { code: "finished", message: `all ${updates} updates were made` },
      update: updates,
      baseline: { name: "biases only", zeroOne: 0.8464 },
      reports,
    });
    expect(record.seconds).toBe(reports[updates].seconds);
    expect(record.casesProcessed).toBe(reports[updates].casesProcessed);
    expect(record.conjugateGradientSteps).toBe(given === momentumSpec ? undefined : 9);
    expect(record.final?.heldOutLoss).toBeGreaterThan(0);
    expect(record.final?.zeroOne).toBeGreaterThanOrEqual(0);
    const lowest = Math.min(...reports.map(({ zeroOne }) => zeroOne!));
    const { update } = reports.find(({ zeroOne }) => zeroOne === lowest)!;
    expect(record.best).toEqual({ update, error: lowest, measure: "zeroOne" });
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);

    const shares = progress.map(({ share }) => share);
    expect(shares.at(-1)).toBe(1);
    for (let at = 1; at < shares.length; at++) expect(shares[at]).toBeGreaterThanOrEqual(shares[at - 1]);
    expect(progress.at(-1)).toMatchObject({ update: updates, updates, secondsLeft: 0, error: reports[updates].zeroOne });
    expect(progress.some(({ update: made, secondsLeft }) => made > 0 && made < updates && secondsLeft! > 0)).toBe(true);
    // Only Hessian-free's updates are long enough to be seen from within.
    expect(progress.some(({ within, detail }) => within > 0 && detail !== "")).toBe(given === hessianFreeSpec);
  });

  it("is the same read report by report, and returns its record", async () => {
    const record = await runTrial(momentumSpec, { runtime });
    const reports: Report[] = [];
    const stream = streamTrial(momentumSpec, { runtime });
    for (let next = await stream.next(); ; next = await stream.next()) {
      if (next.done) {
        expect(comparable(next.value)).toEqual(comparable(record));
        break;
      }
      reports.push(next.value);
    }
    expect(withoutSeconds(reports)).toEqual(withoutSeconds(record.reports));
  });

  it("ends with a reason where it diverges, and keeps what can be kept", async () => {
    const store = memoryStore();
    const record = await runTrial(diverging, { runtime, store });
    expect(record.end.code).toBe("diverged");
    expect(record.end.message).toMatch(/^diverged at update \d.*lower the learning rate/);
    expect(record.update).toBeLessThan(6);
    expect(record.final).toBeUndefined();
    expect(leavings(store).record).toMatchObject({ end: record.end });
    expect((await store.names()).includes("model.safetensors")).toBe(false);
    // It does so again.
    const again = await runTrial(diverging, { runtime, store, resume: true });
    expect(comparable(again)).toEqual(comparable(record));
  });

  it("has diverged, too, where only the data of its end are too much for it", async () => {
    const { addition } = taskKinds;
    const prepare = addition.prepare.bind(addition);
    vi.spyOn(addition, "prepare").mockImplementation((...given) => ({
      ...prepare(...given),
      measure: () => {
        throw new DivergedError(undefined, undefined, "the loss", "lower the learning rate");
      },
    }));
    const store = memoryStore();
    const record = await runTrial(momentumSpec, { runtime, store });
    expect(record).toMatchObject({ update: 6, end: { code: "diverged", message: expect.stringContaining("the loss is not finite") } });
    expect(record.final).toBeUndefined();
    expect((await store.names()).includes("model.safetensors")).toBe(false);
    expect(leavings(store).record).toMatchObject({ end: { code: "diverged" } });
  });

  it("says that its steps of conjugate gradient ended it, not its updates", async () => {
    const record = await runTrial({ ...hessianFreeSpec, updates: 50, conjugateGradientSteps: 5 }, { runtime });
    expect(record).toMatchObject({
      update: 2,
      conjugateGradientSteps: 6,
      end: { code: "finished", message: "all 5 steps of conjugate gradient were made" },
    });
  });

  it("lets the host live: timers fire and signals are heard while it runs", async () => {
    const controller = new AbortController();
    let fired = 0;
    const timer = setInterval(() => {
      fired++;
      if (fired === 3) controller.abort();
    }, 5);
    const record = await runTrial(endless, { runtime, signal: controller.signal });
    clearInterval(timer);
    expect(fired).toBe(3);
    expect(record.end).toEqual({ code: "stopped", message: `stopped after ${record.update} of 100000000 updates` });
    expect(record.update).toBeGreaterThan(0);
    expect(record.final?.heldOutLoss).toBeGreaterThan(0);
  });

  it.each(specs)("answers for its network between any two slices, to the same bits: %s", async (_, spec) => {
    tick();
    const plain = await uninterrupted(spec, runtime);
    const batch = { inputs: new Float32Array(11 * 2 * 4).fill(0.5), cases: 4, steps: 11 };
    let asked = 0;
    let network: StartedTrial["network"] | undefined;
    const disturbed = await uninterrupted(spec, runtime, {
      onStart: (started) => void ({ network } = started),
      onProgress() {
        const outputs = network!.predict(batch);
        expect(outputs.every(Number.isFinite)).toBe(true);
        network!.activations(batch, 1);
        expect(network!.getParameters()).toHaveLength(network!.parameterCount);
        asked++;
      },
    });
    expect(asked).toBeGreaterThan(spec.updates);
    expect(disturbed.parameters).toEqual(plain.parameters);
    expect(disturbed.left).toEqual(plain.left);
  });

  it("makes no update where it is stopped before", async () => {
    const store = memoryStore();
    const record = await runTrial(momentumSpec, { runtime, store, signal: AbortSignal.abort() });
    expect(record).toMatchObject({ update: 0, reports: [], end: { code: "stopped", message: "stopped after 0 of 6 updates" } });
    const { left, record: whole } = await uninterrupted(momentumSpec, runtime);
    const later = await runTrial(momentumSpec, { runtime, store, resume: true });
    expect(comparable(later)).toEqual(comparable(whole));
    expect(leavings(store)).toEqual(left);
  });

  it("lets whoever is told of its end write into its store, and use its network", async () => {
    const store = memoryStore();
    let ended: EndedTrial | undefined;
    await runTrial(momentumSpec, {
      runtime,
      store,
      async onEnd(trial) {
        ended = trial;
        expect(trial.written).toEqual(["model.safetensors", "record.json"]);
        expect(trial.network.getParameters().length).toBe(trial.network.parameterCount);
        await trial.store!.write("report.html", `a page of ${trial.name}`);
      },
    });
    expect(new TextDecoder().decode(await store.read("report.html"))).toBe("a page of NAG");
    expect(() => ended!.network.getParameters()).toThrow(DisposedError);
    // It is closed: another may write it.
    await (await store.open()).close();
  });
});

describe("a runtime", () => {
  it("that is given stays usable, and no network stays in it", async () => {
    const kinds: [object, RunTrialOptions][] = [
      [momentumSpec, {}],
      [hessianFreeSpec, {}],
      [diverging, {}],
      [momentumSpec, { signal: AbortSignal.abort() }],
      [momentumSpec, { onReport: throwing }],
    ];
    const seen: [bytes: number, place: number][] = [];
    for (let at = 0; at < 20; at++) {
      const [spec, options] = kinds[at % kinds.length];
      const work = runTrial(spec, { ...options, runtime });
      if (options.onReport === throwing) expect((await rejection(work)).message).toBe("out of the callback");
      else await work;
      // Where everything was freed the first place is free.
      const place = runtime.memory.allocate(64, "a place");
      runtime.memory.release(place, 64);
      seen.push([runtime.memory.memory.buffer.byteLength, place]);
    }
    expect(seen[19]).toEqual(seen[0]);
    const network = runtime.network(feedForward({ sizes: [2, 1], activations: ["linear"], loss: "squared" }));
    expect(network.getParameters()).toHaveLength(3);
    network.dispose();
  });

  it("of the trial's own is made as asked, and disposed of at its end", async () => {
    for (const kernels of variants) {
      let ended: EndedTrial | undefined;
      const record = await runTrial(momentumSpec, { runtime: { threads: 1, kernels }, onEnd: (trial) => void (ended = trial) });
      expect(record).toMatchObject({ kernels, machine: { kernels, threads: 1 } });
      expect(() => ended!.runtime.network(feedForward({ sizes: [2, 1], activations: ["linear"], loss: "squared" }))).toThrow(DisposedError);
    }
    const disposed = await createRuntime({ threads: 1 });
    await disposed.dispose();
    expect(await rejection(runTrial(momentumSpec, { runtime: disposed }))).toBeInstanceOf(DisposedError);
  });
});

describe("options that are wrong", () => {
  it.each<[string, unknown]>([
    ["options of runTrial", null],
    ["options of runTrial", 7],
    ["runTrial.stroe", { stroe: memoryStore() }],
    ["runtime", { runtime: null }],
    ["runtime", { runtime: 4 }],
    ["threads", { runtime: { threads: 0 } }],
    ["createRuntime.thread", { runtime: { thread: 1 } }],
    ["kernels", { runtime: { kernels: "fast" } }],
    ["data", { data: null }],
    ["data", { data: [1] }],
    ["store", { store: null }],
    ["store", { store: "runs/a" }],
    ["store", { store: {} }],
    ["resume", { store: memoryStore(), resume: null }],
    ["resume", { store: memoryStore(), resume: 1 }],
    ["resume", { resume: true }],
    ["checkpointSeconds", { checkpointSeconds: 0 }],
    ["checkpointSeconds", { checkpointSeconds: null }],
    ["checkpointSeconds", { checkpointSeconds: "30" }],
    ["signal", { signal: null }],
    ["signal", { signal: new AbortController() }],
    ...["onStart", "onReport", "onProgress", "onTrouble", "onMeasure", "onEnd"].flatMap((name): [string, unknown][] => [
      [name, { [name]: null }],
      [name, { [name]: "log" }],
    ]),
  ])("are refused by the name %s: %j", async (name, options) => {
    for (const run of [runTrial, streamed]) {
      const error = await rejection(run(momentumSpec, options as RunTrialOptions));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as InvalidOptionError).option).toBe(name);
    }
  });

  it.each<[string, unknown]>([
    ["spec", undefined],
    ["spec", "curves"],
    ["task.name", { ...momentumSpec, task: { name: "copying" } }],
    ["optimizer.method", { ...momentumSpec, optimizer: { method: "nesterov1983" } }],
    ["batchSize", { ...momentumSpec, batchSize: 0 }],
  ])("so are those of the spec, before anything is in the store: %s", async (name, spec) => {
    const store = memoryStore();
    const error = await rejection(runTrial(spec, { runtime, store }));
    expect((error as InvalidOptionError).option).toBe(name);
    expect(store.entries()).toEqual([]);
  });

  it("leave the store as it was where the runtime or a callback makes the trial impossible", async () => {
    const store = memoryStore();
    await rejection(runTrial(momentumSpec, { runtime: { threads: -1 }, store }));
    expect(store.entries()).toEqual([]);
    expect((await rejection(runTrial(momentumSpec, { runtime, store, onStart: throwing }))).message).toBe("out of the callback");
    expect(store.entries()).toEqual([]);
    // Nor is it still open.
    expect((await runTrial(momentumSpec, { runtime, store })).end.code).toBe("finished");
  });

  it("are undefined where they are left out", async () => {
    const options = { runtime, data: undefined, store: undefined, resume: undefined, checkpointSeconds: undefined, signal: undefined };
    expect((await runTrial(momentumSpec, { ...options, onReport: undefined })).end.code).toBe("finished");
  });
});
