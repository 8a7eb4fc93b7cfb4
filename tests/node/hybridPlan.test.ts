import { readFileSync } from "node:fs";
import { createRuntime } from "heavyball";
import { describe, expect, it } from "vitest";
import { hessianFreeSettings } from "#internal/optimizers/hessianFree/hessianFreeSettings";
import { describeOptimizer, describeTask } from "#internal/trials/page/describeSpec";
import { checkTrialSpec, type HessianFreeTrialSpec } from "#internal/trials/spec";
import { prepareTask, startTrial } from "#internal/trials/trial";

/** Appendix A.6 for CURVES, all four phases, as the example tells it. */
const text = readFileSync(new URL("../../examples/hybrid-curves.json", import.meta.url), "utf8");
const plan = checkTrialSpec(JSON.parse(text)) as HessianFreeTrialSpec;

describe("the hybrid's plan in examples/hybrid-curves.json", () => {
  it("is plain data that reads back the same", () => {
    expect(checkTrialSpec(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });

  it.each([
    [
      0,
      {
        learningRate: 1,
        maximum: 50,
        minimum: 50,
        decay: 0.95,
        gradientCases: 1250,
        curvatureCases: "gradient",
        weightDecay: 2e-5,
        lineSearch: false,
        backtracking: false,
      },
    ],
    [4999, { learningRate: 1, decay: 0.95, maximum: 50 }],
    [5000, { learningRate: 0.5, decay: 0.999, maximum: 50, gradientCases: 1250 }],
    [8999, { learningRate: 500 / 4999, decay: 0.999, weightDecay: 2e-5 }],
    [
      9000,
      {
        learningRate: 1,
        maximum: 200,
        minimum: 200,
        decay: 0.995,
        gradientCases: "all",
        weightDecay: 2e-5,
        lineSearch: true,
        backtracking: true,
      },
    ],
    [9500, { learningRate: 1, decay: 0.995, gradientCases: "all", weightDecay: 0 }],
  ])("is the paper's at update %d", (update, wanted) => {
    expect(hessianFreeSettings(plan.optimizer, update, plan.updates, true)).toMatchObject(wanted);
  });

  it("in words tells every phase", () => {
    expect(describeTask(plan)).toContain("gradients and curvature of 1,250, then all from update 9,000 on, 12,000 updates");
    expect(describeOptimizer(plan)).toBe(
      "the momentum variant, learning rate 1, then min(1, 500 / (t - 4,000)) from update 5,000 on, then 1 from update 9,000 on, " +
        "damping from 45, (50, then 200 from update 9,000 on) steps of conjugate gradient an update, decay 0.95, then 0.999 from " +
        "update 5,000 on, then 0.995 from update 9,000 on, weight decay 0.00002, then 0 from update 9,500 on",
    );
  });

  it("runs through its phases, made small", async () => {
    // 48 cases for 20,000, minibatches of 3, a tenth of the steps and a thousandth of the updates.
    const small = JSON.parse(text, (key, value) =>
      key === "at"
        ? value.map((t: number) => Math.floor(t / 1000))
        : key === "numerator" || key === "offset" || key === "updates"
          ? value / 1000
          : value === 1250
            ? 3
            : value === 50
              ? 5
              : value === 200
                ? 20
                : value,
    );
    const spec = checkTrialSpec({
      ...small,
      optimizer: { ...small.optimizer, damping: { initial: 1 } },
      task: { name: "curves", cases: 48, testCases: 5 },
    });
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const trial = startTrial(runtime, spec, prepareTask(spec));
    const made = [...trial.reports].slice(1);
    await runtime.dispose();
    expect(made.map(({ learningRate }) => learningRate)).toEqual([1, 1, 1, 1, 1, 0.5, 0.25, 0.5 / 3, 0.125, 1, 1, 1]);
    expect(made.map(({ momentum }) => momentum)).toEqual([...Array(5).fill(0.95), ...Array(4).fill(0.999), ...Array(3).fill(0.995)]);
    expect(made.map(({ conjugateGradientSteps }) => conjugateGradientSteps)).toEqual([...Array(9).fill(5), 20, 20, 20]);
    const cases = made.map(({ casesProcessed }, i) => casesProcessed - (made[i - 1]?.casesProcessed ?? 0));
    // Gradient and curvature share a pass; five products, the preconditioner, one point judged, and a start but for the first.
    expect(cases.slice(0, 9)).toEqual([24, ...Array(8).fill(27)]);
    for (const all of cases.slice(9)) expect(all).toBeGreaterThanOrEqual(48 * 23);
    expect(made.at(-1)!.trainingError).toBeLessThan(made[0].trainingError!);
  });
});
