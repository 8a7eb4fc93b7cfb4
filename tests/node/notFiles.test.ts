import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchData, fileStore, readMnist } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main, runCommand } from "../support/commandLine.js";
import { rejection } from "../support/failures.js";
import { contents, tiny } from "../support/runFiles.js";
import { tinyTrial } from "../support/sweeps.js";

/** Whoever opens a pipe that nobody writes waits for ever, and reading a device may have no end: each of these ends, with a sentence. */
describe.skipIf(process.platform === "win32")("a pipe in the place of a file", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "heavyball-pipes-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const at = (...parts: string[]) => join(directory, ...parts);
  /** A copy of a directory, in which a pipe has the place of a file, and others are missing. */
  function withPipe(from: string, name: string, file: string, ...missing: string[]): void {
    cpSync(at(from), at(name), { recursive: true });
    for (const gone of [file, ...missing]) rmSync(at(name, gone), { recursive: true, force: true });
    execFileSync("mkfifo", [at(name, file)]);
  }

  describe("of a run", () => {
    const train = ["train", ...tiny, "--learning-rate", "0.3", "--seed", "5"];
    const others = ["lock.json", "events.jsonl", "checkpoint.next.bin"];
    const written = "cannot be written: it is a device or a pipe";
    const read = "cannot be used: a pipe or a device is where a file has to be";
    function refusal(file: string): RegExp {
      if (file === "lock.json") return /has a lock that does not say whose it is; .* remove [^ ]*\/lock\.json/;
      if (file === "spec.json") return /spec\.json is empty, and is no trial/;
      return new RegExp(`${file}"? (${written}|${read}) ?.*move it away`);
    }

    it("ends the command that goes on with it, which then does as if the pipe had never been", async () => {
      expect(await runCommand(directory, [...train, "--out", "whole"])).toMatchObject({ code: 0, stderr: "" });
      const whole = contents(at("whole"));
      const files = [...readdirSync(at("whole")), ...others];
      expect(files).toContain("reports.jsonl");
      for (const [turn, file] of files.entries()) {
        for (const missing of [[], ["record.json", "model.safetensors"]]) {
          const name = `run-${turn}-${missing.length}`;
          withPipe("whole", name, file, ...missing);
          const { code, stderr } = await runCommand(directory, [...train, "--out", name, "--resume"]);
          expect([file, code]).toEqual([file, expect.toBeOneOf([1, 2])]);
          expect(stderr).toMatch(refusal(file));
          expect(stderr.trim().split("\n")).toHaveLength(1);
          rmSync(at(name, file));
          if (!others.includes(file)) cpSync(at("whole", file), at(name, file));
          expect(await runCommand(directory, [...train, "--out", name, "--resume"]), file).toMatchObject({ code: 0, stderr: "" });
          expect(contents(at(name)), file).toEqual(whole);
        }
      }
    });

    it("is no content of a store, nor is a file that cannot be read at once: errors like the system's, with the path", async () => {
      mkdirSync(at("store"));
      execFileSync("mkfifo", [at("store", "pipe")]);
      const store = fileStore(at("store"));
      const message = `ENXIO: a pipe or a device, open '${at("store", "pipe")}'`;
      const open = await store.open();
      for (const use of [() => store.read("pipe"), () => open.append("pipe", "text")])
        expect(await rejection(use())).toMatchObject({ code: "ENXIO", path: at("store", "pipe"), message });
      writeFileSync(at("store", "huge"), "");
      truncateSync(at("store", "huge"), 3 * 2 ** 30);
      expect(await rejection(store.read("huge"))).toMatchObject({ code: "EOVERFLOW", path: at("store", "huge") });
      await open.close();
    });
  });

  describe("of a sweep", () => {
    const sweep = ["sweep", "sweep.json", "--kernels", "simd", "--jobs", "1"];
    let place: string;
    beforeAll(async () => {
      const trial = { ...tinyTrial, optimizer: { ...tinyTrial.optimizer, learningRate: 0.01 } };
      writeFileSync(at("sweep.json"), JSON.stringify({ trial, grid: { seed: [1, 2] } }));
      expect(await runCommand(directory, [...sweep, "--out", "swept"])).toMatchObject({ code: 0, stderr: "" });
      const [key] = readdirSync(at("swept", "trials"));
      place = join("trials", key);
    });

    it("in its directory: the index is made again from the records, other files are told", async () => {
      for (const [file, told] of [
        ["lock.json", /lock that does not say whose it is/],
        ["store.json", undefined],
        ["index.jsonl", undefined],
        ["sweep.json", /sweep\.json cannot be written: it is a device or a pipe/],
        ["results.csv", /results\.csv cannot be written: it is a device or a pipe/],
      ] as const) {
        const name = `in-${file}`;
        withPipe("swept", name, file);
        expect((await runCommand(directory, ["sweep", name])).stdout, file).toMatch(/2 trials/);
        const { code, stderr } = await runCommand(directory, [...sweep, "--out", name]);
        expect([file, code]).toEqual([file, told === undefined ? 0 : 2]);
        expect(stderr).toMatch(told ?? /^$/);
      }
    });

    it("in a trial's: is that trial's trouble alone, also while it is repaired", async () => {
      const files = ["spec.json", "checkpoint.bin", "failure.json", "reports.jsonl", "model.safetensors", "lock.json", "record.json"];
      for (const file of files) {
        for (const more of [[], ["--repair"]]) {
          const name = `trial-${file}${more}`;
          withPipe("swept", name, join(place, file), join(place, "record.json"));
          const { code, stdout, stderr } = await runCommand(directory, [...sweep, "--out", name, ...more]);
          const isMended = file === "record.json" && more.length > 0;
          expect([file, more, code]).toEqual([file, more, isMended ? 0 : 1]);
          expect(stdout).toMatch(isMended ? /2 of 2 trials ended/ : /1 of 2 trials ended/);
          expect(stderr).toMatch(
            new RegExp(file === "lock.json" ? `remove [^ ]*${place}/lock.json` : `${place}/${file} cannot be [^\n]*move it away`),
          );
        }
      }
    });
  });

  it("of a data set is refused by name", async () => {
    mkdirSync(at("data"));
    for (const set of ["train", "t10k"])
      execFileSync("mkfifo", [at("data", `${set}-images-idx3-ubyte.gz`), at("data", `${set}-labels-idx1-ubyte.gz`)]);
    const told = { code: "ENXIO", path: expect.stringMatching(/-idx[13]-ubyte\.gz$/) };
    expect(await rejection(readMnist(at("data")))).toMatchObject(told);
    const { code, stderr } = await runCommand(directory, ["train", "mnist", "--data", "data", "--updates", "1"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/-ubyte\.gz" cannot be used: a pipe or a device is/)]);
  });

  it("of what is fetched is not written", async () => {
    mkdirSync(at("fetched"));
    const part = at("fetched", "train-images-idx3-ubyte.gz.part");
    execFileSync("mkfifo", [part]);
    const failed = fetchData("mnist", { from: "http://127.0.0.1:9/", out: at("fetched") });
    expect(await rejection(failed)).toMatchObject({ code: "ENXIO", path: part });
  });

  it("that somebody typed is read, and is empty where nobody writes it", async () => {
    execFileSync("mkfifo", [at("typed")]);
    for (const [command, what] of [
      ["train", "trial"],
      ["sweep", "sweep"],
    ] as const) {
      const { code, stderr } = await runCommand(directory, [command, "typed", "--out", "never"]);
      expect([code, stderr]).toEqual([2, `heavyball: typed is empty, and is no ${what}\n`]);
    }
    const text = readFileSync(at("sweep.json"), "utf8");
    const script = `(sleep 0.2; echo '${text}') | "$0" "$1" sweep /dev/stdin --out piped --kernels simd --jobs 1`;
    expect(shell(directory, script)).toMatch(/2 of 2 trials ended/);
  });
});

function shell(directory: string, script: string): string {
  return execFileSync("sh", ["-c", script, process.execPath, main], { cwd: directory, encoding: "utf8" });
}
