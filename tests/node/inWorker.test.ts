import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { WorkerLostError } from "heavyball";
import { fileStore, inWorker } from "heavyball/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awayTests, type LosingTrials } from "../support/awayTests.js";
import { rejection } from "../support/failures.js";
import { momentumSpec as spec } from "../support/storedTrials.js";

function losing(): LosingTrials {
  let worker: Worker;
  const file = new URL("../../dist/node/trialWorker.js", import.meta.url);
  return { away: inWorker({ worker: () => (worker = new Worker(file)) }), lose: () => void worker.terminate() };
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
});
