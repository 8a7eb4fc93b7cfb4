import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, loadModel } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
