import { memorySweepStore, readStudy, renderStudyTogether, runStudy, studies, type TrialSpec } from "heavyball";
import { describe, expect, it } from "vitest";
import { groupStudyRuns, parseStudyRuns, studyRunsText, withStudyRun } from "#internal/studies/studyRuns";
import { failure, rejection } from "../support/failures.js";
import { inventor, momentumOf } from "../support/inventedTrials.js";

const { table5 } = studies;
const large = { fraction: 1, seeds: 2 };
const small = { fraction: 0.05, seeds: 2 };
const muOf = (spec: TrialSpec) => (momentumOf(spec) as { readonly values: readonly number[] }).values[1];
/** More updates and more momentum are better, and NAG is. */
const outcome = (spec: TrialSpec) =>
  (spec.updates === 50_000 ? 0.1 : 0.3) + 0.1 * (1 - muOf(spec)) + (spec.optimizer.method === "nesterov" ? 0 : 0.01) + 0.001 * spec.seed;

/** NAG 0.995 of addition and all of memory5 in full, addition at a twentieth, nothing of the others. */
async function stored() {
  const store = memorySweepStore();
  const executor = inventor(outcome);
  for (const [options, only] of [
    [large, "addition nag 0.995"],
    [large, "memory5"],
    [small, "addition"],
  ] as const) {
    await runStudy("table5", options, { executor, store, only });
  }
  const made = executor.made.length;
  const found = await store.list();
  const read = async (options: object) => (await readStudy("table5", options, found)).result;
  return { results: [await read(small), await read(large)], found, made, executor };
}

describe("a study read from a store", () => {
  it("is what was found when it was run, and runs nothing", async () => {
    const store = memorySweepStore();
    const executor = inventor(outcome);
    const { result } = await runStudy("table5", { ...small, pilot: 0.1 }, { executor, store });
    const read = await readStudy("table5", { ...small, pilot: 0.1 }, await store.list());
    expect(read).toEqual({ result, troubles: [] });
    const nothing = await readStudy("table5", small, { trials: new Map() });
    expect(nothing.result.cells.every(({ state }) => state === "missing")).toBe(true);
    expect(nothing.result.isComplete).toBe(false);
  });

  it("has cells that are not complete where rounds of successive halving are missing", async () => {
    const store = memorySweepStore();
    const options = { ...small, seeds: 1, pilot: 0.1 };
    const { result } = await runStudy("table5", options, { executor: inventor(outcome), store, only: "addition nag 0.995" });
    const inFull = result.cells.find(({ name }) => name === "addition, NAG 0.995")!.best!.trials[0].key;
    const { trials } = await store.list();
    const rest = new Map([...trials].filter(([key]) => key !== inFull));
    const read = await readStudy("table5", options, { trials: rest });
    expect(read.result.cells.find(({ name }) => name === "addition, NAG 0.995")).toMatchObject({ state: "partial" });
  });

  it("refuses what has no trials, and what is no store's list", async () => {
    expect(await rejection(readStudy("theorem", {}, { trials: new Map() }))).toMatchObject({ option: "study" });
    expect(await rejection(readStudy("table5", {}, {} as never))).toMatchObject({ option: "trials" });
    expect(await rejection(readStudy("table5", {}, { trials: new Map() }, "wide" as never))).toMatchObject({ option: "kernels" });
  });
});

describe("a study at several budgets", () => {
  it("shows every number at the largest budget that its cell has in full, and says at which", async () => {
    const { results } = await stored();
    const { files } = renderStudyTogether("table5", results);
    const text = files["table5.md"];
    expect(text).toMatch(/\| NAG 0\.995 \| 0\.00025 \| 0\.1020 \| 0\.1015, 0\.1025 \| 50,000 \|/);
    expect(text).toMatch(/\| NAG 0\.9 \| 0\.02 \| 0\.3115 \| 0\.3110, 0\.3120 \| 2,500 \|/);
    expect(text).toMatch(/\| NAG 0\.9 \| 0\.36 \| not run \| - \| - \| {2}\|/);
    expect(text).toContain("Not every cell had the same budget.");
    expect(text).toContain("14 of 28 cells are there; trials of the others are missing, and heavyball reproduce table5 with the options");
    expect(text).toContain("A trial of 50,000 updates has all of the paper's.");
    expect(text).toContain("A trial of 2,500 updates has so many of the paper's 50,000 updates, 5 %; as much shorter");
    expect(text).not.toContain("Each trial has");
    const lines = files["table5.csv"].split("\n");
    expect(lines[0]).toMatch(/,State,Same as,Fraction,Pilot,Kernels$/);
    expect(lines.find((line) => line.startsWith("addition,NAG 0.995,"))).toMatch(/,complete,,1,0,simd$/);
    expect(lines.find((line) => line.startsWith("addition,NAG 0.9,"))).toMatch(/,complete,,0\.05,0,simd$/);
    expect(lines.find((line) => line.startsWith("multiplication,NAG 0.9,"))).toMatch(/,missing,,,,$/);
  });

  it("compares numbers of one budget only, the largest that all of them have", async () => {
    const { results } = await stored();
    const text = renderStudyTogether("table5", results).files["table5.md"];
    const verdictOf = (claim: string) => text.split("\n").find((line) => line.startsWith(`| ${claim} |`));
    // In full NAG 0.995 has 0.1020, and no other column was run in full.
    expect(verdictOf("addition: NAG 0.995 is better than NAG 0.9")).toContain(
      "| found | 2,500 | 0.3020 (0.3015 to 0.3025) at the largest rate tried against",
    );
    expect(verdictOf("memory5: NAG 0.995 is better than NAG 0.9")).toContain(
      "| found | 50,000 | 0.1020 (0.1015 to 0.1025) at the largest rate tried against",
    );
    expect(verdictOf("addition: NAG 0.995 has at most half the error of the biases alone")).toContain("| found | 50,000 | 0.1020");
    expect(verdictOf("multiplication: NAG 0.995 is better than NAG 0.9")).toContain("| not decided | - |");
    expect(text).toContain("## Every rate: addition, 2,500 updates");
    expect(text).toContain("## Every rate: addition, 50,000 updates");
    expect(text).not.toContain("## Every rate: memory5, 2,500 updates");
  });

  it("is the same in whatever order results are given, and one result as it always is", async () => {
    const { results } = await stored();
    const { files } = renderStudyTogether("table5", results);
    const { "table5.json": _, ...turned } = renderStudyTogether("table5", [...results].reverse()).files;
    for (const [name, content] of Object.entries(turned)) expect(content).toBe(files[name]);
    expect(JSON.parse(files["table5.json"])).toHaveLength(2);
    expect(renderStudyTogether("table5", [results[0]]).files["table5.md"]).not.toContain("Not every cell had the same budget");
  });

  it("says which kernels each number is of where they differ", async () => {
    const { results } = await stored();
    const [small] = results;
    const cells = small.cells.map((cell) => (cell.column === "NAG 0.995" ? cell : { ...cell, state: "missing" as const, best: undefined }));
    const relaxed = { ...small, kernels: "relaxed" as const, cells };
    const { files } = renderStudyTogether("table5", [small, relaxed]);
    const text = files["table5.md"];
    expect(text).toMatch(/\| NAG 0\.995 \|.*\| relaxed \| 0\.001 \|/);
    expect(text).toMatch(/\| NAG 0\.9 \|.*\| simd \| 0\.001 \|/);
    expect(text).toContain("its kernels stand beside it");
    expect(text).toContain("## Every rate: addition, relaxed kernels");
    expect(files["table5.csv"]).toMatch(/\naddition,NAG 0\.995,.*,relaxed\n/);
    expect(renderStudyTogether("table5", [relaxed, small]).files["table5.md"]).toBe(text);
  });

  it("must be one study in one reading", async () => {
    const { results, found } = await stored();
    const other = (await readStudy("table5", { rates: "mean" }, found)).result;
    expect(failure(() => renderStudyTogether("table5", [results[0], other]))).toMatchObject({ option: "results" });
    expect(failure(() => renderStudyTogether("table5", []))).toMatchObject({ option: "results" });
    expect(failure(() => renderStudyTogether("table3", results as never))).toMatchObject({ option: "outcome.result" });
    expect(failure(() => renderStudyTogether("theorem", results as never))).toMatchObject({ option: "study" });
  });
});

describe("runs of one fraction that differ in seeds or in how rates were chosen", () => {
  const base = { fraction: 0.05 };
  /** The page of runs of table5, each of the cells of its words, in either order; both must be the same. */
  async function pageOf(...runs: readonly (readonly [options: object, only: string])[]): Promise<string> {
    const store = memorySweepStore();
    const executor = inventor(outcome);
    for (const [options, only] of runs) await runStudy("table5", { ...base, ...options }, { executor, store, only });
    const found = await store.list();
    const results = await Promise.all(runs.map(async ([options]) => (await readStudy("table5", { ...base, ...options }, found)).result));
    const pages = [results, [...results].reverse()].map((ordered) => renderStudyTogether("table5", ordered).files["table5.md"]);
    expect(pages[1]).toBe(pages[0]);
    return pages[0];
  }
  const lineOf = (text: string, start: string) => text.split("\n").find((line) => line.startsWith(start));
  const columnsOf = (text: string) => text.split("\n").find((line) => line.startsWith("| Column |"));

  it("say beside each number how many seeds it has, and nothing of all of them", async () => {
    const text = await pageOf([{ seeds: 1 }, "addition"], [{ seeds: 2 }, "addition nag"]);
    expect(columnsOf(text)).toContain("| Each seed | Seeds | Rate |");
    expect(lineOf(text, "| NAG 0.9 |")).toMatch(/\| 0\.3110, 0\.3120 \| 2 \|/);
    expect(lineOf(text, "| CM 0.9 |")).toMatch(/\| 0\.3210 \| 1 \|/);
    expect(lineOf(text, "| addition: NAG 0.995 is better than NAG 0.9 |")).toContain("| found | 2 |");
    expect(lineOf(text, "| addition: NAG is at least as good as CM at 0.995 |")).toContain("| found | 1 |");
    expect(text).not.toMatch(/Every number is/);
    expect(text).toContain("its seeds stand beside it");
    expect(text).toContain("A number beside which 1 stands for its seeds is that of one trial");
    expect(text).toContain("A number beside which 2 stands for its seeds is the mean over 2 seeds");
    for (const seeds of ["1 seed", "2 seeds"]) {
      expect(text).toContain(`## Every rate: addition, ${seeds}\n`);
      expect(text).toContain(`Trials of ${seeds}`);
    }
  });

  it("have every trial once among all of them, and each comparison with its whole budget", async () => {
    const store = memorySweepStore();
    const runs = [{ seeds: 1 }, { seeds: 2 }, { seeds: 2, pilot: 0.1 }].map((options) => ({ ...base, ...options }));
    for (const options of runs) await runStudy("table5", options, { executor: inventor(outcome), store, only: "addition nag" });
    const found = await store.list();
    const results = await Promise.all(runs.map(async (options) => (await readStudy("table5", options, found)).result));
    const { files } = renderStudyTogether("table5", results);
    const lines = files["trials.csv"].trim().split("\n");
    expect(new Set(lines).size).toBe(lines.length);
    const inFull = lines.filter((line) => line.startsWith("addition,NAG 0.995,0.05,") && line.split(",")[4] === "1");
    expect(inFull).toHaveLength(4 * 2);
    expect(files["orderings.csv"]).toMatch(/^In the paper,Here,Our numbers,Fraction,Seeds,Pilot,Kernels\n/);
    expect(files["orderings.csv"]).toMatch(/addition: NAG 0\.995 is better than NAG 0\.9,found,.*,0\.05,2,0,simd\n/);
    expect(files["table5.csv"]).toMatch(/\naddition,NAG 0\.995,.*,complete,,0\.05,0,simd\n/);
  });

  it("say beside each number how its rate was chosen", async () => {
    const text = await pageOf([{ pilot: 0.1 }, "addition"], [{}, "addition nag 0.995"]);
    expect(columnsOf(text)).toContain("| Rates chosen |");
    expect(lineOf(text, "| NAG 0.995 |")).toContain("| all in full |");
    expect(lineOf(text, "| CM 0.9 |")).toContain("| by halving from 0.1 |");
    expect(text).not.toContain("Learning rates were chosen");
    expect(text).toContain('Where it says "by halving from 0.1", learning rates were chosen by successive halving');
    expect(text).toContain('Where it says "all in full", learning rates were each run in full.');
    expect(text).toContain("its choice of rates stands beside it");
  });

  it("name all in which they differ, and have no such columns where all that is shown is of one budget", async () => {
    const mixed = await pageOf([{ fraction: 0.1, pilot: 0.1 }, "addition cm"], [{ seeds: 2 }, "addition nag"]);
    expect(columnsOf(mixed)).toContain("| Updates | Seeds | Rates chosen |");
    expect(mixed).toContain("its updates, seeds and choice of rates stand beside it");
    const one = await pageOf([{ seeds: 1 }, "addition nag"], [{ seeds: 2 }, "addition"]);
    expect(columnsOf(one)).not.toMatch(/Seeds \||Updates|Rates chosen/);
    expect(one).toContain("Every number is the mean over 2 seeds");
    expect(one).not.toMatch(/one trial|Not every cell/);
  });
});

describe("the note of what was asked for", () => {
  const run = (options: object, kernels: "simd" | "relaxed" = "simd") => ({ study: "table5" as const, kernels, options: { ...options } });

  it("has each study once, and groups those that differ in their budgets alone", () => {
    const runs = [large, small, { ...small, rates: "sum" }, { rates: "mean" }].map((options) => run(options));
    const noted = runs.reduce(withStudyRun, [] as readonly ReturnType<typeof run>[]);
    expect(noted).toEqual([runs[0], runs[1], runs[3]]);
    expect(withStudyRun(noted, run(large, "relaxed"))).toHaveLength(4);
    expect(parseStudyRuns(studyRunsText(noted), "studies.json")).toEqual(noted);
    expect(groupStudyRuns(noted).map(({ directory, runs: own }) => [directory, own.length])).toEqual([
      ["table5", 2],
      ["table5-rates-mean", 1],
    ]);
  });

  it("gives every reading a directory of its own, the same in whatever order they were asked for", () => {
    const readings = [{}, { rates: "mean" }, { rates: "mean", testCases: 500 }, { testCases: 500 }, { target: "sum" }];
    const noted = [...readings.map((options) => run(options)), run(small), { ...run({}), study: "table3" as const }];
    const directories = (runs: typeof noted) => groupStudyRuns(runs).map(({ directory }) => directory);
    const found = directories(noted);
    expect(found).toEqual([
      ...["table5", "table5-rates-mean", "table5-rates-mean-test-cases-500", "table5-test-cases-500", "table5-target-sum"],
      "table3",
    ]);
    for (let turn = 1; turn < noted.length; turn++) {
      const turned = directories([...noted.slice(turn), ...noted.slice(0, turn)]);
      expect(new Set(turned)).toEqual(new Set(found));
      expect(turned).toHaveLength(found.length);
    }
  });

  it.each([
    ["{", "studies.json: at byte 0, expected a list of studies"],
    ["{}", "studies.json: at byte 0, expected a list of studies"],
    ["[1]", "entry 1: "],
    ['[{"study":"table9","kernels":"simd","options":{}}]', "entry 1: study is"],
    ['[{"study":"theorem","kernels":"simd","options":{}}]', "entry 1: study is"],
    ['[{"study":"table5","kernels":"best","options":{}}]', "entry 1: kernels is"],
    ['[{"study":"table5","kernels":"simd","options":{"fraction":2}}]', "entry 1: fraction is 2"],
    ['[{"study":"table5","kernels":"simd","options":{"speed":2}}]', "entry 1: "],
  ])("that is none is refused: %s", (text, message) => {
    expect(failure(() => parseStudyRuns(text, "studies.json"))).toMatchObject({
      code: "FORMAT",
      message: expect.stringContaining(message),
    });
  });

  it("is of the options that a study has after its check", () => {
    const { study: _, ...options } = table5.check(small);
    expect(withStudyRun([run(small)], run(options))).toHaveLength(1);
  });
});
