import { InvalidOptionError, memorySweepStore, renderStudy, runStudy, runTrial, studies, type TrialSpec } from "heavyball";
import { describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { CASE_COST, costOfUpdate, workOf } from "#internal/studies/echoStateHessianFree/gradientEquivalents";
import { fullBudget, hessianFreeUpdates } from "#internal/studies/echoStateHessianFree/trials";
import { workTable } from "#internal/studies/echoStateHessianFree/workSection";
import type { TableCell } from "#internal/studies/tables/tableCell";
import { checkTrialSpec } from "#internal/trials/spec";
import { type Invented, inventor, rateOf } from "../support/inventedTrials.js";

const study = studies.echoStateHessianFree;
const names = ["addition", "multiplication", "memory5", "memory20"];
const isHessianFree = ({ optimizer }: TrialSpec): boolean => optimizer.method === "hessianFree";

describe("gradient-equivalents", () => {
  const size = { gradientCases: 10, curvatureCases: 6, steps: 4 };

  it("are passes through the network, a third of a gradient each", () => {
    expect(Object.values(CASE_COST).map((cost) => Math.round(3 * cost))).toEqual([3, 1, 2, 4]);
    // 10 gradients, 6 linearizations, 5 products of 6.
    expect(costOfUpdate(size)).toBeCloseTo(10 + (6 * 2 + 5 * 6 * 4) / 3, 12);
  });

  it("tell the works of a trial apart by what its record counts", () => {
    // Three updates of 4, 4 and 2 steps; the second and the third start from the last solution; 7 evaluations.
    const products = (10 + 2) * 6;
    const work = workOf(size, { updates: 3, casesProcessed: 3 * 10 + 3 * 6 + products + 7 * 6, conjugateGradientSteps: 10 });
    expect(work).toMatchObject({ gradients: 30, linearizations: 18, products, evaluations: 42 });
    expect(work.gradientEquivalents).toBeCloseTo(30 + 12 + (4 * products) / 3 + 14, 12);
    expect(workOf(size, { updates: 0, casesProcessed: 0, conjugateGradientSteps: 0 }).gradientEquivalents).toBe(0);
  });

  it.each([
    [true, "judges its steps"],
    [false, "takes them as they are"],
  ])("are those of a trial that was run and (line search %s) %s", async (judges) => {
    const curvatureCases = 6;
    const spec = checkTrialSpec({
      task: { name: "addition", length: 12, hidden: 5, testCases: 8 },
      optimizer: {
        method: "hessianFree",
        gradientCases: 10,
        curvatureCases,
        conjugateGradient: { maximum: 4, minimum: 4 },
        lineSearch: judges,
        backtracking: judges,
      },
      updates: 5,
      seed: 3,
    });
    const { update, casesProcessed, conjugateGradientSteps = 0 } = await runTrial(spec);
    expect([update, conjugateGradientSteps]).toEqual([5, 20]);
    const work = workOf(size, { updates: update, casesProcessed, conjugateGradientSteps });
    expect(work.evaluations % curvatureCases).toBe(0);
    const perUpdate = work.evaluations / curvatureCases / update;
    // Without judging there is one evaluation an update, for the damping; with it there are several.
    if (judges) expect(perUpdate).toBeGreaterThan(2);
    else expect(perUpdate).toBe(1);
  });
});

describe("the plan of echoStateHessianFree", () => {
  it("has each problem both ways, HF within what NAG costs", () => {
    const spec = study.check({ fraction: 1, seeds: 2 });
    const { trials } = study.plan(spec);
    expect(trials.map(({ name }) => name)).toEqual(names.flatMap((name) => [`${name}, HF`, `${name}, NAG 0.995`]));
    for (const { trial, grid } of trials) {
      const full = checkTrialSpec(trial);
      expect(full.initialization.method).toBe("echoState");
      expect(grid).toMatchObject({ seed: [1, 2] });
      if (full.optimizer.method === "hessianFree") {
        expect(full.optimizer.structuralDamping).toBeGreaterThan(0);
        const cost = costOfUpdate({ gradientCases: 2000, curvatureCases: 100, steps: 300 });
        expect(full.updates * cost).toBeLessThanOrEqual(fullBudget);
        expect((full.updates + 1) * cost).toBeGreaterThan(fullBudget);
      } else expect(full).toMatchObject({ updates: 50_000, batchSize: 100, optimizer: { momentum: { values: [0.9, 0.995], at: [1000] } } });
    }
  });

  it("takes the paper's rates for the mean over scored steps", () => {
    const rates = study.plan(study.check()).trials.map(({ grid }) => grid!["optimizer.learningRate"]);
    const paper = [1e-3, 1e-4, 1e-5, 1e-6];
    expect(rates).toEqual([1, 1, 5, 10].flatMap((scored) => [[1], paper.map((rate) => rate / scored)]));
  });

  it("shrinks both with the fraction, to one update at least", () => {
    const updates = (options: object) =>
      study
        .plan(study.check(options))
        .trials.slice(0, 2)
        .map(({ trial }) => trial.updates);
    const size = { gradientCases: 50, curvatureCases: 20, steps: 10 };
    expect(updates({ fraction: 0.01, ...size })).toEqual([hessianFreeUpdates(size, 0.01), 500]);
    expect(updates({ fraction: 1e-6 })).toEqual([1, 1]);
  });

  it("announces the rounds of the cells that have rates to choose from", () => {
    const first = (options: object) => study.announce(study.check(options))[0];
    // HF has one rate, NAG four: at 0.1, 0.2, and the last in full.
    expect(first({ pilot: 0.1 })).toMatch(/ trials, by successive halving in 3 rounds where there are several rates$/);
    expect(first({ pilot: 0.6 })).toMatch(/ in 2 rounds where /);
    expect(first({})).toMatch(/: 8 cells, 20 trials$/);
  });

  it("refuses more sequences of the curvature than of the gradient, and no steps", () => {
    for (const options of [{ gradientCases: 10, curvatureCases: 11 }, { steps: 0 }, { fraction: 2 }])
      expect(() => study.check(options)).toThrow(InvalidOptionError);
  });
});

describe("the page of echoStateHessianFree", () => {
  const run = (outcome: (spec: TrialSpec) => Invented, running: object = {}) =>
    runStudy("echoStateHessianFree", {}, { executor: inventor(outcome), store: memorySweepStore(), ...running });

  it("compares HF with NAG at its best rate, problem by problem", async () => {
    const outcome = (spec: TrialSpec): Invented => {
      if (spec.task.name === "memory5") return isHessianFree(spec) ? "diverged" : 2;
      return isHessianFree(spec) ? 0.1 : spec.task.name === "addition" && rateOf(spec) === 1e-4 ? 0.05 : 0.5;
    };
    const { result } = await run(outcome);
    const verdicts = Object.fromEntries(result.orderings.map(({ claim, verdict }) => [claim.split(":")[0], verdict]));
    // A diverged trial counts for the error of the biases alone, which is 2.5.
    expect(verdicts).toEqual({ addition: "not found", multiplication: "found", memory5: "not found", memory20: "found" });
    const { page, summary } = study.render(result, { facts: [], footer: "F" });
    const html = htmlPage(page);
    for (const text of ["HF against NAG", "How work is counted", "The work of these trials", "addition, HF, seed 1"])
      expect(html).toContain(text);
    expect(html).not.toMatch(/NaN|undefined|Infinity|In the paper/);
    expect(summary.join("\n")).toContain("Of 4 comparisons 2 were found, 2 were not, 0 are not decided.");
  });

  it("decides nothing where the better of the two had more work, and says what each had", async () => {
    // One update of HF costs 42,200 gradients, the five of NAG 500.
    const little = { fraction: 1e-4, seeds: 1 };
    const at = async (error: number, options: object = little) => {
      const made = await runStudy("echoStateHessianFree", options, {
        executor: inventor((spec) => (isHessianFree(spec) ? error : 0.5)),
        store: memorySweepStore(),
        only: "memory20",
      });
      return { ordering: made.result.orderings[3], text: renderStudy(made).files["echoStateHessianFree.md"] };
    };
    const winner = await at(0.1);
    expect(winner.ordering.verdict).toBe("not decided");
    expect(winner.ordering.numbers).toMatch(/: HF had \d+(\.\d+)? times the work of NAG$/);
    expect(winner.text).toContain("HF makes 1 of 42,200 each, evaluations apart: 42,200 gradients for 500, which is not the same work");
    // With more work it is still behind: more than enough to say so.
    expect((await at(0.9)).ordering.verdict).toBe("not found");
    expect((await at(0.1, { fraction: 0.2 })).ordering.verdict).toBe("found");
    expect((await at(0.1, { fraction: 0.2 })).text).toContain("1,012,800 gradients for 1,000,000.");
  });

  it("says what is missing", async () => {
    const { result } = await run(() => 0.3, { only: "memory20" });
    expect(result.isComplete).toBe(false);
    expect(result.orderings.map(({ verdict }) => verdict)).toEqual(["not decided", "not decided", "not decided", "not decided"]);
    expect(result.orderings[3].numbers).toContain("of one seed each, and less than a hundredth apart");
  });

  it("says what its errors are, and that the loss of Hessian-free has a weight decay", async () => {
    const text = renderStudy(await run(() => 0.3, { only: "memory20" })).files["echoStateHessianFree.md"];
    expect(text).toContain("Its loss has a weight decay of 0.00002, that of NAG none.");
    expect(text).toContain("of the memory problems the symbols that are repeated wrongly, per sequence");
  });

  it("counts the work of every trial that has a record", () => {
    const trial = { key: "k", seed: 1, share: 1, end: "finished", error: 0.1, updates: 2, seconds: 1 } as const;
    const cell = (column: string, trials: NonNullable<TableCell["best"]>["trials"]): TableCell => {
      const best = { rate: 1, share: 1, error: 0.1, trials };
      return { row: "addition", column, name: `addition, ${column}`, state: "complete", best, candidates: [best] };
    };
    const size = { gradientCases: 1000, curvatureCases: 100, steps: 3 };
    const done = { ...trial, casesProcessed: 2000 + 200 + 700 + 400, conjugateGradientSteps: 6 };
    const { rows } = workTable(
      [cell("HF", [done, { key: "f", seed: 2, share: 1, end: "failed" }]), cell("NAG 0.995", [{ ...trial, casesProcessed: 50_000 }])],
      size,
    );
    expect(rows).toEqual([
      ["addition, HF, seed 1", "0.1000", "2", "2,200", "700", "400", "3,200", "0.064 %"],
      ["addition, NAG 0.995, seed 1", "0.1000", "2", "50,000", "0", "0", "50,000", "1 %"],
    ]);
  });
});
