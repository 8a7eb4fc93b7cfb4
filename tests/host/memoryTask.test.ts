import fc from "fast-check";
import { type Batch, InvalidOptionError, memory5, memory20, ShapeError } from "heavyball";
import { describe, expect, it } from "vitest";

const problems = [
  { make: memory5, n: 5, kinds: 2, length: 200 },
  { make: memory20, n: 10, kinds: 5, length: 80 },
] as const;

/** The one entry that is 1 in a row of zeros. */
function hot(values: Float32Array, row: number, width: number): number {
  const entries = [...values.subarray(row * width, (row + 1) * width)];
  expect([...entries].sort()).toEqual([...new Array(width - 1).fill(0), 1]);
  return entries.indexOf(1);
}

describe.each(problems)("memory with $n symbols of $kinds kinds", ({ make, n, kinds, length }) => {
  it("makes sequences of the definition", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom("total" as const, "delay" as const),
        fc.constantFrom("last" as const, "all" as const),
        fc.nat(1000),
        (extra, lengthMeans, scored, update) => {
          const task = make({ length: lengthMeans === "total" ? 2 * n + extra : extra, lengthMeans, scored });
          expect([task.inputs, task.outputs, task.steps]).toEqual([kinds + 2, kinds + 1, 2 * n + extra]);
          const { inputs, targets, mask, cases, steps } = task.batch(3, update, 4) as Required<Batch>;
          expect([cases, steps]).toEqual([4, task.steps]);
          for (let c = 0; c < cases; c++) {
            const read = Array.from({ length: steps }, (_, t) => hot(inputs, t * cases + c, kinds + 2));
            const asked = Array.from({ length: steps }, (_, t) => hot(targets, t * cases + c, kinds + 1));
            const symbols = read.slice(0, n);
            for (const symbol of symbols) expect(symbol).toBeLessThan(kinds);
            const rest = new Array(steps - n).fill(kinds + 1);
            rest[steps - 2 * n - 1] = kinds;
            expect(read.slice(n)).toEqual(rest);
            expect(asked).toEqual([...new Array(steps - n).fill(kinds), ...symbols]);
            expect(Array.from({ length: steps }, (_, t) => mask[t * cases + c])).toEqual(
              Array.from({ length: steps }, (_, t) => (scored === "all" || t >= steps - n ? 1 : 0)),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("shows every kind of symbol about equally often, and draws a case by seed, update and place alone", () => {
    const task = make();
    expect(task.description).toMatchObject({ length, lengthMeans: "total", scored: "last", initialHidden: "zero" });
    const counts = new Array<number>(kinds).fill(0);
    const { inputs, cases } = task.batch(1, 5, 1000);
    for (let row = 0; row < n * cases; row++) counts[hot(inputs, row, kinds + 2)]++;
    for (const count of counts) expect(Math.abs(count - (n * cases) / kinds)).toBeLessThan(5 * Math.sqrt((n * cases) / kinds));
    const few = task.batch(1, 5, 3);
    for (let t = 0; t < task.steps; t++)
      for (let c = 0; c < 3; c++) expect(hot(few.inputs, t * 3 + c, kinds + 2)).toBe(hot(inputs, t * cases + c, kinds + 2));
    for (const other of [task.batch(2, 5, 3), task.batch(1, 6, 3), task.testBatch(1, 3), task.watchBatch(1, 3)])
      expect(other.inputs).not.toEqual(few.inputs);
    expect(task.watchBatch(1, 3).inputs).not.toEqual(task.testBatch(1, 3).inputs);
    expect(task.watchBatch(1).cases).toBe(1000);
  });

  it.each(["last", "all"] as const)(
    "counts wrong symbols of the repetition, scored %s, and knows what the biases alone come to",
    (scored) => {
      const task = make({ length: 3 * n, scored });
      const batch = task.testBatch(1, 4000) as Required<Batch>;
      expect(task.zeroOne(batch.targets, batch)).toBe(0);
      const nothing = new Float32Array(batch.targets.length).fill(NaN);
      expect(task.zeroOne(nothing, batch)).toBe(n);
      // Only the last n steps count, and one wrong symbol in one sequence is 1 / cases.
      const answers = batch.targets.slice();
      answers.fill(9, 0, task.outputs);
      const row = (task.steps - 1) * batch.cases;
      answers[row * task.outputs + kinds] = 2;
      expect(task.zeroOne(answers, batch)).toBe(1 / 4000);

      const odds = task.outputBiases.map(Math.exp);
      const total = odds.reduce((sum, value) => sum + value);
      let loss = 0;
      for (let at = 0; at < batch.mask.length; at++) {
        if (batch.mask[at] > 0) loss -= Math.log(odds[hot(batch.targets, at, task.outputs)] / total) / batch.cases;
      }
      expect(loss).toBeCloseTo(task.biasesOnly.loss, 2);
      const constant = new Float32Array(batch.targets.length).map((_, at) => task.outputBiases[at % task.outputs]);
      expect(Math.abs(task.zeroOne(constant, batch) - task.biasesOnly.zeroOne)).toBeLessThan(5 * Math.sqrt(n / 4 / 4000));
    },
  );

  it("refuses bad options, and predictions of another shape", () => {
    for (const options of [
      { length: 2 * n },
      { length: 0, lengthMeans: "delay" },
      { lengthMeans: "sum" },
      { scored: "first" },
      { flags: true },
      { seed: 0.5 },
    ]) {
      expect(() => make(options as object)).toThrow(InvalidOptionError);
    }
    const task = make();
    const batch = task.batch(1, 0, 2);
    expect(() => task.zeroOne(new Float32Array(5), batch)).toThrow(ShapeError);
    expect(() => task.zeroOne(batch.targets!, { ...batch, steps: 7 })).toThrow(InvalidOptionError);
  });
});
