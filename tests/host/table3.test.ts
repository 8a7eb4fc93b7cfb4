import {
  createRuntime,
  inlineExecutor,
  memorySweepStore,
  OutOfMemoryError,
  renderStudy,
  runStudy,
  studies,
  type TrialSpec,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { rejection } from "../support/failures.js";
import { type Invented, inventor, rateOf } from "../support/inventedTrials.js";

const { table3 } = studies;
const scaleOf = ({ initialization }: TrialSpec): number => (initialization as { readonly scale: number }).scale;
/** The paper's own numbers at a rate of 0.01, worse at others. */
const likePaper = (spec: TrialSpec): number => {
  const { error } = table3.paper.cells.find(({ scale }) => scale === scaleOf(spec))!;
  return rateOf(spec) === 0.01 ? error : error + 1;
};
const run = (outcome: (spec: TrialSpec) => Invented, options: object = {}, running: object = {}) => {
  const executor = inventor(outcome);
  return runStudy("table3", options, { executor, store: memorySweepStore(), ...running }).then((made) => ({ ...made, executor }));
};

describe("the plan of table3", () => {
  it("is a part for each scale, all rates and seeds, at the paper's size where all of it is asked for", () => {
    const { trials, choose } = table3.plan(table3.check({ fraction: 1, seeds: 3 }));
    expect(trials.map(({ name }) => name)).toEqual([0.25, 0.5, 1, 2, 4].map((scale) => `CURVES, scale ${scale}`));
    expect(choose).toEqual({ path: "optimizer.learningRate", by: "trainingError", over: "seed" });
    for (const { grid } of trials)
      expect(grid).toEqual({ "optimizer.learningRate": [0.05, 0.01, 0.005, 0.001, 0.0005, 0.0001], seed: [1, 2, 3] });
    expect(trials[2].trial).toMatchObject({
      task: { name: "curves", cases: 20_000, seed: 1 },
      initialization: { method: "sparse", fanIn: 15, scale: 1 },
      optimizer: { method: "nesterov", momentum: { schedule: "sutskever", max: 0.999, period: 250, final: { updates: 1000, value: 0.9 } } },
      batchSize: 200,
      updates: 750_000,
    });
  });

  it("shrinks with the fraction, schedules too, to no less than one update", () => {
    const momentum = (fraction: number) => {
      const [{ trial }] = table3.plan(table3.check({ fraction })).trials;
      return [trial.updates, (trial.optimizer as { momentum: object }).momentum];
    };
    expect(momentum(0.01)).toMatchObject([7500, { max: 0.999, period: 3, final: { updates: 10 } }]);
    expect(momentum(0.002)).toMatchObject([1500, { max: 0.999, period: 1, final: { updates: 2 } }]);
    // So few updates that the maximum is not reached.
    expect(momentum(0.0001)).toMatchObject([75, { max: 1 - 1 / (2 * 74), period: 1, final: { updates: 1 } }]);
    expect(momentum(1e-6)).toMatchObject([1, { final: { updates: 1 } }]);
  });

  it("announces how much it is", () => {
    const text = table3.announce(table3.check({ pilot: 0.1, seeds: 2 })).join("\n");
    expect(text).toContain("5 cells, 60 trials, by successive halving in 4 rounds");
    expect(text).toContain("Each trial has 1,500 of the paper's 750,000 updates, 0.2 %");
    expect(text).toContain("the period of Eq. 5 (1 for 250) and the final phase (2 for 1,000)");
    expect(text).toContain("the mean over 2 seeds");
  });
});

describe("what table3 finds", () => {
  it("stands beside the paper's numbers, and its orderings are computed", async () => {
    const outcome = await run(likePaper);
    const { result, trials, holds } = outcome;
    expect([holds, trials]).toEqual([true, { isComplete: true, isStopped: false, leftOut: [], failures: [], troubles: [] }]);
    expect(result.cells.map(({ paper, best, state }) => [paper, best?.error, best?.rate, state])).toEqual(
      [16, 16, 0.074, 0.083, 0.35].map((error) => [error, error, 0.01, "complete"]),
    );
    expect(result.orderings.map(({ verdict }) => verdict)).toEqual(Array(6).fill("found"));
    expect(result.orderings[2]).toEqual({
      claim: "scale 1 has a lower error than scale 2",
      verdict: "found",
      numbers: "0.07400 against 0.08300",
    });
    expect(result.trials).toEqual({ ended: 30, inRounds: 0, diverged: 0, failed: 0, damaged: 0, seconds: 60 });
    const { files, summary, page } = renderStudy(outcome);
    expect(Object.keys(files)).toEqual([
      "table3.json",
      "table3.csv",
      "trials.csv",
      "orderings.csv",
      "error-by-scale.svg",
      "table3.md",
      "report.html",
    ]);
    expect(JSON.parse(files["table3.json"])).toEqual(JSON.parse(JSON.stringify(result)));
    expect(files["table3.csv"]).toContain("CURVES,scale 1,0.074,0.074,0.074,0.074,1,0,0.01,,complete,,0.002,0,simd\n");
    expect(files["trials.csv"].trim().split("\n")).toHaveLength(31);
    expect(summary.join("\n")).toMatch(/scale 0\.25 +16 +16\.00 +0\.01/);
    for (const text of [files["table3.md"], files["report.html"]]) {
      expect(text).toContain("Of 6 orderings of the paper 6 were found, 0 were not, 0 are not decided.");
      expect(text).toContain("CURVES is a stand-in");
      expect(text).toContain("Every number is that of one trial");
      expect(text).toContain("an abacus");
    }
    expect(page.sections.some(({ kind }) => kind === "plot")).toBe(true);
  });

  it("of several seeds are means, with how far they lie apart, and orderings that are not decided by them", async () => {
    const spread = (spec: TrialSpec) => likePaper(spec) * (spec.seed === 1 ? 0.9 : 1.1);
    const outcome = await run(spread, { seeds: 2 });
    const [, , one, two] = outcome.result.cells;
    expect(one.best!.error).toBeCloseTo(0.074, 12);
    expect(one.best!.trials.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(two.best!.error).toBeCloseTo(0.083, 12);
    expect(outcome.result.orderings[2]).toEqual({
      claim: "scale 1 has a lower error than scale 2",
      verdict: "not decided",
      numbers: "0.07400 (0.06660 to 0.08140) against 0.08300 (0.07470 to 0.09130): the seeds lie further apart",
    });
    expect(renderStudy(outcome).files["table3.md"]).toContain("0.06660 to 0.08140");
  });

  it("says nothing by numbers of which none is better than the mean image, and tells that of each", async () => {
    // The mean image costs 17: scale 4 learns, scale 0.5 diverges, and what the others end at is noise.
    const outcome = await run(
      (spec) => ({ 0.25: 16.9, 0.5: "diverged", 1: { error: 16.8, before: 16.9 }, 2: 15.4, 4: 15.2 })[scaleOf(spec)] as Invented,
    );
    const found = outcome.result.orderings;
    const verdicts = ["not decided", "not decided", "not decided", "not found", "not decided", "not found"];
    expect(found.map(({ verdict }) => verdict)).toEqual(verdicts);
    // That a scale stays where scale 1 stays too says nothing of it, and one that diverged did not stay.
    expect(found[4].numbers).toBe("17.00 against 16.90: scale 1 has not learned anything either");
    expect(found[5].numbers).toBe("17.00 against diverged at every rate");
    expect(found[0].numbers).toBe("16.80 against 16.90: neither has learned anything");
    expect(found[1].numbers).toBe("16.80 against diverged at every rate: neither has learned anything");
    const text = renderStudy(outcome).files["table3.md"];
    expect(text.match(/nothing learned: 0\.9 or more of what answering every case the same costs \|/g)).toHaveLength(3);
    const before = await runStudy(
      "table2",
      {},
      { executor: inventor(() => ({ error: 16.8, before: 16.9 })), store: memorySweepStore(), only: "curves" },
    );
    expect(before.result.orderings[0]).toMatchObject({
      verdict: "not decided",
      numbers: "16.90 to 16.80, 0.59 % less; the paper's 23 % less: nothing was learned",
    });
  });

  it("decides nothing of one seed each by less than a hundredth, and says where a number is at an end of the rates", async () => {
    const near = (spec: TrialSpec) => ({ 0.25: 17, 0.5: 17, 1: 1, 2: 1.009, 4: 1.011 })[scaleOf(spec)]! + rateOf(spec);
    const { orderings } = (await run(near)).result;
    expect(orderings[2].verdict).toBe("not decided");
    expect(orderings[2].numbers).toMatch(/ at the smallest rate tried against .*: of one seed each, and less than a hundredth apart$/);
    expect(orderings[3].verdict).toBe("found");
    // What is known exactly, as the error of the mean image, may be near: no seed turns it round.
    const plateau = (await run((spec) => ({ 0.25: 15.31, 0.5: 15.29, 1: 1, 2: 2, 4: 4 })[scaleOf(spec)]!)).result.orderings;
    expect(plateau.slice(4).map(({ verdict }) => verdict)).toEqual(["found", "not found"]);
  });

  it("takes an error far above that of the mean image for one that is not near it", async () => {
    const { orderings } = (await run((spec) => ({ 0.25: 18, 0.5: 19 })[scaleOf(spec)] ?? 1)).result;
    expect(orderings.slice(4).map(({ verdict }) => verdict)).toEqual(["found", "not found"]);
  });

  it("tells damaged trials from failed ones, and that they want --repair", async () => {
    const outcome = await run(likePaper);
    const { cells, ...rest } = outcome.result;
    const broken = cells.map((cell, at) => {
      if (at > 0) return cell;
      const [first, ...others] = cell.candidates;
      const trials = first.trials.map(({ key, seed, share }) => ({ key, seed, share, end: "damaged" as const, failure: "no JSON" }));
      return { ...cell, state: "partial" as const, candidates: [{ ...first, error: undefined, trials }, ...others] };
    });
    const text = renderStudy({ ...outcome, result: { ...rest, cells: broken, isComplete: false } as never }).files["table3.md"];
    expect(text).toContain("trials of the others are missing or damaged, and heavyball reproduce table3 --repair runs them");
    expect(text).toMatch(/\| scale 0\.25 \|.*so far: trials are missing; .*; 1 damaged \|/);
    expect(text).not.toContain("1 failed");
  });

  it("explains shares of rounds only where there are some", async () => {
    expect(renderStudy(await run(likePaper)).files["table3.md"]).not.toContain("in a round of successive halving");
    const { files } = renderStudy(await run(likePaper, { pilot: 0.25 }));
    expect(files["table3.md"]).toContain('"at 0.25" is after that share of the updates, in a round of successive halving');
  });

  it("may be another order than the paper's, which is then not found", async () => {
    const { result } = await run((spec) => (rateOf(spec) === 0.01 ? 5 - scaleOf(spec) : 9));
    expect(result.orderings.map(({ verdict }) => verdict)).toEqual(["found", "found", "not found", "not found", "not found", "not found"]);
  });

  it("has rates and cells that diverged", async () => {
    const outcome = await run((spec) => (scaleOf(spec) === 4 || rateOf(spec) === 0.05 ? "diverged" : likePaper(spec)));
    const { cells, orderings, trials } = outcome.result;
    expect([cells[4].state, cells[4].best, trials.diverged]).toEqual(["complete", undefined, 10]);
    expect(orderings[3]).toMatchObject({ verdict: "found", numbers: "0.07400 against diverged at every rate" });
    const { files } = renderStudy(outcome);
    expect(files["table3.md"]).toMatch(/\| scale 4 \| 0\.35 \| diverged \| - \| - \| diverged at every rate \|/);
    expect(files["trials.csv"]).toContain("CURVES,scale 0.25,0.002,0.05,1,1,diverged,");
  });

  it("says what is missing, so far or altogether, and shows what there is", async () => {
    const outcome = await run((spec) => {
      if (scaleOf(spec) === 2) return new OutOfMemoryError("a network", 8e9, 4e9);
      return scaleOf(spec) === 1 && rateOf(spec) < 0.001 ? "stopped" : likePaper(spec);
    });
    expect(outcome.trials).toMatchObject({
      isComplete: false,
      failures: Array(6).fill(expect.stringMatching(/^CURVES, scale 2 \(.*8000000000/)),
    });
    const { cells, orderings } = outcome.result;
    expect(cells.map(({ state }) => state)).toEqual(["complete", "complete", "partial", "partial", "complete"]);
    expect(orderings[0]).toMatchObject({ verdict: "not decided", numbers: "trials of scale 1 are missing" });
    const { files } = renderStudy(outcome);
    expect(files["table3.md"]).toMatch(/\| scale 1 \| 0\.074 \| 0\.07400 \| 0\.01 \| - \| so far: trials are missing \|/);
    expect(files["table3.md"]).toMatch(/\| scale 2 \| 0\.083 \| not yet \| - \| - \| so far: trials are missing; 6 failed \|/);
    expect(files["report.html"]).toContain(
      "3 of 5 cells are there; trials of the others are missing, and heavyball reproduce table3 runs them, given the --out, --kernels",
    );
    // What is drawn is what stands.
    expect(files["report.html"]).toContain("Cells that have all of their trials");
  });

  it("names the command that runs what is missing, with its options", async () => {
    const stop = (spec: TrialSpec): Invented => (scaleOf(spec) === 4 ? "stopped" : likePaper(spec));
    const options = { fraction: 0.01, seeds: 2, pilot: 0.1, cases: 400 };
    const { files } = renderStudy(await run(stop, options));
    expect(files["table3.md"]).toContain(
      "and heavyball reproduce table3 --fraction 0.01 --seeds 2 --pilot 0.1 --cases 400 runs them, given",
    );
  });

  it("has the error before the final phase beside that after it", async () => {
    const outcome = await run((spec) => ({ error: likePaper(spec), before: 2 * likePaper(spec) }), { seeds: 2 });
    expect(outcome.result.cells[2].best!.trials.map(({ beforeFinal }) => beforeFinal)).toEqual([0.148, 0.148]);
    expect(renderStudy(outcome).files["table3.md"]).toMatch(
      /\| scale 1 \| 0\.074 \| 0\.07400 \| 0\.07400 to 0\.07400 \| 0\.01 \| 0\.1480 \|/,
    );
  });

  it("is chosen by successive halving where that is asked for, which is said", async () => {
    const outcome = await run(likePaper, { pilot: 0.1 });
    // Six rates for a tenth, three for a fifth, two for two fifths, and one in full.
    expect(outcome.executor.made).toHaveLength(5 * 12);
    const updates = outcome.executor.made.map((spec) => spec.updates);
    expect([150, 300, 600, 1500].map((count) => updates.filter((one) => one === count).length)).toEqual([30, 15, 10, 5]);
    expect(outcome.result.cells.map(({ best, state }) => [best!.rate, state])).toEqual(Array(5).fill([0.01, "complete"]));
    const { files } = renderStudy(outcome);
    expect(files["table3.md"]).toContain("Learning rates were chosen by successive halving: each was tried in 0.1 of these updates");
    expect(files["table3.md"]).toMatch(/\| scale 1 \| 1\.074 at 0\.[124] \|/);
    expect(files["table3.csv"]).toContain(",complete,,0.002,0.1,simd\n");
    expect(files["trials.csv"]).toContain("CURVES,scale 1,0.002,0.01,1,1,finished,1500,");
    expect(files["orderings.csv"].split("\n", 2)).toEqual([
      "In the paper,Here,Our numbers,Fraction,Seeds,Pilot,Kernels",
      expect.stringMatching(/,0\.002,1,0\.1,simd$/),
    ]);
  });
});

describe("running table3", () => {
  it("goes on where it was stopped, runs what is missing alone, and tells its progress", async () => {
    const store = memorySweepStore();
    const controller = new AbortController();
    const shares: number[] = [];
    const stopping = await run(
      (spec) => (scaleOf(spec) > 1 ? (controller.abort(), "stopped") : likePaper(spec)),
      {},
      {
        store,
        signal: controller.signal,
        onProgress: ({ share }: { share: number }) => void shares.push(share),
      },
    );
    expect(stopping.trials).toMatchObject({ isStopped: true, isComplete: false });
    expect(stopping.result.cells.map(({ state }) => state)).toEqual(["complete", "complete", "complete", "partial", "missing"]);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    const rest = await run(likePaper, {}, { store });
    expect(rest.executor.made).toHaveLength(12);
    expect(rest.result).toEqual((await run(likePaper)).result);
    // Another seed runs that one alone.
    expect((await run(likePaper, { seeds: 2 }, { store })).executor.made.map(({ seed }) => seed)).toEqual(Array(30).fill(2));
  });

  it("runs those cells alone that are asked for, and shows others as far as they are there", async () => {
    const store = memorySweepStore();
    const first = await run(likePaper, {}, { store, only: "Scale 0.5" });
    expect([first.executor.made.length, first.trials!.isComplete]).toEqual([6, false]);
    const second = await run(likePaper, {}, { store, only: "scale  4 curves" });
    expect(second.executor.made.every((spec) => scaleOf(spec) === 4)).toBe(true);
    expect(second.result.cells.map(({ state }) => state)).toEqual(["missing", "complete", "missing", "missing", "complete"]);
    // Whole words: a 2 is in 0.25 too.
    const third = await run(likePaper, {}, { only: "scale 2" });
    expect(third.executor.made.every((spec) => scaleOf(spec) === 2)).toBe(true);
    const error = await rejection(run(likePaper, {}, { only: "scale 3" }));
    expect(error).toMatchObject({ option: "only", value: "scale 3" });
    expect(error.message).toContain('such as "CURVES, scale 0.25"');
  });

  it("asks for the kernels that it is given", async () => {
    const executor = { ...inventor(likePaper), kernels: "relaxed" as const };
    const { trials, result } = await runStudy("table3", {}, { executor, kernels: "wide" });
    expect([executor.wide, result.kernels]).toEqual([[true], "relaxed"]);
    // The invented records are those of other kernels.
    expect(trials!.failures).toHaveLength(30);
  });

  it("trains, before and after the final phase", async () => {
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const outcome = await runStudy("table3", { fraction: 4e-6, cases: 200 }, { executor: inlineExecutor(runtime), only: "scale 1" });
    await runtime.dispose();
    const { best, candidates } = outcome.result.cells[2];
    expect(candidates).toHaveLength(6);
    for (const { trials } of candidates) expect(trials).toMatchObject([{ end: expect.stringMatching(/finished|diverged/), seed: 1 }]);
    expect(best!.trials[0]).toMatchObject({ updates: 3, beforeFinal: expect.any(Number) });
    expect(best!.trials[0].error).not.toBe(best!.trials[0].beforeFinal);
    expect(renderStudy(outcome).files["table3.md"]).toContain("Of each task there were the first 200 cases alone");
    expect(outcome.result.baselines.CURVES).toBeCloseTo(16.9, -1);
  });
});
