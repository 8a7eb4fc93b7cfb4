import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/commandLine.js";
import { contents, runFaulty } from "../support/runFiles.js";
import { tinyTrial } from "../support/sweeps.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-no-room-"));
  const grid = { "optimizer.learningRate": [0.01, 0.003, 0.001], seed: [1, 2] };
  writeFileSync(join(directory, "sweep.json"), JSON.stringify({ trial: tinyTrial, grid }));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const command = (out: string) => ["sweep", "sweep.json", "--out", out, "--kernels", "simd", "--jobs", "2", "--threads", "1"];
const trials = (out: string) => readdirSync(join(directory, out, "trials")).map((key) => join(directory, out, "trials", key));

describe("heavyball sweep on a disk that is full", () => {
  it.each([
    // In a process of a trial: its own files, and its directory.
    ["ENOSPC", "append reports.jsonl:1"],
    ["EDQUOT", "rename temporary record.json:0"],
    ["EROFS", "mkdir:1"],
    // In the command itself: at its lock, and when all trials have ended.
    ["ENOSPC", "link:0"],
    ["ENOSPC", "rename temporary results.csv:0"],
  ])("(%s at %s) ends with 1 and one sentence, and the same command goes on when there is room", async (code, operation) => {
    const out = `${code}-${operation}`.replace(/\W+/g, "-");
    const full = await runFaulty(directory, command(out), { fault: `${code}:${operation}`, lasts: true });
    expect(full.stderr).toMatch(
      new RegExp(
        `^heavyball: --out is "${out}", where nothing more can be written \\(${code}: injected, [^\\n]*\\); ` +
          (code === "EROFS" ? "its disk can only be read: give a place on another, or have it mounted for writing" : "make room there") +
          " and give the same command again: what is in it stays, and is gone on with\\n$",
      ),
    );
    expect([full.code, full.stdout]).toEqual([1, expect.not.stringMatching(/failed/)]);
    const again = await runCommand(directory, command(out));
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(trials(out)).toHaveLength(6);
    for (const trial of trials(out)) expect(contents(trial)).toMatchObject({ record: { end: { code: "finished" } } });
  });
});

describe("heavyball sweep with one trial whose disk can only be read", () => {
  it("fails that trial alone, in a sentence that names it and what to do, and takes it up when it can be written", async () => {
    expect(await runCommand(directory, command("whole"))).toMatchObject({ code: 0 });
    const key = readdirSync(join(directory, "whole", "trials"))[2];
    const one = await runFaulty(directory, command("one"), { fault: `EROFS:mkdir ${key}:0`, lasts: true });
    const place = `one/trials/${key} is no directory in which a run can be kept`;
    const failed = `^heavyball: 1 trial failed, the first, ${key.slice(0, 12)}`;
    const sentence = new RegExp(`${failed}: ${place} \\(EROFS: injected, mkdir '[^']*'\\): have it mounted for writing\\n$`);
    expect([one.code, one.stderr]).toEqual([1, expect.stringMatching(sentence)]);
    expect(one.stdout).toMatch(/\n5 of 6 trials ended/);
    expect(trials("one")).toHaveLength(5);
    expect(await runCommand(directory, command("one"))).toMatchObject({ code: 0, stderr: "" });
    expect(trials("one")).toHaveLength(6);
  });
});
