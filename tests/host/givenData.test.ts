/** Data that are given to a sweep in whose store there are trials already. */
import {
  createRuntime,
  type Executor,
  InvalidOptionError,
  inlineExecutor,
  memorySweepStore,
  type RunSweepOptions,
  type Runtime,
  runStudy,
  runSweep,
  type Sweep,
  type SweepStore,
} from "heavyball";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { idxFile, memoryFiles } from "../support/dataFiles.js";
import { rejection } from "../support/failures.js";
import { inventor } from "../support/inventedTrials.js";
import { photographsFile } from "../support/matFile.js";

/** Twenty images of 2 x 2 pixels, and their labels. */
const files = (salt: number) => ({
  "train-images-idx3-ubyte": idxFile(
    [20, 2, 2],
    Uint8Array.from({ length: 80 }, (_, at) => (at * at * 31 + salt) % 256),
  ),
  "train-labels-idx1-ubyte": idxFile(
    [20],
    Uint8Array.from({ length: 20 }, (_, at) => at % 2),
  ),
});
const [former, other] = [memoryFiles(files(1)), { ...memoryFiles(files(2)), place: "another shelf" }];

const trial = {
  task: { name: "data", hidden: [3] },
  optimizer: { method: "nesterov", learningRate: 0.1, momentum: 0.9 },
  batchSize: 4,
  updates: 8,
  seed: 1,
};
const rates: Sweep = { trial, grid: { "optimizer.learningRate": [0.1, 0.05], seed: [1, 2] } };

let runtime: Runtime;
let store: SweepStore;
/** Sweeps for which an executor was opened. */
let opened: number;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1, kernels: "simd" });
});
afterAll(() => runtime.dispose());
beforeEach(() => {
  store = memorySweepStore();
  opened = 0;
});

const counted = (): Executor => {
  const inline = inlineExecutor(runtime);
  return {
    ...inline,
    open(sweep) {
      opened++;
      return inline.open(sweep);
    },
  };
};
const run = (sweep: Sweep, options: Partial<RunSweepOptions> = {}) =>
  runSweep(sweep, { executor: counted(), store, data: former, ...options });
/** The error of a sweep that is refused before anything is run. */
async function refused(sweep: Sweep, options: Partial<RunSweepOptions> = {}): Promise<InvalidOptionError> {
  const before = opened;
  const error = await rejection(run(sweep, { data: other, ...options }));
  expect(error).toBeInstanceOf(InvalidOptionError);
  expect(error).toMatchObject({ option: "data" });
  expect(opened).toBe(before);
  return error as InvalidOptionError;
}
const short = ({ rows }: { readonly rows: readonly { readonly key: string }[] }) => rows.map(({ key }) => key.slice(0, 12));
/** Stops a sweep when its first trial has made an update. */
async function begin(sweep: Sweep): Promise<string> {
  const controller = new AbortController();
  const onProgress: RunSweepOptions["onProgress"] = ({ running }) => {
    if (running.some(({ progress }) => (progress?.update ?? 0) > 0)) controller.abort();
  };
  const { rows } = await run(sweep, { signal: controller.signal, onProgress });
  expect(rows.map(({ state }) => state)).toEqual(["stopped"]);
  return rows[0].key;
}

describe("other data than those on which trials of the sweep were trained", () => {
  it("are refused before anything is run, by their number and their keys", async () => {
    const keys = short(await run(rates));
    const { message } = await refused(rates);
    expect(message).toBe(
      `data is "another shelf"; data must be what 4 trials of this sweep in ${store.place} were trained on ` +
        `(${keys.slice(0, 3).join(", ")} and 1 more): give that, another store, or move them away`,
    );
    const longer = { trial, grid: { "optimizer.learningRate": [0.05, 0.01], seed: [1] } };
    expect((await refused(longer)).message).toContain(`what 1 trial of this sweep in ${store.place} was trained on (${keys[2]}): give`);
    // Those of before are taken, and what is new is run on them.
    expect((await run(longer)).rows.map(({ isFound }) => isFound)).toEqual([true, false]);
  });

  it("are refused whether they come from files or from a program", async () => {
    await run(rates);
    const inputs = Float32Array.from({ length: 80 }, (_, at) => (at * at * 31 + 1) % 256);
    const targets = Float32Array.from({ length: 40 }, (_, at) => Number(at % 2 === (at >> 1) % 2));
    const data = { inputs, targets, cases: 20 };
    expect((await run(rates, { data })).rows.every(({ isFound }) => isFound)).toBe(true);
    await refused(rates, { data: { ...data, inputs: inputs.with(7, 9) } });
  });

  it("are refused where trials were only begun, or failed when they went on", async () => {
    const long = { trial: { ...trial, updates: 1_000_000_000 } };
    const key = await begin(long);
    expect((await refused(long)).message).toContain(`(${key.slice(0, 12)})`);
    const open = await store.run(key).open();
    await open.write("failure.json", JSON.stringify({ spec: { ...long.trial }, failure: { code: "PROCESS_LOST", message: "gone" } }));
    await open.close();
    expect((await store.list()).trials.get(key)?.state).toBe("failed");
    expect((await refused(long)).message).toContain(`(${key.slice(0, 12)})`);
  });

  it("are refused for the rounds of successive halving too", async () => {
    const halved: Sweep = {
      trial,
      grid: { "optimizer.learningRate": [0.1, 0.05, 0.01] },
      choose: { path: "optimizer.learningRate" },
      pilot: { share: 0.25 },
    };
    const { rows } = await run(halved);
    const rounds = rows.filter(({ pilot }) => pilot !== undefined);
    const rest = memorySweepStore();
    // The full trials are gone: their rounds are there.
    for (const { key, record } of rounds) {
      const to = await rest.run(key).open();
      await to.write("record.json", JSON.stringify(record));
      await to.close();
    }
    const { message } = await refused(halved, { store: rest });
    expect(message).toContain(`what ${rounds.length} trials of this sweep in`);
  });

  it("are refused for parts that are not run now, but told", async () => {
    const parts: Sweep = {
      trials: [
        { name: "a", trial },
        { name: "b", trial: { ...trial, seed: 2 } },
      ],
    };
    const [key] = short(await run(parts, { onlyParts: (part) => part === "a" }));
    expect((await refused(parts, { onlyParts: (part) => part === "b" })).message).toContain(`(${key})`);
  });

  it("are refused by studies", async () => {
    const faces = memoryFiles({ "olivettifaces.mat": await photographsFile() });
    const study = (data?: string) =>
      runStudy("table1", { fraction: 1e-6 }, { executor: inventor(() => 1, data), store, data: faces, only: "faces sgd" });
    await study("0".repeat(64));
    expect((await rejection(study())).message).toMatch(
      /^data is "shelf"; data must be what 6 trials of this sweep in .* were trained on \(/,
    );
  });
});

describe("other data", () => {
  it("are taken for trials of the same store that the sweep does not have", async () => {
    await run(rates);
    const { rows } = await run({ trial: { ...trial, seed: 3 } }, { data: other });
    expect(rows.map(({ state, isFound }) => [state, isFound])).toEqual([["ended", false]]);
  });

  it("are taken beside trials of which no SHA-256 is known", async () => {
    const { rows } = await run(rates);
    for (const { key, record } of rows) {
      const open = await store.run(key).open();
      await open.write("record.json", JSON.stringify({ ...record, data: undefined }));
      await open.close();
    }
    expect((await run(rates, { data: other })).rows.every(({ isFound }) => isFound)).toBe(true);
  });

  it("are no others where tasks read the same files in another way", async () => {
    const ways: Sweep = { trial, grid: { "task.predict": ["classes", "numbers"] } };
    const { rows } = await run(ways);
    expect(new Set(rows.map(({ record }) => record?.data)).size).toBe(2);
    expect((await run(ways)).rows.every(({ isFound }) => isFound)).toBe(true);
    expect((await refused(ways)).message).toContain("what 2 trials of this sweep");
  });

  it("that cannot be read are told by the trials that need them", async () => {
    await run(rates);
    const { rows } = await run({ trial, grid: { seed: [1, 3] } }, { data: memoryFiles({}) });
    expect(rows.map(({ state }) => state)).toEqual(["ended", "failed"]);
    expect(rows[1].failure?.message).toMatch(/^data is "shelf"; data must be where there is a table/);
  });
});
