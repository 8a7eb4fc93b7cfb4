import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../support/commandLine.js";
import { idxFile } from "../support/dataFiles.js";
import { contents } from "../support/runFiles.js";
import { tinySweep, tinyTrial } from "../support/sweeps.js";
import { variants } from "../support/variants.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-sweep-command-"));
  write("tiny.json", tinySweep);
  mkdirSync(join(directory, "empty"));
  writeFileSync(join(directory, "twice.json"), '{"trial":{},"grid":{"task.length":[1],"task.length":[2]}}');
  write("long.json", { trial: { ...tinyTrial, updates: 60_000 }, grid: { "optimizer.learningRate": [0.01, 0.003] } });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, value: unknown) => writeFileSync(join(directory, name), JSON.stringify(value));
const read = (...parts: string[]) => readFileSync(join(directory, ...parts), "utf8");
const sweep = (...args: string[]) => runCommand(directory, ["sweep", ...args]);
const options = ["--kernels", "simd", "--jobs", "2", "--threads", "1"];
const trialsOf = (name: string) =>
  Object.fromEntries(readdirSync(join(directory, name, "trials")).map((key) => [key, contents(join(directory, name, "trials", key))]));

describe("heavyball sweep", () => {
  it("runs a sweep's trials, says what was chosen, and writes results; the same command then runs nothing", async () => {
    const first = await sweep("tiny.json", "--out", "tiny", ...options);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toMatch(/^12 trials, kept in tiny\n/);
    expect(first.stdout.match(/^[0-9a-f]{8} {2}momentum 0\.[59], learningRate 1e\+30, seed [12]: diverged at update \d+$/gm)).toHaveLength(
      4,
    );
    expect(first.stdout.match(/^[0-9a-f]{8} {2}momentum 0\.[59], learningRate 0\.0\d+, seed [12]: error [\d.]+ after 0 s$/gm)).toHaveLength(
      8,
    );
    expect(first.stdout).toMatch(/\noptimizer\.momentum +Best optimizer\.learningRate +Error +Measure +All\n/);
    expect(first.stdout).toMatch(/\n12 of 12 trials ended, 4 of them diverged: 0 s of updates in all, simd kernels\.\n/);
    expect(read("tiny", "results.csv").split("\n")).toHaveLength(14);
    expect(read("tiny", "results.md")).toMatch(/\n## Chosen\n\n\| optimizer\.momentum \|/);
    expect(read("tiny", "report.html")).toMatch(/^<!doctype html>/);
    expect(JSON.parse(read("tiny", "sweep.json"))).toEqual(tinySweep);

    const second = await sweep("tiny.json", "--out", "tiny", ...options);
    expect(second.code).toBe(0);
    expect(second.stdout).not.toMatch(/error|diverged at/);
    const table = (text: string) => text.slice(text.indexOf("optimizer.momentum  "), text.indexOf("12 of 12"));
    expect(table(second.stdout)).toBe(table(first.stdout));
  });

  it("lists a directory", async () => {
    const { code, stdout } = await sweep("tiny");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Trial +optimizer\.learningRate +optimizer\.momentum +seed +End +Updates +Zero-one error/);
    expect(stdout).toMatch(/\n12 trials ended\.\n$/);
    const lines = jsonLines((await sweep("tiny", "--json")).stdout);
    expect(lines.map(({ kind, state }) => `${kind} ${state}`)).toEqual(Array(12).fill("row ended"));
    expect((await sweep("tiny", "--jobs", "2")).stderr).toMatch(/^heavyball: --jobs does not apply to a directory, which is listed/);
  });

  it("stopped by a signal leaves checkpoints, says how to go on, and goes on to the same bits", async () => {
    expect((await sweep("long.json", "--out", "whole", ...options)).code).toBe(0);
    let stopped = 0;
    let code: number | null = 130;
    for (let time = 0; time < 30 && code === 130; time++) {
      let lines = 0;
      const ended = await runCommand(directory, ["sweep", "long.json", "--out", "stopped", "--json", ...options], (text, kill) => {
        // Once it has begun, later each time: the first at once, so that a fast machine has not ended it before.
        if (time < 3 && lines++ === 0 && text !== "") setTimeout(() => kill("SIGINT"), 400 * time);
      });
      code = ended.code;
      expect(ended.stderr).toBe("");
      if (code !== 130) continue;
      stopped++;
      expect(jsonLines(ended.stdout).find(({ kind }) => kind === "result")).toMatchObject({ isStopped: true });
    }
    expect(stopped).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect(trialsOf("stopped")).toEqual(trialsOf("whole"));
  });

  it("chooses by successive halving, and says so", async () => {
    const { code, stdout } = await sweep("tiny.json", "--out", "pilot", "--pilot", "--keep", "records", ...options);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Values were chosen by successive halving: each was tried in 0\.1 of the updates/);
    expect(read("pilot", "results.csv")).toMatch(/^Trial,optimizer\.momentum,optimizer\.learningRate,seed,Share,End/);
  });

  it("tells of damaged records, ends with 1, and repairs them when asked", async () => {
    const [key] = readdirSync(join(directory, "tiny", "trials")).sort();
    const record = join(directory, "tiny", "trials", key, "record.json");
    writeFileSync(record, "{}");
    const told = await sweep("tiny.json", "--out", "tiny", ...options);
    expect(told.code).toBe(1);
    expect(told.stderr).toMatch(
      /^heavyball: tiny\/trials\/[0-9a-f]{64}\/record\.json is damaged or was changed by hand: it does not say how/,
    );
    expect(told.stderr).toMatch(/\nheavyball: 1 trial is damaged, the first, [0-9a-f]{12}: /);
    expect((await sweep("tiny")).code).toBe(1);
    const mended = await sweep("tiny.json", "--out", "tiny", "--repair", ...options);
    expect([mended.code, JSON.parse(readFileSync(record, "utf8")).numerics]).toEqual([0, expect.any(Number)]);
  });

  it.each<[string[], RegExp]>([
    [[], /^heavyball: sweep what\? Say: heavyball sweep SWEEP\.json --out DIR/],
    [["a", "b"], /takes one file or directory, and is given 2: a b/],
    [["tiny.json"], /a sweep needs a directory for its trials: heavyball sweep tiny\.json --out DIR/],
    [["nothing.json", "--out", "x"], /cannot read nothing\.json/],
    [
      ["nope"],
      /^heavyball: cannot read nope: there is no such file or directory; say heavyball sweep SWEEP\.json --out DIR, or sweep DIR\n/,
    ],
    [["empty"], /^heavyball: empty holds no sweep to list; to run one in it: heavyball sweep SWEEP\.json --out empty\n/],
    [
      ["tiny.json", "--out", "x", "--only", "0123456789"],
      /^heavyball: --only is "0123456789"; --only must be the beginning of the key of a /,
    ],
    [["tiny.json", "--out", "x", "--data", "tiny.json"], /^heavyball: --data does not apply to addition, which makes its data itself\n/],
    [
      ["twice.json", "--out", "x"],
      /^heavyball: twice\.json has grid\["task\.length"\] twice, of which the last alone would count; make one of both\n/,
    ],
    [["tiny.json", "--out", "x", "--jobs", "0"], /--jobs is 0; --jobs must be a whole number/],
    [["tiny.json", "--out", "x", "--kernels", "fast"], /--kernels is "fast"/],
    [["tiny.json", "--out", "x", "--only", "Z"], /--only is "Z"; --only must be the beginning of a trial's key/],
    [["tiny.json", "--out", "x", "--keep", "it"], /--keep is "it"/],
    [["tiny.json", "--out", "x", "--checkpoint-seconds", "0"], /--checkpoint-seconds is 0/],
    [["tiny.json", "--out", "x", "--piolt"], /did you mean --pilot\?/],
  ])("is told what is wrong with %j", async (args, message) => {
    const { code, stderr } = await sweep(...args);
    expect([code, stderr.split("\n").length]).toEqual([2, 2]);
    expect(stderr).toMatch(message);
    expect(readdirSync(directory)).not.toContain("x");
  });

  it("says before the first trial which data are missing, and the command that fetches them", async () => {
    const digits = { name: "mnist", cases: 200, testCases: 10 };
    write("digits.json", {
      trial: { task: digits, optimizer: { method: "sgd" }, updates: 1 },
      grid: { "optimizer.learningRate": [0.1, 0.2] },
    });
    const without = await sweep("digits.json", "--out", "x");
    expect([without.code, without.stdout]).toEqual([2, ""]);
    expect(without.stderr).toMatch(/^heavyball: mnist needs data: --data PATH, where there is train-images-idx3-ubyte\.gz or /);
    const nowhere = await sweep("digits.json", "--out", "x", "--data", "nowhere");
    expect([nowhere.code, nowhere.stdout]).toEqual([2, ""]);
    expect(nowhere.stderr).toMatch(/published with SHA-256 [0-9a-f]{64}, decompressed [0-9a-f]{64}\)/);
    expect(nowhere.stderr).toMatch(/; heavyball data mnist --from DIR\|URL --out nowhere fetches it\n$/);
    expect(readdirSync(directory)).not.toContain("x");
  });

  it("says once, before the first trial, of what there are fewer than trials ask for", async () => {
    const optimizer = { method: "sgd", learningRate: 0.1 };
    write("many.json", { trial: { task: { name: "curves" }, optimizer, updates: 1 }, grid: { "task.cases": [200, 2_000_000] } });
    const drawn = await sweep("many.json", "--out", "x");
    expect([drawn.code, drawn.stdout]).toEqual([2, ""]);
    expect(drawn.stderr).toContain('grid["task.cases"][1]: task.cases is 2000000; task.cases must be a whole number from 1 to 1369568\n');
    const images = (count: number) => idxFile([count, 28, 28], new Uint8Array(784 * count));
    mkdirSync(join(directory, "few"));
    writeFileSync(join(directory, "few", "train-images-idx3-ubyte"), images(12));
    writeFileSync(join(directory, "few", "t10k-images-idx3-ubyte"), images(4));
    const digits = { name: "mnist", cases: 12, testCases: 4 };
    write("digits.json", { trial: { task: digits, optimizer, updates: 1, batchSize: 4 }, grid: { "task.cases": [12, 13], seed: [1, 2] } });
    const read = await sweep("digits.json", "--out", "x", "--data", "few");
    expect([read.code, read.stdout]).toEqual([2, ""]);
    expect(read.stderr).toBe("heavyball: --data few: task.cases is 13; task.cases must be at most 12, the images there are\n");
    expect(readdirSync(directory)).not.toContain("x");
  });

  it("refuses other data than those on which its trials were trained, with a queue too", async () => {
    const trial = { task: { name: "data", hidden: [3] }, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 4, batchSize: 4 };
    write("table.json", { trial, grid: { seed: [1, 2] } });
    for (const salt of [1, 2]) {
      const lines = Array.from({ length: 20 }, (_, at) => `${(at * at * salt) % 17},${at % 2 ? "odd" : "even"}`);
      writeFileSync(join(directory, `table${salt}.csv`), `a,kind\n${lines.join("\n")}\n`);
    }
    const first = await sweep("table.json", "--out", "table", "--data", "table1.csv", ...options);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const kept = trialsOf("table");
    const keys = Object.keys(kept).map((key) => key.slice(0, 12));
    const nobody = ["--queue", "redis://127.0.0.1:1", "--kernels", "simd"];
    for (const by of [options, nobody]) {
      const { code, stderr } = await sweep("table.json", "--out", "table", "--data", "table2.csv", ...by);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^heavyball: --data is "table2\.csv"; --data must be what 2 trials of this sweep in table were trained on /);
      expect(stderr).toMatch(/ on \(\w{12}, \w{12}\): give that, another --out, or move them away\n$/);
      for (const key of keys) expect(stderr).toContain(key);
    }
    expect(trialsOf("table")).toEqual(kept);
  });

  it.runIf(variants.includes("relaxed"))("takes wide kernels for a way to compute the numbers of relaxed", async () => {
    const file = { trial: { ...tinyTrial, optimizer: { method: "sgd", learningRate: 0.01 } } };
    write("one.json", file);
    const wide = await sweep("one.json", "--out", "wide", "--kernels", "wide", "--jobs", "2");
    expect(wide.code).toBe(0);
    // On machines that have none it says so once, whatever the number of processes.
    expect(wide.stderr).toMatch(/^(heavyball: relaxed in place of wide: [^\n]*\n)?$/);
    const [key] = readdirSync(join(directory, "wide", "trials"));
    expect(JSON.parse(read("wide", "trials", key, "record.json"))).toMatchObject({ kernels: "relaxed" });
    const relaxed = await sweep("one.json", "--out", "wide", "--kernels", "relaxed", "--json");
    expect(jsonLines(relaxed.stdout).filter(({ kind }) => kind === "row")).toMatchObject([{ key, isFound: true }]);
  });

  it.runIf(!variants.includes("relaxed"))("refuses kernels at once that this engine cannot run", async () => {
    for (const kernels of ["relaxed", "wide"]) {
      const { code, stderr } = await sweep("tiny.json", "--out", "unsupported", "--kernels", kernels);
      expect([code, stderr.split("\n").length]).toEqual([1, 2]);
      expect(stderr).toMatch(/it needs .* relaxed SIMD for kernels: "relaxed" and "wide"/);
    }
  });

  it("is told all mistakes of a file at once, each with its path", async () => {
    write("wrong.json", { trial: { ...tinyTrial, updates: 0 }, grid: { "optimizer.learningRate": [0.1, -1], sed: [1] } });
    const { code, stderr } = await sweep("wrong.json", "--out", "x");
    expect([code, stderr.trimEnd().split("\n")]).toEqual([
      2,
      [
        "heavyball: wrong.json: the sweep has 3 mistakes:",
        expect.stringMatching(/^ {2}grid\["sed"\]\[0\]: sed is 1; sed must be left out: spec knows .*; did you mean seed\?$/),
        "  trial.updates: updates is 0; updates must be a whole number of at least 1",
        '  grid["optimizer.learningRate"][1]: optimizer.learningRate is -1; optimizer.learningRate must be a finite number greater than 0',
      ],
    ]);
    expect(readdirSync(directory)).not.toContain("x");
  });
});
