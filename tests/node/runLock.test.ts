import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LockedError, type LockHolder, RunLock } from "#internal/node/runLock";
import { jsonLines, main, runCommand } from "../support/commandLine.js";
import { leaveLock, lockModule } from "../support/leftLock.js";
import { byTwos, contents, endless, leftovers, tiny } from "../support/runFiles.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavyball-lock-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a lock", () => {
  it("is held by one, says by whom, and can be taken again when it is released", () => {
    const path = join(directory, "one.json");
    const lock = RunLock.take(path);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
    expect(() => RunLock.take(path)).toThrow(LockedError);
    lock.release();
    expect(existsSync(path)).toBe(false);
    const second = RunLock.take(path);
    // Released once: what another holds now stays.
    lock.release();
    expect(existsSync(path)).toBe(true);
    second.release();
    expect(readdirSync(directory).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("is held against another thread of the same process", async () => {
    const path = join(directory, "thread.json");
    const lock = RunLock.take(path);
    const source =
      `import(${JSON.stringify(lockModule)}).then(({ RunLock }) => RunLock.take(${JSON.stringify(path)})).then(() => "taken", ({ name }` +
      ') => name).then((what) => require("node:worker_threads").parentPort.postMessage(what));';
    const worker = new Worker(source, { eval: true });
    expect(await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))).toBe("LockedError");
    await worker.terminate();
    lock.release();
  });

  it("is taken over when its process is gone, also when the number belongs to another by now or the machine was started anew", async () => {
    const path = join(directory, "left.json");
    const left = await leaveLock(path);
    const changes: Partial<LockHolder>[] = [
      {},
      ...(left.began === "" ? [] : [{ pid: process.pid }]),
      ...(left.boot === "" ? [] : [{ boot: "another", pid: process.pid }]),
    ];
    for (const change of changes) {
      writeFileSync(path, JSON.stringify({ ...left, ...change }));
      const lock = RunLock.take(path);
      expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid, since: expect.not.stringContaining(left.since) });
      lock.release();
    }
    expect(readdirSync(directory).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("is not taken over where it cannot be known whether its process is gone", async () => {
    const path = join(directory, "unknown.json");
    const left = await leaveLock(path);
    for (const [text, holder] of [
      [JSON.stringify({ ...left, host: "elsewhere" }), "elsewhere"],
      ["", undefined],
      ["null", undefined],
      [JSON.stringify({ ...left, token: "../../x" }), undefined],
    ] as const) {
      writeFileSync(path, text);
      const error = (() => {
        try {
          return RunLock.take(path);
        } catch (caught) {
          return caught as LockedError;
        }
      })();
      expect(error).toBeInstanceOf(LockedError);
      expect([(error as LockedError).holder?.host, (error as LockedError).runs]).toEqual([holder, false]);
      expect(readFileSync(path, "utf8")).toBe(text);
    }
    rmSync(path);
    symlinkSync(join(directory, "nowhere"), path);
    expect(() => RunLock.take(path)).toThrow(LockedError);
  });

  it("that was left behind is taken over by exactly one of many who find it at the same time", async () => {
    const path = join(directory, "many.json");
    for (let round = 0; round < 3; round++) {
      await leaveLock(path);
      // Each tries until somebody has it, and holds it until all have tried.
      const source = `import { RunLock } from ${JSON.stringify(lockModule)};
        process.stdout.write("ready\\n");
        process.stdin.once("data", () => {
          try {
            RunLock.take(${JSON.stringify(path)});
            process.stdout.write("taken\\n");
          } catch (error) {
            process.stdout.write(error.name + "\\n");
          }
        });
        process.stdin.once("end", () => process.exit(0));`;
      const children = Array.from({ length: 6 }, () =>
        spawn(process.execPath, ["--input-type=module", "--eval", source], { stdio: ["pipe", "pipe", "inherit"] }),
      );
      const output = children.map(() => "");
      const lines = (count: number) =>
        new Promise<void>((resolve) => {
          const look = () => output.every((text) => text.split("\n").length > count) && resolve();
          children.forEach(({ stdout }, at) => stdout.removeAllListeners("data").on("data", (data) => ((output[at] += data), look())));
          look();
        });
      await lines(1);
      for (const { stdin } of children) stdin.write("go\n");
      await lines(2);
      expect(output.map((text) => text.split("\n")[1]).sort()).toEqual([...Array(5).fill("LockedError"), "taken"]);
      await Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve).stdin.end())));
      // The one that had it released it when it ended.
      expect(existsSync(path)).toBe(false);
    }
  });
});

describe("one process at a time writes a run", () => {
  const begin = (out: string) => ["train", ...endless, "--out", out];

  it("and another that begins or resumes it meanwhile is refused and changes nothing", async () => {
    const child = spawn(process.execPath, [main, ...begin("held"), "--json"], { cwd: directory, stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const refusal = new RegExp(
      `^heavyball: held is being written by process ${child.pid} on .*, and one process at a time writes a run; wait until that one ` +
        "has ended, or give another directory\\n$",
    );
    const spec = readFileSync(join(directory, "held/spec.json"), "utf8");
    for (const args of [
      ["train", "--resume", "--out", "held"],
      [...begin("held"), "--resume"],
      ["train", ...tiny, "--out", "held"],
    ]) {
      const { code, stdout, stderr } = await runCommand(directory, args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(refusal);
    }
    expect(readFileSync(join(directory, "held/spec.json"), "utf8")).toBe(spec);
    expect(JSON.parse(readFileSync(join(directory, "held/lock.json"), "utf8")).pid).toBe(child.pid);
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(leftovers(join(directory, "held"))).toEqual([]);
  });

  it("so that of two that go on with a killed run at once both leave it right", async () => {
    const args = ["train", ...tiny, "--out"];
    expect((await runCommand(directory, [...args, "whole"])).code).toBe(0);
    const whole = contents(join(directory, "whole"));
    await byTwos(
      Array.from({ length: 6 }, (_, round) => `pair-${round}`),
      async (out) => {
        const resume = () => runCommand(directory, [...args, out, "--resume"]);
        const ends = await Promise.all([resume(), resume()]);
        // Beside each other, one is refused; one after the other, both find it done.
        expect(ends.some(({ code }) => code === 0)).toBe(true);
        for (const { code, stderr } of ends)
          if (code !== 0)
            expect([code, stderr]).toEqual([
              2,
              expect.stringMatching(/^heavyball: pair-\d (is being written by process|holds a run already)/),
            ]);
        expect(contents(join(directory, out))).toEqual(whole);
        expect(leftovers(join(directory, out))).toEqual([]);
      },
    );
  });

  it("so that of two different trials begun at once in one directory exactly one begins", async () => {
    await byTwos(
      Array.from({ length: 6 }, (_, round) => `two-${round}`),
      async (out) => {
        const ends = await Promise.all(["11", "12"].map((seed) => runCommand(directory, ["train", ...tiny, "--seed", seed, "--out", out])));
        expect(ends.map(({ code }) => code).sort()).toEqual([0, 2]);
        expect(ends.find(({ code }) => code === 2)!.stderr).toMatch(/^heavyball: two-\d (is being written by process|holds a run already)/);
        const seed = ends[0].code === 0 ? 11 : 12;
        const { spec, record, reports } = contents(join(directory, out)) as {
          spec: string;
          record: { spec: { seed: number } };
          reports: { update: number }[];
        };
        expect([JSON.parse(spec).seed, record.spec.seed, reports.map(({ update }) => update)]).toEqual([seed, seed, [0, 1, 2, 3]]);
      },
    );
  });

  it("and a lock of another machine is refused with the way out", async () => {
    expect((await runCommand(directory, ["train", ...tiny, "--out", "far"])).code).toBe(0);
    const path = join(directory, "far/lock.json");
    const left = await leaveLock(path);
    writeFileSync(path, JSON.stringify({ ...left, host: "elsewhere" }));
    const refused = await runCommand(directory, ["train", "--resume", "--out", "far"]);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toBe(
      `heavyball: far is being written by process ${left.pid} on elsewhere, or was when that stopped: from here it cannot be seen ` +
        "whether it still runs. If it does not, remove far/lock.json\n",
    );
    rmSync(path);
    expect((await runCommand(directory, ["train", "--resume", "--out", "far"])).code).toBe(0);
    expect(jsonLines(readFileSync(join(directory, "far/reports.jsonl"), "utf8"))).toHaveLength(4);
  });
});
