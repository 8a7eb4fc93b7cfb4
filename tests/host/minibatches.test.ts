import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError, ShapeError } from "#internal/errors";
import type { Batch } from "#internal/networks/batch";
import { gatherCases } from "#internal/tasks/gatherCases";
import { epochOrder, minibatches } from "#internal/tasks/minibatches";

/** Case c holds c + f / 1000 for feature f, plus 10,000 for each step. */
function numbered(cases: number, features: number, steps?: number): Batch {
  const value = (step: number, c: number, f: number): number => step * 10_000 + c + f / 1024;
  const rows = (width: number): Float32Array => {
    const out: number[] = [];
    for (let step = 0; step < (steps ?? 1); step++)
      for (let c = 0; c < cases; c++) for (let f = 0; f < width; f++) out.push(value(step, c, f));
    return Float32Array.from(out);
  };
  return steps === undefined
    ? { inputs: rows(features), cases }
    : { inputs: rows(features), targets: rows(2), mask: rows(1), cases, steps };
}

const collect = (data: Batch, options: Parameters<typeof minibatches>[1]): Batch[] => [...minibatches(data, options)];

describe("minibatches", () => {
  it("takes each case at most once an epoch, in another order each time", () => {
    const data = numbered(23, 3);
    const batches = collect(data, { size: 5, updates: 12, seed: 4 });
    expect(batches.length).toBe(12);
    const orders = [0, 1, 2].map((epoch) =>
      batches.slice(epoch * 4, epoch * 4 + 4).flatMap(({ inputs }) => [...inputs].filter((_, i) => i % 3 === 0)),
    );
    for (const order of orders) {
      expect(order.length).toBe(20);
      expect(new Set(order).size).toBe(20);
    }
    expect(orders[0]).not.toEqual(orders[1]);
    // All 23 come up in the long run: the three left out are not always the same.
    expect(new Set(orders.flat()).size).toBeGreaterThan(20);
    expect(orders[1]).toEqual([...epochOrder(23, 4, 1).subarray(0, 20)]);
  });

  it("copies whole rows into arrays of its own", () => {
    const data = numbered(6, 40);
    const [batch] = collect(data, { size: 6, updates: 1 });
    const order = epochOrder(6, 1, 0);
    for (let i = 0; i < 6; i++)
      expect(batch.inputs.slice(i * 40, i * 40 + 40)).toEqual(data.inputs.slice(order[i] * 40, order[i] * 40 + 40));
    batch.inputs.fill(-1);
    expect(data.inputs[0]).toBe(0);
    expect(batch.inputs.buffer).not.toBe(data.inputs.buffer);
    expect(Object.keys(batch)).toEqual(["inputs", "cases"]);
  });

  it("resumes exactly at any update", () => {
    const data = numbered(17, 2);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 17 }), fc.integer({ min: 0, max: 40 }), fc.nat(1000), (size, from, seed) => {
        expect(collect(data, { size, updates: 40, seed, from })).toEqual(collect(data, { size, updates: 40, seed }).slice(from));
      }),
      { numRuns: 50 },
    );
  });

  it("goes on forever without `updates`", () => {
    let count = 0;
    for (const batch of minibatches(numbered(4, 1), { size: 3 })) {
      expect(batch.cases).toBe(3);
      if (++count === 500) break;
    }
    expect(count).toBe(500);
  });

  it("keeps recurrent data time-major", () => {
    const data = numbered(9, 3, 5);
    const [batch] = collect(data, { size: 4, updates: 1, seed: 2 });
    const order = epochOrder(9, 2, 0);
    expect([batch.steps, batch.cases, batch.inputs.length, batch.targets?.length, batch.mask?.length]).toEqual([5, 4, 60, 40, 20]);
    for (let step = 0; step < 5; step++) {
      for (let i = 0; i < 4; i++) {
        const first = step * 10_000 + order[i];
        expect(batch.inputs[(step * 4 + i) * 3]).toBe(first);
        expect(batch.inputs[(step * 4 + i) * 3 + 2]).toBe(Math.fround(first + 2 / 1024));
        expect(batch.targets?.[(step * 4 + i) * 2]).toBe(first);
        expect(batch.mask?.[step * 4 + i]).toBe(first);
      }
    }
  });

  it("refuses bad options and shapes when called", () => {
    const data = numbered(10, 2);
    const bad: [object, string][] = [
      [{ size: 11 }, "size"],
      [{ size: 0 }, "size"],
      [{}, "size"],
      [{ size: 2.5 }, "size"],
      [{ size: 2, updates: -1 }, "updates"],
      [{ size: 2, seed: -1 }, "seed"],
      [{ size: 2, from: 0.5 }, "from"],
      [{ size: 2, shuffle: false }, "minibatches.shuffle"],
    ];
    for (const [options, option] of bad) {
      let seen: unknown;
      try {
        minibatches(data, options as { size: number });
      } catch (error) {
        seen = error;
      }
      expect(seen).toBeInstanceOf(InvalidOptionError);
      expect((seen as InvalidOptionError).option).toBe(option);
    }
    expect(() => minibatches({ ...data, cases: 7 }, { size: 2 })).toThrow(ShapeError);
    expect(() => minibatches({ ...data, inputs: [1] as unknown as Float32Array }, { size: 2 })).toThrow(InvalidOptionError);
    expect(() => minibatches({ ...data, targets: new Float32Array(3) }, { size: 2 })).toThrow(ShapeError);
    expect(() => minibatches({ ...data, mask: new Float32Array(11) }, { size: 2 })).toThrow(ShapeError);
    expect(() => minibatches(undefined as unknown as Batch, { size: 2 })).toThrow(InvalidOptionError);
  });
});

describe("gatherCases", () => {
  it("gathers in the order given, repeats included", () => {
    expect([...gatherCases(numbered(5, 1), [4, 0, 4]).inputs]).toEqual([4, 0, 4]);
  });

  it("refuses cases that are not there", () => {
    expect(() => gatherCases(numbered(5, 1), [5])).toThrow(InvalidOptionError);
    expect(() => gatherCases(numbered(5, 1), [-1])).toThrow(InvalidOptionError);
    expect(() => gatherCases(numbered(5, 1), [0.5])).toThrow(InvalidOptionError);
  });
});
