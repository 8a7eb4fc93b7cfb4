import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreError } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nearest, type Options, parseOptions } from "#internal/cli/terminal/options";
import { makeDirectory } from "#internal/node/makeDirectory";
import { jsonLines, runCommand } from "../support/commandLine.js";

/** Runs the command line to its end; `onOutput` sees what it prints as it comes and may signal it. */
const heavyball = (args: string[], onOutput?: Parameters<typeof runCommand>[2]) => runCommand(directory, args, onOutput);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-cli-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("help and version", () => {
  it("lists the commands", async () => {
    const { code, stdout, stderr } = await heavyball(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const word of ["start", "train curves", "bench", "Exit codes"]) expect(stdout).toContain(word);
    expect((await heavyball(["help"])).stdout).toBe(stdout);
  });

  it("describes every option of train, in lines that fit a terminal", async () => {
    const { code, stdout } = await heavyball(["train", "--help"]);
    expect(code).toBe(0);
    for (const option of (
      "optimizer learning-rate momentum-max period final-updates updates batch-size cases initialization-scale length hidden " +
      "spectral-radius initial-hidden target no-flags no-centering scored length-means weight-decay variant gradient-cases " +
      "curvature-cases damping damping-drop structural-damping cg-maximum cg-minimum cg-decay cg-steps seed threads kernels out " +
      "checkpoint-seconds resume json"
    ).split(" ")) {
      expect(stdout).toMatch(new RegExp(`--${option}\\b`));
    }
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect((await heavyball(["help", "train"])).stdout).toBe(stdout);
    expect((await heavyball(["start", "-h"])).stdout).toContain("side by side");
  });

  it("says its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect((await heavyball(["--version"])).stdout).toBe(`${version}\n`);
  });

  it("answers a call without a command with the help, as a mistake", async () => {
    const { code, stdout, stderr } = await heavyball([]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("train curves");
  });
});

describe("start", () => {
  it("trains the three side by side from one starting point, Hessian-free beside them, and writes the report", async () => {
    const { code, stdout, stderr } = await heavyball(["start", "--updates", "3", "--kernels", "simd", "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = jsonLines(stdout);
    const trials = lines.filter(({ kind }) => kind === "trial");
    expect(trials.map(({ name }) => name)).toEqual(["SGD", "CM", "NAG", "HF"]);
    for (const { spec } of trials.slice(0, 3)) expect({ ...spec, optimizer: 0 }).toEqual({ ...trials[0].spec, optimizer: 0 });
    expect(trials[3]).toMatchObject({
      spec: { optimizer: { method: "hessianFree" }, task: trials[0].spec.task, initialization: trials[0].spec.initialization, seed: 1 },
    });
    expect(trials[3].seconds).toBeLessThan(0.1);
    const starts = lines.filter(({ kind, update }) => kind === "report" && update === 0).map(({ trainingError }) => trainingError);
    expect(starts).toHaveLength(4);
    expect(new Set(starts).size).toBe(1);
    const outcomes = lines.filter(({ kind }) => kind === "outcome");
    expect(outcomes.map(({ name, update }) => [name, update])).toEqual([
      ["SGD", 3],
      ["CM", 3],
      ["NAG", 3],
      ["HF", 1],
    ]);
    const html = readFileSync(join(directory, "heavyball-runs/curves/report.html"), "utf8");
    expect(html.match(/<img /g)).toHaveLength(50);
    for (const words of [
      "period shortened from 250 updates",
      "against updates",
      "against time",
      "against cases processed",
      "depends on this machine",
      "3 updates each, and 1 of HF",
    ])
      expect(html).toContain(words);
  });
});

describe("the directory of --out", () => {
  const at = (...parts: string[]) => join(directory, "made", ...parts);

  it("is made with those above it, left empty, and may be there already", () => {
    for (let time = 0; time < 2; time++) {
      makeDirectory(at("a", "b"));
      expect(readdirSync(at("a", "b"))).toEqual([]);
    }
  });

  it("is refused where it cannot be, and nothing is left behind", () => {
    mkdirSync(at(), { recursive: true });
    writeFileSync(at("file"), "");
    symlinkSync(at("nowhere"), at("link"));
    expect(() => makeDirectory(at("file"))).toThrow(/^store is ".*file", and .*file is not a directory; give the path of one/);
    expect(() => makeDirectory(at("link"))).toThrow(
      /^store is ".*link", where nothing can be written \(EEXIST.*\); give another directory$/,
    );
    expect(() => makeDirectory(at("new", "long".repeat(100)))).toThrow(/where nothing can be written \(ENAMETOOLONG/);
    expect(() => makeDirectory(at("file"))).toThrow(StoreError);
    expect(existsSync(at("new"))).toBe(false);
  });

  it.runIf(process.platform === "linux")("is refused at once where Node's recursive mkdir never returns, and where no file can be", () => {
    for (const path of ["/proc/nope", "/proc/nope/below", "/proc"])
      expect(() => makeDirectory(path)).toThrow(/where nothing can be written/);
  });
});

describe("options", () => {
  const table = {
    rate: { kind: "number", help: "" },
    name: { kind: "text", help: "" },
    json: { kind: "flag", help: "", letter: "j" },
  } as const satisfies Options;

  it("reads values in both forms, flags, letters and words", () => {
    expect(parseOptions("x", table, ["a", "--rate", "-0.5", "--name=b=c", "-j", "--", "--rate"])).toEqual({
      values: { rate: -0.5, name: "b=c", json: true },
      words: ["a", "--rate"],
    });
    expect(parseOptions("x", table, ["--rate", "1e-3"]).values.rate).toBe(0.001);
  });

  it("does not take names that every object has", () => {
    expect(() => parseOptions("x", table, ["--constructor"])).toThrow("--constructor is not an option of x");
    expect(() => parseOptions("x", table, ["--__proto__", "1"])).toThrow("not an option");
  });

  it("suggests what is near, and nothing that is not", () => {
    expect(nearest("rtae", ["rate", "name"])).toBe("rate");
    expect(nearest("learning", ["learning-rate", "name"])).toBe("learning-rate");
    expect(nearest("zzz", ["rate", "name"])).toBeUndefined();
    expect(nearest("", ["rate"])).toBeUndefined();
  });
});
