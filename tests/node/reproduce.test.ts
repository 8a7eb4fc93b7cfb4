import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enumerate } from "#internal/report/text/words";
import { studyNamed, studyNames } from "#internal/studies/index";
import { jsonLines, runCommand } from "../support/commandLine.js";
import { joined } from "../support/patterns.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-reproduce-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (args: string[], onOutput?: Parameters<typeof runCommand>[2]) => runCommand(directory, ["reproduce", ...args], onOutput);
/** Few cases and an error that the first update reaches. */
const tiny = ["figure5", "--fraction", "0.001", "--error", "250", "--iterations", "6", "--seed", "2", "--kernels", "simd"];
const files = ["figure5.json", "figure5.csv", "figure5.svg", "where-the-quadratic-was-taken.svg", "figure5.md", "report.html"];
const read = (...path: string[]) => readFileSync(join(directory, ...path), "utf8");

describe("reproduce figure5", () => {
  it("writes numbers, picture and page, and says what they show", async () => {
    const { code, stdout, stderr } = await heavyball([...tiny, "--threads", "1", "--out", "first"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("20 training and 1 test image, gradients of all cases, curvature of 20");
    expect(stdout).toMatch(/Iterations +phi by CG +phi by NAG/);
    expect(stdout).toMatch(
      joined(
        /After 6 iterations from zero, conjugate gradient has lowered the quadratic /,
        /by [\d.]+ and NAG by [\d.]+, [\d.]+ % of that; conjugate gradient had come as far after \d\./,
      ),
    );
    for (const file of files) expect(stdout).toContain(join(directory, "first", file));

    const { phi, quadratic, training } = JSON.parse(read("first", "figure5.json"));
    expect(phi.conjugateGradient).toHaveLength(7);
    expect(quadratic.update).toBe(training.length - 1);
    expect(read("first", "figure5.csv").trim().split("\n")).toHaveLength(8);
    expect(read("first", "figure5.svg")).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    const page = read("first", "report.html");
    expect(page).toContain("<svg");
    expect(page).toContain("After 6 iterations from zero");
  });

  it("speaks JSON lines, and comes to the same bits on two threads", async () => {
    const { code, stdout, stderr } = await heavyball([...tiny, "--threads", "2", "--out", "second", "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = jsonLines(stdout);
    const kinds = lines.map(({ kind }) => kind);
    expect([kinds[0], ...kinds.slice(-2)]).toEqual(["study", "result", "written"]);
    expect(new Set(kinds.slice(1, -2))).toEqual(new Set(["report"]));
    expect(lines.at(-1).files).toEqual(files.map((file) => join(directory, "second", file)));
    for (const file of files.slice(0, 4)) expect(read("second", file)).toBe(read("first", file));
    expect(JSON.parse(read("second", "figure5.json")).phi).toEqual(lines.at(-2).phi);
  });

  it("takes the quadratic at the last update where the error is not reached, and says so", async () => {
    const { code, stdout } = await heavyball([
      "figure5",
      "--fraction",
      "0.001",
      "--error",
      "1",
      "--updates",
      "1",
      "--iterations",
      "2",
      "--threads",
      "1",
      "--out",
      "early",
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("after 1 update, at a training error of");
    expect(stdout).toContain("not yet 1.000, where it was to be taken");
  });

  it("stops on Ctrl-C and leaves nothing half done", async () => {
    let sent = false;
    const { code, stdout, stderr } = await heavyball(
      ["figure5", "--threads", "1", "--fraction", "0.01", "--out", "stopped", "--json"],
      (text, kill) => {
        if (!sent && text.includes('"update":1,')) {
          sent = true;
          kill("SIGINT");
        }
      },
    );
    expect([code, stderr]).toEqual([130, ""]);
    expect(stdout).not.toContain('"result"');
    for (const file of files) expect(existsSync(join(directory, "stopped", file))).toBe(false);
  });

  it("describes its options, in lines that fit a terminal", async () => {
    const { code, stdout } = await heavyball(["--help"]);
    expect(code).toBe(0);
    for (const option of "fraction error iterations updates seed threads kernels out json".split(" "))
      expect(stdout).toMatch(new RegExp(`--${option}\\b`));
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe("help", () => {
  it("lists the studies, each with its title and its options", async () => {
    const { code, stdout } = await heavyball(["--help"]);
    expect(code).toBe(0);
    for (const study of studyNames.map(studyNamed)) {
      expect(stdout).toContain(`${study.name}  `);
      expect(stdout).toContain(study.title);
      for (const { flag } of Object.values(study.options)) expect(stdout).toContain(`--${flag} `);
    }
  });

  it.each(studyNames)("describes %s alone, in lines that fit a terminal", async (name) => {
    const { code, stdout, stderr } = await heavyball([name, "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    const study = studyNamed(name);
    const { title, options } = study;
    expect(stdout).toMatch(new RegExp(`^heavyball reproduce ${name} \\[options\\]\n`));
    expect(stdout).toContain(title);
    const flags = [...stdout.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map(([, flag]) => flag);
    const own = Object.values(options).map(({ flag }) => flag);
    const ofTrials = ["only", "jobs", "threads", "queue", "kernels", "data", "out", "keep", "repair", "checkpoint-seconds"];
    const running = study.kind === "sweep" ? ofTrials : [...(study.usesRuntime ? ["threads", "kernels"] : []), "out"];
    expect(flags).toEqual([...own, ...running, "json", "help"]);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect((await heavyball(["-h", name])).stdout).toBe(stdout);
  });
});

/** Whatever the registry holds. */
const known = `his version reproduces ${enumerate(studyNames)}`;

describe("mistakes get one sentence and exit code 2", () => {
  it.each<[string[], string]>([
    [[], `reproduce what? T${known}: heavyball reproduce figure1`],
    [["figur5"], `"figur5" is not a table or figure of the paper; did you mean figure5?`],
    [["xyzzy"], `"xyzzy" is not a table or figure of the paper; t${known}`],
    [["figur5", "--help"], `"figur5" is not a table or figure of the paper; did you mean figure5?`],
    [["figure5", "table1"], "reproduce takes one table or figure, and is given 2: figure5 table1"],
    [["figure5", "--fraction", "2"], "--fraction is 2; --fraction must be a finite number from 0.0002 to 1"],
    [["figure5", "--error", "0"], "--error is 0; --error must be a finite number greater than 0"],
    [["figure5", "--iterations", "1.5"], "--iterations is 1.5; --iterations must be a whole number of at least 1"],
    [["figure5", "--updates", "0"], "--updates is 0; --updates must be a whole number of at least 1"],
    [["figure5", "--seed", "-1"], "--seed is -1; --seed must be a whole number of at least 0"],
    [["figure5", "--threads", "0"], "--threads is 0; --threads must be a whole number from 1 to"],
    [["figure5", "--kernels", "turbo"], `--kernels is "turbo"; --kernels must be one of "auto", "simd", "relaxed", "wide"`],
    [["figure5", "--fractoin", "1"], "--fractoin is not an option of reproduce; did you mean --fraction?"],
  ])("heavyball reproduce %j", async (args, sentence) => {
    const { code, stdout, stderr } = await heavyball(args);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
