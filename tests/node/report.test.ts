import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../support/commandLine.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-report-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (...args: string[]) => runCommand(directory, args);
const path = (...names: string[]) => join(directory, ...names);
const read = (...names: string[]) => readFileSync(path(...names), "utf8");
const running = ["--kernels", "simd", "--threads", "1", "--jobs", "2"];
/** Footers have the day, and a run its time. */
const timeless = (text: string) => text.replace(/^- This run: .*\n/m, "").replace(/\n\n\n/g, "\n\n");

describe("heavyball report", () => {
  it("makes the pages of studies anew, those of several budgets on one, and runs nothing", async () => {
    const study = ["reproduce", "table3", "--cases", "200", ...running, "--out", "runs"];
    expect((await heavyball(...study, "--fraction", "0.000004")).code).toBe(0);
    const first = read("runs", "table3-cases-200", "table3.md");
    rmSync(path("runs", "table3-cases-200"), { recursive: true });
    const once = await heavyball("report", "runs");
    expect([once.code, once.stderr]).toEqual([0, ""]);
    expect(timeless(read("runs", "table3-cases-200", "table3.md"))).toBe(timeless(first));

    expect((await heavyball(...study, "--fraction", "0.000008", "--only", "scale 2")).code).toBe(0);
    expect((await heavyball("reproduce", "figure2", "--out", join("runs", "figure2"))).code).toBe(0);
    // The usual reading, asked for after another, has a page of its own, on which nothing was run.
    const usual = { study: "table3", kernels: "simd", options: {} };
    writeFileSync(path("runs", "studies.json"), JSON.stringify([...JSON.parse(read("runs", "studies.json")), usual]));
    const trials = readdirSync(path("runs", "trials"));
    const { code, stdout, stderr } = await heavyball("report", "runs", "--out", "pages", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const [{ kind, files }] = jsonLines(stdout);
    expect(kind).toBe("written");
    for (const file of [
      "table3-cases-200/table3.md",
      "table3-cases-200/report.html",
      "figure2/figure2.md",
      "figure2/figure2.svg",
      "index.html",
    ])
      expect(files).toContain(path("pages", file));
    expect(readdirSync(path("runs", "trials"))).toEqual(trials);
    const text = read("pages", "table3-cases-200", "table3.md");
    expect(text).toMatch(/\| scale 2 \| 0\.083 \| [\d.]+ \| 6 \|/);
    expect(text).toMatch(/\| scale 1 \| 0\.074 \| [\d.]+ \| 3 \|/);
    expect(read("pages", "table3", "table3.md")).toMatch(/\| scale 1 \| 0\.074 \| not run \|/);
    const index = read("pages", "index.html");
    const title = "Table 3: the scale of the sparse initialization";
    expect(index).toContain(`<a href="table3/report.html">${title}</a>`);
    expect(index).toContain(`<a href="table3-cases-200/report.html">${title} (table3-cases-200)</a>`);
    expect(index.match(/href="table3/g)).toHaveLength(2);
    expect(read("pages", "figure2", "figure2.svg")).toBe(read("runs", "figure2", "figure2.svg"));
    expect(read("pages", "figure2", "figure2.md")).toContain("](figure2.svg)");

    // A figure's own directory has its page in itself.
    rmSync(path("runs", "figure2", "report.html"));
    expect((await heavyball("report", join("runs", "figure2"))).code).toBe(0);
    expect(existsSync(path("runs", "figure2", "report.html"))).toBe(true);
  });

  it("makes the results of a sweep anew", async () => {
    const task = { name: "addition", length: 10, hidden: 3, testCases: 12 };
    const trial = { task, optimizer: { method: "sgd" }, batchSize: 4, updates: 3 };
    const sweep = { trial, grid: { "optimizer.learningRate": [0.1, 0.01], seed: [1, 2] }, choose: { path: "optimizer.learningRate" } };
    writeFileSync(path("sweep.json"), JSON.stringify(sweep));
    expect((await heavyball("sweep", "sweep.json", ...running, "--out", "swept")).code).toBe(0);
    const names = ["results.csv", "results.md"];
    const before = names.map((name) => read("swept", name));
    for (const name of names) rmSync(path("swept", name));
    const { code, stdout } = await heavyball("report", "swept");
    expect([code, stdout]).toEqual([0, expect.stringContaining(path("swept", "results.md").slice(directory.length + 1))]);
    expect(names.map((name) => read("swept", name))).toEqual(before);
    // Earlier versions ran sweeps that have a value twice.
    const twice = { ...sweep, grid: { ...sweep.grid, seed: [1, 2, 1] } };
    writeFileSync(path("swept/sweep.json"), JSON.stringify(twice));
    expect((await heavyball("report", "swept")).code).toBe(0);
    expect(read("swept", "results.csv").trim().split("\n")).toHaveLength(1 + 6);
  });

  it.each<[string[], (() => void) | undefined, string]>([
    [[], undefined, "report on what? Say: heavyball report DIR"],
    [["a", "b"], undefined, "report takes one directory, and is given 2: a b"],
    [["nowhere"], undefined, "nowhere is no directory"],
    [["empty"], () => mkdirSync(path("empty")), "empty holds nothing to report on: neither studies (heavyball reproduce NAME --out empty)"],
    [["run"], () => write("run/spec.json", "{}"), "run holds the run of one trial, which has its page when it has ended"],
    [["noted"], () => write("noted/studies.json", "[1]"), "studies.json: at byte 0, expected a list of studies"],
    [["edited"], () => write("edited/figure1.json", '{"spec":{"study":"figure1"}}'), "figure1.json: at byte 0, expected what heavyball"],
    [["later"], () => write("later/store.json", '{"format":9,"heavyball":"9.1.0"}'), "holds a sweep of a later heavyball (9.1.0, format 9"],
  ])("is told what is wrong with %j", async (args, prepare, sentence) => {
    prepare?.();
    const { code, stderr, stdout } = await heavyball("report", ...args);
    expect(stderr).toContain(sentence);
    expect([stdout, stderr.trim().split("\n").length]).toEqual(["", 1]);
    expect(code).toBeGreaterThan(0);
  });

  it("leaves a damaged note as it is, and studies run all the same", async () => {
    write("damaged/studies.json", "{");
    const { code, stderr } = await heavyball(
      ...["reproduce", "table3", "--cases", "200", ...running, "--fraction", "0.000002", "--only", "scale 1", "--out", "damaged"],
    );
    expect([code, stderr]).toEqual([0, expect.stringMatching(/studies\.json: at byte 0, .*; table3 is not noted in it/)]);
    expect(read("damaged", "studies.json")).toBe("{");
  });
});

function write(name: string, text: string): void {
  mkdirSync(path(name, ".."), { recursive: true });
  writeFileSync(path(name), text);
}
