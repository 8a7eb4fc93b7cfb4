import {
  autoencoder,
  checkTrialSpec,
  createRuntime,
  type Faces,
  FormatError,
  faces,
  htmlPage,
  InvalidOptionError,
  memoryStore,
  type Runtime,
  readMat,
  runTrial,
  ShapeError,
  trialDefaults,
  trialPage,
} from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "#internal/formats/digest";
import { RandomStream } from "#internal/random/stream";
import { facesKind } from "#internal/tasks/faces/facesKind";
import { makeFaces } from "#internal/tasks/faces/makeFaces";
import { paintPatch } from "#internal/tasks/faces/patchPainter";
import type { PreparedImages } from "#internal/tasks/images/imagesTask";
import { prepareTask, prepareTaskInSlices } from "#internal/trials/trial";
import { type Contents, memoryFiles } from "../support/dataFiles.js";
import { refusal, rejection } from "../support/failures.js";
import { photographsFile, photographValues, waves } from "../support/matFile.js";

const task = { name: "faces", cases: 30, testCases: 12 } as const;
const optimizer = { method: "nesterov", learningRate: 0.001, momentum: { schedule: "sutskever", max: 0.9 } };
const spec = { task, optimizer, batchSize: 10, updates: 2, seed: 3 };
const readFiles = (files: Readonly<Record<string, Contents>>) =>
  facesKind.files!.read(memoryFiles(files), checkTrialSpec(spec).task as never);

let file: Uint8Array<ArrayBuffer>;
let data: Awaited<ReturnType<typeof readFiles>>;
let made: Faces;
let runtime: Runtime;
beforeAll(async () => {
  file = await photographsFile();
  data = { faces: (await readMat(file)).faces };
  made = await faces(file, { cases: 60, testCases: 40, seed: 3 });
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());

describe("faces", () => {
  it("makes patches of 625 numbers, the same whatever their number, the same bits everywhere", async () => {
    expect([made.train.cases, made.train.features, made.train.inputs.length]).toEqual([60, 625, 60 * 625]);
    expect([made.test.cases, made.test.features, made.test.inputs.length]).toEqual([40, 625, 40 * 625]);
    const fewer = await faces(data.faces, { cases: 7, testCases: 1, seed: 3 });
    expect(fewer.train.inputs).toEqual(made.train.inputs.slice(0, 7 * 625));
    expect(fewer.test.inputs).toEqual(made.test.inputs.slice(0, 625));
    expect([fewer.mean, fewer.scale]).toEqual([made.mean, made.scale]);
    const digest = await sha256Hex(new Uint8Array(made.train.inputs.buffer));
    expect(digest).toBe("17907e5f6e00b5398f6c02b400bb7050f443d7110d80210cc528c803d960a519");
  });

  it("is drawn by its seed, while its host lives", async () => {
    let turns = 0;
    let isDone = false;
    const tick = (): void => {
      turns++;
      if (!isDone) setTimeout(tick, 0);
    };
    setTimeout(tick, 0);
    const other = await faces(data.faces, { cases: 7, testCases: 1, seed: 4 });
    isDone = true;
    expect(turns).toBeGreaterThan(3);
    expect(other.train.inputs).not.toEqual(made.train.inputs.slice(0, 7 * 625));
  });

  it("shows what is in the photographs: gray levels from 0 to 1, each set of its own people", async () => {
    // Of person p the level p in all pixels: every patch is flat, and tells whose it is.
    const levels = await faces(await photographsFile(photographValues((person) => person)), { cases: 500, testCases: 200 });
    for (const [set, first, people] of [
      [levels.train, 0, 25],
      [levels.test, 30, 10],
    ] as const) {
      for (let i = 0; i < set.cases; i++) {
        for (const pixel of [0, 24, 312, 600, 624]) {
          const level = 255 * (levels.mean[pixel] + levels.scale * set.inputs[i * 625 + pixel]);
          expect(level).toBeCloseTo(first + (i % people), 3);
        }
      }
    }
  });

  it("samples a square inside the photograph, turned and shrunk", () => {
    // The level is a linear function of the place, which bilinear interpolation keeps: what pixels differ by is the geometry.
    const ramps = Float32Array.from({ length: 2 * 4096 }, (_, at) => (at < 4096 ? at >> 6 : at & 63));
    const sums = { levels: new Float64Array(625), squares: 0 };
    const patches = [new Float32Array(625), new Float32Array(625)];
    const angles: number[] = [];
    const seen = { low: Infinity, high: -Infinity, smallest: Infinity, largest: -Infinity, straightness: 0 };
    for (let i = 0; i < 4000; i++) {
      // The same square of both: its rows, and its columns.
      for (const which of [0, 1]) paintPatch(new RandomStream(5, "ramps", i), ramps, which, patches[which], 0, sums);
      const [[top, right, bottom], [left, , below]] = patches.map((patch) => [patch[0], patch[24], patch[600]]);
      const [cos, sin] = [(bottom - top) / 24, (right - top) / 24];
      angles.push(Math.atan2(sin, cos));
      expect(cos).toBeGreaterThan(-1e-4);
      expect(below - left).toBeCloseTo(-24 * sin, 3);
      seen.smallest = Math.min(seen.smallest, Math.hypot(cos, sin));
      seen.largest = Math.max(seen.largest, Math.hypot(cos, sin));
      seen.low = Math.min(seen.low, ...patches[0], ...patches[1]);
      seen.high = Math.max(seen.high, ...patches[0], ...patches[1]);
      for (let pixel = 0; pixel < 625; pixel++) {
        const place = top + sin * (pixel % 25) + cos * Math.floor(pixel / 25);
        seen.straightness = Math.max(seen.straightness, Math.abs(patches[0][pixel] - place));
      }
    }
    expect(seen.straightness).toBeLessThan(1e-3);
    expect([seen.smallest, seen.largest].map((scale) => Number(scale.toFixed(2)))).toEqual([1.4, 1.8]);
    expect(seen.low).toBeGreaterThan(0);
    expect(seen.low).toBeLessThan(1);
    expect(seen.high).toBeLessThan(63);
    expect(seen.high).toBeGreaterThan(62);
    for (const [from, to] of [
      [-2, -1],
      [-1, 0],
      [0, 1],
      [1, 2],
    ]) {
      const share = angles.filter((angle) => angle >= (from * Math.PI) / 4 && angle < (to * Math.PI) / 4).length / angles.length;
      expect(share).toBeGreaterThan(0.22);
      expect(share).toBeLessThan(0.28);
    }
  });

  it("refuses what it cannot take, by name", async () => {
    const { shape } = data.faces;
    const values = waves();
    const refused: readonly [unknown, unknown, string][] = [
      [undefined, {}, "images"],
      ["olivettifaces.mat", {}, "images"],
      [{ shape }, {}, "images.data"],
      [{ shape: [400, 4096], data: values }, {}, "images.shape"],
      [{ shape, data: [...values.slice(0, 5)] }, {}, "images.data"],
      [{ shape, data: Float32Array.from(values).fill(NaN, 5, 6) }, {}, "images.data[5]"],
      [{ shape, data: Float32Array.from(values).fill(256, 6, 7) }, {}, "images.data[6]"],
      [{ shape, data: new Uint8Array(values.length) }, {}, "images.data"],
      [{ shape, data: values, order: 1 }, {}, "images.order"],
      [data.faces, null, "faces"],
      [data.faces, { count: 5 }, "faces.count"],
      [data.faces, { cases: 0 }, "cases"],
      [data.faces, { cases: 103_501 }, "cases"],
      [data.faces, { testCases: 41_401 }, "testCases"],
      [data.faces, { seed: -1 }, "seed"],
      [data.faces, { seed: null }, "seed"],
    ];
    for (const [images, options, option] of refused) {
      const error = await rejection(faces(images as never, options as never));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as InvalidOptionError).option).toBe(option);
    }
    expect(await rejection(faces({ shape, data: values.subarray(1) }))).toBeInstanceOf(ShapeError);
    expect(await rejection(faces(file.subarray(0, 500)))).toMatchObject({ file: "images", code: "FORMAT" });
  });

  it("normalizes the whole set: answering the mean costs 625", () => {
    const levels = Float32Array.from({ length: 400 * 4096 }, (_, at) => ((at * 7919) >> 4) % 256);
    const counts = { cases: 103_500, testCases: 41_400, seed: 1 };
    const work = makeFaces(levels, counts);
    let next = work.next();
    while (!next.done) next = work.next();
    // Noise is the same in all sets, so that the two that are kept tell of the whole.
    const sums = [next.value.train, next.value.test].map(({ inputs }) => inputs.reduce((sum, value) => sum + value * value, 0));
    expect((sums[0] + sums[1]) / 144_900).toBeCloseTo(625, 0);
  });
});

describe("the FACES task", () => {
  it("fills in the paper's numbers, as plain data without the data", () => {
    expect(checkTrialSpec(trialDefaults("faces"))).toMatchObject({
      task: { name: "faces", cases: 103_500, testCases: 41_400 },
      initialization: { method: "sparse", fanIn: 15, scale: 1 },
      optimizer: {
        method: "nesterov",
        learningRate: facesKind.defaults.learningRate,
        momentum: { schedule: "sutskever", max: 0.99, period: 250 },
      },
      batchSize: 200,
      seed: 1,
    });
  });

  it.each<[string, object]>([
    ["task.cases", { cases: 0 }],
    ["task.cases", { cases: 103_501 }],
    ["task.testCases", { testCases: 2.5 }],
    ["task.testCases", { testCases: null }],
    ["task.seed", { seed: 0.5 }],
    ["task.hidden", { hidden: [10] }],
    ["batchSize", { cases: 9 }],
  ])("refuses a wrong %s: %o", (option, parts) => {
    expect(refusal(() => checkTrialSpec({ ...spec, task: { ...task, ...parts } })).option).toBe(option);
  });

  it("trains the paper's autoencoder on patches of the trial's seed, in one go or in slices", async () => {
    const prepared = prepareTask(checkTrialSpec(spec), data) as PreparedImages;
    expect(prepared.network).toEqual(autoencoder({ encoder: [625, 2000, 1000, 500, 30], output: "linear" }));
    expect(prepared.network).toMatchObject({
      activations: ["logistic", "logistic", "logistic", "linear", "logistic", "logistic", "logistic", "linear"],
      loss: "squared",
    });
    expect(prepared.train.inputs).toEqual(made.train.inputs.slice(0, 30 * 625));
    expect(prepared.test.inputs).toEqual(made.test.inputs.slice(0, 12 * 625));
    expect([prepared.width, prepared.height]).toEqual([25, 25]);
    const sliced = (await prepareTaskInSlices(checkTrialSpec({ ...spec, seed: 9, task: { ...task, seed: 3 } }), data)) as PreparedImages;
    expect(sliced.train).toEqual(prepared.train);
  });

  it("reads its photographs from the published name, or from the only MATLAB file there is", async () => {
    const whole: readonly Readonly<Record<string, Contents>>[] = [
      { "olivettifaces.mat": file, "other.mat": "nobody reads this" },
      { "mine.MAT": file, "README.txt": "About faces." },
    ];
    for (const files of whole) {
      const { faces: read } = await readFiles(files);
      expect([read.shape, read.data.length]).toEqual([data.faces.shape, data.faces.data.length]);
      expect(read.data.every((level: number, at: number) => level === data.faces.data[at])).toBe(true);
    }
    const none: readonly Readonly<Record<string, Contents>>[] = [{}, { "a.mat": file, "b.mat": file }, { "faces.npy": file }];
    for (const files of none) {
      const error = (await rejection(readFiles(files))) as InvalidOptionError;
      expect(error).toMatchObject({ option: "data", value: "shelf" });
      expect(error.message).toMatch(/where there is olivettifaces\.mat \(published with SHA-256 b1988d02c72f/);
    }
    const damaged: readonly [Uint8Array, RegExp][] = [
      [file.subarray(0, 300), /^shelf\/olivettifaces\.mat: at byte 132, expected a length/],
      [
        await photographsFile(new Uint8Array(8), { shape: [2, 4] }),
        /400 photographs of 64 x 64 in the variable faces, .*faces\.shape is \[2,4\]/,
      ],
      [await photographsFile(new Uint8Array(8), { name: "p", shape: [2, 4] }), /expected a variable faces, found \["p"\]/],
    ];
    for (const [bytes, message] of damaged) {
      const error = await rejection(readFiles({ "olivettifaces.mat": bytes }));
      expect(error).toBeInstanceOf(FormatError);
      expect(error.message).toMatch(message);
    }
  });

  it.each<[string, unknown]>([
    ["data", 7],
    ["data.faces", {}],
    ["data.faces", { faces: null }],
    ["data.faces.shape", { faces: { shape: [1, 1], data: new Uint8Array(1) } }],
  ])("refuses data by the name of what is wrong: %s", (option, wrong) => {
    expect(refusal(() => prepareTask(checkTrialSpec(spec), wrong)).option).toBe(option);
  });

  it("trains, keeps to its data, and shows gray levels", async () => {
    const store = memoryStore();
    let html = "";
    let rows: readonly Float32Array[] = [];
    const record = await runTrial(spec, {
      runtime,
      data,
      store,
      onEnd(ended) {
        const page = trialPage([ended]);
        html = htmlPage(page);
        rows = page.sections.flatMap((section) => (section.kind === "pictures" ? section.pictures.rows.map(({ values }) => values) : []));
      },
    });
    expect(record.end.code).toBe("finished");
    expect(record.baseline.trainingError).toBeGreaterThan(100);
    for (const words of ["The FACES autoencoder", "Test images and their reconstructions"]) expect(html).toContain(words);
    expect(html).not.toMatch(/NaN|undefined|\[object/);
    expect(rows).toHaveLength(2);
    expect(rows[0].every((level) => level > -1e-4 && level < 1)).toBe(true);
    expect(rows[0].some((level) => level > 0.3)).toBe(true);
    const other = { faces: { ...data.faces, data: data.faces.data.map((level: number) => 255 - level) } };
    const error = await rejection(runTrial({ ...spec, updates: 2 }, { runtime, data: other as never, store, resume: true }));
    expect(error).toMatchObject({ code: "CHECKPOINT_MISMATCH" });
  });
});
