import { createRuntime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePair, ODD_AUTOENCODER, randomBatch } from "../support/networks.js";
import { joined } from "../support/patterns.js";
import { runTeam, TEAMS } from "../support/teamJobs.js";
import { variants } from "../support/variants.js";
import type { Requests } from "./teamWorker.js";

let worker: Worker;
let next = 0;

beforeAll(() => {
  worker = new Worker(new URL("./teamWorker.ts", import.meta.url), { type: "module" });
});
afterAll(() => worker.terminate());

/** Asks teamWorker.ts. */
function ask<K extends keyof Requests>(name: K, ...given: Parameters<Requests[K]>): Promise<ReturnType<Requests[K]>> {
  const id = next++;
  return new Promise((resolve, reject) => {
    worker.addEventListener("error", (event) => reject(new Error(event.message ?? "the worker did not load")), { once: true });
    worker.addEventListener(
      "message",
      function listen({ data }: MessageEvent<{ id: number; result: ReturnType<Requests[K]>; error?: string }>) {
        if (data.id !== id) return;
        worker.removeEventListener("message", listen);
        if (data.error === undefined) resolve(data.result);
        else reject(new Error(data.error));
      },
    );
    worker.postMessage({ id, name, given });
  });
}

describe("a page's main thread", () => {
  it("is cross-origin isolated, or the tests below would prove nothing", () => {
    expect(crossOriginIsolated).toBe(true);
  });

  it("gets a runtime of one thread that works, and is told why", async () => {
    const runtime = await createRuntime();
    expect(runtime.threads).toBe(1);
    expect(runtime.threadsReason).toMatch(/main thread must not wait; create the runtime in a Worker/);
    expect(makePair(runtime, ODD_AUTOENCODER).network.evaluate(randomBatch(ODD_AUTOENCODER, 60)).loss).toBeGreaterThan(0);
    await runtime.dispose();
  });
});

describe("in a worker", () => {
  it("teams of every size compute the same bits, those of the page", async () => {
    for (const kernels of variants) {
      const alone = await runTeam(1, kernels);
      for (const threads of TEAMS) {
        const report = await ask("runTeam", threads, kernels);
        expect(report.threads, report.reason).toBe(threads);
        expect(report.digests).toEqual(alone.digests);
      }
    }
  });

  it("there is a thread for every core unless another number is asked for", async () => {
    const cores = navigator.hardwareConcurrency;
    expect(await ask("useWorkers", "default")).toMatchObject({
      threads: cores,
      reason: `this machine offers ${cores} core${cores === 1 ? "" : "s"}`,
    });
    expect(await ask("useWorkers", "default", 1)).toMatchObject({ threads: 1, reason: "1 asked for" });
  });

  it.each(["default", "address", "url", "function"] as const)("helpers come from wherever the caller says: %s", async (source) => {
    const { loss } = await ask("useWorkers", source, 1);
    expect(await ask("useWorkers", source, 3)).toEqual({ threads: 3, reason: "3 asked for", loss });
  });

  it("helpers that cannot be loaded are an error that says what to do", async () => {
    await expect(ask("useWorkers", "missing", 2)).rejects.toThrow(
      joined(
        /UnsupportedError: a helper thread could not start: .*/,
        /pass createRuntime\(\{ worker \}\) the address of heavyball\/worker, on the page's own origin and served with its headers, /,
        /or use threads: 1/,
      ),
    );
  });

  it("a helper that is terminated surfaces within seconds, and what is left can be disposed of", async () => {
    const { lost, seconds, message } = await ask("loseHelper");
    expect(lost, message).toBe(true);
    expect(seconds).toBeLessThan(30);
  });

  it("runtimes can be made and ended over and over", async () => {
    expect(await ask("makeAndDispose", 30, 2)).toBeLessThan(60);
  });
});
