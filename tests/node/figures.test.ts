import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../support/commandLine.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-figures-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (...args: string[]) => runCommand(directory, ["reproduce", ...args]);
const read = (...path: string[]) => readFileSync(join(directory, ...path), "utf8");

describe("reproduce figure1 and figure2", () => {
  it.each([
    ["figure1", ["figure1.json", "figure1.csv", "statements.csv", "figure1-cm.svg", "figure1-nag.svg", "report.html"], 3],
    ["figure2", ["figure2.json", "figure2.csv", "statements.csv", "figure2.svg", "report.html"], 4],
  ] as const)("%s: files, verdicts, and the same again", async (name, files, statements) => {
    const { code, stdout, stderr } = await heavyball(name, "--out", `${name}-first`);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`All ${statements} statements hold.`);
    for (const file of files) expect(stdout).toContain(join(directory, `${name}-first`, file));
    const again = await heavyball(name, "--out", `${name}-second`, "--json");
    expect(jsonLines(again.stdout).map(({ kind }) => kind)).toEqual(["study", "result", "written"]);
    for (const file of files.slice(0, -1)) expect(read(`${name}-second`, file)).toBe(read(`${name}-first`, file));
  });

  it("end with exit code 1 where a statement does not hold, and say which", async () => {
    const { code, stdout } = await heavyball("figure2", "--momentum", "0", "--out", "wrong");
    expect(code).toBe(1);
    expect(stdout).toContain("do not hold: CM oscillates in the steep direction");
    expect(read("wrong", "report.html")).toContain("DOES NOT HOLD");
  });

  it.each<[string[], string]>([
    [
      ["figure2", "--learning-rate", "0.08"],
      "--learning-rate is 0.08; --learning-rate must be less than 2 (1 + momentum) / (condition number) = 0.078, from where on CM diverges",
    ],
    [["figure1", "--momentum", "1.5"], "--momentum is 1.5; --momentum must be a finite number from 0 to 1"],
    [["figure3", "--task", "memory5"], `--task is "memory5"; --task must be one of "addition", "multiplication"`],
  ])("heavyball reproduce %j is refused in one sentence", async (args, sentence) => {
    const { code, stdout, stderr } = await heavyball(...args);
    expect([code, stdout, stderr]).toEqual([2, "", `heavyball: ${sentence}\n`]);
  });
});

describe("reproduce figure3", () => {
  it("trains twice, draws three pictures, and says what they show", async () => {
    const small = ["--length", "12", "--hidden", "6", "--updates", "4", "--kernels", "simd", "--threads", "1"];
    const { stdout, stderr } = await heavyball("figure3", ...small, "--out", "states");
    expect(stderr).toBe("");
    expect(stdout).toContain(
      "addition, a recurrent network of 6 tanh units: 4 updates from the mean target as output bias, and as many from 0",
    );
    expect(stdout).toMatch(/^output bias from 0\.5( +[\d.e-]+){5}$/m);
    const files = ["figure3.json", "figure3.csv", "states.csv", "statements.csv", "figure3.svg", "report.html"];
    for (const file of files) expect(stdout).toContain(join(directory, "states", file));
    expect(JSON.parse(read("states", "figure3.json")).spec.trial).toMatchObject({ task: { length: 12, hidden: 6 }, updates: 4 });
  });
});
