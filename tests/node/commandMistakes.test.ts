import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/commandLine.js";

/** Runs the command line to its end; `onOutput` sees what it prints as it comes and may signal it. */
const heavyball = (args: string[], onOutput?: Parameters<typeof runCommand>[2]) => runCommand(directory, args, onOutput);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-cli-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

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
