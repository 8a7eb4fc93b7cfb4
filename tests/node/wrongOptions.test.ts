import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { HeavyballError } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inexact } from "#internal/cli/terminal/exactNumber";
import { UsageError } from "#internal/cli/terminal/options";
import type { TrainValues } from "#internal/cli/trainOptions";
import { trainSpec } from "#internal/cli/trainSpec";
import { runCommand } from "../support/commandLine.js";
import { byTwos, tiny } from "../support/runFiles.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-wrong-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (...args: string[]) => runCommand(directory, args);
const curves = "curves --cases 20 --test-cases 10 --batch-size 10 --updates 1 --threads 1 --kernels simd".split(" ");
/** Replaces the value of an option, or adds it. */
const changed = (args: readonly string[], name: string, value: string) =>
  args.includes(name) ? args.map((arg, at) => (args[at - 1] === name ? value : arg)) : [...args, name, value];

/**
 * Of each the command that is right without it. Some are found by the parser, some by the spec, some by the runtime, the task, the network,
 * its starting point or its memory.
 */
const wrong: [readonly string[], string, string][] = [
  [tiny, "--threads", "99999"],
  [tiny, "--threads", "0"],
  [tiny, "--kernels", "bogus"],
  [tiny, "--updates", "0"],
  [tiny, "--updates", "9007199254740993"],
  [tiny, "--checkpoint-seconds", "0"],
  [tiny, "--hidden", "5000"],
  [tiny, "--length", "1e9"],
  [tiny, "--batch-size", "100000000"],
  [tiny, "--learning-rate", "0"],
  [tiny, "--seed", "-1"],
  [tiny, "--optimizer", "rmsprop"],
  [curves, "--cases", "2000000"],
  [curves, "--test-cases", "2000000"],
  [curves, "--initialization-scale", "1e39"],
  [curves, "--kernels", "bogus"],
  [curves, "--threads", "99999"],
];

describe("a wrong option", () => {
  it.each([
    ["new", []],
    ["with --resume", ["--resume"]],
  ])("leaves nothing behind, and the corrected command works: %s", async (name, more) => {
    await byTwos(wrong, async ([right, option, value], at) => {
      const out = `${name.length}-${at}`;
      const what = `${option} ${value}`;
      const refused = await run("train", ...changed(right, option, value), "--out", join(out, "below"), ...more);
      expect([what, refused.code, refused.stdout]).toEqual([what, 2, ""]);
      expect(refused.stderr, what).toMatch(/^heavyball: .*\n$/);
      expect(existsSync(join(directory, out)), what).toBe(false);
    });
    for (const [at, right] of [tiny, curves].entries())
      expect(await run("train", ...right, "--out", `right-${name.length}-${at}`, ...more)).toMatchObject({ code: 0, stderr: "" });
  });

  it("changes nothing in a run that it is to go on with", async () => {
    expect((await run("train", ...tiny, "--out", "begun")).code).toBe(0);
    cpSync(join(directory, "begun"), join(directory, "before"), { recursive: true });
    const state = (name: string) =>
      readdirSync(join(directory, name)).map((one) => [one, readFileSync(join(directory, name, one), "latin1")]);
    for (const args of [
      ["--threads", "99999"],
      ["--kernels", "bogus"],
      ["--kernels", "relaxed"],
      ["--checkpoint-seconds", "-1"],
      ["--seed", "4"],
      ["--updates", "7"],
    ]) {
      const { code, stdout, stderr } = await run("train", "--resume", "--out", "begun", ...args);
      expect([args, code, stdout]).toEqual([args, 2, ""]);
      expect(stderr).toMatch(/^heavyball: .*\n$/);
      expect(state("begun")).toEqual(state("before"));
    }
    expect((await run("train", "--resume", "--out", "begun", "--threads", "1")).code).toBe(0);
  });

  it("leaves no directory of start or reproduce behind either", async () => {
    for (const args of [
      ["start", "--threads", "99999"],
      ["start", "--updates", "1e400"],
      ["reproduce", "figure5", "--kernels", "bogus"],
      ["reproduce", "figure5", "--fraction", "0"],
    ]) {
      expect((await run(...args, "--out", "study/below")).code).toBe(2);
      expect(existsSync(join(directory, "study"))).toBe(false);
    }
  });

  it("is refused as it was typed where a number cannot hold it", async () => {
    for (const text of ["9007199254740993", "2.00000000000000000001", "1e400", "-1e400", "0x20000000000001"]) {
      const { code, stderr } = await run("train", ...changed(tiny, "--updates", text));
      expect([code, stderr]).toEqual([2, expect.stringContaining(`heavyball: --updates is ${text}; --updates must be `)]);
    }
    expect((await run("train", ...tiny, "--learning-rate", "1e-400")).stderr).toContain(
      "--learning-rate is 1e-400; --learning-rate must be",
    );
    for (const text of [
      "1",
      "007",
      "1e3",
      "1.50e1",
      "9007199254740991",
      "100000000000000000000",
      "1e23",
      "0",
      "-0.0",
      "0e5",
      "0x10",
      "0.1",
      "1e-300",
      "many",
      "Infinity",
    ])
      expect([text, inexact(text)]).toEqual([text, undefined]);
  });

  it("is one sentence where --out is a symbolic link to nothing", async () => {
    symlinkSync("nowhere", join(directory, "link"));
    for (const args of [
      ["train", ...tiny],
      ["train", ...tiny, "--resume"],
      ["start", "--updates", "3"],
      ["reproduce", "figure5", "--fraction", "0.001"],
    ]) {
      for (const out of ["link", "link/below"]) {
        const { code, stdout, stderr } = await run(...args, "--out", out);
        expect([code, stdout]).toEqual([2, ""]);
        expect(stderr).toMatch(/^heavyball: --out is "link.*, where nothing can be written \(.*\); give another directory\n$/);
      }
    }
    expect(existsSync(join(directory, "nowhere"))).toBe(false);
  });
});

describe("a spec in a file", () => {
  const spec = {
    task: { name: "addition", length: 10, hidden: 3, testCases: 10 },
    initialization: null as unknown,
    optimizer: { method: "sgd", learningRate: 0.01 },
    batchSize: 4,
    updates: 2,
  };

  it("may begin with a byte order mark", async () => {
    writeFileSync(join(directory, "bom.json"), `\uFEFF${JSON.stringify({ ...spec, initialization: { method: "echoState" } })}`);
    expect(await run("train", "bom.json", "--threads", "1")).toMatchObject({ code: 0, stderr: "" });
  });

  it("is refused in a sentence where numbers, depth or size are out of bounds", async () => {
    const refused = async (name: string, text: string, sentence: RegExp) => {
      writeFileSync(join(directory, name), text);
      const { code, stdout, stderr } = await run("train", name);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(sentence);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    };
    await refused(
      "digits.json",
      JSON.stringify(spec).replace('"updates":2', '"updates":9007199254740993'),
      /^heavyball: digits\.json has the number 9007199254740993, which must be/,
    );
    await refused(
      "numbers.json",
      JSON.stringify(spec).replace('"updates":2', '"updates":1e999,"seed":1e-400,"batchSize":1e999'),
      /has the number 1e999, which must be a number of at most 1\.\S+, and the number 1e-400, which must be 0 or further from it[^,]*$/,
    );
    const nested = (depth: number) => `${'{"schedule":"constant","value":'.repeat(depth)}1${"}".repeat(depth)}`;
    await refused(
      "deep.json",
      JSON.stringify(spec).replace("0.01", nested(5000)),
      /^heavyball: deep\.json has more than 100 brackets within each other/,
    );
    await refused("brackets.json", "[".repeat(400_000) + "]".repeat(400_000), /^heavyball: brackets\.json has more than 100 brackets/);
    await refused("large.json", `"${"x".repeat(2_000_000)}"`, /^heavyball: large\.json has more than 1000000 characters/);
    await refused("text.json", '"\\"{[123456789012345678901"', /^heavyball: text\.json: spec is /);
  });

  /** What a person or a program may put in place of any part. */
  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      "",
      "addition",
      -1,
      0,
      1.5,
      1e39,
      1e300,
      1e-300,
      -0,
      [],
      {},
      [1],
      { schedule: "constant", value: 1 },
      { schedule: null },
      { method: "sparse" },
      { length: 5 },
    ),
    fc.constantFrom<unknown>(
      { constructor: null },
      { toString: null },
      { toJSON: 1 },
      JSON.parse('{"__proto__": null}'),
      { final: { updates: 1, value: null } },
      [[[]]],
    ),
  );
  const bases = [
    {
      task: { name: "curves", cases: 40, testCases: 20 },
      initialization: { method: "sparse", scale: 1, fanIn: 3 },
      optimizer: {
        method: "nesterov",
        learningRate: 0.1,
        momentum: { schedule: "sutskever", max: 0.9, period: 3, final: { updates: 1, value: 0.5 } },
      },
      batchSize: 10,
      updates: 5,
      seed: 1,
    },
    {
      task: { name: "addition", length: 10, hidden: 3, testCases: 10 },
      initialization: { method: "echoState", outputBiases: [0.5], spectralRadius: 1.1 },
      optimizer: { method: "classicalMomentum", learningRate: 0.1, momentum: { schedule: "piecewise", values: [0.5, 0.9], at: [3] } },
      batchSize: 10,
      updates: 5,
    },
    {
      task: { name: "memory5", length: 20, hidden: 3, testCases: 10 },
      optimizer: {
        method: "hessianFree",
        damping: { initial: 1, drop: 0.5 },
        conjugateGradient: { maximum: 5, minimum: 5, decay: 0.9 },
        gradientCases: 20,
        curvatureCases: 10,
      },
      updates: 5,
      conjugateGradientSteps: 9,
    },
  ];
  const options: TrainValues[] = [
    {},
    { "momentum-max": 0.5 },
    { period: 3 },
    { "final-updates": 1 },
    { optimizer: "sgd" },
    { optimizer: "hessianFree" },
    { optimizer: "nesterov", "momentum-max": 0.9 },
    { target: "sum" },
    { "cg-maximum": 7 },
    { "cg-steps": 4 },
    { damping: 2 },
    { variant: "momentum" },
    { hidden: 4 },
    { length: 30 },
    { cases: 30 },
    { "initialization-scale": 2 },
    { "spectral-radius": 0.9 },
  ] as unknown as TrainValues[];

  it("whatever its structure, together with any option, makes a trial or one of the typed errors", () => {
    const path = join(directory, "odd.json");
    const places = (value: unknown, path: string[] = []): string[][] => [
      path,
      ...(typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, member]) => places(member, [...path, key]))
        : []),
    ];
    const mutated = (value: unknown, [key, ...rest]: string[], part: unknown, how: string): unknown => {
      if (key === undefined) return part;
      const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
      if (rest.length === 0 && how === "remove") delete (copy as Record<string, unknown>)[key];
      else if (rest.length === 0 && how === "add") (copy as Record<string, unknown>)[`${key}s`] = part;
      else (copy as Record<string, unknown>)[key] = mutated((value as Record<string, unknown>)[key], rest, part, how);
      return copy;
    };
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.nat(),
        odd,
        fc.constantFrom("replace", "replace", "remove", "add"),
        fc.constantFrom(...options),
        (base, at, part, how, given) => {
          const all = places(base);
          const spec = mutated(base, all[at % all.length], part, how);
          // JSON.stringify would leave an own __proto__ in and toJSON out, which is what a file may hold.
          writeFileSync(path, JSON.stringify(spec) ?? "null");
          try {
            trainSpec(path, given);
            accepted++;
          } catch (error) {
            if (!(error instanceof UsageError) && !(error instanceof HeavyballError)) throw error;
            expect(error.message).not.toMatch(/undefined is|\[object Object\]/);
          }
        },
      ),
      { numRuns: 600, seed: 20 },
    );
    expect(accepted).toBeGreaterThan(20);
  });
});
