import { browserStore, inWorker } from "heavyball/web";
import { describe, expect, it } from "vitest";
import { awayTests, type LosingTrials } from "../support/awayTests.js";
import { inFrame } from "../support/frames.js";
import { momentumSpec } from "../support/storedTrials.js";

/** A Worker ended by its page says nothing; one that crashes has an event. */
function losing(): LosingTrials {
  let worker: Worker;
  const file = new URL("../../dist/web/trialWorker.js", import.meta.url);
  return {
    away: inWorker({ worker: () => (worker = new Worker(file, { type: "module" })) }),
    lose() {
      worker.terminate();
      worker.dispatchEvent(new ErrorEvent("error", { message: "it has crashed" }));
    },
  };
}

let count = 0;

describe("a trial in a Worker", () => {
  it("is tested where memory can be shared", () => expect(crossOriginIsolated).toBe(true));
  awayTests(inWorker, "/not-there.js", losing, () => browserStore(`away ${Date.now()} ${count++}`));

  it("takes addresses as its page means them, though its own is another", async () => {
    const { pathname: worker } = new URL("../../dist/web/teamWorker.js", import.meta.url);
    const { pathname: wasm } = new URL("../../dist/wasm/simd.wasm", import.meta.url);
    let threads: number | undefined;
    const runtime = { threads: 2, worker, wasm };
    const record = await inWorker().runTrial(momentumSpec, { runtime, onStart: ({ runtime }) => void ({ threads } = runtime) });
    expect([record.end.code, threads]).toEqual(["finished", 2]);
  });

  it("is made by a function where a policy asks for Trusted Types, and says so", async () => {
    const file = new URL("../../dist/web/trialWorker.js", import.meta.url).href;
    const ended = (options: string): Promise<unknown> =>
      inFrame(
        `
        const policy = trustedTypes.createPolicy("mine", { createScriptURL: (address) => address });
        const trial = library.inWorker(${options}).runTrial(${JSON.stringify(momentumSpec)}, { runtime: { threads: 1 } });
        return trial.then(({ end }) => end.code, ({ code, message }) => code + ": " + message);
        `,
        { policy: "require-trusted-types-for 'script'" },
      );
    const address = JSON.stringify(file);
    for (const options of ["", `{ worker: ${address} }`, `{ worker: new URL(${address}) }`]) {
      const said = await ended(options);
      expect(said).toMatch(/^UNSUPPORTED: the thread of a trial could not start: TypeError: /);
      expect(said).toMatch(/; pass inWorker\(\{ worker \}\) a function, .* Trusted Types: .* heavyball\/trial-worker$/);
    }
    expect(await ended(`{ worker: () => new Worker(policy.createScriptURL(${address}), { type: "module" }) }`)).toBe("finished");
  });
});
