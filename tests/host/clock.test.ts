import { createRuntime } from "heavyball";
import { afterEach, expect, it, vi } from "vitest";
import { checkTrialSpec } from "#internal/trials/spec";
import { prepareTask, reportOfState, startTrial } from "#internal/trials/trial";
import { Clock } from "#internal/trials/updates";

afterEach(() => void vi.restoreAllMocks());

/** Every look at the clock is a second after the one before. */
function tick(): void {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 1000));
}

it("seconds are the sum of their parts, those of work that failed too, and of finished updates alone when one is under way", () => {
  tick();
  const clock = new Clock(10);
  expect(clock.time(() => "a")).toBe("a");
  expect([clock.finished, clock.underWay]).toEqual([10, 1]);
  expect(() =>
    clock.time(() => {
      throw new Error("b");
    }),
  ).toThrow("b");
  expect([clock.finished, clock.underWay]).toEqual([10, 2]);
  expect(clock.settle()).toBe(12);
  expect([clock.finished, clock.underWay]).toEqual([12, 0]);
  clock.time(() => {});
  expect(clock.settle()).toBe(13);
});

it.each([
  ["momentum", { method: "nesterov", learningRate: 0.001, momentum: 0.9 }, { batchSize: 4 }],
  ["Hessian-free", { method: "hessianFree", gradientCases: 8, curvatureCases: 4, conjugateGradient: { maximum: 3, minimum: 3 } }, {}],
])("reports count what was spent and processed, and a trial that goes on counts on: %s", async (_, optimizer, more) => {
  const spec = checkTrialSpec({ task: { name: "addition", length: 10, hidden: 3, testCases: 5 }, optimizer, ...more, updates: 4, seed: 2 });
  const task = prepareTask(spec);
  const runtime = await createRuntime({ threads: 1, kernels: "simd" });
  tick();
  const all = startTrial(runtime, spec, task);
  const reports = [...all.reports];
  const casesProcessed = reports.map((report) => report.casesProcessed);
  const seconds = reports.map((report) => report.seconds);
  expect(seconds[0]).toBe(0);
  // A look at the clock before a part of an update and one after it: at least a second each, measuring the errors not included.
  for (let at = 1; at < seconds.length; at++) expect(seconds[at] - seconds[at - 1]).toBeGreaterThanOrEqual(1);
  expect(all.secondsSpent()).toBe(seconds[4]);
  expect(all.getState().seconds).toBe(seconds[4]);
  expect(casesProcessed[0]).toBe(0);
  for (let at = 1; at < casesProcessed.length; at++) expect(casesProcessed[at]).toBeGreaterThan(casesProcessed[at - 1]);

  const half = startTrial(runtime, spec, task);
  for (let at = 0; at < 3; at++) half.reports.next();
  const state = half.getState();
  expect(reportOfState(spec, state)).toMatchObject({ update: 2, updates: 4, casesProcessed: casesProcessed[2], seconds: seconds[2] });
  const rest = [...startTrial(runtime, spec, task, state).reports];
  expect(rest.map((report) => [report.update, report.casesProcessed, report.seconds])).toEqual(
    [3, 4].map((at) => [at, casesProcessed[at], seconds[at]]),
  );
  // A trial that has ended has nothing to do, and still says what was done.
  const ended = startTrial(runtime, spec, task, all.getState());
  expect([...ended.reports]).toEqual([]);
  expect(reportOfState(spec, ended.getState())).toMatchObject({ update: 4, casesProcessed: casesProcessed[4], seconds: seconds[4] });
  await runtime.dispose();
});
