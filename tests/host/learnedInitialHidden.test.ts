import { type Batch, createRuntime, InvalidOptionError, recurrent, ShapeError } from "heavyball";
import { describe, expect, it } from "vitest";
import { createSequences, sequenceNames } from "../support/sequenceTasks.js";

/** The channels of case c at step t. */
function row({ inputs, cases, steps }: Required<Batch>, width: number, t: number, c: number): number[] {
  expect(inputs.length).toBe(steps * cases * width);
  return [...inputs.subarray((t * cases + c) * width, (t * cases + c + 1) * width)];
}

describe("a learned initial hidden state", () => {
  it.each(sequenceNames)("is one more channel and one more step of %s, and the same sequences after it", (name) => {
    const options = { name, length: 30, ...(name.startsWith("memory") ? { scored: "all" } : {}) };
    const zero = createSequences({ ...options, initialHidden: "zero" });
    const learned = createSequences({ ...options, initialHidden: "learned" });
    expect([learned.inputs, learned.outputs, learned.steps]).toEqual([zero.inputs + 1, zero.outputs, zero.steps + 1]);
    expect(learned.description).toEqual({ ...zero.description, initialHidden: "learned" });
    for (const [a, b] of [
      [zero.batch(3, 7, 4), learned.batch(3, 7, 4)],
      [zero.testBatch(3, 4), learned.testBatch(3, 4)],
      [zero.watchBatch(3, 4), learned.watchBatch(3, 4)],
    ] as [Required<Batch>, Required<Batch>][]) {
      expect([b.cases, b.steps]).toEqual([4, a.steps + 1]);
      for (let c = 0; c < 4; c++) {
        expect(row(b, learned.inputs, 0, c)).toEqual([...new Array(zero.inputs).fill(0), 1]);
        for (let t = 0; t < a.steps; t++) expect(row(b, learned.inputs, t + 1, c)).toEqual([...row(a, zero.inputs, t, c), 0]);
      }
      const width = a.cases * zero.outputs;
      expect([...b.targets.subarray(0, width), ...b.mask.subarray(0, a.cases)].every((value) => value === 0)).toBe(true);
      expect(b.targets.slice(width)).toEqual(a.targets);
      expect(b.mask.slice(a.cases)).toEqual(a.mask);
    }
  });

  it.each(sequenceNames)("leaves the zero-one error of %s as it is", (name) => {
    const zero = createSequences({ name, length: 30 });
    const learned = createSequences({ name, length: 30, initialHidden: "learned" });
    const [a, b] = [zero.testBatch(1, 50), learned.testBatch(1, 50)];
    const answers = new Float32Array(zero.steps * 50 * zero.outputs).map((_, at) => ((at * 7919) % 101) / 101);
    const later = new Float32Array(learned.steps * 50 * learned.outputs).fill(0.5);
    later.set(answers, 50 * zero.outputs);
    expect(zero.zeroOne(answers, a)).toBeGreaterThan(0);
    expect(learned.zeroOne(later, b)).toBe(zero.zeroOne(answers, a));
    const right = learned.zeroOne(b.targets!, b);
    expect(right).toBe(0);
    expect(() => learned.zeroOne(answers, b)).toThrow(ShapeError);
    expect(() => learned.zeroOne(later, a)).toThrow(InvalidOptionError);
  });

  it("is tanh(w_start + b) after the first step, whatever comes later", async () => {
    const task = createSequences({ name: "addition", length: 10, initialHidden: "learned" });
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const hidden = 5;
    const network = runtime.network(recurrent({ inputs: task.inputs, hidden, outputs: 1 }));
    const parameters = Float32Array.from({ length: network.parameterCount }, (_, at) => Math.fround(((at * 37) % 17) / 17 - 0.5));
    network.setParameters(parameters);
    const offset = (name: string): number => network.layout.find((tensor) => tensor.name === name)!.offset;
    const start = parameters.subarray(offset("inputToHidden") + 2 * hidden, offset("inputToHidden") + 3 * hidden);
    const biases = parameters.subarray(offset("hiddenBiases"), offset("hiddenBiases") + hidden);
    const states = network.activations(task.batch(1, 0, 3), 1);
    await runtime.dispose();
    for (let c = 0; c < 3; c++)
      for (let j = 0; j < hidden; j++) expect(states[c * hidden + j]).toBeCloseTo(Math.tanh(start[j] + biases[j]), 6);
  });

  it.each(sequenceNames)("is refused as anything but zero or learned: %s", (name) => {
    for (const initialHidden of ["random", true, 0])
      expect(() => createSequences({ name, initialHidden })).toThrow(`${name}.initialHidden`);
    expect(() => createSequences({ name, initialHidden: "learned" }).batch(1, 0, 2 ** 30)).toThrow(InvalidOptionError);
  });
});
