import { createRuntime, inlineExecutor, memorySweepStore, renderStudy, runStudy, studies, type TrialSpec } from "heavyball";
import { describe, expect, it } from "vitest";
import { mergeTables } from "#internal/studies/tables/mergedTable";
import { type Invented, inventor, momentumOf, rateOf } from "../support/inventedTrials.js";

const { table5 } = studies;
const mu0Of = (spec: TrialSpec): number => (momentumOf(spec) as { readonly values: readonly number[] }).values[1];

/** The paper's numbers at one of the rates, twice as much at others. */
function likePaper(spec: TrialSpec): number {
  const { none, nag, cm } = table5.paper.rows.find(({ row }) => row === spec.task.name)!;
  const column = [0.9, 0.98, 0.995].indexOf(mu0Of(spec));
  const error = column < 0 ? none : (spec.optimizer.method === "nesterov" ? nag : cm)[column];
  return rateOf(spec) === 0.0001 ? error : 2 * error;
}

const run = (outcome: (spec: TrialSpec) => Invented = likePaper, options: object = {}, running: object = {}) => {
  const executor = inventor(outcome);
  return runStudy("table5", options, { executor, store: memorySweepStore(), ...running }).then((made) => ({ ...made, executor }));
};
const partsOf = (options: object) => table5.plan(table5.check(options)).trials;

describe("the plan of table5", () => {
  it("is four problems with seven columns each, a first phase, and the paper's rates", () => {
    const parts = partsOf({ fraction: 1, seeds: 4 });
    const columns = ["mu 0", ...["NAG", "CM"].flatMap((method) => [0.9, 0.98, 0.995].map((mu) => `${method} ${mu}`))];
    const rows = ["addition", "multiplication", "memory5", "memory20"];
    expect(parts.map(({ name }) => name)).toEqual(rows.flatMap((row) => columns.map((column) => `${row}, ${column}`)));
    for (const { grid } of parts)
      expect(grid).toEqual({ "optimizer.learningRate": [0.001, 0.0001, 0.00001, 0.000001], seed: [1, 2, 3, 4] });
    expect(parts[3].trial).toMatchObject({
      task: { name: "addition", length: 80, target: "halfSum", hidden: 100, testCases: 10_000 },
      initialization: { method: "echoState" },
      optimizer: { method: "nesterov", momentum: { schedule: "piecewise", values: [0.9, 0.995], at: [1000] } },
      batchSize: 100,
      updates: 50_000,
    });
    expect(parts[14].trial).toMatchObject({ task: { name: "memory5", length: 200 }, optimizer: { momentum: { values: [0.9, 0] } } });
  });

  it("shrinks the first phase with the fraction, to no less than one update", () => {
    const phase = (fraction: number) => {
      const [{ trial }] = partsOf({ fraction });
      return [trial.updates, (trial.optimizer as { momentum: { at: number[] } }).momentum.at];
    };
    expect([phase(0.02), phase(0.0004), phase(1e-5)]).toEqual([
      [1000, [20]],
      [20, [1]],
      // The second phase would begin after the last update: all columns are one run.
      [1, []],
    ]);
  });

  it("has the readings that are asked for, rates for the mean over scored outputs among them", () => {
    const ratesOf = (options: object) =>
      Object.fromEntries(partsOf(options).map(({ trial, grid }) => [(trial.task as { name: string }).name, Object.values(grid!)[0]]));
    const paper = [0.001, 0.0001, 0.00001, 0.000001];
    const over = (count: number) => paper.map((rate) => rate / count);
    expect(ratesOf({ rates: "mean" })).toEqual({ addition: paper, multiplication: paper, memory5: over(5), memory20: over(10) });
    expect(ratesOf({ rates: "mean", scored: "all", initialHidden: "learned" })).toMatchObject({ memory5: over(200), memory20: over(80) });
    expect(ratesOf({ rates: "mean", scored: "all", lengthMeans: "delay" })).toMatchObject({ memory5: over(210), memory20: over(100) });
    const tasks = partsOf({ target: "sum", scored: "all", lengthMeans: "delay", initialHidden: "learned", testCases: 9 }).map(
      ({ trial }) => trial.task,
    );
    expect(tasks[0]).toMatchObject({ target: "sum", initialHidden: "learned", testCases: 9 });
    expect(tasks[7]).toMatchObject({ name: "multiplication", initialHidden: "learned" });
    expect(tasks[21]).toMatchObject({ name: "memory20", scored: "all", lengthMeans: "delay", initialHidden: "learned" });
  });
});

describe("what table5 finds", () => {
  it("stands beside the paper's numbers and what the biases alone reach, with every seed", async () => {
    const outcome = await run(likePaper, { seeds: 4 });
    expect(outcome.trials).toMatchObject({ isComplete: true, failures: [] });
    for (const { paper, best } of outcome.result.cells) expect(best!.error).toBeCloseTo(paper!, 12);
    expect(outcome.result.orderings).toHaveLength(4 * 5);
    expect(outcome.result.orderings.filter(({ verdict }) => verdict !== "found")).toEqual([]);
    const { files, summary } = renderStudy(outcome);
    const text = files["table5.md"];
    expect(text).toMatch(/\| NAG 0\.995 \| 0\.00025 \| 0\.0002500 \| 0\.0002500, 0\.0002500, 0\.0002500, 0\.0002500 \| 0\.0001 \|/);
    expect(text).toMatch(/\| biases alone \| 0\.82 \| 0\.8464 \|/);
    expect(text).toMatch(/\| biases alone \| 2\.5 \| 2\.500 \|/);
    expect(text).toMatch(/\| biases alone \| 8 \| 8\.000 \|/);
    expect(text).toContain("--rates mean divides them");
    expect(text).toContain("Every number is the mean over 4 seeds; beside it stands that of each.");
    expect(text).not.toContain("the lowest and the highest");
    expect(files["table5.csv"]).toContain("memory20,biases alone,8,8,,,,,,,quoted,,,,\n");
    expect(summary.join("\n")).toContain("multiplication");
    const mean = renderStudy(await run(likePaper, { rates: "mean" })).files["table5.md"];
    expect(mean).toContain("read as those of the mean over scored outputs");
  });

  it("counts trials that diverged as chance, and marks them", async () => {
    const explode = (spec: TrialSpec): Invented => (spec.seed === 2 && mu0Of(spec) === 0.995 ? "diverged" : likePaper(spec) / 100);
    const outcome = await run(explode, { seeds: 2 }, { only: "addition" });
    const { cells, trials, orderings } = outcome.result;
    const nag = cells.find(({ name }) => name === "addition, NAG 0.995")!;
    expect(nag.best!.error).toBeCloseTo((0.0000025 + 0.8464) / 2, 12);
    expect(nag.best!.trials.map(({ end, error }) => [end, error])).toEqual([
      ["finished", 0.0000025],
      ["diverged", 0.8464],
    ]);
    expect([nag.state, trials.diverged]).toEqual(["complete", 8]);
    expect(orderings[0]).toMatchObject({ verdict: "not decided" });
    const text = renderStudy(outcome).files["table5.md"];
    expect(text).toMatch(/\| NAG 0\.995 \| 0\.00025 \| 0\.4232 \| 2\.50e-6, 0\.8464\* \| 0\.0001 \| \* 1 of 2 diverged \|/);
    expect(text).toContain("* A trial that diverged counts for what answering without looking at the inputs costs.");
  });

  it("says that nothing was learned where no seed has, whatever the mean", async () => {
    // The biases alone have 8 symbols wrong; nine tenths of that are 7.2.
    const pageOf = async (...errors: number[]) => {
      const made = await run((spec) => errors[spec.seed - 1], { seeds: 4 }, { only: "memory20 nag" });
      return [renderStudy(made).files["table5.md"], made.result.orderings[17]] as const;
    };
    const [one, ordering] = await pageOf(8, 5.5, 8, 8);
    expect(one).toContain("| 7.375 | 8.000, 5.500, 8.000, 8.000 |");
    expect(one).not.toContain("nothing learned");
    expect(ordering).toMatchObject({ verdict: "not decided", numbers: expect.stringMatching(/: the seeds lie further apart$/) });
    const [none, open] = await pageOf(8, 7.3, 8, 8);
    expect(none).toContain("nothing learned: 0.9 or more of what answering every case the same costs");
    expect(open.numbers).toMatch(/: neither has learned anything$/);
  });

  it("trains, in a moment on one problem", async () => {
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const options = { fraction: 0.00004, seeds: 1, testCases: 50 };
    const running = { executor: inlineExecutor(runtime), store: memorySweepStore(), only: "addition NAG 0.995" };
    const outcome = await runStudy("table5", options, running);
    const again = await runStudy("table5", options, running);
    await runtime.dispose();
    const cell = outcome.result.cells[3];
    expect(cell).toMatchObject({ state: "complete", best: { trials: [{ end: "finished", updates: 2 }] } });
    expect(cell.candidates.map(({ rate }) => rate)).toEqual([0.001, 0.0001, 0.00001, 0.000001]);
    expect(outcome.result.baselines).toEqual({ addition: 0.8464 });
    expect(again.result).toEqual(outcome.result);
  });
});

describe("the rates of table5 by successive halving", () => {
  it("are judged by the loss until the last round, and the page says so", async () => {
    // After 5,000 and 10,000 updates the error is chance, and lowest at a rate that never learns.
    const outcome = (spec: TrialSpec): Invented => {
      const [rate, isFull] = [rateOf(spec), spec.updates === 50_000];
      if (rate === 0.001) return isFull ? { error: 0.01, loss: 0.1 } : { error: 0.846, loss: spec.seed === 2 ? 1e12 : 1.4 };
      return { error: rate === 0.00001 ? 0.84 : 0.845, loss: 1.8 };
    };
    const only = "addition nag 0.995";
    const made = await run(outcome, { fraction: 1, seeds: 4, pilot: 0.1 }, { only });
    const cell = made.result.cells.find(({ name }) => name === "addition, NAG 0.995")!;
    expect(cell).toMatchObject({ state: "complete", best: { rate: 0.001, error: 0.01 } });
    expect(renderStudy(made).files["table5.md"]).toContain("Rounds before the last were judged by the loss of the held-out sequences");
  });
});

describe("table5 at budgets that decide little", () => {
  it("compares no trials with themselves, and marks cells that are the same run", async () => {
    const made = await run(undefined, { fraction: 1e-5 });
    const { cells, orderings } = made.result;
    expect(cells.filter(({ row }) => row === "addition").map(({ sameAs }) => sameAs?.split(", ")[1])).toEqual([
      ...[undefined, "mu 0", "mu 0", "mu 0"],
      ...[undefined, "CM 0.9", "CM 0.9"],
    ]);
    const itself = orderings.find(({ claim }) => claim === "addition: NAG 0.995 is better than NAG 0.9")!;
    expect(itself.verdict).toBe("not decided");
    expect(itself.numbers).toMatch(/: the same trials$/);
    expect(renderStudy(made).files["table5.md"]).toContain("Each trial has 1 of the paper's 50,000 updates, 0.002 %");
  });

  it("says of several that none has all, where each lacks something else", async () => {
    const only = (text: string, options: object) => run(undefined, options, { only: text });
    const [large, small] = [await only("addition nag 0.9 0.9", { fraction: 0.1 }), await only("addition nag 0.995", { fraction: 0.01 })];
    const { orderings } = mergeTables([large.result, small.result]);
    const { verdict, numbers } = orderings.find(({ claim }) => claim === "addition: NAG 0.995 is better than NAG 0.9")!;
    expect([verdict, numbers]).toEqual(["not decided", "no budget has all that it compares"]);
  });

  it("lists the trials of every round, and counts those that were short", async () => {
    const made = await run(undefined, { fraction: 0.1, pilot: 0.1 }, { only: "addition nag 0.9" });
    const lines = renderStudy(made).files["trials.csv"].trim().split("\n");
    const rounds = made.executor.made.length;
    expect(lines).toHaveLength(1 + rounds);
    expect(made.result.trials).toMatchObject({ ended: rounds, inRounds: rounds - lines.filter((line) => line.includes(",5000,")).length });
    expect(renderStudy(made).files["table5.md"]).toMatch(/\d+ of them shorter ones of rounds of successive halving/);
  });
});
