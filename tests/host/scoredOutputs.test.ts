import { addition, type Batch, createRuntime, feedForward, memory5, memory20, multiplication, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareSequences } from "#internal/tasks/sequences/preparedSequences";
import { makePair, randomBatch, sameBits } from "../support/networks.js";
import { MASKS, makeRecurrentPair, OUTPUTS, randomSequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

/** `outputs`, with 0 where the mask is. */
function whereScored(outputs: Float32Array, { mask }: Batch): Float32Array {
  if (mask === undefined) return outputs;
  const width = outputs.length / mask.length;
  return outputs.map((value, i) => (mask[Math.floor(i / width)] === 0 ? 0 : value));
}

describe.each(variants)("evaluation and outputs from one pass, on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  it.each(Object.keys(MASKS).flatMap((mask) => OUTPUTS.map((output) => [output, mask] as const)))(
    "are those of evaluate and predict: a recurrent network, %s, %s",
    (output, mask) => {
      const description = shape(3, 9, 4, output);
      const { network } = makeRecurrentPair(runtime, description);
      for (const cases of [1, 7, 130]) {
        const batch = randomSequences(description, cases, 6, MASKS[mask]);
        const { evaluation, outputs } = network.evaluateWithOutputs(batch);
        expect(evaluation).toEqual(network.evaluate(batch));
        expect(sameBits(outputs, whereScored(network.predict(batch), batch))).toBe(true);
      }
      network.dispose();
    },
  );

  it("are so for sequences of many parts", () => {
    const wide = shape(2, 220, 3, "softmax");
    const { network } = makeRecurrentPair(runtime, wide, 1, 0.1);
    const batch = randomSequences(wide, 700, 90, MASKS["steps in the middle left out"]);
    const { evaluation, outputs } = network.evaluateWithOutputs(batch);
    expect(evaluation).toEqual(network.evaluate(batch));
    expect(sameBits(outputs, whereScored(network.predict(batch), batch))).toBe(true);
    network.dispose();
  });

  it.each([1, 701])("are so for a feed-forward network and %i cases", (cases) => {
    const wide = feedForward({ sizes: [3, 9001, 4], activations: ["tanh", "softmax"] });
    const { network } = makePair(runtime, wide);
    const batch = randomBatch(wide, cases);
    const { evaluation, outputs } = network.evaluateWithOutputs(batch);
    expect(evaluation).toEqual(network.evaluate(batch));
    expect(sameBits(outputs, network.predict(batch))).toBe(true);
    network.dispose();
  });

  it.each([
    ["addition", addition({ length: 30 })],
    ["multiplication", multiplication({ length: 30, initialHidden: "learned" })],
    ["memory5", memory5({ length: 20 })],
    ["memory20", memory20({ length: 30, scored: "all", initialHidden: "learned" })],
  ] as const)("give %s the errors that predictions give it", (_name, task) => {
    const description = shape(task.inputs, 20, task.outputs, task.output);
    const { network } = makeRecurrentPair(runtime, description);
    const measured = prepareSequences(description, task, 300, 5).measure(network);
    const batch = task.testBatch(5, 300);
    expect(measured.zeroOne).toBe(task.zeroOne(network.predict(batch), batch));
    expect(measured.heldOutLoss).toBe(network.evaluate(batch).loss);
    expect(measured.zeroOne).toBeGreaterThan(0.5);
    network.dispose();
  });
});
