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
          "make room there and give the same command again: what is in it stays, and is gone on with\\n$",
      ),
    );
    expect([full.code, full.stdout]).toEqual([1, expect.not.stringMatching(/failed/)]);
    const again = await runCommand(directory, command(out));
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(trials(out)).toHaveLength(6);
    for (const trial of trials(out)) expect(contents(trial)).toMatchObject({ record: { end: { code: "finished" } } });
  });
});
