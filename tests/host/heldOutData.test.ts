import type { InvalidOptionError } from "heavyball";
import { describe, expect, it } from "vitest";
import { RandomStream } from "#internal/random/stream";
import { type DataArrays, holdOut, type Scaling, scaleInputs } from "#internal/tasks/data/arrays";
import { refusal } from "../support/failures.js";
import { clusters, prepare } from "../support/ownData.js";

describe("the cases held out", () => {
  /** Cases that are known by their only input. */
  const numbered = (cases: number): DataArrays => {
    const inputs = Float32Array.from({ length: cases }, (_, at) => at);
    return { inputs, targets: inputs.map((value) => -value), cases };
  };
  const heldOf = (cases: number, share: number, seed: number) => [...holdOut(numbered(cases), share, seed).held.inputs];

  it("are the same on every engine", () => {
    expect(heldOf(20, 0.3, 1)).toEqual([1, 4, 7, 9, 11, 17]);
    expect(heldOf(20, 0.3, 2)).toEqual([3, 4, 7, 14, 17, 19]);
  });

  it("are drawn by the seed, in one order, and with their targets", () => {
    for (const seed of [0, 1, 7, Number.MAX_SAFE_INTEGER]) {
      const order = Array.from({ length: 50 }, (_, at) => at);
      const stream = new RandomStream(seed, "held");
      for (let at = 49; at > 0; at--) {
        const other = stream.integer(at + 1);
        [order[at], order[other]] = [order[other], order[at]];
      }
      const { train, held } = holdOut(numbered(50), 0.24, seed);
      expect([...held.inputs]).toEqual(order.slice(0, 12).sort((a, b) => a - b));
      expect([...train.inputs, ...held.inputs].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at));
      for (const part of [train, held]) expect(part.targets).toEqual(part.inputs.map((value) => -value));
      expect([train.cases, held.cases]).toEqual([38, 12]);
    }
    expect(new Set([1, 2, 3, 4, 5].map((seed) => heldOf(50, 0.24, seed).join())).size).toBe(5);
  });

  it("are at least one, and not all", () => {
    for (const [cases, share, count] of [
      [2, 0.001, 1],
      [2, 0.999, 1],
      [10, 0.999, 9],
      [10, 0.25, 3],
      [1000, 0.2, 200],
    ])
      expect(heldOf(cases, share, 3)).toHaveLength(count);
  });

  it("are those of task.seed, or of the trial's seed", () => {
    const data = clusters(30);
    const heldWith = (task: object, seed: number) => [...prepare(data, task, { seed }).held.inputs].join();
    expect(heldWith({ seed: 4 }, 1)).toBe(heldWith({}, 4));
    expect(heldWith({ seed: 4 }, 1)).toBe(heldWith({ seed: 4 }, 2));
    expect(heldWith({}, 1)).not.toBe(heldWith({}, 2));
  });
});

describe("the scale of the inputs", () => {
  const features = 4;
  const stream = new RandomStream(3, "scale");
  /** The third feature is constant, at a number that f64 cannot average without rounding; the last is far from 0. */
  const draw = (cases: number): DataArrays => ({
    inputs: Float32Array.from(
      { length: cases * features },
      (_, at) => [stream.normal(), 50 * stream.uniform(), 0.1, 1e6][at % 4] + (at % 4 === 3 ? stream.normal() : 0),
    ),
    targets: new Float32Array(cases),
    cases,
  });
  const train = draw(37);
  // Held out, the third feature has another value.
  const held = { ...draw(11) };
  held.inputs[2] = 7;
  const scaled = (scaling: Scaling) => scaleInputs({ train, held }, scaling);
  const column = (part: DataArrays, feature: number) =>
    Array.from({ length: part.cases }, (_, row) => part.inputs[row * features + feature]);

  it("standard: each feature to mean 0 and deviation 1 of the training part; 0 where it is constant there", () => {
    const made = scaled("standard");
    for (let feature = 0; feature < features; feature++) {
      const values = column(train, feature);
      const mean = values.reduce((sum, value) => sum + value, 0) / 37;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 37);
      for (const [part, of] of [
        [train, made.train],
        [held, made.held],
      ] as const) {
        column(part, feature).forEach((value, row) => {
          const wanted = feature === 2 ? 0 : (value - mean) / deviation;
          expect(Math.abs(column(of, feature)[row] - wanted)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted));
        });
      }
    }
  });

  it("unit: all features together to [0, 1] of the training part", () => {
    const made = scaled("unit");
    const least = Math.min(...train.inputs);
    const most = Math.max(...train.inputs);
    expect([Math.min(...made.train.inputs), Math.max(...made.train.inputs)]).toEqual([0, 1]);
    for (const [part, of] of [
      [train, made.train],
      [held, made.held],
    ] as const)
      part.inputs.forEach((value, at) => expect(of.inputs[at]).toBeCloseTo((value - least) / (most - least), 6));
    const same = { ...train, inputs: train.inputs.map(() => 0.1) };
    expect(scaleInputs({ train: same, held }, "unit").train.inputs.every((value) => value === 0)).toBe(true);
  });

  it("none: as they are; and nothing else is touched by any", () => {
    const before = train.inputs.slice();
    for (const scaling of ["standard", "unit", "none"] as const) {
      const made = scaled(scaling);
      expect([made.train.targets, made.held.targets]).toEqual([train.targets, held.targets]);
      expect([made.train.cases, made.held.cases]).toEqual([37, 11]);
    }
    expect(train.inputs).toEqual(before);
    expect(scaled("none").train.inputs).toEqual(before);
    expect(scaled("none").held.inputs).toEqual(held.inputs);
  });

  it("is refused where f32 cannot hold what becomes of a value", () => {
    const far = { ...held, inputs: held.inputs.slice() };
    far.inputs[5] = 3e38;
    const close = { ...train, inputs: train.inputs.map((value) => 1e-20 * value) };
    for (const scaling of ["standard", "unit"] as const) {
      const { option, message } = refusal(() => scaleInputs({ train: close, held: far }, scaling)) as InvalidOptionError;
      expect([option, message]).toEqual(["data.inputs", expect.stringContaining("as feature 1 of a case")]);
      expect(message).toContain('task.scaling "none"');
    }
  });

  it("does not hang on what is held out", () => {
    const other = { ...held, inputs: held.inputs.map((value) => 100 * value + 3) };
    for (const scaling of ["standard", "unit"] as const)
      expect(scaleInputs({ train, held: other }, scaling).train.inputs).toEqual(scaled(scaling).train.inputs);
  });
});
