import { describe, expect, it } from "vitest";
import { LARGEST_DAMPING, nextDamping, reductionRatio } from "#internal/optimizers/hessianFree/dampingRule";

const reduction = (change: number, predicted = -1, rounding = 0) => ({ change, predicted, rounding });

describe("the rule for lambda", () => {
  it("lets it fall above 3/4, rise below 1/4 and where f rose, and stay between", () => {
    for (const [change, factor] of [
      [-0.2, 2],
      [-0.25, 1],
      [-0.75, 1],
      [-0.76, 0.5],
      [-3, 0.5],
      [0.1, 2],
      [Infinity, 2],
      [NaN, 2],
    ] as const) {
      expect(nextDamping(8, 0.5, reduction(change))).toBe(8 * factor);
    }
    expect(nextDamping(8, 0.5, undefined)).toBe(16);
    expect(reductionRatio(reduction(1e-300))).toBe(-Infinity);
    expect(reductionRatio(reduction(-0.5))).toBe(0.5);
  });

  it("says nothing where rounding is all there is to see", () => {
    for (const change of [-1e-9, 0, 1e-9]) {
      expect(nextDamping(8, 0.5, reduction(change, -1e-9, 1e-8))).toBe(8);
      // A model that promises what could be seen is bad where it is not.
      expect(nextDamping(8, 0.5, reduction(change, -1e-3, 1e-8))).toBe(16);
    }
    expect(nextDamping(8, 0.5, reduction(1e-3, -1e-9, 1e-8))).toBe(16);
  });

  it("stays where f32 can use it and it can come back from", () => {
    let [high, low] = [1, 1];
    for (let t = 0; t < 5000; t++) {
      high = nextDamping(high, 2 / 3, reduction(1));
      low = nextDamping(low, 2 / 3, reduction(-1));
    }
    expect(high).toBe(LARGEST_DAMPING);
    expect(nextDamping(high, 2 / 3, reduction(-1))).toBeLessThan(LARGEST_DAMPING);
    expect(Math.fround(low)).toBeGreaterThan(0);
    expect(nextDamping(low, 2 / 3, reduction(1))).toBeGreaterThan(low);
  });

  it("leaves it as it is with a drop of 1, be it 0", () => {
    for (const lambda of [0, 3]) for (const change of [-1, 0, 1]) expect(nextDamping(lambda, 1, reduction(change))).toBe(lambda);
  });
});
