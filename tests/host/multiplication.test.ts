import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "#internal/errors";
import type { Batch } from "#internal/networks/batch";
import { multiplication } from "#internal/tasks/multiplication/multiplication";
import { createSequences } from "../support/sequenceTasks.js";

describe("multiplication", () => {
  it("asks for the product of the two marked values, before centering", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 150 }), fc.boolean(), fc.nat(10_000), (length, centered, update) => {
        const task = multiplication({ length, centered });
        const { inputs, targets, mask, cases, steps } = task.batch(1, update, 6) as Required<Batch>;
        for (let c = 0; c < cases; c++) {
          let product = 1;
          let factors = 0;
          let scored = 0;
          for (let t = 0; t < steps; t++) {
            const at = t * cases + c;
            if (inputs[at * 2 + 1] === 1) {
              product *= inputs[at * 2] + (centered ? 0.5 : 0);
              factors++;
            }
            scored += mask[at] * targets[at];
          }
          expect(factors).toBe(2);
          expect(scored).toBeCloseTo(product, 6);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("states what the biases alone achieve, and a test set confirms it", () => {
    const task = multiplication();
    expect(task.outputBiases).toEqual([0.25]);
    expect(task.biasesOnly.zeroOne).toBeCloseTo(0.889, 3);
    const batch = task.testBatch(1) as Required<Batch>;
    expect(Math.abs(task.zeroOne(new Float32Array(task.steps * batch.cases).fill(0.25), batch) - task.biasesOnly.zeroOne)).toBeLessThan(
      0.016,
    );
    let loss = 0;
    for (let i = 0; i < batch.mask.length; i++) loss += (batch.mask[i] * (batch.targets[i] - 0.25) ** 2) / 2 / batch.cases;
    expect(task.biasesOnly.loss).toBeCloseTo(0.0486 / 2, 4);
    expect(Math.abs(loss / task.biasesOnly.loss - 1)).toBeLessThan(0.09);
  });

  it("differs from addition in its targets alone", () => {
    const task = multiplication({ length: 40 });
    const sum = createSequences({ name: "addition", length: 40 });
    expect(task.batch(1, 2, 5).inputs).toEqual(sum.batch(1, 2, 5).inputs);
    expect(task.batch(1, 2, 5).targets).not.toEqual(sum.batch(1, 2, 5).targets);
  });

  it("describes itself, and refuses bad options", () => {
    expect(createSequences({ name: "multiplication" }).description).toEqual({
      name: "multiplication",
      length: 80,
      flags: true,
      centered: true,
      initialHidden: "zero",
    });
    for (const options of [{ length: 0 }, { target: "sum" }, { flags: "no" }])
      expect(() => multiplication(options as object)).toThrow(InvalidOptionError);
  });
});
