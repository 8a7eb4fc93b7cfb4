import { Worker } from "node:worker_threads";
import { WorkerLostError } from "heavyball";
import { inWorker } from "heavyball/node";
import { describe, expect, it } from "vitest";
import { awayTests } from "../support/awayTests.js";
import { rejection } from "../support/failures.js";
import { momentumSpec as spec } from "../support/storedTrials.js";

describe("a trial in a thread of Node's", () => {
  awayTests(inWorker, "/not/there.js");

  it("that is lost rejects what waits for it", async () => {
    const file = new URL("../../dist/node/trialWorker.js", import.meta.url);
    let worker: Worker | undefined;
    const away = inWorker({ worker: () => (worker = new Worker(file)) });
    const error = await rejection(away.runTrial(spec, { onStart: () => worker!.terminate() }));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error.message).toMatch(/^the thread of a trial was lost: exit code \d+; run the trial again/);
  });
});
