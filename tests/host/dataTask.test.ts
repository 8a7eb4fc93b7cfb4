import {
  checkTrialSpec,
  createRuntime,
  HeavyballError,
  htmlPage,
  type InvalidOptionError,
  memoryStore,
  mnist,
  type RunTrialOptions,
  type Runtime,
  readCsv,
  runTrial,
  trialDefaults,
  trialPage,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { RandomStream } from "#internal/random/stream";
import { type DataArrays, holdOut, type Scaling, scaleInputs } from "#internal/tasks/data/arrays";
import { confusionMatrix } from "#internal/tasks/data/dataPage";
import type { PreparedData } from "#internal/tasks/data/preparedData";
import { prepareTask } from "#internal/trials/trial";
import { idxFile } from "../support/dataFiles.js";
import { refusal, rejection } from "../support/failures.js";
import { comparable, leavings, oftenSaved, tick, uninterrupted } from "../support/storedTrials.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

const { round } = Math;

/** Points around three centers, far from each other, in turns. */
function clusters(cases = 90): DataArrays {
  const stream = new RandomStream(5, "clusters");
  const centers = [
    [-3, 0],
    [3, 1],
    [0, 4],
  ];
  const inputs = Float32Array.from({ length: 2 * cases }, (_, at) => centers[(at >> 1) % 3][at & 1] + 0.4 * stream.normal());
  const targets = Float32Array.from({ length: 3 * cases }, (_, at) => (at % 3 === Math.floor(at / 3) % 3 ? 1 : 0));
  return { inputs, targets, cases, classes: ["left", "right", "above"] };
}

/** (2 a - b + 0.5, b) of two numbers. */
function line(cases = 80): DataArrays {
  const stream = new RandomStream(6, "line");
  const inputs = Float32Array.from({ length: 2 * cases }, () => 4 * stream.uniform() - 1);
  const targets = inputs.map((value, at) => (at % 2 === 0 ? 2 * value - inputs[at + 1] + 0.5 : value));
  return { inputs, targets, cases };
}

const nesterov = { method: "nesterov", learningRate: 0.1, momentum: { schedule: "constant", value: 0.9 } };
const spec = (task: object = {}, parts: object = {}) => ({
  task: { name: "data", hidden: [6], ...task },
  optimizer: nesterov,
  batchSize: 12,
  updates: 60,
  ...parts,
});
const prepare = (data: unknown, task: object = {}, parts: object = {}) =>
  prepareTask(checkTrialSpec(spec(task, parts)), data) as PreparedData;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

describe("the spec of a trial on data of one's own", () => {
  it("fills in the defaults, as plain data without the data", () => {
    const made = checkTrialSpec(trialDefaults("data"));
    expect(made).toEqual({
      task: { name: "data", hidden: [100], activation: "tanh", predict: "classes", held: 0.2, scaling: "standard" },
      initialization: { method: "dense", distribution: "glorot", scale: 1, biases: 0 },
      optimizer: { method: "nesterov", learningRate: 0.02, momentum: { schedule: "constant", value: 0.9 }, weightDecay: 0 },
      batchSize: 100,
      updates: 2000,
      seed: 1,
    });
    expect(checkTrialSpec(JSON.parse(JSON.stringify(made)))).toEqual(made);
  });

  it("starts rectified units as He does, and takes another initialization", () => {
    expect(checkTrialSpec(spec({ activation: "relu" })).initialization).toMatchObject({ method: "dense", scale: "he" });
    const initialization = { method: "sparse", fanIn: 2 };
    expect(checkTrialSpec(spec({}, { initialization })).initialization).toMatchObject(initialization);
    expect(refusal(() => checkTrialSpec(spec({}, { initialization: { method: "echoState", inputScale: 1 } }))).option).toBe(
      "initialization.method",
    );
  });

  it("keeps every option that is given", () => {
    const task = { name: "data", hidden: [], activation: "logistic", predict: "numbers", held: 0.5, scaling: "unit", label: 0, seed: 9 };
    expect(checkTrialSpec(spec(task)).task).toEqual(task);
    expect(checkTrialSpec(spec({ label: "species" })).task).toMatchObject({ label: "species" });
  });

  it.each<[string, object]>([
    ["task.hidden", { hidden: 100 }],
    ["task.hidden", { hidden: null }],
    ["task.hidden", { hidden: "10,10" }],
    ["task.hidden", { hidden: Array(101).fill(1) }],
    ["task.hidden[1]", { hidden: [3, 0] }],
    ["task.hidden[0]", { hidden: [1.5] }],
    ["task.hidden[0]", { hidden: [2 ** 24 + 1] }],
    ["task.hidden[0]", { hidden: Array(1) }],
    ["task.activation", { activation: "softmax" }],
    ["task.activation", { activation: null }],
    ["task.predict", { predict: "class" }],
    ["task.held", { held: 0 }],
    ["task.held", { held: 1 }],
    ["task.held", { held: -0.1 }],
    ["task.held", { held: NaN }],
    ["task.held", { held: "0.2" }],
    ["task.scaling", { scaling: "minmax" }],
    ["task.label", { label: "" }],
    ["task.label", { label: 1.5 }],
    ["task.label", { label: null }],
    ["task.seed", { seed: -1 }],
    ["task.seed", { seed: 0.5 }],
    ["task.layers", { layers: [3] }],
    ["task.cases", { cases: 100 }],
  ])("refuses a wrong %s: %o", (option, task) => {
    expect(refusal(() => checkTrialSpec(spec(task))).option).toBe(option);
  });
});

describe("data that a program gives", () => {
  const good = clusters(30);

  it("are asked for, in words", async () => {
    const error = (await rejection(runTrial(spec(), { runtime }))) as InvalidOptionError;
    expect(error.option).toBe("data");
    expect(error.message).toMatch(/a table \(\.csv, \.tsv\), or inputs and targets/);
  });

  it("may be a table as readCsv makes one, with labels or numbers", () => {
    const line = (row: number): string => `${row},${row * row},${row % 2 === 0 ? "even" : "odd"},${row / 2}`;
    const text = `x,y,k,z\n${Array.from({ length: 12 }, (_, row) => line(row)).join("\n")}`;
    const words = readCsv(text.replaceAll(/,[\d.]+$/gm, "").replace(",z", ""), { label: "k" });
    expect(prepare(words).classes).toEqual(["even", "odd"]);
    const numbers = readCsv(text.replaceAll(/,(even|odd)/g, "").replace(",k", ""), { target: "z" });
    expect(numbers).toMatchObject({ columns: ["x", "y"], features: 2, cases: 12 });
    expect(prepare(numbers, { predict: "numbers", hidden: [] }).network).toMatchObject({ sizes: [2, 1], activations: ["linear"] });
  });

  it("may be a data set as mnist makes one", async () => {
    const images = idxFile(
      [20, 1, 2],
      Array.from({ length: 40 }, (_, at) => 6 * at),
    );
    const labels = idxFile(
      [20],
      Array.from({ length: 20 }, (_, at) => at % 10),
    );
    const prepared = prepare(await mnist(images, labels), { held: 0.25 });
    expect(prepared.network).toMatchObject({ sizes: [2, 6, 10] });
    expect(prepared.classes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  });

  it.each<[string, unknown]>([
    ["data", 5],
    ["data", null],
    ["data.rows", { ...good, rows: 30 }],
    ["data.cases", { ...good, cases: 1 }],
    ["data.cases", { ...good, cases: 30.5 }],
    ["data.inputs", { ...good, inputs: Array.from(good.inputs) }],
    ["data.targets", { ...good, targets: undefined }],
    ["data.inputs[3]", { ...good, inputs: good.inputs.map((value, at) => (at === 3 ? NaN : value)) }],
    ["data.targets[4]", { ...good, targets: good.targets.map((value, at) => (at === 4 ? Infinity : value)) }],
    ["data.features", { ...good, features: 3 }],
    ["data.classes", { ...good, classes: ["left", "right"] }],
    ["data.classes", { ...good, classes: "abc" }],
    ["data.classes", { ...good, classes: ["left", "right", 3] }],
    ["data.classes", { ...good, classes: null }],
    // Not one-hot, with names of classes and without.
    ["data.targets[1]", { ...good, targets: good.targets.map((value, at) => (at === 1 ? 0.5 : value)) }],
    ["data.targets[1]", { ...good, classes: undefined, targets: good.targets.map((value, at) => (at === 1 ? 0.5 : value)) }],
    ["data.targets of case 1", { ...good, targets: good.targets.map((value, at) => (at === 3 ? 1 : value)) }],
    ["data.targets of case 1", { ...good, targets: good.targets.map((value, at) => (at === 4 ? 0 : value)) }],
    ["data.targets", { inputs: new Float32Array(60), targets: new Float32Array(30), cases: 30 }],
  ])("are refused by the name of what is wrong: %s", (option, data) => {
    expect(refusal(() => prepare(data)).option).toBe(option);
  });

  it.each([
    ["data.inputs", { ...good, cases: 7 }],
    ["data.targets", { ...good, targets: new Float32Array(31) }],
    ["data.inputs", { ...good, inputs: new Float32Array(0) }],
  ])("are refused with the length of %s that does not fit", (name, data) => {
    const call = () => prepare(data);
    expect(call).toThrow(HeavyballError);
    expect(call).toThrow(`the length of ${name} is `);
  });

  it("may be fewer than a minibatch has, which then is all of them, and says so", async () => {
    const few = clusters(14);
    const given = spec({}, { batchSize: 100, updates: 5 });
    expect(prepareTask(checkTrialSpec(given), few).remarks).toContain("There are 11 cases to train on: every minibatch is all of them.");
    const record = await runTrial(given, { runtime, data: few });
    expect([record.spec, record.casesProcessed]).toEqual([checkTrialSpec(given), 55]);
    const same = await runTrial({ ...given, batchSize: 11 }, { runtime, data: few });
    expect(comparable({ ...record, spec: same.spec })).toEqual(comparable(same));
    const optimizer = { method: "hessianFree", variant: "momentum" };
    const hybrid = await runTrial(spec({}, { optimizer, updates: 2, batchSize: undefined }), { runtime, data: few });
    expect(hybrid.end.code).toBe("finished");
    expect(prepare(clusters(20), {}, { batchSize: 16 }).remarks.join()).not.toContain("minibatch");
  });

  it("must be as many as schedules of Hessian-free's batches, and curvature, take", () => {
    const optimizer = (parts: object) => ({ optimizer: { method: "hessianFree", ...parts }, batchSize: undefined, updates: 3 });
    expect(refusal(() => prepare(good, {}, optimizer({ gradientCases: { schedule: "piecewise", values: [5, 25], at: [1] } }))).option).toBe(
      "gradientCases",
    );
    expect(refusal(() => prepare(good, {}, optimizer({ curvatureCases: 25 }))).option).toBe("curvatureCases");
    expect(prepare(good, {}, optimizer({ gradientCases: 24, curvatureCases: 24 })).source).toMatchObject({ train: { cases: 24 } });
  });

  it("leave nothing in a store when they are refused", async () => {
    const store = memoryStore();
    for (const data of [clusters(1), { ...good, classes: null }, undefined]) await rejection(runTrial(spec(), { runtime, store, data }));
    expect(await store.names()).toEqual([]);
  });
});

describe("the cases held out", () => {
  /** Cases that are known by their only input. */
  const numbered = (cases: number): DataArrays => {
    const inputs = Float32Array.from({ length: cases }, (_, at) => at);
    return { inputs, targets: inputs.map((value) => -value), cases };
  };
  const heldOf = (cases: number, share: number, seed: number) => [...holdOut(numbered(cases), share, seed).held.inputs];

  it("are the same on every engine", () => {
    expect(heldOf(20, 0.3, 1)).toEqual([1, 4, 7, 9, 11, 17]);
    expect(heldOf(20, 0.3, 2)).toEqual([3, 4, 7, 14, 17, 19]);
  });

  it("are drawn by the seed, in one order, and with their targets", () => {
    for (const seed of [0, 1, 7, Number.MAX_SAFE_INTEGER]) {
      const order = Array.from({ length: 50 }, (_, at) => at);
      const stream = new RandomStream(seed, "held");
      for (let at = 49; at > 0; at--) {
        const other = stream.integer(at + 1);
        [order[at], order[other]] = [order[other], order[at]];
      }
      const { train, held } = holdOut(numbered(50), 0.24, seed);
      expect([...held.inputs]).toEqual(order.slice(0, 12).sort((a, b) => a - b));
      expect([...train.inputs, ...held.inputs].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at));
      for (const part of [train, held]) expect(part.targets).toEqual(part.inputs.map((value) => -value));
      expect([train.cases, held.cases]).toEqual([38, 12]);
    }
    expect(new Set([1, 2, 3, 4, 5].map((seed) => heldOf(50, 0.24, seed).join())).size).toBe(5);
  });

  it("are at least one, and not all", () => {
    for (const [cases, share, count] of [
      [2, 0.001, 1],
      [2, 0.999, 1],
      [10, 0.999, 9],
      [10, 0.25, 3],
      [1000, 0.2, 200],
    ])
      expect(heldOf(cases, share, 3)).toHaveLength(count);
  });

  it("are those of task.seed, or of the trial's seed", () => {
    const data = clusters(30);
    const heldWith = (task: object, seed: number) => [...prepare(data, task, { seed }).held.inputs].join();
    expect(heldWith({ seed: 4 }, 1)).toBe(heldWith({}, 4));
    expect(heldWith({ seed: 4 }, 1)).toBe(heldWith({ seed: 4 }, 2));
    expect(heldWith({}, 1)).not.toBe(heldWith({}, 2));
  });
});

describe("the scale of the inputs", () => {
  const features = 4;
  const stream = new RandomStream(3, "scale");
  /** The third feature is constant, at a number that f64 cannot average without rounding; the last is far from 0. */
  const draw = (cases: number): DataArrays => ({
    inputs: Float32Array.from(
      { length: cases * features },
      (_, at) => [stream.normal(), 50 * stream.uniform(), 0.1, 1e6][at % 4] + (at % 4 === 3 ? stream.normal() : 0),
    ),
    targets: new Float32Array(cases),
    cases,
  });
  const train = draw(37);
  // Held out, the third feature has another value.
  const held = { ...draw(11) };
  held.inputs[2] = 7;
  const scaled = (scaling: Scaling) => scaleInputs({ train, held }, scaling);
  const column = (part: DataArrays, feature: number) =>
    Array.from({ length: part.cases }, (_, row) => part.inputs[row * features + feature]);

  it("standard: each feature to mean 0 and deviation 1 of the training part; 0 where it is constant there", () => {
    const made = scaled("standard");
    for (let feature = 0; feature < features; feature++) {
      const values = column(train, feature);
      const mean = values.reduce((sum, value) => sum + value, 0) / 37;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 37);
      for (const [part, of] of [
        [train, made.train],
        [held, made.held],
      ] as const) {
        column(part, feature).forEach((value, row) => {
          const wanted = feature === 2 ? 0 : (value - mean) / deviation;
          expect(Math.abs(column(of, feature)[row] - wanted)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted));
        });
      }
    }
  });

  it("unit: all features together to [0, 1] of the training part", () => {
    const made = scaled("unit");
    const least = Math.min(...train.inputs);
    const most = Math.max(...train.inputs);
    expect([Math.min(...made.train.inputs), Math.max(...made.train.inputs)]).toEqual([0, 1]);
    for (const [part, of] of [
      [train, made.train],
      [held, made.held],
    ] as const)
      part.inputs.forEach((value, at) => expect(of.inputs[at]).toBeCloseTo((value - least) / (most - least), 6));
    const same = { ...train, inputs: train.inputs.map(() => 0.1) };
    expect(scaleInputs({ train: same, held }, "unit").train.inputs.every((value) => value === 0)).toBe(true);
  });

  it("none: as they are; and nothing else is touched by any", () => {
    const before = train.inputs.slice();
    for (const scaling of ["standard", "unit", "none"] as const) {
      const made = scaled(scaling);
      expect([made.train.targets, made.held.targets]).toEqual([train.targets, held.targets]);
      expect([made.train.cases, made.held.cases]).toEqual([37, 11]);
    }
    expect(train.inputs).toEqual(before);
    expect(scaled("none").train.inputs).toEqual(before);
    expect(scaled("none").held.inputs).toEqual(held.inputs);
  });

  it("is refused where f32 cannot hold what becomes of a value", () => {
    const far = { ...held, inputs: held.inputs.slice() };
    far.inputs[5] = 3e38;
    const close = { ...train, inputs: train.inputs.map((value) => 1e-20 * value) };
    for (const scaling of ["standard", "unit"] as const) {
      const { option, message } = refusal(() => scaleInputs({ train: close, held: far }, scaling)) as InvalidOptionError;
      expect([option, message]).toEqual(["data.inputs", expect.stringContaining("as feature 1 of a case")]);
      expect(message).toContain('task.scaling "none"');
    }
  });

  it("does not hang on what is held out", () => {
    const other = { ...held, inputs: held.inputs.map((value) => 100 * value + 3) };
    for (const scaling of ["standard", "unit"] as const)
      expect(scaleInputs({ train, held: other }, scaling).train.inputs).toEqual(scaled(scaling).train.inputs);
  });
});

describe("a trial on data of one's own", () => {
  it.each(["tanh", "relu", "logistic"])("tells classes apart, with %s units, named or not", async (activation) => {
    const data = clusters();
    const given = spec({ activation }, { updates: 150 });
    const record = await runTrial(given, { runtime, data });
    expect(record.end.code).toBe("finished");
    expect(record.final).toEqual({
      heldOutWrong: 0,
      trainingWrong: 0,
      heldOutLoss: expect.any(Number),
      trainingLoss: expect.any(Number),
    });
    expect(record.final!.heldOutLoss).toBeLessThan(0.1);
    expect(record.best).toMatchObject({ measure: "heldOutWrong", error: 0 });
    for (const report of record.reports) expect(Object.keys(report)).toEqual(expect.arrayContaining(Object.keys(record.final!)));
    // 18 are held out; the most frequent class is that of the training part.
    const { held, source } = prepare(data, { activation });
    const count = ({ targets }: { targets?: Float32Array }) =>
      [0, 1, 2].map((k) => targets!.filter((v, at) => at % 3 === k && v === 1).length);
    const train = source.kind === "cases" ? count(source.train) : [];
    const most = train.indexOf(Math.max(...train));
    expect(record.baseline.name).toBe("most frequent class");
    expect(record.baseline.heldOutWrong).toBeCloseTo(1 - count(held)[most] / 18, 12);
    expect(record.baseline.trainingWrong).toBeCloseTo(1 - train[most] / 72, 12);
    const { classes: _, ...unnamed } = data;
    expect(comparable(await runTrial(given, { runtime, data: unnamed }))).toEqual(comparable(record));
  });

  it("measures what was held out, and nothing of it is trained on", async () => {
    // Labels of chance: what is trained on can be learned by heart, and what is held out cannot.
    const stream = new RandomStream(8, "chance");
    const cases = 100;
    const inputs = Float32Array.from({ length: 20 * cases }, () => stream.normal());
    const targets = new Float32Array(2 * cases);
    for (let row = 0; row < cases; row++) targets[2 * row + stream.integer(2)] = 1;
    const { final } = await runTrial(spec({ hidden: [40] }, { updates: 300 }), { runtime, data: { inputs, targets, cases } });
    expect(final!.trainingWrong).toBe(0);
    expect(final!.heldOutWrong).toBeGreaterThan(0.15);
  });

  it("learns a linear function, beside the mean of the targets", async () => {
    const data = line();
    // Names of classes mean nothing where numbers are predicted.
    for (const given of [data, { ...data, classes: ["a", "b"] }]) {
      const task = { predict: "numbers", hidden: [], scaling: "standard" };
      const record = await runTrial(spec(task, { updates: 300 }), { runtime, data: given });
      expect(Object.keys(record.final!).sort()).toEqual(["heldOutError", "heldOutLoss", "trainingError", "trainingLoss"]);
      expect(record.final!.heldOutError).toBeLessThan(1e-8);
      expect(record.best!.measure).toBe("heldOutError");
      const { held, source } = prepare(data, task);
      const { targets } = (source as { train: DataArrays }).train;
      const mean = [0, 1].map((k) => targets.reduce((sum, value, at) => sum + (at % 2 === k ? value : 0), 0) / 64);
      const error = (of: Float32Array) => of.reduce((sum, value, at) => sum + (value - mean[at % 2]) ** 2, 0) / (of.length / 2);
      expect(record.baseline.name).toBe("mean of the targets");
      expect(record.baseline.heldOutError).toBeCloseTo(error(held.targets), 9);
      expect(record.baseline.trainingError).toBeCloseTo(error(targets), 9);
    }
  });

  it.each([
    ["adam", { optimizer: { method: "adam", learningRate: 0.02 }, batchSize: 12, updates: 150 }],
    ["sgd", { optimizer: { method: "sgd", learningRate: 0.5 }, batchSize: 12, updates: 150 }],
    ["hessianFree", { optimizer: { method: "hessianFree" }, updates: 8, batchSize: undefined }],
    [
      "hessianFree with momentum",
      { optimizer: { method: "hessianFree", variant: "momentum", gradientCases: 36 }, updates: 20, batchSize: undefined },
    ],
  ])("is one with %s too", async (_, parts) => {
    const record = await runTrial(spec({}, parts), { runtime, data: clusters() });
    expect(record.end.code).toBe("finished");
    expect(record.final).toMatchObject({ heldOutWrong: 0, trainingWrong: 0 });
  });

  it.each(variants)("has the same bits on teams of 1 and 2: %s", async (kernels) => {
    const run = async (threads: number) => {
      const team = await createRuntime({ threads: teamOf(threads), kernels });
      try {
        return await uninterrupted(spec({ hidden: [30, 20] }), team, { data: clusters() });
      } finally {
        await team.dispose();
      }
    };
    const [one, two] = [await run(1), await run(2)];
    expect(two.parameters).toEqual(one.parameters);
    expect(comparable(two.record)).toEqual(comparable(one.record));
    expect(two.left).toEqual(one.left);
  });

  it.each<[string, object, object, DataArrays]>([
    ["classes", {}, {}, clusters()],
    [
      "numbers, by Hessian-free",
      { predict: "numbers" },
      { optimizer: { method: "hessianFree" }, updates: 4, batchSize: undefined },
      line(),
    ],
  ])("goes on to the same bits: %s", async (_, task, parts, data) => {
    const given = spec(task, { updates: 8, ...parts });
    const whole = await uninterrupted(given, runtime, { data });
    tick();
    const store = memoryStore();
    const controller = new AbortController();
    const options: RunTrialOptions = { runtime, store, data, ...oftenSaved };
    const stopped = await runTrial(given, {
      ...options,
      signal: controller.signal,
      onReport: ({ update }) => (update === 2 ? controller.abort() : undefined),
    });
    expect(stopped.end.code).toBe("stopped");
    expect((await rejection(runTrial(given, { runtime, store, resume: true }))) as InvalidOptionError).toMatchObject({ option: "data" });
    // Other data of the same shape are other data, be it by one number.
    for (const part of ["inputs", "targets"] as const) {
      const other = { ...data, [part]: data[part].slice() };
      const width = data[part].length / data.cases;
      other[part].copyWithin(0, width, 2 * width);
      const failure = (await rejection(runTrial(given, { ...options, data: other, resume: true }))) as HeavyballError;
      expect(failure.code).toBe("CHECKPOINT_MISMATCH");
      expect(failure.message).toMatch(/^the SHA-256 of the data of the saved state is .*; go on with the data it was begun with$/);
    }
    const record = await runTrial(given, { ...options, resume: true });
    expect(record.data).toMatch(/^[0-9a-f]{64}$/);
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(leavings(store)).toEqual(whole.left);
    // The data stay where they are: the run has the description alone.
    expect((whole.left.spec as { task: object }).task).toEqual(checkTrialSpec(given).task);
  });
});

describe("the page about a trial on data of one's own", () => {
  const pageOf = async (given: object, data: DataArrays): Promise<string> => {
    let html = "";
    await runTrial(given, { runtime, data, onEnd: (ended) => void (html = htmlPage(trialPage([ended]))) });
    return html;
  };

  it("has the learning curves and what was taken for what", async () => {
    const html = await pageOf(spec({}, { updates: 150 }), clusters());
    for (const words of [
      "Share wrong against updates",
      "Loss against updates",
      "What was taken for what",
      "Held-out share wrong",
      "most frequent class",
      "NAG, held out",
      "NAG, training",
      "the share wrong on 18 cases held out was 0 with NAG",
    ])
      expect(html).toContain(words);
    for (const name of ["left", "right", "above"]) expect(html.split(`>${name}<`).length - 1).toBe(2);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("has the squared error where numbers are predicted, and no classes", async () => {
    const html = await pageOf(spec({ predict: "numbers" }), line());
    for (const words of ["Squared error against updates", "Loss against updates", "mean of the targets", "Held-out squared error"])
      expect(html).toContain(words);
    expect(html).not.toContain("taken for what");
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("is there where all that is held out is of one class, for every optimizer, and where it diverged", async () => {
    const { inputs } = clusters(40);
    const targets = Float32Array.from({ length: 80 }, (_, at) => (at % 2 === (at < 2 ? 1 : 0) ? 1 : 0));
    const data = { inputs, targets, cases: 40, classes: ["<most>", "one & only"] };
    // On a logarithmic axis a baseline of 0 has no place.
    expect(prepare(data, { held: 0.1, seed: 1 }).baseline.measures.heldOutWrong).toBe(0);
    for (const method of ["sgd", "classicalMomentum", "nesterov", "adam", "hessianFree"] as const) {
      const { optimizer } = trialDefaults("data", method);
      const parts = { optimizer, updates: 3, ...(method === "hessianFree" ? { batchSize: undefined } : {}) };
      const html = await pageOf(spec({ held: 0.1, seed: 1 }, parts), data);
      expect(html).toContain("&lt;most");
      expect(html).not.toContain("<most>");
      expect(html).not.toMatch(/NaN|undefined|\[object/);
    }
    const diverged = await pageOf(spec({ predict: "numbers" }, { optimizer: { method: "sgd", learningRate: 1e25 } }), line());
    expect(diverged).toContain("diverged");
  });

  it("leaves out a matrix that nobody can look at", async () => {
    const cases = 310;
    const targets = new Float32Array(31 * cases);
    for (let row = 0; row < cases; row++) targets[31 * row + (row % 31)] = 1;
    const html = await pageOf(spec({}, { updates: 2 }), { inputs: new Float32Array(cases), targets, cases });
    expect(html).toContain("Share wrong against updates");
    expect(html).not.toContain("taken for what");
  });

  it("counts what was taken for what as a plain loop does", () => {
    const stream = new RandomStream(4, "confusion");
    for (const classes of [2, 3, 7]) {
      const cases = 200;
      const outputs = Float32Array.from({ length: cases * classes }, () => round(4 * stream.uniform()) / 4);
      const targets = new Float32Array(cases * classes);
      const wanted = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
      for (let row = 0; row < cases; row++) {
        const is = stream.integer(classes);
        targets[row * classes + is] = 1;
        const said = Array.from(outputs.subarray(row * classes, (row + 1) * classes));
        wanted[is][said.indexOf(Math.max(...said))]++;
      }
      expect([...confusionMatrix(outputs, targets, classes)]).toEqual(wanted.flat());
    }
  });
});
