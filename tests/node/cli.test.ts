import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, loadModel, StoreError } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nearest, type Options, parseOptions } from "#internal/cli/terminal/options";
import { makeDirectory } from "#internal/node/makeDirectory";
import { jsonLines, main, runCommand } from "../support/commandLine.js";

/** Runs the command line to its end; `onOutput` sees what it prints as it comes and may signal it. */
const heavyball = (args: string[], onOutput?: Parameters<typeof runCommand>[2]) => runCommand(directory, args, onOutput);

/** Little data, so that a run takes about a second or, without an end, is soon under way. */
const small = ["--batch-size", "50", "--cases", "100", "--threads", "1", "--kernels", "simd"];
const tiny = ["--updates", "6", ...small];
const endless = ["--updates", "1000000", ...small];

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

describe("mistakes get one sentence and exit code 2", () => {
  it.each<[string[], string]>([
    [["trian", "curves"], `"trian" is not a command of heavyball; did you mean train?`],
    [["dance"], `"dance" is not a command of heavyball; heavyball --help lists them`],
    [["train"], "train what? Say: heavyball train curves"],
    [["train", "curvs"], `"curvs" is neither a task nor a file; did you mean curves?`],
    [["train", "fashion"], `"fashion" is neither a task nor a file; this version trains curves`],
    [["train", "curves", "faces"], "train takes one task or file, and is given 2: curves faces"],
    [["train", "curves", "--learning-rte", "0.1"], "--learning-rte is not an option of train; did you mean --learning-rate?"],
    [["train", "curves", "--xyzzy"], "--xyzzy is not an option of train; heavyball --help lists them"],
    [["train", "curves", "--updates"], "--updates needs a value: --updates N"],
    [["train", "curves", "--updates", "--json"], "--updates needs a value: --updates N"],
    [["train", "curves", "--updates", "many"], `--updates is "many"; --updates must be a number`],
    [["train", "curves", "--updates", "1", "--updates", "2"], "--updates is given twice"],
    [["train", "curves", "--json=yes"], `--json takes no value, and is given "yes"`],
    [["train", "curves", "--updates", "2.5"], "--updates is 2.5; --updates must be a whole number of at least 1"],
    [["train", "curves", "--learning-rate", "-1"], "--learning-rate is -1; --learning-rate must be a finite number greater than 0"],
    [
      ["train", "curves", "--learning-rate", "Infinity"],
      "--learning-rate is Infinity; --learning-rate must be a finite number greater than 0",
    ],
    [["train", "curves", "--momentum-max", "1.5"], "--momentum-max is 1.5; --momentum-max must be a finite number from 0 to 1"],
    [["train", "curves", "--period", "0"], "--period is 0; --period must be a whole number of at least 1"],
    [
      ["train", "curves", "--final-updates", "20", "--updates", "10"],
      "--final-updates is 20; --final-updates must be a whole number from 0 to 10",
    ],
    [
      ["train", "curves", "--batch-size", "300", "--cases", "200"],
      "--batch-size is 300; --batch-size must be a whole number from 1 to 200",
    ],
    [
      ["train", "curves", "--initialization-scale", "0"],
      "--initialization-scale is 0; --initialization-scale must be a finite number greater than 0",
    ],
    [["train", "curves", "--seed", "-1"], "--seed is -1; --seed must be a whole number of at least 0"],
    [["train", "curves", "--optimizer", "rmsprop"], `--optimizer is "rmsprop"; --optimizer must be one of`],
    [["train", "curves", "--optimizer", "sgd", "--momentum-max", "0.9"], "have no meaning with --optimizer sgd"],
    [["train", "curves", "--threads", "0"], "--threads is 0; --threads must be a whole number from 1 to"],
    [["train", "curves", "--kernels", "turbo"], `--kernels is "turbo"; --kernels must be one of "auto", "simd", "relaxed", "wide"`],
    [["train", "curves", "--resume"], "--resume goes on with the run in a directory: say which with --out DIR"],
    [["train", "--resume", "--out", "nowhere"], "nowhere holds no run to go on with: it has no spec.json"],
    [["train", "curves", "--checkpoint-seconds", "5"], "--checkpoint-seconds is about files, and needs a directory for them: --out DIR"],
    [
      ["train", "curves", "--checkpoint-seconds", "0", "--out", "x"],
      "--checkpoint-seconds is 0; --checkpoint-seconds must be a finite number greater than 0",
    ],
    [["train", "curves", "--data", "here"], "--data does not apply to curves"],
    [["train", "curves", "--length", "80"], "--length does not apply to curves, whose cases are images, not sequences"],
    [["train", "curves", "--hidden", "50"], "--hidden does not apply to curves"],
    [["train", "adition"], `"adition" is neither a task nor a file; did you mean addition?`],
    [["train", "addition", "--length", "9"], "--length is 9; --length must be a whole number from 10 to 100000"],
    [["train", "addition", "--hidden", "0"], "--hidden is 0; --hidden must be a whole number from 1 to"],
    [["train", "addition", "--target", "mean"], `--target is "mean"; --target must be one of "halfSum", "sum"`],
    [
      ["train", "addition", "--initial-hidden", "random"],
      `--initial-hidden is "random"; --initial-hidden must be one of "zero", "learned"`,
    ],
    [["train", "addition", "--momentum-max", "1.5"], "--momentum-max is 1.5; --momentum-max must be a finite number from 0 to 1"],
    [
      ["train", "addition", "--spectral-radius", "0"],
      "--spectral-radius is 0; --spectral-radius must be a finite number from 1e-30 to 1e30",
    ],
    [
      ["train", "addition", "--spectral-radius", "1e300", "--out", "left"],
      "--spectral-radius is 1e+300; --spectral-radius must be a finite number from 1e-30 to 1e30",
    ],
    [
      ["train", "addition", "--length", "100000"],
      "--length is 100000; --length must be at most 48807, for the 10000 test cases there are by default, or given with --test-cases " +
        "of at most 4880",
    ],
    [["train", "memory20", "--length", "100000", "--length-means", "delay"], "--length must be at most 15319, for the 10000 test cases"],
    [
      ["train", "addition", "--length", "100000", "--test-cases", "5000"],
      "--test-cases is 5000; --test-cases must be a whole number from 1 to 4880",
    ],
    [
      ["train", "addition", "--length", "90000", "--test-cases", "50", "--optimizer", "hessianFree"],
      "--length is 90000; --length must be smaller, or given with --gradient-cases, which is otherwise 10000 and must be a whole " +
        "number from 1 to 2711",
    ],
    [
      ["train", "addition", "--period", "3"],
      "--period does not apply to addition, whose momentum is 0.9 for 1,000 updates and then --momentum-max",
    ],
    [["train", "addition", "--cases", "300"], "--cases does not apply to addition, which draws new sequences for every minibatch"],
    [["train", "addition", "--scored", "all"], "--scored does not apply to addition, which is scored at its last step alone"],
    [["train", "addition", "--initialization-scale", "2"], "--initialization-scale does not apply to addition"],
    [["train", "multiplication", "--target", "sum"], "--target does not apply to multiplication, whose target is the product"],
    [["train", "memory5", "--no-flags"], "--no-flags does not apply to memory5, whose inputs have no marks"],
    [["train", "memory5", "--no-flags", "--resume"], "--no-flags does not apply to memory5"],
    [["train", "memory20", "--data", "here"], "--data does not apply to memory20, which draws its sequences itself"],
    [["train", "memory20", "--optimizer", "sgd", "--momentum-max", "0.9"], "have no meaning with --optimizer sgd"],
    [["train", "curves", "--damping", "45"], "--damping applies to hessianFree alone: --optimizer hessianFree"],
    [["train", "addition", "--cg-steps", "100"], "--cg-steps applies to hessianFree alone: --optimizer hessianFree"],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--momentum-max", "0.9"],
      "--momentum-max does not apply to hessianFree, whose momentum is --cg-decay",
    ],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--batch-size", "100"],
      "--batch-size does not apply to hessianFree, whose batches are --gradient-cases and --curvature-cases",
    ],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--structural-damping", "0.1"],
      "--structural-damping does not apply to curves, whose network has no hidden state over time",
    ],
    [["train", "curves", "--optimizer", "hessianFree", "--period", "3"], "--period does not apply to hessianFree"],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--variant", "fast"],
      `--variant is "fast"; --variant must be one of "standard", "momentum"`,
    ],
    [["train", "curves", "--optimizer", "hessianFree", "--damping", "-1"], "--damping is -1; --damping must be a finite number from 0 to"],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--damping-drop", "2"],
      "--damping-drop is 2; --damping-drop must be a finite number from 0.001 to 1",
    ],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--cg-decay", "1.5"],
      "--cg-decay is 1.5; --cg-decay must be a finite number from 0 to 1",
    ],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--cg-maximum", "0"],
      "--cg-maximum is 0; --cg-maximum must be a whole number from 1 to 1000000",
    ],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--cg-steps", "0.5"],
      "--cg-steps is 0.5; --cg-steps must be a whole number of at least 1",
    ],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--cases", "100", "--gradient-cases", "200"],
      "--gradient-cases is 200; --gradient-cases must be a whole number from 1 to 100",
    ],
    [
      ["train", "curves", "--optimizer", "hessianFree", "--gradient-cases", "50", "--curvature-cases", "60"],
      "--curvature-cases is 60; --curvature-cases must be a whole number from 1 to 50",
    ],
    [
      ["train", "addition", "--optimizer", "hessianFree", "--weight-decay", "-1"],
      "--weight-decay is -1; --weight-decay must be a finite number of at least 0",
    ],
    [["start", "now"], `start takes options only, and is given "now"`],
    [["start", "--updates", "0"], "--updates is 0; --updates must be a whole number of at least 1"],
  ])("heavyball %j", async (args, sentence) => {
    const { code, stdout, stderr } = await heavyball(args);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([code, stdout]).toEqual([2, ""]);
    expect(existsSync(join(directory, "left"))).toBe(false);
  });

  it("blames the length, too, where a file has too many test cases for it", async () => {
    writeFileSync(
      join(directory, "many.json"),
      JSON.stringify({ task: { name: "addition", testCases: 10_000 }, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 5 }),
    );
    const { code, stderr } = await heavyball(["train", "many.json", "--length", "100000"]);
    expect([code, stderr]).toEqual([
      2,
      "heavyball: --length is 100000; --length must be smaller, or given with --test-cases, which is otherwise 10000 and must be a " +
        "whole number from 1 to 4880\n",
    ]);
  });

  it.each([[["train", "curves"]], [["start", "--updates", "3"]], [["reproduce", "figure5", "--fraction", "0.01"]]])(
    "refuses an --out that is a file: %j",
    async (args) => {
      writeFileSync(join(directory, "page"), "");
      const { code, stdout, stderr } = await heavyball([...args, "--threads", "1", "--out", "page/below"]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(
        /^heavyball: --out is "page\/below", and .*page is not a directory; give the path of one, or one that does not exist yet\n$/,
      );
    },
  );

  it("names the file whose spec is wrong, and the part", async () => {
    writeFileSync(join(directory, "broken.json"), "{");
    expect((await heavyball(["train", "broken.json"])).stderr).toContain("broken.json is not JSON");
    writeFileSync(
      join(directory, "wrong.json"),
      JSON.stringify({ task: { name: "curves" }, optimizer: { method: "sgd", learningRate: 0 }, updates: 5 }),
    );
    const { code, stderr } = await heavyball(["train", "wrong.json"]);
    expect(code).toBe(2);
    expect(stderr).toContain("wrong.json: learningRate is 0");
    expect((await heavyball(["train", "missing.json"])).stderr).toContain("cannot read missing.json");
  });
});

describe("train", () => {
  it("prints what it trains and ends with a table, in plain lines", async () => {
    const { code, stdout, stderr } = await heavyball(["train", "curves", ...tiny]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toContain("\x1b");
    expect(stdout).toContain("100 training and 50 test images, minibatches of 50, 6 updates");
    expect(stdout).toMatch(/update 6 of 6 \| NAG 100 % error [\d.]+/);
    expect(stdout).toMatch(/Training error +Test error/);
    expect(stdout).toMatch(/^NAG +0\.01 +[\d.]+ +[\d.]+ +[\d.]+$/m);
  });

  it.each(["sgd", "classicalMomentum"])("trains with %s", async (optimizer) => {
    const { code, stdout } = await heavyball(["train", "curves", "--optimizer", optimizer, ...tiny, "--json"]);
    expect(code).toBe(0);
    expect(jsonLines(stdout)[0].spec.optimizer.method).toBe(optimizer);
  });

  it("speaks JSON lines", async () => {
    const { code, stdout } = await heavyball(["train", "curves", ...tiny, "--json"]);
    expect(code).toBe(0);
    const lines = jsonLines(stdout);
    expect(lines.map(({ kind }) => kind)).toEqual(["trial", ...Array(7).fill("report"), "outcome"]);
    expect(lines[0].spec).toMatchObject({ task: { name: "curves", cases: 100, testCases: 50 }, batchSize: 50, updates: 6, seed: 1 });
    expect(lines[1]).toMatchObject({ update: 0, updates: 6 });
    expect(lines[7]).toMatchObject({ update: 6, learningRate: 0.01, momentum: 0.5 });
    expect(lines[8].trainingError).toBeGreaterThan(0);
    expect(lines[8].trainingError).toBeLessThan(lines[1].trainingError);
    // All of so few training cases are watched, so the last report and the outcome are measured on the same.
    expect(lines[8].trainingError).toBe(lines[7].trainingError);
  });

  it("trains with Hessian-free optimization, and says how it went", async () => {
    const quick = [
      "--optimizer",
      "hessianFree",
      "--cases",
      "60",
      "--cg-maximum",
      "3",
      "--updates",
      "3",
      "--threads",
      "1",
      "--kernels",
      "simd",
    ];
    const { code, stdout, stderr } = await heavyball(["train", "curves", ...quick, "--json", "--out", "runs/hf"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = jsonLines(stdout);
    expect(lines[0].spec).toMatchObject({
      optimizer: { method: "hessianFree", damping: { initial: 45 }, curvatureCases: 15, weightDecay: 2e-5 },
      updates: 3,
    });
    expect(lines[0].spec.batchSize).toBeUndefined();
    expect(lines[4]).toMatchObject({
      kind: "report",
      name: "HF",
      update: 3,
      conjugateGradientSteps: 3,
      totalConjugateGradientSteps: 9,
      conjugateGradientEnd: "maximum",
      momentum: 0.95,
      learningRate: 1,
    });
    expect(lines.find(({ kind }) => kind === "outcome")).toMatchObject({ name: "HF", update: 3, conjugateGradientSteps: 9 });
    const html = readFileSync(join(directory, "runs/hf/report.html"), "utf8");
    expect(html).toContain("trained with Hessian-free optimization");
    expect(html).toContain("Training error against steps of conjugate gradient");

    // The spec of one variant gives way to the other, and to momentum, as far as they differ.
    const hybrid = await heavyball([
      "train",
      "runs/hf/spec.json",
      "--variant",
      "momentum",
      "--cg-maximum",
      "2",
      "--cg-steps",
      "3",
      "--threads",
      "1",
    ]);
    expect([hybrid.code, hybrid.stderr]).toEqual([0, ""]);
    expect(hybrid.stdout).toContain("gradients and curvature of 3, at most 3 updates or 3 steps of conjugate gradient");
    expect(hybrid.stdout).toContain(
      "HF: the momentum variant, neither line search nor backtracking, damping from 45, 2 steps of conjugate gradient an update",
    );
    expect(hybrid.stdout).toMatch(/^HF +1 +[\d.]+ +[\d.]+ +2 +4 +/m);
    const nag = await heavyball([
      "train",
      "runs/hf/spec.json",
      "--optimizer",
      "nesterov",
      "--batch-size",
      "20",
      "--threads",
      "1",
      "--json",
    ]);
    expect(jsonLines(nag.stdout)[0].spec).toMatchObject({
      task: { cases: 60 },
      optimizer: { method: "nesterov", learningRate: 0.01 },
      batchSize: 20,
      updates: 3,
    });
  });

  it("leaves a run directory that holds everything, and does not overwrite it", async () => {
    const { code, stdout } = await heavyball(["train", "curves", ...tiny, "--out", "runs/first", "--json"]);
    expect(code).toBe(0);
    const run = join(directory, "runs/first");
    const outcome = jsonLines(stdout).find(({ kind }) => kind === "outcome");

    const html = readFileSync(join(run, "report.html"), "utf8");
    expect(html).toContain("<svg");
    expect(html.match(/<img /g)).toHaveLength(20);
    const reports = jsonLines(readFileSync(join(run, "reports.jsonl"), "utf8"));
    expect(reports.map(({ update }) => update)).toEqual([0, 1, 2, 3, 4, 5, 6]);

    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const network = loadModel(runtime, readFileSync(join(run, "model.safetensors")));
    expect(network.description).toMatchObject({ sizes: [784, 400, 200, 100, 50, 25, 6, 25, 50, 100, 200, 400, 784] });
    await runtime.dispose();

    const again = await heavyball(["train", "curves", ...tiny, "--out", "runs/first"]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("holds a run already");

    const repeated = await heavyball(["train", "runs/first/spec.json", "--threads", "2", "--kernels", "simd", "--json"]);
    expect(jsonLines(repeated.stdout).find(({ kind }) => kind === "outcome")).toMatchObject({
      trainingError: outcome.trainingError,
      testError: outcome.testError,
    });
  });

  it("lets options override a spec", async () => {
    const spec = {
      task: { name: "curves", cases: 120 },
      initialization: { method: "sparse", scale: 2 },
      optimizer: {
        method: "nesterov",
        learningRate: 0.05,
        momentum: { schedule: "sutskever", max: 0.9, period: 3, final: { updates: 2, value: 0.5 } },
      },
      batchSize: 40,
      updates: 500,
      seed: 3,
    };
    writeFileSync(join(directory, "spec.json"), JSON.stringify(spec));
    const { stdout } = await heavyball([
      "train",
      "spec.json",
      "--updates",
      "4",
      "--momentum-max",
      "0.7",
      "--optimizer",
      "classicalMomentum",
      "--threads",
      "1",
      "--json",
    ]);
    const lines = jsonLines(stdout);
    expect(lines[0].spec).toMatchObject({
      ...spec,
      optimizer: { ...spec.optimizer, method: "classicalMomentum", momentum: { ...spec.optimizer.momentum, max: 0.7 } },
      updates: 4,
    });
    expect(lines.filter(({ momentum }) => momentum !== undefined).map(({ momentum }) => momentum)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it("fails with exit code 1 and the reason when it diverges", async () => {
    const { code, stdout, stderr } = await heavyball([
      "train",
      "curves",
      "--optimizer",
      "sgd",
      "--learning-rate",
      "1e30",
      ...tiny,
      "--out",
      "diverged",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^heavyball: .*diverged at update \d.*lower the learning rate.*\n$/);
    expect(stdout).toContain("diverged");
    expect(existsSync(join(directory, "diverged/report.html"))).toBe(true);
    expect(existsSync(join(directory, "diverged/model.safetensors"))).toBe(false);
  });

  it("fails with exit code 1 when a file cannot be written", async () => {
    mkdirSync(join(directory, "blocked/checkpoint.next.bin"), { recursive: true });
    const { code, stderr } = await heavyball(["train", "curves", ...tiny, "--out", "blocked"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^heavyball: "blocked\/checkpoint\.next\.bin" cannot be used: a directory is where .* \(EISDIR: .*\); move it/);
    // It had not begun: what it made is gone, what was there is not.
    expect(readdirSync(join(directory, "blocked"))).toEqual(["checkpoint.next.bin"]);
  });

  it.each<[NodeJS.Signals, number]>([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("stops cleanly on %s and writes what there is", async (signal, expected) => {
    const out = `stopped-${signal}`;
    let sent = false;
    const { code, stdout, stderr } = await heavyball(["train", "curves", ...endless, "--json", "--out", out], (text, kill) => {
      if (!sent && text.includes('"update":3,')) {
        sent = true;
        kill(signal);
      }
    });
    expect([code, stderr]).toEqual([expected, ""]);
    const outcome = jsonLines(stdout).find(({ kind }) => kind === "outcome");
    expect(outcome.update).toBeGreaterThanOrEqual(3);
    expect(outcome.update).toBeLessThan(1_000_000);
    for (const file of ["spec.json", "reports.jsonl", "model.safetensors", "report.html"])
      expect(existsSync(join(directory, out, file))).toBe(true);
  });

  it("says where it stopped", async () => {
    let sent = false;
    const { code, stdout } = await heavyball(["train", "curves", ...endless], (text, kill) => {
      if (!sent && text.includes("% error")) {
        sent = true;
        kill("SIGINT");
      }
    });
    expect(code).toBe(130);
    expect(stdout).toMatch(/Stopped after \d+ of 1,?000,?000 updates/);
    expect(stdout).toContain("Test error");
  });

  it("ends quietly when nobody reads on", async () => {
    const child = spawn(process.execPath, [main, "train", "curves", ...endless, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, stderr]).toEqual([0, ""]);
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
