import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, type Executor, HeavyballError, inlineExecutor, runSweep, StoreError } from "heavyball";
import { localExecutor, sweepDirectory } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { tinySweep } from "../support/sweeps.js";

let directory: string;
let executor: ReturnType<typeof inlineExecutor>;
let dispose: () => Promise<void>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-unusable-"));
  writeFileSync(join(directory, "sweep.json"), JSON.stringify(tinySweep));
  const runtime = await createRuntime({ threads: 1, kernels: "simd" });
  executor = inlineExecutor(runtime);
  dispose = () => runtime.dispose();
});
afterAll(async () => {
  await dispose();
  rmSync(directory, { recursive: true, force: true });
});

const at = (...parts: string[]) => join(directory, ...parts);
const command = (...args: string[]) => runCommand(directory, ["sweep", ...args]);
const run = (name: string, more = {}) => runSweep(tinySweep, { executor, store: sweepDirectory(at(name)), kernels: "simd", ...more });

const inPlace: [what: string, put: (path: string) => void, why: RegExp][] = [
  ["a file", (path) => writeFileSync(path, "a file"), /ENOTDIR|it is not a directory/],
  ["a link that leads nowhere", (path) => symlinkSync(`${path}-gone`, path), /it is a link that leads nowhere|EEXIST/],
  ["a link to itself", (path) => symlinkSync(path, path), /ELOOP/],
  ...(process.platform === "linux"
    ? ([
        ["a directory that nobody can write", (path) => symlinkSync("/proc", path), /ENOENT/],
        [
          "a run whose lock cannot be read",
          (path) => {
            mkdirSync(path);
            symlinkSync("/proc/self/mem", join(path, "lock.json"));
          },
          /EIO/,
        ],
      ] satisfies typeof inPlace)
    : []),
  [
    "a run in which a directory has the name of its checkpoint",
    (path) => {
      mkdirSync(join(path, "checkpoint.bin"), { recursive: true });
      writeFileSync(join(path, "spec.json"), JSON.stringify({ ...tinySweep.trial, optimizer: specs[3], seed: 2 }));
    },
    /EISDIR/,
  ],
];
/** The optimizers of the sweep's first trials. */
const specs = [1e30, 1e30, 0.01, 0.01].map((learningRate) => ({ method: "nesterov", momentum: 0.5, learningRate }));

describe("what stands in the place of one trial", () => {
  it.each(inPlace)("%s: is told with its path and what to do, and all others go on", async (what, put, why) => {
    const whole = await run("whole");
    const { key } = whole.rows[3];
    const turns = [{}, { repair: true }, { executor: localExecutor({ jobs: 2 }) }, { executor: localExecutor({ jobs: 2 }), repair: true }];
    for (const [turn, options] of turns.entries()) {
      const name = `${what.replaceAll(" ", "-")}-${turn}`;
      mkdirSync(at(name, "trials"), { recursive: true });
      put(at(name, "trials", key));
      const { rows } = await run(name, options);
      const others = whole.rows.map(({ key: other }) => (other === key ? "not" : "ended"));
      expect(rows.map(({ state }) => (state === "ended" ? state : "not"))).toEqual(others);
      const message = rows[3].failure?.message ?? "";
      expect(message.slice(0, at(name, "trials", key).length)).toBe(at(name, "trials", key));
      expect(message).toMatch(/: move (it away|away what is in its place)/);
      expect(message).toMatch(why);
    }
  });

  it("ends the command with 1 when the others are done, and does so when what stood there is listed", async () => {
    const { key } = (await run("whole")).rows[3];
    mkdirSync(at("told", "trials"), { recursive: true });
    symlinkSync(at("gone"), at("told", "trials", key));
    const { code, stdout, stderr } = await command("sweep.json", "--out", "told", "--kernels", "simd");
    const sentence = `told/trials/${key} is no run that can be read: move away what is in its place (it is a link that leads nowhere)`;
    expect([code, stderr]).toEqual([
      1,
      `heavyball: ${sentence}\nheavyball: 1 trial is damaged, the first, ${key.slice(0, 12)}: ${sentence}\n`,
    ]);
    expect(stdout).toMatch(/\n11 of 12 trials ended/);
    expect(await command("told")).toMatchObject({ code: 1, stderr: `heavyball: ${sentence}\n` });
    rmSync(at("told", "trials", key));
    expect(await command("sweep.json", "--out", "told", "--kernels", "simd")).toMatchObject({ code: 0, stderr: "" });
  });
});

/** Of a run: the sentence about a directory in the place of one of its contents. */
const aboutDirectory = (name: string) =>
  new RegExp(`^/[^ ]*/trials/\\w{64}/${name} cannot be (read|written|used)[^\n]* \\(EISDIR: [^\n]*${name}'\\)[:;] move it away$`);

describe("a directory in the place of something in a run", () => {
  it.each(["spec.json", "reports.jsonl", "checkpoint.bin", "checkpoint.next.bin", "record.json", "failure.json"])(
    "(%s) is named, and the run is not",
    async (content) => {
      const { rows: whole } = await run("whole");
      const { key } = whole[3];
      const turns = [{}, { repair: true }, { executor: localExecutor({ jobs: 2 }) }];
      for (const [turn, options] of turns.entries()) {
        const name = `in-run-${content}-${turn}`;
        // Of a run that was begun, and of none.
        const spec = join("trials", key, "spec.json");
        mkdirSync(at(name, "trials", key, content), { recursive: true });
        if (turn < 2 && content !== "spec.json") copyFileSync(at("whole", spec), at(name, spec));
        if (turn < 2 && content === "spec.json")
          copyFileSync(at("whole", "trials", key, "checkpoint.bin"), at(name, "trials", key, "checkpoint.bin"));
        const { rows } = await run(name, options);
        // With its record a trial has ended: a directory where no failure is to be kept is in nobody's way.
        const comesToAnEnd = content === "failure.json";
        expect(rows.map(({ state }) => state === "ended")).toEqual(whole.map((_, index) => index !== 3 || comesToAnEnd));
        if (!comesToAnEnd) expect(rows[3].failure?.message).toMatch(aboutDirectory(content));
      }
    },
  );

  it("is named where a failure cannot be kept for it", async () => {
    const { key } = (await run("whole")).rows[3];
    mkdirSync(at("unkept", "trials", key, "failure.json"), { recursive: true });
    const open: Executor["open"] = async (sweep) => {
      const inner = await executor.open(sweep);
      return { ...inner, run: (job) => (job.key === key ? Promise.reject(new HeavyballError("ODD", "odd")) : inner.run(job)) };
    };
    const { rows, troubles } = await run("unkept", { executor: { ...executor, open } });
    expect([rows[3].failure?.message, troubles]).toEqual(["odd", [expect.stringMatching(aboutDirectory("failure.json"))]]);
  });
});

describe("what stands in the place of all trials", () => {
  it.each([
    ["a file", (path: string) => writeFileSync(path, "a file"), "it is not a directory"],
    ["a link that leads nowhere", (path: string) => symlinkSync(`${path}-gone`, path), "EEXIST"],
  ])("%s: is told once, before anything is run, and left as it is", async (what, put, why) => {
    const name = `all-${what.replaceAll(" ", "-")}`;
    mkdirSync(at(name));
    put(at(name, "trials"));
    const begun: string[] = [];
    const error = await rejection(run(name, { onProgress: () => begun.push("begun") }));
    expect(error).toBeInstanceOf(StoreError);
    const words = `${at(name, "trials")} is no directory in which trials can be kept (${why}`;
    expect([error.message.slice(0, words.length), begun, readdirSync(at(name))]).toEqual([words, [], ["trials"]]);
    const { code, stderr } = await command("sweep.json", "--out", name, "--kernels", "simd");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^heavyball: [^\n]*: move away what is in its place, or give the sweep another directory\n$/),
    ]);
  });

  it("is told of a directory that is listed", async () => {
    mkdirSync(at("listed"));
    writeFileSync(at("listed", "trials"), "a file");
    const { code, stderr } = await command("listed");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^heavyball: listed\/trials is no directory in which trials can be kept \(ENOTDIR/),
    ]);
    expect(readFileSync(at("listed", "trials"), "utf8")).toBe("a file");
    expect(existsSync(at("listed", "store.json"))).toBe(false);
  });
});
