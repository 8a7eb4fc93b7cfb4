import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classicalMomentum } from "heavyball";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { reproduceCommand } from "#internal/cli/commands/reproduce";
import { optionsOf } from "#internal/cli/reproduceOptions";
import { minimize } from "#internal/optimizers/minimize";
import { enumerate } from "#internal/report/text/words";
import { studyNamed, studyNames } from "#internal/studies/index";
import { asPublished } from "#internal/studies/theorem/published1983";
import { theorem } from "#internal/studies/theorem/study";
import { runTheorem } from "#internal/studies/theorem/theorem";
import { jsonLines, runCommand } from "../support/commandLine.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-theorem-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (...args: string[]) => runCommand(directory, ["reproduce", "theorem", ...args]);
const small = ["--dimensions", "3", "--updates", "200", "--seed", "5"];
const files = [
  "theorem.json",
  "statements.csv",
  "effective-momentum.csv",
  "momentum-1983.csv",
  "bound.csv",
  "speed-up.csv",
  "effective-momentum.svg",
  "bound.svg",
  "speed-up.svg",
  "theorem.md",
  "report.html",
];
/** The studies that have an option, in words. */
const having = (flag: string) => enumerate(studyNames.filter((name) => Object.hasOwn(optionsOf(studyNamed(name)), flag)));
const read = (...path: string[]) => readFileSync(join(directory, ...path), "utf8");

describe("reproduce theorem", () => {
  it("writes numbers, pictures and page, and says that all statements hold", async () => {
    const { code, stdout, stderr } = await heavyball(...small, "--out", "first");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^heavyball [\d.]+\nQuadratics of 3 parameters, trajectories of 200 updates/);
    expect(stdout).toMatch(/^Theorem 2\.1, trajectories +holds +\d\.\d\de-\d+ +\d\.\d\de-\d+$/m);
    expect(stdout).toContain("All 13 statements hold.");
    for (const file of files) expect(stdout).toContain(join(directory, "first", file));
    expect(JSON.parse(read("first", "theorem.json")).spec).toMatchObject({ study: "theorem", seed: 5, dimensions: 3, updates: 200 });
    expect(read("first", "report.html")).toContain("All 13 statements hold.");
  });

  it("speaks JSON lines, and finds the same numbers again", async () => {
    const { code, stdout, stderr } = await heavyball(...small, "--out", "second", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const [study, result, written, ...rest] = jsonLines(stdout);
    expect([study.kind, result.kind, written.kind, rest]).toEqual(["study", "result", "written", []]);
    expect(study).toMatchObject({ study: "theorem", dimensions: 3, machine: { node: process.versions.node } });
    expect(study.machine).not.toHaveProperty("kernels");
    expect(result.statements).toEqual(JSON.parse(read("second", "theorem.json")).statements);
    expect(written.files).toEqual(files.map((file) => join(directory, "second", file)));
    for (const file of files.slice(0, -2)) expect(read("second", file)).toBe(read("first", file));
  });

  it("ends with exit code 1 where a statement does not hold", async () => {
    const printed: string[] = [];
    const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean(printed.push(String(text))));
    const wrong = vi.spyOn(theorem, "run").mockImplementation((_runtime, spec) =>
      runTheorem(
        { ...spec, conditionNumbers: [10, 100] },
        {
          minimize: (objective, start, method, options) =>
            minimize(objective, start, method.method === "nesterov" ? classicalMomentum(without(method)) : method, options),
          published1983: asPublished,
        },
      ),
    );
    try {
      expect(await reproduceCommand(["theorem", ...small, "--out", join(directory, "wrong")])).toBe(1);
    } finally {
      write.mockRestore();
      wrong.mockRestore();
    }
    expect(printed.join("")).toMatch(/^Theorem 2\.1, trajectories +DOES NOT HOLD /m);
    expect(read("wrong", "statements.csv")).toMatch(/^trajectories,.*,false,/m);
    expect(read("wrong", "report.html")).toContain("statements do not hold");
  });

  it.each<[string[], string]>([
    [["--dimensions", "1"], "--dimensions is 1; --dimensions must be a whole number from 2 to 50"],
    [["--updates", "10"], "--updates is 10; --updates must be a whole number from 200 to 5000"],
    [["--seed", "0.5"], "--seed is 0.5; --seed must be a whole number of at least 0"],
    [["--threads", "2"], `--threads is not an option of reproduce theorem, but of ${having("threads")}; leave it out`],
    [["--fraction", "0.1"], `--fraction is not an option of reproduce theorem, but of ${having("fraction")}; leave it out`],
  ])("refuses %j in one sentence", async (args, sentence) => {
    const { code, stdout, stderr } = await heavyball(...args);
    expect([code, stdout, stderr]).toEqual([2, "", `heavyball: ${sentence}\n`]);
  });
});

function without<T extends { method: string }>({ method: _, ...options }: T): Omit<T, "method"> {
  return options;
}
