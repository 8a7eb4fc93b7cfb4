import { describe, expect, it } from "vitest";
import { spreadOverSequences } from "#internal/studies/figure3/hiddenStates";

describe("what tells sequences apart in hidden states", () => {
  const shape = { steps: 2, cases: 2, hidden: 2 };

  it("is the root mean square of what is left of each state without the mean over sequences", () => {
    // Differences between the two sequences: 2, 0, 4 and 0, so deviations of 1, 0, 2 and 0 on either side.
    const states = Float32Array.of(/* step 0 */ 5, 7, 3, 7, /* step 1 */ -1, 0.5, 3, 0.5);
    expect(spreadOverSequences(states, shape)).toBeCloseTo(Math.sqrt((2 * 1 + 2 * 4) / 8), 12);
    expect(spreadOverSequences(states, { ...shape, steps: 1 })).toBeCloseTo(Math.sqrt(2 / 4), 12);
  });

  it("is 0 where all sequences are one", () => {
    expect(spreadOverSequences(Float32Array.of(1, 2, 1, 2, 3, 4, 3, 4), shape)).toBe(0);
    expect(spreadOverSequences(Float32Array.of(1, 2, 3, 4), { steps: 2, cases: 1, hidden: 2 })).toBe(0);
  });
});
