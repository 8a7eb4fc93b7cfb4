import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, loadModel } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { spectralRadius } from "#internal/math/spectralRadius";
import { jsonLines, runCommand } from "../support/commandLine.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-recurrent-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const heavyball = (...args: string[]) => runCommand(directory, args);
/** Short sequences and few of them, so that a run takes about a second. */
const small = ["--length", "30", "--hidden", "12", "--batch-size", "10", "--test-cases", "200", "--threads", "1", "--kernels", "simd"];
const read = (path: string) => readFileSync(join(directory, path), "utf8");

describe("train, on the recurrent problems", () => {
  it.each([
    ["addition", 1e-3, 3, 0.8464, "fraction of sequences answered wrong by more than 0.04"],
    ["multiplication", 3e-4, 8, 0.8888, "fraction of sequences answered wrong by more than 0.04"],
    ["memory5", 3e-7, 8, 2.5, "symbols of 5 repeated wrongly, per sequence"],
    ["memory20", 1e-6, 2, 8, "symbols of 10 repeated wrongly, per sequence"],
  ])("says what %s comes to beside what the biases alone do", async (task, learningRate, seed, biasesOnly, meaning) => {
    const { code, stdout, stderr } = await heavyball("train", task, "--updates", "8", ...small, "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const lines = jsonLines(stdout);
    expect(lines.map(({ kind }) => kind)).toEqual(["trial", ...Array(9).fill("report"), "outcome"]);
    const [{ spec, zeroOneMeaning }] = lines;
    expect(spec).toMatchObject({
      task: { name: task, length: 30, initialHidden: "zero", hidden: 12, testCases: 200 },
      initialization: { method: "echoState", inputScale: task.startsWith("memory") ? 0.1 : 0.001 },
      optimizer: { method: "nesterov", learningRate, momentum: { schedule: "piecewise", values: [0.9, 0.995], at: [1000] } },
      batchSize: 10,
      updates: 8,
      seed,
    });
    expect(zeroOneMeaning).toBe(meaning);
    for (const report of lines.slice(1, -1)) {
      expect(report.zeroOne).toBeGreaterThan(0);
      expect(report.heldOutLoss).toBeGreaterThan(0);
      expect(report.spectralRadius).toBeGreaterThan(0.9);
    }
    expect(lines[1].spectralRadius).toBeCloseTo(1.1, 5);
    expect(lines[9]).toMatchObject({ update: 8, learningRate, momentum: 0.9 });
    expect(lines[9].loss).toBeGreaterThan(0);
    expect(lines[10].spectralRadius).toBe(lines[9].spectralRadius);
    // The outcome is of other sequences than those that were watched, as many.
    expect(lines[10].heldOutLoss).not.toBe(lines[9].heldOutLoss);
    expect(lines[10].heldOutLoss / lines[9].heldOutLoss).toBeCloseTo(1, 0);
    expect(lines[10].zeroOne / lines[9].zeroOne).toBeCloseTo(1, 0);
    expect(lines[10].baseline.zeroOne).toBeCloseTo(biasesOnly, 4);
    expect(lines[10].best.error).toBe(Math.min(...lines.slice(1, -1).map(({ zeroOne }) => zeroOne)));
  });

  it("prints both errors and the meaning on a terminal's behalf", async () => {
    const { stdout } = await heavyball("train", "addition", "--updates", "3", ...small);
    expect(stdout).toContain("sequences of 30 to 33 steps; 200 held out, fresh ones in minibatches of 10, 3 updates");
    expect(stdout).toMatch(/Zero-one error +Loss/);
    expect(stdout).toMatch(/^biases only +- +0\.8464 +0\.02083 +-$/m);
    expect(stdout).toContain("Zero-one error: fraction of sequences answered wrong by more than 0.04, over 200 held-out sequences.");
  });

  it("understands the readings of the problems, and fills in what hangs on them", async () => {
    const spec = async (...args: string[]) =>
      jsonLines(
        (
          await heavyball(
            "train",
            ...args,
            "--updates",
            "1",
            "--hidden",
            "8",
            "--batch-size",
            "2",
            "--test-cases",
            "5",
            "--threads",
            "1",
            "--json",
          )
        ).stdout,
      )[0].spec;
    expect(
      await spec(
        "addition",
        "--length",
        "20",
        "--target",
        "sum",
        "--no-flags",
        "--no-centering",
        "--initial-hidden",
        "learned",
        "--spectral-radius",
        "0.9",
      ),
    ).toMatchObject({
      task: { length: 20, target: "sum", flags: false, centered: false, initialHidden: "learned" },
      initialization: { spectralRadius: 0.9, outputBiases: [1] },
    });
    const memory = await spec("memory5", "--length", "20", "--scored", "all", "--length-means", "delay");
    expect(memory.task).toMatchObject({ scored: "all", lengthMeans: "delay" });
    expect(memory.initialization.outputBiases[0]).toBeCloseTo(Math.log(5 / (2 * 30)), 6);
    expect(
      (await spec("multiplication", "--momentum-max", "0.98", "--final-updates", "1", "--optimizer", "classicalMomentum")).optimizer,
    ).toMatchObject({
      method: "classicalMomentum",
      momentum: { schedule: "piecewise", values: [0.9, 0.98], at: [1000], final: { updates: 1, value: 0.9 } },
    });
    expect((await spec("addition", "--optimizer", "sgd")).optimizer).toEqual({ method: "sgd", learningRate: 0.001, weightDecay: 0 });
  });

  it("changes biases that are the task's own, and no others, when options change the task of a file", async () => {
    const file = (name: string, outputBiases?: number[]) => {
      const initialization = outputBiases === undefined ? {} : { initialization: { method: "echoState", outputBiases } };
      writeFileSync(
        join(directory, name),
        JSON.stringify({
          task: { name: "addition", length: 12, hidden: 5, testCases: 9 },
          ...initialization,
          optimizer: { method: "sgd", learningRate: 0.01 },
          batchSize: 3,
          updates: 2,
        }),
      );
    };
    file("own.json");
    file("filled.json", [0.5]);
    file("theirs.json", [0.25]);
    const biases = async (name: string, ...args: string[]) =>
      jsonLines((await heavyball("train", name, "--threads", "1", "--json", ...args)).stdout)[0].spec.initialization.outputBiases;
    expect(await biases("own.json")).toEqual([0.5]);
    for (const [name, expected] of [
      ["own.json", 1],
      ["filled.json", 1],
      ["theirs.json", 0.25],
    ] as const)
      expect(await biases(name, "--target", "sum")).toEqual([expected]);
  });

  it("leaves a run directory with a record and a page of plots and heat maps", async () => {
    const { code } = await heavyball("train", "multiplication", "--updates", "12", ...small, "--out", "run");
    expect(code).toBe(0);
    expect(readdirSync(join(directory, "run")).sort()).toEqual([
      "best.safetensors",
      "checkpoint.bin",
      "checkpoint.previous.bin",
      "model.safetensors",
      "record.json",
      "report.html",
      "reports.jsonl",
      "spec.json",
    ]);
    const spec = JSON.parse(read("run/spec.json"));
    const record = JSON.parse(read("run/record.json"));
    const reports = jsonLines(read("run/reports.jsonl"));
    expect(record).toMatchObject({
      spec,
      numerics: 1,
      update: 12,
      machine: { kernels: "simd", threads: 1 },
      baseline: { name: "biases only" },
    });
    expect(record.final).toEqual({
      zeroOne: expect.any(Number),
      heldOutLoss: expect.any(Number),
      spectralRadius: reports[12].spectralRadius,
    });
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    for (const [file, update] of [
      ["model", 12],
      ["best", record.best.update],
    ]) {
      const network = loadModel(runtime, readFileSync(join(directory, `run/${file}.safetensors`)));
      const { offset } = network.layout.find(({ name }) => name === "hiddenToHidden")!;
      expect(spectralRadius(network.getParameters().slice(offset, offset + 144), 12)).toBe(reports[update].spectralRadius);
    }
    await runtime.dispose();
    expect(record.best.measure).toBe("zeroOne");
    expect(JSON.stringify(record)).not.toMatch(/20\d\d-\d\d-\d\d/);
    const html = read("run/report.html");
    // The hidden states of three sequences before and after, and their color scale.
    expect(html.match(/<img /g)).toHaveLength(7);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("keeps what it had when it diverges", async () => {
    const { code, stderr } = await heavyball(
      "train",
      "addition",
      "--updates",
      "50",
      ...small,
      "--learning-rate",
      "1e25",
      "--out",
      "diverged",
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^heavyball: diverged at update \d.*lower the learning rate.*\n$/);
    const record = JSON.parse(read("diverged/record.json"));
    expect(record.end.code).toBe("diverged");
    expect(record.end.message).toMatch(/^diverged at update/);
    expect(record.final).toBeUndefined();
    expect(jsonLines(read("diverged/reports.jsonl")).length).toBeGreaterThan(0);
    expect(read("diverged/report.html")).toContain("diverged at update");
    expect(readdirSync(join(directory, "diverged"))).not.toContain("model.safetensors");
  });
});
