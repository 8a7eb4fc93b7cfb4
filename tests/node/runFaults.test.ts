import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/commandLine.js";
import { byTwos, contents, leftovers, runFaulty, tiny } from "../support/runFiles.js";

/** A run whose lowest error is in the middle, so that best.safetensors is neither the first network nor the last. */
const run = ["train", ...tiny, "--learning-rate", "0.3", "--seed", "5"];

let directory: string;
let operations: string[];
let whole: ReturnType<typeof contents>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-faults-"));
  const trace = join(directory, "trace");
  expect(await runFaulty(directory, [...run, "--out", "whole"], { trace })).toMatchObject({ code: 0, stderr: "" });
  operations = readFileSync(trace, "utf8").trim().split("\n");
  whole = contents(join(directory, "whole"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Indices of the operations with these names. */
const indices = (name: RegExp) => operations.flatMap((operation, at) => (name.test(operation) ? [at] : []));

/** The command that begins a run or goes on with it, after which the run is as one that met no fault. */
async function expectGoesOn(out: string, what: string): Promise<void> {
  const { code, stderr } = await runCommand(directory, [...run, "--out", out, "--resume"]);
  expect([what, code, stderr]).toEqual([what, 0, ""]);
  expect(contents(join(directory, out)), what).toEqual(whole);
  expect(leftovers(join(directory, out)), what).toEqual([]);
}

describe("files that are written whole", () => {
  it("are written, flushed and closed under a temporary name, renamed, and the directory flushed, in this order", () => {
    const renames = indices(/^rename temporary /);
    const names = [
      "spec.json",
      "checkpoint.next.bin",
      "best.safetensors",
      "checkpoint.next.bin",
      "model.safetensors",
      "record.json",
      "report.html",
    ];
    expect(renames.map((at) => operations[at])).toEqual(names.map((name) => `rename temporary ${name}`));
    for (const at of renames) {
      expect(operations.slice(at - 4, at)).toEqual(["open", "write", "sync", "close"].map((name) => `${name} temporary`));
      expect(operations[at + 1]).toBe("syncDirectory whole");
    }
    // Nothing is written in place but the reports, a line at a time, which a checkpoint cuts back.
    for (const operation of operations.filter((name) => /^(open|write|append) /.test(name)))
      expect(operation).toMatch(/^(open|write) temporary$|^append reports\.jsonl$/);
  });

  it("make way as checkpoints do: the predecessor is replaced when the new one is whole on disk", () => {
    const moves = operations.filter((name) => /^(rename|syncDirectory) (?!temporary (?!checkpoint))/.test(name) && /checkpoint/.test(name));
    expect(moves).toEqual([
      "rename temporary checkpoint.next.bin",
      "rename checkpoint.next.bin checkpoint.bin",
      "rename temporary checkpoint.next.bin",
      "rename checkpoint.bin checkpoint.previous.bin",
      "rename checkpoint.next.bin checkpoint.bin",
    ]);
  });
});

describe("a run that is killed", () => {
  it("at any operation on files ends in the same bits when it goes on, and leaves nothing else", async () => {
    // Between a write and its flush, its close or the directory's flush a kill changes nothing that a process can see.
    await byTwos(indices(/^(?!sync|close)/), async (at) => {
      const what = `killed before operation ${at}, ${operations[at]}`;
      const killed = await runFaulty(directory, [...run, "--out", `killed-${at}`], { fault: `kill:${at}` });
      expect([what, killed.signal, killed.stderr]).toEqual([what, "SIGKILL", ""]);
      await expectGoesOn(`killed-${at}`, what);
    });
  });

  it("while it goes on from a kill ends in the same bits too", async () => {
    await byTwos(
      ["link:0", "link:1", "link:2", "unlink lock.json:0", "rename temporary reports.jsonl:0", "rename temporary model:0"],
      async (moment, at) => {
        const out = `twice-${at}`;
        expect((await runFaulty(directory, [...run, "--out", out], { fault: "kill:append reports.jsonl:2" })).signal).toBe("SIGKILL");
        // The first kill left a lock: two links are tried before the third makes the new one.
        expect((await runFaulty(directory, [...run, "--out", out, "--resume"], { fault: `kill:${moment}` })).signal).toBe("SIGKILL");
        await expectGoesOn(out, `killed again before ${moment}`);
      },
    );
  });
});

describe("a disk that fails", () => {
  it("at any operation is told in one sentence, leaves no temporary file, and the run goes on to the same bits", async () => {
    await byTwos(indices(/^(write|rename|append|link|mkdir)/), async (at) => {
      const [code, lasts] = at % 2 === 0 ? ["ENOSPC", true] : ["EIO", false];
      const out = `failed-${at}`;
      const what = `${code} at operation ${at}, ${operations[at]}`;
      const failed = await runFaulty(directory, [...run, "--out", out], { fault: `${code}:${at}`, lasts });
      expect(failed.stderr, what).toMatch(/^heavyball: .*injected.*\n$/);
      // Also where the system itself named no file.
      if (/^(write|rename|append)/.test(operations[at])) expect(failed.stderr, what).toMatch(/injected, \w+ '\S*failed-\d+\/[a-z.]+'/);
      // A directory that cannot be made is a mistake of the command line's, but for want of room.
      expect([what, failed.code]).toEqual([what, operations[at].startsWith("mkdir") && code !== "ENOSPC" ? 2 : 1]);
      if (existsSync(join(directory, out))) expect(leftovers(join(directory, out)), what).toEqual([]);
      await expectGoesOn(out, what);
    });
  });

  it("leaves nothing at all behind of a run that had not begun", async () => {
    const failed = await runFaulty(directory, [...run, "--out", "a/b"], { fault: "EIO:rename temporary spec.json:0" });
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringMatching(/^heavyball: "a\/b\/spec\.json" cannot be used: .*EIO: injected, rename 'a\/b\/spec\.json'\); .*\n$/),
    ]);
    expect(existsSync(join(directory, "a"))).toBe(false);
  });

  it("is told what lets its directory be made, where that is known, or to take another", async () => {
    for (const [code, remedies] of [
      ["EACCES", "change its permissions, or give another directory"],
      ["EIO", "give another directory"],
    ]) {
      const { stderr } = await runFaulty(directory, [...run, "--out", "not-made"], { fault: `${code}:mkdir not-made:0` });
      const system = `${code}: injected, mkdir '${join(directory, "not-made")}'`;
      expect(stderr).toBe(`heavyball: --out is "not-made", where nothing can be written (${system}); ${remedies}\n`);
    }
  });
});
