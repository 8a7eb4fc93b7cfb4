import { createRuntime } from "heavyball";
import { describe, expect, it } from "vitest";
import { CURVATURES, measureCurvature } from "#internal/bench/curvature";

/** That the benchmark runs and reports what it says; its figures are for people on idle machines. */
describe("the benchmark of curvature products", () => {
  it("times a product, a gradient and a step of conjugate gradient", async () => {
    const runtime = await createRuntime({ threads: 1 });
    expect(Object.keys(CURVATURES)).toEqual(["CURVES, 1250 cases", "CURVES, 5000 cases", "addition, 1000 x 80 steps"]);
    const name = "CURVES, 1250 cases";
    const { milliseconds, gigaflops, gradient, step, roofline } = measureCurvature(runtime, name, 1);
    for (const figure of [milliseconds, gradient, step, roofline]) expect(figure).toBeGreaterThan(0);
    const weights = 2 * (784 * 400 + 400 * 200 + 200 * 100 + 100 * 50 + 50 * 25 + 25 * 6);
    expect((gigaflops * milliseconds * 1e6) / (8 * weights * 1250)).toBeCloseTo(1, 6);
    await runtime.dispose();
  });
});
