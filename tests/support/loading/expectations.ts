import { createHash } from "node:crypto";
import { memoryStore, runTrial } from "heavyball";
import { expect } from "vitest";
import { type Outcomes, TRIAL, type TrialOutcome } from "./project.js";
import type { PageResults } from "./site.js";

/** Everything on one thread, for a reason that matches; two threads are refused with it. */
export function expectAlone({ byItself, asked }: Outcomes, reason: RegExp): void {
  expect(byItself).toMatchObject({ threads: 1, reason: expect.stringMatching(reason) as string, kernels: "simd" });
  expect(byItself.loss).toBeGreaterThan(0);
  expect(asked).toMatchObject({ code: "UNSUPPORTED", message: expect.stringMatching(/or use threads: 1$/) as string });
}

/** As many threads as there are cores, and two where they are asked for, to the same bits. */
export function expectTeam({ byItself, asked }: Outcomes, loss: number | undefined): void {
  expect(asked).toEqual({ threads: 2, reason: "2 asked for", kernels: "simd", loss });
  expect(byItself.reason).toMatch(/^this machine offers \d+ cores?$/);
  expect(byItself.loss).toBe(loss);
}

/** What the trial of every page leaves here, in Node. */
async function modelOfNode(): Promise<number[]> {
  const store = memoryStore();
  await runTrial(TRIAL, { runtime: { kernels: "simd" }, store });
  return [
    ...createHash("sha256")
      .update((await store.read("model.safetensors"))!)
      .digest(),
  ];
}
const modelHere = await modelOfNode();

const TRIAL_LOSSES = Array.from({ length: TRIAL.updates }, () => expect.any(Number) as number);

/** A trial in a Worker, kept in its store, to the bits of the same without one and of Node; on a team where a page is isolated. */
export function expectTrial({ threads, reason, losses, here, model, ...rest }: TrialOutcome, isIsolated = true): void {
  expect(rest).toEqual({ end: "finished", kept: expect.arrayContaining(["record.json", "checkpoint.bin"]) as string[] });
  expect(losses).toEqual(TRIAL_LOSSES);
  expect(losses).toEqual(here);
  expect(model).toEqual(modelHere);
  expect(reason).toMatch(isIsolated ? /^this machine offers \d+ cores?$/ : /Cross-Origin-Embedder-Policy/);
  if (!isIsolated) expect(threads).toBe(1);
}

/** What a page of any build comes to: itself on one thread, its worker and its trial on a team where the page is isolated. */
export function expectPage({ page, worker, trial, isolated }: PageResults, isIsolated: boolean): void {
  expect(isolated).toBe(isIsolated);
  expectAlone(page, /main thread must not wait/);
  if (isIsolated) expectTeam(worker, page.byItself.loss);
  else expectAlone(worker, /Cross-Origin-Embedder-Policy/);
  expectTrial(trial, isIsolated);
}
