import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError, ShapeError } from "#internal/errors";
import type { Batch } from "#internal/networks/batch";
import { addition } from "#internal/tasks/addition/addition";
import { checkTask } from "#internal/trials/spec";
import { createSequences } from "../support/sequenceTasks.js";

interface Sequence {
  length: number;
  values: number[];
  markers: number[];
  target: number;
}

/** Case c, read back from a batch by its mask: the steps up to and including the one that is scored. */
function sequence(batch: Batch, c: number): Sequence {
  const { inputs, targets, mask, cases, steps } = batch as Required<Batch>;
  const scored: number[] = [];
  for (let t = 0; t < steps; t++) if (mask[t * cases + c] !== 0) scored.push(t);
  expect(scored.length).toBe(1);
  expect(mask[scored[0] * cases + c]).toBe(1);
  const channel = (k: number): number[] => Array.from({ length: steps }, (_, t) => inputs[(t * cases + c) * 2 + k]);
  // Nothing but zeros after the end, and targets only where they are scored.
  let stray = 0;
  for (let t = scored[0] + 1; t < steps; t++) stray += Math.abs(inputs[(t * cases + c) * 2]) + Math.abs(inputs[(t * cases + c) * 2 + 1]);
  for (let t = 0; t < steps; t++) if (t !== scored[0]) stray += Math.abs(targets[t * cases + c]);
  expect(stray).toBe(0);
  const length = scored[0] + 1;
  return { length, values: channel(0).slice(0, length), markers: channel(1).slice(0, length), target: targets[scored[0] * cases + c] };
}

describe("addition", () => {
  it("makes sequences of the definition", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 230 }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom("halfSum" as const, "sum" as const),
        fc.nat(10_000),
        (length, flags, centered, target, update) => {
          const task = addition({ length, flags, centered, target });
          const batch = task.batch(1, update, 5);
          expect([task.steps, batch.steps, batch.cases]).toEqual([Math.floor(1.1 * length + 1e-9), task.steps, 5]);
          for (let c = 0; c < 5; c++) {
            const { length: steps, values, markers, target: answer } = sequence(batch, c);
            expect(steps).toBeGreaterThanOrEqual(length);
            expect(steps).toBeLessThanOrEqual(task.steps);
            const marked = markers.flatMap((marker, t) => (marker === 1 ? [t] : []));
            expect(marked.length).toBe(2);
            const f = (k: number): number => Math.floor((k * length) / 100);
            expect(marked[0] >= f(1) && marked[0] < f(10) && marked[1] >= f(10) && marked[1] < f(50)).toBe(true);
            const flagged = markers.flatMap((marker, t) => (marker === -1 ? [t] : []));
            expect(flagged).toEqual(flags ? [0, steps - 4].filter((t) => t !== marked[0]) : []);
            expect(markers.filter((marker) => marker === 0).length).toBe(steps - marked.length - flagged.length);
            const shift = centered ? 0.5 : 0;
            expect(Math.min(...values)).toBeGreaterThanOrEqual(-shift);
            expect(Math.max(...values)).toBeLessThanOrEqual(1 - shift);
            const sum = values[marked[0]] + values[marked[1]] + 2 * shift;
            expect(answer).toBeCloseTo(target === "halfSum" ? sum / 2 : sum, 5);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("uses every length and every position about equally often", () => {
    const batch = addition({ length: 80 }).batch(2, 0, 8_000);
    const lengths = new Map<number, number>();
    const firsts = new Map<number, number>();
    const seconds = new Map<number, number>();
    const count = (map: Map<number, number>, key: number): unknown => map.set(key, (map.get(key) ?? 0) + 1);
    let sum = 0;
    for (let c = 0; c < 8_000; c++) {
      const { length, markers, values } = sequence(batch, c);
      count(lengths, length);
      count(firsts, markers.indexOf(1));
      count(seconds, markers.lastIndexOf(1));
      sum += values[40] / 8_000;
    }
    expect([...lengths.keys()].sort((a, b) => a - b)).toEqual([80, 81, 82, 83, 84, 85, 86, 87, 88]);
    expect([...firsts.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([Math.min(...seconds.keys()), Math.max(...seconds.keys()), seconds.size]).toEqual([8, 39, 32]);
    // Five standard deviations of a binomial count.
    for (const [map, kinds] of [
      [lengths, 9],
      [firsts, 8],
      [seconds, 32],
    ] as const) {
      for (const times of map.values()) expect(Math.abs(times - 8_000 / kinds)).toBeLessThan(5 * Math.sqrt(8_000 / kinds));
    }
    expect(Math.abs(sum)).toBeLessThan(5 * Math.sqrt(1 / 12 / 8_000));
  });

  it("draws a case by seed, update and place alone", () => {
    const task = addition();
    const many = task.batch(3, 17, 40);
    const few = task.batch(3, 17, 8);
    for (let c = 0; c < 8; c++) expect(sequence(few, c)).toEqual(sequence(many, c));
    expect(task.batch(3, 17, 8)).toEqual(few);
    for (const other of [task.batch(4, 17, 8), task.batch(3, 18, 8), task.testBatch(3, 8), task.watchBatch(3, 8)])
      expect(other.inputs).not.toEqual(few.inputs);
    expect(task.watchBatch(3, 8).inputs).not.toEqual(task.testBatch(3, 8).inputs);
    expect(task.watchBatch(3).cases).toBe(1000);
  });

  it("states what the biases alone achieve, and a test set of 10,000 confirms it", () => {
    const half = addition();
    expect(half.biasesOnly.zeroOne).toBeCloseTo(0.8464, 12);
    expect(half.outputBiases).toEqual([0.5]);
    const sum = addition({ target: "sum" });
    expect(sum.biasesOnly.zeroOne).toBeCloseTo(0.9216, 12);
    for (const task of [half, sum]) {
      const batch = task.testBatch(1);
      expect(batch.cases).toBe(10_000);
      const answers = new Float32Array(task.steps * batch.cases).fill(task.outputBiases[0]);
      expect(Math.abs(task.zeroOne(answers, batch) - task.biasesOnly.zeroOne)).toBeLessThan(0.018);
      const { targets, mask } = batch as Required<Batch>;
      let loss = 0;
      let mean = 0;
      for (let i = 0; i < mask.length; i++) {
        loss += (mask[i] * (targets[i] - task.outputBiases[0]) ** 2) / 2 / batch.cases;
        mean += (mask[i] * targets[i]) / batch.cases;
      }
      expect(Math.abs(loss / task.biasesOnly.loss - 1)).toBeLessThan(0.06);
      expect(Math.abs(mean - task.outputBiases[0])).toBeLessThan(0.021);
    }
  });

  it("counts answers further than 0.04 off, and NaN, as wrong", () => {
    const task = addition({ length: 20 });
    const batch = task.batch(1, 0, 4);
    const { targets, mask, cases } = batch as Required<Batch>;
    const answers = targets.slice();
    expect(task.zeroOne(answers, batch)).toBe(0);
    const scored = (c: number): number => Array.from({ length: task.steps }, (_, t) => t * cases + c).filter((i) => mask[i] === 1)[0];
    answers[scored(0)] += 0.0399;
    expect(task.zeroOne(answers, batch)).toBe(0);
    answers[scored(0)] += 0.0002;
    answers[scored(1)] -= 0.0401;
    expect(task.zeroOne(answers, batch)).toBe(0.5);
    answers[scored(2)] = NaN;
    answers[scored(3)] = -Infinity;
    expect(task.zeroOne(answers, batch)).toBe(1);
    const elsewhere = targets.map((target, i) => (mask[i] === 1 ? target : 9));
    expect(task.zeroOne(elsewhere, batch)).toBe(0);
    expect(() => task.zeroOne(answers.subarray(1), batch)).toThrow(ShapeError);
    expect(() => task.zeroOne(answers, { ...batch, steps: 3 })).toThrow(InvalidOptionError);
  });

  it("describes itself as plain data", () => {
    const description = { name: "addition", length: 80, target: "halfSum", flags: true, centered: true, initialHidden: "zero" };
    expect(addition().description).toEqual(description);
    expect(createSequences({ name: "addition" }).description).toEqual(description);
    expect(createSequences({ name: "addition", length: 30, seed: 5 }).description).toEqual({ ...description, length: 30, seed: 5 });
    expect([addition().inputs, addition().outputs, addition().output, addition().loss, addition().inputScale]).toEqual([
      2,
      1,
      "linear",
      "squared",
      0.001,
    ]);
  });

  it("refuses bad options", () => {
    for (const options of [
      { length: 9 },
      { length: 80.5 },
      { target: "mean" },
      { flags: 1 },
      { centered: "yes" },
      { scored: "all" },
      { name: "memory5" },
      { seed: -1 },
    ]) {
      expect(() => addition(options as object)).toThrow(InvalidOptionError);
    }
    expect(() => checkTask({ name: "adding" })).toThrow(InvalidOptionError);
    const task = addition();
    expect(() => task.batch(-1, 0, 1)).toThrow(InvalidOptionError);
    expect(() => task.batch(1, 0.5, 1)).toThrow(InvalidOptionError);
    expect(() => task.batch(1, 0, 0)).toThrow(InvalidOptionError);
    expect(() => task.testBatch(1, 1e9)).toThrow(InvalidOptionError);
  });
});
