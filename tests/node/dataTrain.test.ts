import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeNpy } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import { jsonLines, runCommand } from "../support/commandLine.js";
import { idxFile } from "../support/dataFiles.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-data-"));
  for (const name of ["flowers", "arrays", "empty", "two", "digits", "below"]) mkdirSync(join(directory, name));
  const stream = new RandomStream(2, "flowers");
  const rows = Array.from({ length: 80 }, (_, row) => [
    ["small", "large"][row % 2],
    ...[0, 1].map((axis) => ((row % 2) * 4 + axis + 0.4 * stream.normal()).toFixed(3)),
  ]);
  const table = [["size", "width", "height"], ...rows].map((row) => row.join(",")).join("\n");
  write("flowers/flowers.csv", table);
  write("flowers/README.txt", "About flowers.");
  mkdirSync(join(directory, "flowers", "old.csv"));
  write("flowers.tsv", rows.map((row) => `${row[1]}\t${row[2]}`).join("\n"));
  write("bad.csv", "a,b\n1,x\n2\n");
  write("two/a.csv", table);
  write("two/b.csv", table);
  const inputs = Float32Array.from(rows.flatMap((row) => row.slice(1).map(Number)));
  write("arrays/inputs.npy", writeNpy({ shape: [80, 2], data: inputs }));
  // A linear function of both.
  const targets = Float32Array.from({ length: 80 }, (_, row) => 2 * inputs[2 * row] - inputs[2 * row + 1]);
  write("arrays/targets.npy", writeNpy({ shape: [80], data: targets }));
  const images = (cases: number) =>
    idxFile(
      [cases, 28, 28],
      Uint8Array.from({ length: cases * 784 }, () => stream.integer(256)),
    );
  write("digits/train-images-idx3-ubyte.gz", gzipSync(images(12)));
  write("digits/t10k-images-idx3-ubyte", images(4));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, contents: string | Uint8Array) => writeFileSync(join(directory, name), contents);
const read = (name: string) => readFileSync(join(directory, name), "utf8");
const run = (...args: string[]) => runCommand(directory, ["train", ...args, "--threads", "1", "--kernels", "simd"]);
const short = ["--layers", "8", "--batch-size", "16", "--updates", "150", "--learning-rate", "0.05"];
const flowers = ["data", "--data", "flowers", "--label", "size", ...short];

/** What a command that goes well prints as JSON lines. */
async function linesOf(...args: string[]) {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  return jsonLines(stdout);
}

/** The sentence of a command that goes wrong, which prints nothing else and leaves nothing behind. */
async function refused(code: number, ...args: string[]): Promise<string> {
  const before = readdirSync(directory).sort();
  const ended = await run(...args, "--out", join("refused", "below"));
  expect([ended.code, ended.stdout], ended.stderr).toEqual([code, ""]);
  expect(ended.stderr).toMatch(/^heavyball: [^\n]*\n$/);
  expect(readdirSync(directory).sort()).toEqual(before);
  return ended.stderr;
}

describe("train data", () => {
  it("takes a directory or a file, and says what comes of it", async () => {
    const [trial, ...rest] = await linesOf(...flowers);
    expect(trial).toMatchObject({
      kind: "trial",
      name: "NAG",
      spec: { task: { name: "data", hidden: [8], activation: "tanh", predict: "classes", held: 0.2, scaling: "standard", label: "size" } },
      baseline: { name: "most frequent class" },
    });
    const outcome = rest[rest.length - 1];
    expect(outcome).toMatchObject({ kind: "outcome", heldOutWrong: 0, trainingWrong: 0, end: { code: "finished" } });
    expect(outcome.heldOutLoss).toBeLessThan(0.2);
    const numbers = ({ seconds: _, ...others }: Record<string, unknown>) => others;
    const file = await linesOf("data", "--data", join("flowers", "flowers.csv"), "--label", "0", ...short);
    expect(numbers(file[file.length - 1])).toEqual(numbers(outcome));
  });

  it("prints the same for people", async () => {
    const { code, stdout, stderr } = await run(...flowers, "--held", "0.25");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("a network with 1 hidden layer of 8 tanh units, which predicts classes");
    expect(stdout).toContain("inputs standardized, 25 % of the cases held out, minibatches of 16, 150 updates");
    expect(stdout).toContain("20 cases held out, 60 to train on");
    expect(stdout).toMatch(/Optimizer +Learning rate +Held-out share wrong +Training share wrong +Held-out loss +Training loss/);
    expect(stdout).toMatch(/^NAG +0\.05 +0 +0 /m);
    expect(stdout).toMatch(/^most frequent class +- +0\./m);
  });

  it("has options for all parts of the task", async () => {
    const args = ["--layers", "9,5", "--activation", "relu", "--predict", "numbers", "--held", "0.5", "--scaling", "unit", "--label", "1"];
    const [{ spec }] = await linesOf("data", "--data", "flowers.tsv", "--updates", "1", "--batch-size", "4", ...args);
    expect(spec.task).toEqual({
      name: "data",
      hidden: [9, 5],
      activation: "relu",
      predict: "numbers",
      held: 0.5,
      scaling: "unit",
      label: 1,
    });
    expect(spec.initialization).toMatchObject({ method: "dense", scale: "he" });
  });

  it("predicts numbers by a linear model", async () => {
    const args = ["--layers", "none", "--predict", "numbers", "--updates", "800", "--batch-size", "16", "--learning-rate", "0.05"];
    const lines = await linesOf("data", "--data", "arrays", ...args);
    expect(lines[0].spec.task).toMatchObject({ hidden: [], predict: "numbers" });
    const outcome = lines[lines.length - 1];
    expect(outcome.heldOutError).toBeLessThan(1e-6);
    expect(outcome.baseline).toMatchObject({ name: "mean of the targets" });
  });

  it("keeps a run that goes on, if it is given its data again", async () => {
    const begun = await run(...flowers, "--out", "run");
    expect([begun.code, begun.stderr]).toEqual([0, ""]);
    expect(readdirSync(join(directory, "run")).sort()).toEqual(
      [
        "best.safetensors",
        "checkpoint.bin",
        "checkpoint.previous.bin",
        "model.safetensors",
        "record.json",
        "report.html",
        "reports.jsonl",
        "spec.json",
      ].sort(),
    );
    for (const words of ["What was taken for what", "Share wrong against updates"]) expect(read("run/report.html")).toContain(words);
    expect(read("run/spec.json")).not.toContain("flowers");
    const before = readdirSync(join(directory, "run")).map((name) => [name, readFileSync(join(directory, "run", name), "latin1")]);
    const without = await run("--resume", "--out", "run");
    expect([without.code, without.stdout]).toEqual([2, ""]);
    expect(without.stderr).toMatch(/^heavyball: data needs data: --data PATH, where there is a table .*\n$/);
    expect(readdirSync(join(directory, "run")).map((name) => [name, readFileSync(join(directory, "run", name), "latin1")])).toEqual(before);
    const other = await run(...flowers.map((word) => (word === "8" ? "9" : word)), "--resume", "--out", "run");
    expect([other.code, other.stdout]).toEqual([2, ""]);
    expect(other.stderr).toContain("--layers is 9, and the run in run has 8; ");
    expect(other.stderr).toContain("heavyball train --resume --out run --data flowers; ");
    const begunAgain = await run(...flowers, "--out", "run");
    expect(begunAgain.stderr).toContain("or go on with it: heavyball train --resume --out run --data flowers\n");
    for (const words of [["--data", "flowers"], flowers]) {
      const again = await run(...words, "--resume", "--out", "run");
      expect([again.code, again.stderr]).toEqual([0, ""]);
    }
    const { seconds: _, machine: __, ...record } = JSON.parse(read("run/record.json"));
    const { seconds: ___, machine: ____, ...first } = JSON.parse(before.find(([name]) => name === "record.json")![1]);
    expect(record).toEqual(first);
  });

  it("trains what a file describes", async () => {
    const spec = {
      task: { name: "data", hidden: [4], label: "size" },
      optimizer: { method: "adam", learningRate: 0.01 },
      batchSize: 8,
      updates: 5,
    };
    write("trial.json", JSON.stringify(spec));
    const lines = await linesOf("trial.json", "--data", "flowers", "--layers", "6");
    expect(lines[0].spec).toMatchObject({ task: { hidden: [6], label: "size" }, optimizer: { method: "adam" }, updates: 5 });
    expect(await refused(2, "trial.json")).toContain("data needs data: --data PATH");
  });

  it.each<[string, string[], RegExp]>([
    ["no data", ["data"], /data needs data: --data PATH, where there is a table/],
    ["a path where nothing is", ["data", "--data", "nowhere"], /--data is "nowhere"; --data must be a directory or a file that exists/],
    ["a path below a file", ["data", "--data", "bad.csv/deeper"], /--data is "bad\.csv\/deeper"; .* that exists/],
    ["an empty path", ["data", "--data", ""], /--data needs a value: --data PATH/],
    ["a directory without data", ["data", "--data", "empty"], /--data is "empty"; .*there is nothing/],
    ["a directory of two tables", ["data", "--data", "two"], /--data is "two"; .*there are a\.csv, b\.csv/],
    ["a directory of directories", ["data", "--data", "below"], /--data is "below"; .*there is nothing/],
    ["--layers of no numbers", [...flowers, "--layers", "8,x"], /--layers is "x"; --layers must be a whole number/],
    ["--layers of a layer without units", [...flowers, "--layers", "8,"], /--layers is ""; --layers must be a whole number from 1/],
    ["another --activation", [...flowers, "--activation", "sine"], /--activation is "sine"; --activation must be one of "tanh"/],
    ["another --predict", [...flowers, "--predict", "colors"], /--predict is "colors"; /],
    ["--held of all", [...flowers, "--held", "1"], /--held is 1; /],
    ["another --scaling", [...flowers, "--scaling", "log"], /--scaling is "log"; /],
    ["a --label that is no column", ["data", "--data", "flowers", "--label", "color"], /--label is "color"; .*"size"/],
    ["a --label beyond the columns", ["data", "--data", "flowers", "--label", "3"], /--label is 3; /],
    ["a --label where there are no columns", ["data", "--data", "arrays", "--label", "k"], /--label is "k"; .*left out: .* has no columns/],
    ["an option of sequences", [...flowers, "--length", "9"], /--length does not apply to data, whose cases are no sequences/],
    ["an option of images", [...flowers, "--period", "9"], /--period does not apply to data, whose momentum is constant/],
  ])("refuses %s", async (_, args, message) => {
    // Of an option that is given twice the first is taken out.
    const last = args[args.length - 2];
    const at = args.indexOf(last);
    const once = at < args.length - 2 && last.startsWith("--") ? args.filter((_arg, i) => i !== at && i !== at + 1) : args;
    expect(await refused(2, ...once)).toMatch(message);
  });

  it("names the file and the byte of what is wrong with one", async () => {
    expect(await refused(1, "data", "--data", "bad.csv")).toContain("bad.csv: at byte ");
    expect(await refused(1, ...flowers.slice(0, 3), "--label", "width", "--predict", "numbers")).toMatch(
      /flowers\/flowers\.csv: at byte \d+.*a number such as/,
    );
    symlinkSync("nothing", join(directory, "below", "lost.csv"));
    expect(await refused(2, "data", "--data", "below")).toContain("where there is lost.csv");
    rmSync(join(directory, "below", "lost.csv"));
  });
});

describe("--data", () => {
  it("is refused by tasks that make their data", async () => {
    expect(await refused(2, "curves", "--data", "flowers")).toMatch(/--data does not apply to curves, wh/);
    expect(await refused(2, "addition", "--data", "flowers")).toMatch(
      /--data does not apply to addition, which draws its sequences itself/,
    );
  });
});

describe("train mnist", () => {
  const small = ["--cases", "12", "--test-cases", "4", "--batch-size", "4", "--updates", "1"];

  it("reads images from a directory", async () => {
    const lines = await linesOf("mnist", "--data", "digits", ...small);
    expect(lines[0]).toMatchObject({ spec: { task: { name: "mnist", cases: 12, testCases: 4 } }, baseline: { name: "mean image" } });
    expect(lines[lines.length - 1]).toMatchObject({ kind: "outcome", end: { code: "finished" } });
    const { stdout } = await run("mnist", "--data", "digits", ...small);
    expect(stdout).toContain("MNIST autoencoder 784-1000-500-250-30 and its mirror image");
    expect(stdout).toContain("12 training and 4 test images");
  });

  it.each<[string, string[], RegExp]>([
    [
      "no data",
      ["mnist"],
      /mnist needs data: --data PATH, where there is train-images.*SHA-256 440fcabf.* t10k-.*8d422c7b.*; heavyball data mnist /,
    ],
    ["a directory without images", ["mnist", "--data", "flowers"], /--data is "flowers"; .* train-images-idx3-ubyte\.gz or/],
    [
      "a path where nothing is",
      ["mnist", "--data", "nowhere"],
      /--data is "nowhere"; .*440fc.*8d422.*; heavyball data mnist .* --out nowhere fetches/,
    ],
    [
      "a directory without the photographs",
      ["faces", "--data", "flowers"],
      /--data is "flowers"; .*olivettifaces\.mat \(published with SHA-256 b1988d02/,
    ],
    [
      "more cases than images",
      ["mnist", "--data", "digits", "--cases", "500"],
      /^heavyball: --data digits: --cases is 500; --cases must be at most 12/,
    ],
    // Nobody typed 60,000.
    [
      "fewer images than the task takes by itself",
      ["mnist", "--data", "digits"],
      /^heavyball: --data digits: --cases is 60000; .* at most 12/,
    ],
    [
      "an option of data of one's own",
      ["mnist", "--data", "digits", "--layers", "9"],
      /--layers does not apply to mnist, whose layers are given/,
    ],
  ])("refuses %s", async (_, args, message) => {
    expect(await refused(2, ...args)).toMatch(message);
    expect(existsSync(join(directory, "refused"))).toBe(false);
  });
});

const published = process.env.HEAVYBALL_DATA;

describe.skipIf(published === undefined)("the published files (HEAVYBALL_DATA)", () => {
  const mnist = () => join(published!, "mnist");

  it("train the MNIST autoencoder", async () => {
    const lines = await linesOf(
      "mnist",
      "--data",
      mnist(),
      "--cases",
      "500",
      "--test-cases",
      "100",
      "--batch-size",
      "100",
      "--updates",
      "8",
    );
    const reports = lines.filter(({ kind }) => kind === "report");
    expect(reports).toHaveLength(9);
    expect(lines[lines.length - 1].trainingError).toBeLessThan(reports[0].trainingError);
    expect(lines[0].baseline.trainingError).toBeGreaterThan(40);
  });

  it("are data of one's own", async () => {
    const lines = await linesOf(
      "data",
      "--data",
      mnist(),
      "--scaling",
      "unit",
      "--layers",
      "30",
      "--updates",
      "100",
      "--learning-rate",
      "0.1",
    );
    const outcome = lines[lines.length - 1];
    expect(outcome.heldOutWrong).toBeLessThan(0.25);
    expect(outcome.baseline.heldOutWrong).toBeGreaterThan(0.8);
  });
});
