import {
  checkTrialSpec,
  createRuntime,
  HeavyballError,
  type InvalidOptionError,
  memoryStore,
  mnist,
  type Runtime,
  readCsv,
  runTrial,
  trialDefaults,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareTask } from "#internal/trials/trial";
import { idxFile } from "../support/dataFiles.js";
import { refusal, rejection } from "../support/failures.js";
import { clusters, prepare, spec } from "../support/ownData.js";
import { comparable } from "../support/storedTrials.js";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

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
