import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { WorkerLostError } from "heavyball";
import { fileStore, inWorker } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awayTests, type LosingTrials } from "../support/awayTests.js";
import { runModule } from "../support/childProcess.js";
import { rejection } from "../support/failures.js";
import { momentumSpec as spec } from "../support/storedTrials.js";

const file = fileURLToPath(new URL("../../dist/node/trialWorker.js", import.meta.url));

function losing(): LosingTrials {
  let worker: Worker;
  return { away: inWorker({ worker: () => (worker = new Worker(file)) }), lose: () => void worker.terminate() };
}

/** A file of its own, as a bundler emits one. */
function copy(): string {
  const to = join(directory, "trialWorker.mjs");
  copyFileSync(file, to);
  return to;
}

let directory: string;
let count = 0;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "heavyball-away-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a trial in a thread of Node's", () => {
  awayTests(inWorker, "/not/there.js", losing, () => fileStore(join(directory, String(count++))));

  it("that is lost rejects what waits for it", async () => {
    const { away, lose } = losing();
    const error = await rejection(away.runTrial(spec, { onStart: lose }));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error.message).toMatch(/^the thread of a trial was lost: exit code \d+; run the trial again/);
  });

  it.each([
    ["a path", () => copy()],
    ["a relative path", () => relative(process.cwd(), copy())],
    ["an address", () => pathToFileURL(copy()).href],
    ["a URL", () => pathToFileURL(copy())],
    [
      "a URL of another realm",
      () => ({ [Symbol.toStringTag]: "URL", href: pathToFileURL(copy()).href, toString: () => pathToFileURL(copy()).href }),
    ],
    ["a function", () => () => new Worker(file)],
  ])("is started from %s", async (_, worker) => {
    const away = inWorker({ worker: worker() as URL });
    expect((await away.runTrial(spec, { runtime: { threads: 1 } })).end.code).toBe("finished");
  });

  // What a program is started with (here --input-type, by which runModule gives it) is not for its threads.
  const preload =
    "data:text/javascript,import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('no thread')";
  const program = `
    import { inWorker } from "heavyball/node";
    const trial = inWorker().runTrial(${JSON.stringify(spec)}, { runtime: { threads: 2 } });
    console.log(await trial.then(({ end }) => end.code, ({ code, message }) => code + ": " + message));
  `;
  it.each([[[]], [["--import", preload]]])("is started by a Node that was started in a way of its own: %j", async (flags) => {
    expect(await runModule(program, { flags })).toMatchObject({ code: 0, output: "finished" });
  });

  it("says what a Node that allows no threads is started with", async () => {
    const flag = ["--permission", "--experimental-permission"].find((name) => process.allowedNodeEnvironmentFlags.has(name))!;
    const { code, output } = await runModule(program, { flags: [flag, "--allow-fs-read=*"] });
    expect([code, output]).toEqual([0, expect.stringMatching(/^UNSUPPORTED: .*restricted.*; start Node with --allow-worker$/)]);
  });
});
