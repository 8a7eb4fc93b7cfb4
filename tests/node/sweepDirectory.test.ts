import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, expandSweep, inlineExecutor, runSweep, StoreError, type Sweep, trialKey } from "heavyball";
import { sweepDirectory } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCheckpoint, writeCheckpoint } from "#internal/formats/checkpointFile";
import { RunLock } from "#internal/node/runLock";
import { textTable } from "#internal/report/text/table";
import { listedRows } from "#internal/sweeps/listedRows";
import { trialsTable } from "#internal/sweeps/page/tables";
import { rejection } from "../support/failures.js";
import { leaveLock } from "../support/leftLock.js";
import { outcomes, tinySweep, tinyTrial } from "../support/sweeps.js";

let directory: string;
let executor: ReturnType<typeof inlineExecutor>;
let dispose: () => Promise<void>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-sweeps-"));
  const runtime = await createRuntime({ threads: 1, kernels: "simd" });
  executor = inlineExecutor(runtime);
  dispose = () => runtime.dispose();
});
afterAll(async () => {
  await dispose();
  rmSync(directory, { recursive: true, force: true });
});

const at = (...parts: string[]) => join(directory, ...parts);
const run = (name: string, sweep: Sweep = tinySweep, more = {}) => runSweep(sweep, { executor, store: sweepDirectory(at(name)), ...more });
const list = (name: string) => sweepDirectory(at(name)).list();
const checkpoint = "checkpoint.bin";
/** Puts what another run has in the place of one, but its record unless that is asked for. */
function replaceBy(other: string, path: string, more: readonly string[]): void {
  rmSync(path, { recursive: true });
  mkdirSync(path);
  const names = readdirSync(other).filter((name) => name !== "record.json" || more.includes(name));
  for (const name of names) copyFileSync(join(other, name), join(path, name));
}
/** Makes a run's only checkpoint another, whole one. */
async function changeCheckpoint(path: string, change: object, events?: readonly object[]): Promise<void> {
  rmSync(join(path, "checkpoint.previous.bin"), { force: true });
  const { numerics, kernels, header, tensors } = await readCheckpoint(new Uint8Array(readFileSync(join(path, checkpoint))), checkpoint);
  const changed = { numerics, kernels, tensors, header: events === undefined ? header : { ...(header as object), events }, ...change };
  writeFileSync(join(path, checkpoint), await writeCheckpoint(changed));
}
const indexOf = (name: string) => readFileSync(at(name, "index.jsonl"), "utf8");

describe("a directory of sweeps", () => {
  it("has a run for every trial under its key, and lists them without reading one record", async () => {
    const { rows } = await run("sweep");
    expect(readdirSync(at("sweep")).sort()).toEqual(["index.jsonl", "store.json", "trials"]);
    expect(readdirSync(at("sweep", "trials")).sort()).toEqual(rows.map(({ key }) => key).sort());
    for (const { key, spec } of rows) expect(await trialKey(spec, { kernels: "simd" })).toBe(key);
    const { trials, troubles, recordsRead } = await list("sweep");
    expect([trials.size, troubles, recordsRead]).toEqual([12, [], 0]);
    expect(trials.get(rows[4].key)).toEqual({ key: rows[4].key, state: "ended", record: rows[4].record });
  });

  it("makes its index again where that is missing, cut, damaged or somebody else's, and never trusts it over records", async () => {
    const { rows } = await run("index");
    const whole = await list("index");
    const good = indexOf("index");
    const lines = good.trimEnd().split("\n");
    const otherRecord = lines[0].replace('"code":"diverged"', '"code":"finished"');
    const changes: [string, number][] = [
      ["", 12],
      [good.slice(0, -30), 1],
      [good.replace('"update"', '"updaet"'), 1],
      [[otherRecord, ...lines.slice(1)].join("\n"), 1],
      [`${lines.slice(3).join("\n")}\n`, 3],
      ["\0\0\0\n[]\n", 12],
      [lines.map((line) => `${line}\n`.repeat(20)).join(""), 0],
    ];
    for (const [content, read] of changes) {
      writeFileSync(at("index", "index.jsonl"), content);
      const found = await list("index");
      expect(found).toEqual({ ...whole, recordsRead: read });
      expect(await list("index")).toEqual(whole);
    }
    // What is gone is gone, whatever the index says.
    rmSync(at("index", "trials", rows[0].key), { recursive: true });
    expect((await list("index")).trials.size).toBe(11);
    rmSync(at("index", "index.jsonl"));
    expect((await list("index")).recordsRead).toBe(11);
  });

  it("tells of a record that was changed since its trial ended, whose spec fits still, and takes it as it is", async () => {
    const { rows } = await run("edited");
    const path = at("edited", "trials", rows[3].key, "record.json");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/"update": 6/, '"update": 5'));
    for (let time = 0; time < 2; time++) {
      const { trials, troubles } = await list("edited");
      expect(troubles).toEqual([`${path} was changed after its trial had ended; it is taken as it is now`]);
      expect(trials.get(rows[3].key)).toMatchObject({ record: { update: 5 } });
    }
    // One that was touched, or put back, is as it was.
    writeFileSync(path, text);
    expect(await list("edited")).toMatchObject({ troubles: [], recordsRead: 1 });
    utimesSync(path, 1e9, 1e9);
    expect(await list("edited")).toMatchObject({ troubles: [], recordsRead: 1 });
    expect(await list("edited")).toMatchObject({ troubles: [], recordsRead: 0 });
  });

  it("repairs a damaged record from the last checkpoint", async () => {
    const whole = await run("repaired");
    const path = at("repaired", "trials", whole.rows[3].key, "record.json");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 99));
    expect((await run("repaired")).rows[3]).toMatchObject({ state: "damaged" });
    expect(statSync(path).size).toBe(99);
    const mended = await run("repaired", tinySweep, { repair: true });
    expect(outcomes(mended)).toEqual(outcomes(whole));
    expect(statSync(join(path, "..", "record.damaged.json")).size).toBe(99);
    expect((await list("repaired")).troubles).toEqual([]);
  });

  it.each([
    ["spec.json", []],
    ["checkpoint.bin", ["checkpoint.previous.bin"]],
  ])("begins a trial anew, when asked, whose %s is so damaged that it cannot go on, and keeps what there was", async (damaged, missing) => {
    const name = `unable-${damaged}`;
    const whole = await run(name);
    const path = at(name, "trials", whole.rows[3].key);
    for (const file of ["record.json", ...missing]) rmSync(join(path, file), { force: true });
    writeFileSync(join(path, damaged), readFileSync(join(path, damaged)).subarray(0, 40));
    for (let times = 0; times < 2; times++) {
      const { state, failure } = (await run(name)).rows[3];
      expect([state, failure?.code]).toEqual(["failed", "FORMAT"]);
      expect(failure?.message).toMatch(/it is left as it is, and its trial is begun anew when asked for \(repair\)$/);
    }
    expect(outcomes(await run(name, tinySweep, { repair: true }))).toEqual(outcomes(whole));
    expect(statSync(join(path, `damaged.${damaged}`)).size).toBe(40);
    expect((await list(name)).troubles).toEqual([]);
  });

  const otherTrials: [what: string, put: (path: string, other: string) => Promise<void>, why: RegExp][] = [
    [
      "a run that another trial began",
      async (path, other) => replaceBy(other, path, []),
      /: spec\.seed of the saved state is 1, here it is 2/,
    ],
    [
      "the whole run of another trial",
      async (path, other) => replaceBy(other, path, ["record.json"]),
      /: spec\.seed of the saved state is 1/,
    ],
    [
      "the checkpoint of another trial",
      async (path, other) => copyFileSync(join(other, checkpoint), join(path, checkpoint)),
      /: spec\.seed /,
    ],
    [
      "a checkpoint of other kernels",
      (path) => changeCheckpoint(path, { kernels: "relaxed" }),
      /: the kernel variant of the saved state is "relaxed"/,
    ],
    [
      "a checkpoint of another numerics version",
      (path) => changeCheckpoint(path, { numerics: 1_000_000 }),
      /: the numerics version of the saved /,
    ],
    ["a run without its spec", async (path) => rmSync(join(path, "spec.json")), / holds reports\.jsonl of a run without its spec\.json/],
    [
      "a run that was changed by hand",
      (path) => changeCheckpoint(path, {}, [{ update: 2, momentum: 0.1 }]),
      / was changed by hand while it ran/,
    ],
  ];
  it.each(otherTrials)("sets aside, when asked, %s, which cannot go on in its trial's place, and says so", async (what, put, why) => {
    const name = what.replaceAll(" ", "-");
    const whole = await run(name);
    const [other, path] = [2, 3].map((index) => at(name, "trials", whole.rows[index].key));
    rmSync(join(path, "record.json"));
    await put(path, other);
    const before = readdirSync(path);
    for (let times = 0; times < 2; times++) {
      const { state, failure } = (await run(name)).rows[3];
      expect(state).not.toBe("ended");
      expect(failure?.message).toMatch(/^\/.* is left as it is, and its trial is (begun anew|run again) when asked for \(repair\)$/);
      if (state === "failed") expect(failure?.message).toMatch(why);
    }
    const mended = await run(name, tinySweep, { repair: true });
    expect(outcomes(mended)).toEqual(outcomes(whole));
    expect(mended.troubles.at(-1)).toMatch(why);
    expect(mended.troubles.at(-1)).toMatch(/ has a name now that begins with "damaged\.", and its trial begins anew$/);
    for (const file of before)
      expect(existsSync(join(path, file === "record.json" ? "record.damaged.json" : `damaged.${file}`))).toBe(true);
    expect((await list(name)).troubles).toEqual([]);
  });

  it("keeps what was set aside before beside what is set aside again", async () => {
    const whole = await run("aside-twice");
    const path = at("aside-twice", "trials", whole.rows[3].key);
    for (const text of ["first", "second", "third"]) {
      writeFileSync(join(path, "record.json"), text);
      writeFileSync(join(path, "spec.json"), text);
      expect(outcomes(await run("aside-twice", tinySweep, { repair: true }))).toEqual(outcomes(whole));
    }
    const text = (name: string) => readFileSync(join(path, name), "utf8");
    for (const name of ["record.damaged%.json", "damaged%.spec.json"])
      expect(["", ".2", ".3"].map((count) => text(name.replace("%", count)))).toEqual(["first", "second", "third"]);
  });

  it("tells of what stands in the place of a run or a record, and lists and runs the others", async () => {
    const whole = await run("in-place");
    const path = (index: number) => at("in-place", "trials", whole.rows[index].key);
    rmSync(path(2), { recursive: true });
    writeFileSync(path(2), "a file");
    rmSync(join(path(3), "record.json"));
    mkdirSync(join(path(3), "record.json"));
    const { rows, troubles } = await run("in-place");
    expect(rows.map(({ state }) => state)).toEqual(whole.rows.map((_, at) => (at === 2 || at === 3 ? "damaged" : "ended")));
    expect(troubles).toHaveLength(2);
    const told = [
      expect.stringMatching(/^\/.*\/trials\/\w{64} is no run that can be read: move away what is in its place \(ENOTDIR/),
      // The run that it is in is a good one.
      expect.stringMatching(/^\/.*\/trials\/\w{64}\/record\.json cannot be read \(EISDIR: .*, read '.*record\.json'\): move it away$/),
    ];
    expect(troubles).toEqual(expect.arrayContaining(told));
    // Nor can they be set aside.
    rmSync(join(path(4), "record.json"));
    rmSync(join(path(4), "checkpoint.bin"));
    mkdirSync(join(path(4), "checkpoint.bin"));
    const inUse = RunLock.take(join(path(5), "lock.json"));
    writeFileSync(join(path(5), "record.json"), "{}");
    const mended = await run("in-place", tinySweep, { repair: true });
    inUse.release();
    expect(mended.rows.map(({ state }) => state)).toEqual(whole.rows.map((_, at) => (at >= 2 && at <= 5 ? "damaged" : "ended")));
    expect(mended.rows.slice(2, 6).map(({ failure }) => failure?.message)).toEqual([
      expect.stringMatching(/is no directory in which a run can be kept \(it is not a directory\): move away what is in its place$/),
      expect.stringMatching(/record\.json cannot be read \(EISDIR: .*\): move it away$/),
      expect.stringMatching(/^\/.*\/checkpoint\.bin cannot be read \(EISDIR: .*, read '.*\/checkpoint\.bin'\): move it away$/),
      expect.stringMatching(/is being written by process/),
    ]);
  });

  it("keeps records of another numerics version, says so, and runs its own beside them", async () => {
    const { rows } = await run("versions");
    const { key, spec } = rows[3];
    const other = await trialKey(spec, { kernels: "simd", numerics: 1_000_000 });
    const record = readFileSync(at("versions", "trials", key, "record.json"), "utf8").replace(/"numerics": \d+/, '"numerics": 1000000');
    mkdirSync(at("versions", "trials", other));
    writeFileSync(at("versions", "trials", other, "record.json"), record);
    const { troubles, rows: again } = await run("versions");
    expect(troubles).toEqual([expect.stringMatching(/holds a record of another numerics version than this one's \d+; they stay/)]);
    expect(again.every(({ isFound }) => isFound)).toBe(true);
    expect(listedRows((await list("versions")).trials.values())).toHaveLength(13);
  });

  it("is cleared of the locks that killed processes left in finished runs, not of those of writers at work", async () => {
    const { rows } = await run("left");
    const inRun = (index: number, name = ""): string => at("left", "trials", rows[index].key, name);
    const names = readdirSync(inRun(0));
    const { pid, began } = await leaveLock(inRun(0, "lock.json"));
    writeFileSync(inRun(0, `.heavyball-${pid}-${began}-00000000-0000-0000-0000-000000000000.tmp`), "half");
    const atWork = RunLock.take(inRun(1, "lock.json"));
    expect(outcomes(await run("left"))).toEqual(outcomes({ rows }));
    expect(readdirSync(inRun(0))).toEqual(names);
    expect(readdirSync(inRun(1))).toContain("lock.json");
    atWork.release();
  });

  it("refuses a directory that is a single run's, a later version's, or in use, and a path that is none", async () => {
    mkdirSync(at("single"));
    writeFileSync(at("single", "spec.json"), "{}");
    mkdirSync(at("later"));
    writeFileSync(at("later", "store.json"), '{"format":99,"heavyball":"9.1.0"}');
    for (const [name, message] of [
      ["single", /single holds a run already \(spec\.json\); give the sweep a directory of its own$/],
      [
        "later",
        /later holds a sweep of a later heavyball \(9\.1\.0, format 99; this one knows 1\); use that version, or give another directory$/,
      ],
    ] as const) {
      const error = await rejection(run(name));
      expect(error).toBeInstanceOf(StoreError);
      expect(error.message).toMatch(message);
      expect(readdirSync(at(name))).toHaveLength(1);
    }
    const open = await sweepDirectory(at("busy")).open();
    expect(await rejection(run("busy"))).toMatchObject({ trouble: "busy" });
    await open.close();
    expect(() => sweepDirectory("")).toThrow(/^directory is ""/);
    expect((await list("nowhere")).trials.size).toBe(0);
    expect(existsSync(at("nowhere"))).toBe(false);
  });
});

describe("ten thousand finished trials", () => {
  it("are listed from the index, reading no record, and rendered", async () => {
    const { rows } = await run("model", { trials: [{ ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } }] });
    const { spec: _, ...rest } = rows[0].record!;
    const seeds = Array.from({ length: 10_000 }, (_, seed) => seed);
    const sweep = { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } }, grid: { seed: seeds } };
    mkdirSync(at("many", "trials"), { recursive: true });
    for (const spec of expandSweep(sweep)) {
      const run = at("many", "trials", await trialKey(spec, { kernels: "simd" }));
      mkdirSync(run);
      writeFileSync(join(run, "record.json"), JSON.stringify({ spec, ...rest }));
    }
    expect(await list("many")).toMatchObject({ recordsRead: 10_000, troubles: [] });
    const { trials, recordsRead } = await list("many");
    expect([trials.size, recordsRead]).toEqual([10_000, 0]);
    expect(textTable(trialsTable(listedRows(trials.values()))).split("\n")).toHaveLength(10_002);
    let ran = 0;
    const counting = {
      ...executor,
      open: async () => ({ jobs: 1, run: async () => (ran++, Promise.reject(new Error())), close: async () => {} }),
    };
    const result = await runSweep(sweep, { executor: counting, store: sweepDirectory(at("many")) });
    expect([ran, result.rows.length]).toEqual([0, 10_000]);
  });
});
