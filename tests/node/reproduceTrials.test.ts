import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStudy } from "heavyball";
import { dataFiles, sweepDirectory } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../support/commandLine.js";
import { inventor } from "../support/inventedTrials.js";
import { photographsFile } from "../support/matFile.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-reproduce-trials-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (args: string[], onOutput?: Parameters<typeof runCommand>[2]) => runCommand(directory, ["reproduce", ...args], onOutput);
/** Trials of a few updates on few images. */
const tiny = ["table3", "--fraction", "0.000004", "--cases", "200", "--kernels", "simd", "--threads", "1", "--jobs", "2"];
/** Fewer images than usual are a reading, which the directory of the page names. */
const page = "table3-cases-200";
const files = ["table3.json", "table3.csv", "trials.csv", "orderings.csv", "table3.md", "report.html"];
const read = (...path: string[]) => readFileSync(join(directory, ...path), "utf8");
const trials = (name: string) => readdirSync(join(directory, name, "trials")).length;

describe("reproduce table3", () => {
  it("runs the cells that are asked for, keeps their trials, and says what is there", async () => {
    const { code, stdout, stderr } = await heavyball([...tiny, "--only", "scale 1", "--out", "runs"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Table 3: the scale of the sparse initialization: 5 cells, 30 trials\n");
    expect(stdout).toContain("Each trial has 3 of the paper's 750,000 updates");
    expect(stdout).toContain("\nRun here: 1 of 5 cells.\n");
    expect(stdout.match(/^[0-9a-f]{8} {2}CURVES, scale 1, rate [\d.]+, seed 1: /gm)).toHaveLength(6);
    expect(stdout).toMatch(/\nscale 1 +0\.074 +[\d.]+ +0\.\d+ +[\d.]+ +nothing learned: .*\n/);
    expect(stdout).toMatch(/\nscale 2 +0\.083 +not run +-/);
    expect(stdout).toContain("1 of 5 cells is there; trials of the others are missing");
    for (const file of files) expect(stdout).toContain(join(directory, "runs", page, file));
    expect(trials("runs")).toBe(6);
    const [key] = readdirSync(join(directory, "runs", "trials"));
    // Records alone are kept.
    expect(readdirSync(join(directory, "runs", "trials", key)).sort()).toEqual(["record.json", "reports.jsonl", "spec.json"]);
    expect(read("runs", page, "report.html")).toMatch(/^<!doctype html>/);
  });

  it("stopped by Ctrl-C shows what there is, and goes on to the rest", async () => {
    let sent = false;
    const stopped = await heavyball([...tiny, "--out", "runs"], (text, kill) => {
      if (!sent && /^[0-9a-f]{8} {2}CURVES, scale 0\.5/m.test(text)) {
        sent = true;
        kill("SIGINT");
      }
    });
    expect([stopped.code, stopped.stderr]).toEqual([130, ""]);
    expect(stopped.stdout).toContain("To go on, give the same command again: what is in runs is not run again.");
    expect(stopped.stdout).toMatch(/\nscale 0\.25 +16 +[\d.]+ /);
    const before = trials("runs");
    expect(before).toBeLessThan(30);

    const rest = await heavyball([...tiny, "--out", "runs", "--json"]);
    expect([rest.code, rest.stderr]).toEqual([0, ""]);
    const lines = jsonLines(rest.stdout);
    expect([lines[0].kind, ...lines.slice(-2).map(({ kind }) => kind)]).toEqual(["study", "result", "written"]);
    const rows = lines.filter(({ kind }) => kind === "row");
    expect(rows.filter(({ isFound }) => isFound).length).toBeGreaterThanOrEqual(7);
    expect(rows).toHaveLength(30);
    expect(trials("runs")).toBe(30);
    const result = JSON.parse(read("runs", page, "table3.json"));
    expect(result).toMatchObject({ isComplete: true, spec: { study: "table3", cases: 200, seeds: 1 }, trials: { ended: 30 } });
    expect(lines.at(-2).cells).toEqual(result.cells);

    const again = await heavyball([...tiny, "--out", "runs", "--json"]);
    const found = jsonLines(again.stdout).filter(({ kind }) => kind === "row");
    expect(found.map(({ isFound }) => isFound)).toEqual(Array(30).fill(true));
    expect(JSON.parse(read("runs", page, "table3.json"))).toEqual(result);
  });

  it.each<[string[], string]>([
    [["--only", "scale 9"], '--only is "scale 9"; --only must be words of the name of a cell, such as "CURVES, scale 0.25"'],
    [["--fraction", "2"], "--fraction is 2; --fraction must be a finite number from 0.000001 to 1"],
    [["--seeds", "0"], "--seeds is 0; --seeds must be a whole number from 1 to 1000"],
    [["--pilot", "1"], "--pilot is 1; --pilot must be a finite number from 0 to 0.999"],
    [["--cases", "5"], "--cases is 5; --cases must be a whole number from 200 to 20000"],
    [["--jobs", "0"], "--jobs is 0; --jobs must be a whole number"],
    [["--kernels", "fast"], '--kernels is "fast"; --kernels must be one of "auto", "simd", "relaxed", "wide"'],
    [["--keep", "it"], '--keep is "it"; --keep must be one of'],
    [["--checkpoint-seconds", "0"], "--checkpoint-seconds is 0; --checkpoint-seconds must be"],
    [["--only", " "], '--only is " "; --only must be words of the names of cells'],
    [["--threads", "99"], "--threads is 99; --threads must be a whole number"],
    [["--queue", "http://head"], "--queue"],
    [["--error", "2"], "--error is not an option of reproduce table3, but of figure5; leave it out"],
  ])("is told what is wrong with %j before anything else is said", async (args, sentence) => {
    const { code, stdout, stderr } = await heavyball(["table3", ...args, "--out", "wrong"]);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([code, stdout]).toEqual([2, ""]);
    expect(existsSync(join(directory, "wrong"))).toBe(false);
  });

  it("takes no data, since its tasks make their own", async () => {
    const { code, stderr } = await heavyball(["table3", "--data", "nowhere", "--out", "wrong"]);
    expect([code, stderr]).toEqual([2, "heavyball: --data does not apply to curves, which makes its data itself\n"]);
  });

  it.each<[string, () => void, string]>([
    ["a file", () => write("places/file", ""), "--out is "],
    ["below a file", () => write("places/file", ""), "--out is "],
    ["a place whose page's is a file", () => write("places/taken/table3", ""), "table3"],
    ["the run of one trial", () => write("places/trial/spec.json", "{}"), "holds a run already (spec.json)"],
    [
      "of a later version",
      () => write("places/later/store.json", '{"format":9,"heavyball":"9.1.0"}'),
      "holds a sweep of a later heavyball",
    ],
  ])("is told that its directory is %s before anything else is said", async (what, prepare, sentence) => {
    prepare();
    const out =
      { "a file": "file", "below a file": "file/runs", "the run of one trial": "trial", "of a later version": "later" }[what] ?? "taken";
    const { code, stdout, stderr } = await heavyball(["table3", "--out", join("places", out)]);
    expect(stderr).toContain(sentence);
    expect([code, stdout, stderr.trim().split("\n").length]).toEqual([2, "", 1]);
  });
});

describe("reproduce table1 with a directory that lacks files", () => {
  const few = ["--fraction", "0.000001", "--cases", "200", "--kernels", "simd", "--threads", "1", "--jobs", "2"];
  const mnistLacks =
    /mnist needs data: --data PATH, where there is train-images-idx3-ubyte\.gz or .*, which hollow lacks; heavyball data mnist --from /;

  it("leaves out the cells of its tasks with a sentence that says how they are fetched, and runs the others", async () => {
    write("hollow/readme.txt", "");
    const { code, stdout, stderr } = await heavyball(["table1", "--only", "sgd", "--data", "hollow", ...few, "--out", "partly"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(mnistLacks);
    expect(stdout).toMatch(
      /Left out: faces needs data: .*olivettifaces\.mat .*; heavyball data faces --from DIR\|URL --out hollow fetches it\n/,
    );
    expect(stdout).toContain("Run here: 1 of 30 cells.");
    expect(trials("partly")).toBe(6);
    const json = await heavyball(["table1", "--only", "sgd", "--data", "hollow", ...few, "--out", "partly", "--json"]);
    expect(jsonLines(json.stdout)[0].leftOut).toEqual([expect.stringMatching(mnistLacks), expect.stringContaining("faces needs data")]);
  });

  it("refuses other files than those on which its trials were trained, before anything else is said, with a queue too", async () => {
    mkdirSync(join(directory, "photographs"));
    writeFileSync(join(directory, "photographs", "olivettifaces.mat"), await photographsFile());
    const [data, out] = ["photographs", "others"].map((name) => join(directory, name));
    const executor = inventor(() => 1, "0".repeat(64));
    await runStudy(
      "table1",
      { fraction: 0.000001 },
      { executor, store: sweepDirectory(out), data: dataFiles(data), only: "faces sgd", kernels: "simd" },
    );
    const common = ["--fraction", "0.000001", "--only", "faces", "--data", "photographs", "--out", "others", "--kernels", "simd"];
    for (const by of [
      ["--jobs", "1"],
      ["--queue", "redis://127.0.0.1:1"],
    ])
      for (const study of ["table1", "all"]) {
        const { code, stdout, stderr } = await heavyball([study, ...common, ...by]);
        expect([code, stdout]).toEqual([2, ""]);
        expect(stderr).toMatch(
          /^heavyball: --data is "photographs"; --data must be what 6 trials of this sweep in others were trained on /,
        );
        expect(stderr).toMatch(/ on \((\w{12}, ){2}\w{12} and 3 more\): give that, another --out, or move them away\n$/);
      }
    expect(trials("others")).toBe(6);
  });

  it.each<[string, string[], number, string]>([
    [
      "no cells but those are asked for",
      ["--only", "mnist", "--data", "hollow"],
      2,
      "heavyball data mnist --from DIR|URL --out hollow fetches it",
    ],
    ["there is no such directory", ["--data", "nowhere"], 2, "heavyball data mnist --from DIR|URL --out nowhere fetches it"],
    ["files are damaged", ["--data", "damaged"], 1, join("damaged", "olivettifaces.mat")],
  ])("is an error where %s", async (_, args, expected, sentence) => {
    write("hollow/readme.txt", "");
    write("damaged/olivettifaces.mat", "MATLAB");
    const { code, stdout, stderr } = await heavyball(["table1", ...args, ...few, "--out", "wrong"]);
    expect(stderr).toContain(sentence);
    expect([code, stdout, stderr.trim().split("\n").length]).toEqual([expected, "", 1]);
    expect(existsSync(join(directory, "wrong"))).toBe(false);
  });
});

function write(name: string, text: string): void {
  mkdirSync(join(directory, name, ".."), { recursive: true });
  writeFileSync(join(directory, name), text);
}
