import { createRuntime, InvalidOptionError, type RecurrentNetwork, type Runtime } from "heavyball";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sameBits } from "../support/networks.js";
import { makeRecurrentPair, randomSequences, shape } from "../support/sequences.js";

const SHAPE = shape(2, 5, 3);
const CASES = 3;
const STEPS = 4;
/** Step 2 is scored for cases 0 and 2 only. */
const UNSCORED = (2 * CASES + 1) * 3;

let runtime: Runtime;
let network: RecurrentNetwork;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
  ({ network } = makeRecurrentPair(runtime, SHAPE));
});
afterAll(() => runtime.dispose());

function batchWith(target: number, at: number) {
  const batch = randomSequences(SHAPE, CASES, STEPS);
  const mask = new Float32Array(CASES * STEPS).fill(1);
  mask[2 * CASES + 1] = 0;
  const targets = batch.targets.slice();
  targets[at] = target;
  return { ...batch, targets, mask };
}

it("a mask of 0 shields a case from its target at a step that other cases score", () => {
  const plain = network.gradient(batchWith(0, UNSCORED));
  for (const anything of [NaN, Infinity, 3e38]) {
    const shielded = network.gradient(batchWith(anything, UNSCORED));
    expect(shielded.loss).toBe(plain.loss);
    expect(sameBits(shielded.gradient, plain.gradient)).toBe(true);
    expect(network.evaluate(batchWith(anything, UNSCORED))).toEqual(network.evaluate(batchWith(0, UNSCORED)));
  }
});

it("the error for a target that is not finite names a scored one", () => {
  const batch = batchWith(NaN, UNSCORED);
  batch.targets[UNSCORED + 5] = Infinity;
  expect(() => network.gradient(batch)).toThrow(InvalidOptionError);
  expect(() => network.gradient(batch)).toThrow(`batch.targets[${UNSCORED + 5}] is Infinity`);
});
