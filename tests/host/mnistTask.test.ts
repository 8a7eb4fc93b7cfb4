import {
  autoencoder,
  checkTrialSpec,
  createRuntime,
  FormatError,
  HeavyballError,
  htmlPage,
  InvalidOptionError,
  memoryStore,
  mnist,
  type Runtime,
  runTrial,
  trialDefaults,
  trialPage,
} from "heavyball";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { RandomStream } from "#internal/random/stream";
import type { PreparedImages } from "#internal/tasks/images/imagesTask";
import { type MnistData, mnistKind } from "#internal/tasks/mnist/mnistKind";
import { prepareTask } from "#internal/trials/trial";
import { type Contents, gzipped, idxFile, memoryFiles } from "../support/dataFiles.js";
import { refusal, rejection } from "../support/failures.js";
import { comparable, leavings, oftenSaved, tick, uninterrupted } from "../support/storedTrials.js";

/** Images of noise, as a file. */
function imagesFile(cases: number, rows = 28, columns = rows): Uint8Array<ArrayBuffer> {
  const stream = new RandomStream(cases, "noise");
  return idxFile(
    [cases, rows, columns],
    Uint8Array.from({ length: cases * rows * columns }, () => stream.integer(256)),
  );
}

const trainName = "train-images-idx3-ubyte";
const testName = "t10k-images-idx3-ubyte";
const train = imagesFile(12);
const test = imagesFile(4);

const task = { name: "mnist", cases: 12, testCases: 4 } as const;
const optimizer = { method: "nesterov", learningRate: 0.01, momentum: { schedule: "sutskever", max: 0.9 } };
const spec = { task, optimizer, batchSize: 4, updates: 4, seed: 3 };

const readFiles = (files: Readonly<Record<string, Contents>>) =>
  mnistKind.files!.read(memoryFiles(files), checkTrialSpec(spec).task as never);
const prepare = (data: unknown, parts: object = {}) => prepareTask(checkTrialSpec({ ...spec, ...parts }), data) as PreparedImages;

let runtime: Runtime;
let data: MnistData;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
  data = { train: await mnist(train), test: await mnist(test) };
});
afterAll(() => runtime.dispose());
afterEach(() => void vi.restoreAllMocks());

describe("the MNIST task", () => {
  it("fills in the paper's numbers, as plain data without the data", () => {
    expect(checkTrialSpec(trialDefaults("mnist"))).toEqual({
      task: { name: "mnist", cases: 60_000, testCases: 10_000 },
      initialization: { method: "sparse", fanIn: 15, scale: 1 },
      optimizer: {
        method: "nesterov",
        learningRate: 0.01,
        momentum: { schedule: "sutskever", max: 0.99, period: 250 },
        weightDecay: 0,
      },
      batchSize: 200,
      updates: 2000,
      seed: 1,
    });
  });

  it.each<[string, object]>([
    ["task.cases", { cases: 0 }],
    ["task.cases", { cases: 2.5 }],
    ["task.cases", { cases: null }],
    ["task.testCases", { testCases: 0 }],
    ["task.testCases", { testCases: "4" }],
    ["task.seed", { seed: 1 }],
    ["task.hidden", { hidden: [10] }],
    ["batchSize", { cases: 3 }],
  ])("refuses a wrong %s: %o", (option, parts) => {
    expect(refusal(() => checkTrialSpec({ ...spec, task: { ...task, ...parts } })).option).toBe(option);
  });

  it("trains the paper's autoencoder: 784-1000-500-250-30 and its mirror, a linear code, logistic units, cross-entropy", () => {
    const { network } = prepare(data);
    expect(network).toEqual(autoencoder({ encoder: [784, 1000, 500, 250, 30] }));
    expect(network).toMatchObject({
      kind: "feedForward",
      sizes: [784, 1000, 500, 250, 30, 250, 500, 1000, 784],
      activations: ["logistic", "logistic", "logistic", "linear", "logistic", "logistic", "logistic", "logistic"],
      loss: "crossEntropy",
    });
  });

  it("takes the first of the images there are", async () => {
    const made = prepare(data, { task: { ...task, cases: 5, testCases: 2 } });
    expect(made.train.inputs).toEqual(Float32Array.from(train.subarray(16, 16 + 5 * 784), (pixel) => pixel / 255));
    expect(made.test.inputs).toEqual(Float32Array.from(test.subarray(16, 16 + 2 * 784), (pixel) => pixel / 255));
    expect([made.train.cases, made.test.cases, made.width, made.height]).toEqual([5, 2, 28, 28]);
  });
});

describe("the files of the MNIST task", () => {
  it("may be compressed or not, each as it likes, beside others", async () => {
    const [trainGz, testGz] = [await gzipped(train), await gzipped(test)];
    const sets: Readonly<Record<string, Contents>>[] = [
      { [trainName]: train, [testName]: test },
      { [`${trainName}.gz`]: trainGz, [`${testName}.gz`]: testGz },
      { [`${trainName}.gz`]: trainGz, [testName]: test, "train-labels-idx1-ubyte": "nobody reads this" },
      // Whatever its name says.
      { [`${trainName}.gz`]: train, [testName]: testGz },
    ];
    for (const files of sets) expect(await readFiles(files)).toEqual(data);
  });

  it.each([
    [trainName, { [testName]: test }],
    [testName, { [trainName]: train }],
    [trainName, {}],
  ])("are asked for by name: %s", async (name, files) => {
    const error = (await rejection(readFiles(files))) as InvalidOptionError;
    expect(error).toMatchObject({ option: "data", value: "shelf" });
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(`where there is ${name}.gz or ${name}`);
  });

  it("are named with the byte at which they are damaged", async () => {
    const packed = await gzipped(train);
    for (const [name, bytes, offset] of [
      [trainName, train.subarray(0, -1), train.length - 1],
      [trainName, train.subarray(0, 9), 9],
      [trainName, new Uint8Array(), 0],
      [trainName, idxFile([12], new Uint8Array(12)), 3],
      [trainName, idxFile([0, 28, 28], []), 4],
      [`${trainName}.gz`, packed.subarray(0, 15), 15],
      [`${trainName}.gz`, packed.subarray(0, -9), packed.length - 13],
    ] as const) {
      const error = (await rejection(readFiles({ [name]: bytes, [testName]: test }))) as FormatError;
      expect(error).toBeInstanceOf(FormatError);
      expect(error).toMatchObject({ file: `shelf/${name}`, offset });
    }
    expect(await rejection(readFiles({ [trainName]: train, [testName]: test.subarray(1) }))).toMatchObject({ file: `shelf/${testName}` });
  });

  it("hold images of 28 x 28: others are refused by the name of their file", async () => {
    for (const [rows, columns] of [
      [20, 20],
      [28, 27],
    ]) {
      const other = imagesFile(12, rows, columns);
      for (const [name, files] of [
        [trainName, { [trainName]: other, [testName]: test }],
        [testName, { [trainName]: train, [testName]: other }],
      ] as const) {
        const error = await rejection(readFiles(files));
        expect(error).toMatchObject({ code: "FORMAT", file: `shelf/${name}`, offset: 8 });
        expect(error.message).toContain(`expected images of 28 x 28 pixels, found ones of ${rows * columns}`);
      }
      const given = { train: await mnist(other), test: data.test };
      expect(refusal(() => prepare(given))).toMatchObject({ option: "data.train.features", value: rows * columns });
    }
  });
});

describe("data given to the MNIST task", () => {
  it.each<[string, (whole: MnistData) => unknown]>([
    ["data", () => 7],
    ["data", () => undefined],
    ["data.train", ({ test }) => ({ test })],
    ["data.test", ({ train }) => ({ train, test: null })],
    ["data.validation", (whole) => ({ ...whole, validation: whole.test })],
    ["data.train.cases", ({ train, test }) => ({ train: { ...train, cases: 0 }, test })],
    ["data.train.inputs", ({ train, test }) => ({ train: { ...train, inputs: [...train.inputs] }, test })],
    ["data.train.steps", ({ train, test }) => ({ train: { ...train, steps: 1 }, test })],
    ["data.test.pixels", ({ train, test }) => ({ train, test: { ...test, pixels: 784 } })],
    ["data.train.inputs[5]", ({ train, test }) => ({ train: { ...train, inputs: train.inputs.with(5, 1.5) }, test })],
    ["data.test.inputs[6]", ({ train, test }) => ({ train, test: { ...test, inputs: test.inputs.with(6, -0.1) } })],
    ["data.test.inputs[7]", ({ train, test }) => ({ train, test: { ...test, inputs: test.inputs.with(7, NaN) } })],
  ])("are refused by the name of what is wrong: %s", (option, change) => {
    expect(refusal(() => prepare(change(data))).option).toBe(option);
  });

  it("are refused where their length does not fit", () => {
    const call = () => prepare({ ...data, test: { ...data.test, cases: 5 } });
    expect(call).toThrow(HeavyballError);
    expect(call).toThrow(/^data\.test\.inputs\.length is 3136; expected 3920/);
  });

  it("are refused where they are fewer than the task takes", () => {
    expect(refusal(() => prepare(data, { task: { ...task, cases: 13 } }))).toMatchObject({ option: "task.cases", value: 13 });
    expect(refusal(() => prepare(data, { task: { ...task, testCases: 5 } }))).toMatchObject({ option: "task.testCases", value: 5 });
  });

  it("may have labels, which nobody reads", async () => {
    const labels = idxFile([12], new Uint8Array(12));
    expect(prepare({ ...data, train: await mnist(train, labels) }).train).toEqual(data.train);
  });
});

describe("a trial of the MNIST task", () => {
  it("goes on to the same bits, and keeps neither data nor where they are from", async () => {
    const whole = await uninterrupted(spec, runtime, { data });
    expect(whole.record.end.code).toBe("finished");
    expect(whole.record.final!.trainingError).toBeLessThan(whole.record.reports[0].trainingError!);
    tick();
    const store = memoryStore();
    const controller = new AbortController();
    const onReport = ({ update }: { update: number }) => (update === 2 ? controller.abort() : undefined);
    const files = await readFiles({ [trainName]: train, [`${testName}.gz`]: await gzipped(test) });
    await runTrial(spec, { runtime, data: files, store, ...oftenSaved, signal: controller.signal, onReport });
    expect(await rejection(runTrial(spec, { runtime, store, resume: true }))).toMatchObject({ option: "data" });
    const record = await runTrial(spec, { runtime, data, store, resume: true });
    expect(comparable(record)).toEqual(comparable(whole.record));
    expect(leavings(store)).toEqual(whole.left);
    expect(whole.left.spec).toEqual(checkTrialSpec(spec));
    for (const [name, bytes] of store.entries()) {
      const text = new TextDecoder("latin1").decode(bytes);
      for (const words of ["shelf", "ubyte", trainName]) expect(text.includes(words), name).toBe(false);
      // A row of an image would be in it as it is: f32, little-endian.
      const row = new TextDecoder("latin1").decode(new Uint8Array(data.train.inputs.buffer, data.train.inputs.byteOffset, 64));
      expect(text.includes(row), name).toBe(false);
    }
  });

  it("has a page with test images and what became of them", async () => {
    let html = "";
    await runTrial({ ...spec, updates: 1 }, { runtime, data, onEnd: (ended) => void (html = htmlPage(trialPage([ended]))) });
    for (const words of ["The MNIST autoencoder", "Training error against updates", "Test images and their reconstructions"])
      expect(html).toContain(words);
    expect(html).not.toMatch(/NaN|undefined|\[object/);
  });
});
