import { autoencoder, type Batch, createRuntime, feedForward, nesterov, type Runtime, recurrent, UnsupportedError } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chunkCases } from "#internal/networks/feedForward/feedForwardWorkspace";
import { ZeroOne } from "#internal/networks/zeroOne";
import { layers, makePair, randomBatch, sameBits } from "../support/networks.js";
import { MASKS, makeRecurrentPair, randomSequences, shape } from "../support/sequences.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

/** The largest place of a row, the first of equals: as plain as can be. */
function argmax(row: ArrayLike<number>): number {
  return Array.from(row).indexOf(Math.max(...Array.from(row)));
}

/** The zero-one error of outputs, row by row. */
function slowZeroOne(outputs: Float32Array, { targets, mask }: Batch, units: number): number {
  const rows = outputs.length / units;
  let wrong = 0;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = mask?.[row] ?? 1;
    const [p, t] = [outputs, targets!].map((values) => values.slice(row * units, (row + 1) * units));
    const isWrong = units === 1 ? p[0] >= 0.5 !== t[0] >= 0.5 : argmax(p) !== argmax(t);
    total += weight;
    if (isWrong) wrong += weight;
  }
  return wrong / total;
}

/** Wide enough that some hundred cases fill a chunk, and several parts. */
const WIDE = feedForward({ sizes: [3, 9001, 4], activations: ["tanh", "softmax"] });

describe.each(variants)("the zero-one error on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  it.each([1, 7, 300, 701])("counts the cases that a softmax gets wrong, of %i", (cases) => {
    const description = layers([5, 9, 4], "tanh", "softmax");
    const { network } = makePair(runtime, description);
    const batch = randomBatch(description, cases, cases);
    const { zeroOne } = network.evaluate(batch);
    expect(zeroOne).toBe(slowZeroOne(network.predict(batch), batch, 4));
    if (cases > 100) expect(zeroOne! > 0.2 && zeroOne! < 1).toBe(true);
    network.dispose();
  });

  it("is that of the f64 twin", () => {
    const description = layers([5, 9, 4], "tanh", "softmax");
    const { network, twin } = makePair(runtime, description);
    const batch = randomBatch(description, 300);
    const outputs = twin.forward(Float64Array.from(network.getParameters()), batch.inputs, 300).at(-1)!;
    expect(network.evaluate(batch).zeroOne).toBe(slowZeroOne(Float32Array.from(outputs), batch, 4));
    network.dispose();
  });

  it("counts the cases that one logistic unit gets wrong", () => {
    const description = layers([5, 9, 1], "tanh", "logistic");
    const { network } = makePair(runtime, description);
    const batch = randomBatch(description, 300);
    const { zeroOne } = network.evaluate(batch);
    expect(zeroOne).toBe(slowZeroOne(network.predict(batch), batch, 1));
    expect(zeroOne! > 0.1 && zeroOne! < 0.9).toBe(true);
    network.dispose();
  });

  it("asks of a logistic unit at least 0.5 where the target is at least 0.5", () => {
    const network = runtime.network(feedForward({ sizes: [1, 1], activations: ["logistic"] }));
    const judge = (input: number, target: number): number | undefined =>
      network.evaluate({ inputs: Float32Array.of(input), targets: Float32Array.of(target), cases: 1 }).zeroOne;
    network.setParameters(Float32Array.of(1, 0));
    expect(network.predict({ inputs: Float32Array.of(0), cases: 1 })).toEqual(Float32Array.of(0.5));
    expect([judge(0, 0.5), judge(0, 1), judge(0, 0.49), judge(0, 0)]).toEqual([0, 0, 1, 1]);
    expect([judge(-1, 0.5), judge(-1, 0.49), judge(1, 0.5), judge(1, 0)]).toEqual([1, 0, 0, 1]);
    network.dispose();
  });

  it("takes the first of equal outputs, and of equal targets", () => {
    const network = runtime.network(feedForward({ sizes: [1, 3], activations: ["softmax"] }));
    const judge = (...targets: number[]): number | undefined =>
      network.evaluate({ inputs: Float32Array.of(1), targets: Float32Array.from(targets), cases: 1 }).zeroOne;
    expect([judge(1, 0, 0), judge(0, 1, 0), judge(0, 0, 1)]).toEqual([0, 1, 1]);
    expect([judge(0.5, 0.5, 0), judge(0, 0.5, 0.5), judge(0, 0, 0)]).toEqual([0, 1, 0]);
    network.setParameters(Float32Array.of(0, 0, 0, 0, 2, 2));
    expect([judge(0, 1, 0), judge(0, 0, 1), judge(0, 0.5, 0.5)]).toEqual([0, 1, 0]);
    network.dispose();
  });

  it.each([
    ["linear outputs", layers([3, 4, 2], "tanh", "linear")],
    ["several logistic units", layers([3, 4, 2], "tanh", "logistic")],
    ["an autoencoder", autoencoder({ encoder: [4, 2] })],
  ])("is not there for %s", (_name, description) => {
    const { network } = makePair(runtime, description);
    expect(Object.keys(network.evaluate(randomBatch(description, 3)))).toEqual(["loss", "squaredError"]);
    network.dispose();
  });

  it.each(Object.entries(MASKS))("weighs time steps as the loss does: %s", (_name, mask) => {
    for (const [outputs, output] of [
      [3, "softmax"],
      [1, "logistic"],
    ] as const) {
      const { network } = makeRecurrentPair(runtime, shape(2, 7, outputs, output));
      const batch = randomSequences(network.description, 41, 9, mask);
      const wanted = slowZeroOne(network.predict(batch), batch, outputs);
      // Sums of weights in another order.
      expect(Math.abs(network.evaluate(batch).zeroOne! - wanted)).toBeLessThan(1e-14);
      network.dispose();
    }
  });

  it("looks at no step of weight 0, whatever stands there", () => {
    const { network } = makeRecurrentPair(runtime, shape(1, 3, 2, "softmax"));
    const targets = network.predict({ inputs: Float32Array.of(1, 2), cases: 1, steps: 2 });
    targets.set([NaN, NaN]);
    const batch = { inputs: Float32Array.of(1, 2), targets, mask: Float32Array.of(0, 0.25), cases: 1, steps: 2 };
    expect(network.evaluate(batch).zeroOne).toBe(0);
    network.dispose();
  });

  it("is the same over several chunks and parts", () => {
    const { network } = makePair(runtime, WIDE);
    const cases = 2 * chunkCases(WIDE, runtime.layout) + 188;
    const batch = randomBatch(WIDE, cases);
    expect(network.evaluate(batch).zeroOne).toBe(slowZeroOne(network.predict(batch), batch, 4));
    // In the order of the gradient's sums.
    expect(network.evaluate(batch).loss).toBe(network.gradient(batch).loss);
    network.dispose();
  });

  it("has the same bits for any team, as the rest has", async () => {
    const wide = recurrent({ inputs: 2, hidden: 300, outputs: 3, output: "softmax" });
    const jobs = [
      [layers([5, 90, 4], "relu", "softmax"), randomBatch(layers([5, 90, 4], "relu", "softmax"), 1000)],
      [wide, randomSequences(wide, 300, 30, MASKS["fractional weights"])],
    ] as const;
    for (const [description, batch] of jobs) {
      const evaluations = [];
      for (const threads of [1, 2, 3]) {
        const team = await createRuntime({ threads: teamOf(threads), kernels });
        const network = team.network(description as never);
        network.setParameters(Float32Array.from({ length: network.parameterCount }, (_, i) => ((i * 7919) % 1009) / 5000 - 0.1));
        evaluations.push(network.evaluate(batch));
        await team.dispose();
      }
      expect(evaluations[1]).toEqual(evaluations[0]);
      expect(evaluations[2]).toEqual(evaluations[0]);
    }
  });

  describe("in slices", () => {
    /** Several parts of some milliseconds each, in one chunk and across chunks. */
    const DEEP = feedForward({ sizes: [700, 1000, 1000, 3], activations: ["relu", "relu", "softmax"] });
    const makeDeep = () => {
      const network = runtime.network(DEEP);
      network.setParameters(Float32Array.from({ length: network.parameterCount }, (_, i) => ((i * 7919) % 1009) / 16000 - 0.03));
      return { network, batch: randomBatch(DEEP, 1500) };
    };
    const sequences = () => {
      const { network } = makeRecurrentPair(runtime, shape(3, 400, 2, "softmax"), 1, 0.5);
      return { network, batch: randomSequences(network.description, 250, 20, MASKS["cases of unequal lengths"]) };
    };

    it.each([
      ["feed-forward", makeDeep],
      ["recurrent", sequences],
    ] as const)("gives the same bits, whatever happens in between: %s", (_name, make) => {
      const { network, batch } = make();
      const wanted = network.evaluate(batch);
      const outputs = network.predict(batch);
      const other = { ...batch, inputs: batch.inputs.map((value) => 1 - value) };
      const disturb = [
        () => network.evaluate(other),
        () => network.predict(other),
        () => network.gradient(other),
        () => network.activations(other, 1),
      ];
      const finish = <T>(work: Generator<{ readonly step: number; readonly of: number }, T, void>): T => {
        const seen: number[] = [];
        for (;;) {
          const next = work.next();
          if (next.done) {
            expect(seen.length).toBeGreaterThan(2);
            return next.value;
          }
          seen.push(next.value.step);
          expect(next.value.step).toBeLessThan(next.value.of);
          disturb[seen.length % disturb.length]();
        }
      };
      expect(finish(network.evaluateInSlices(batch))).toEqual(wanted);
      expect(sameBits(finish(network.predictInSlices(batch)), outputs)).toBe(true);
      network.dispose();
    });

    it("does not go on where the parameters were changed, or the network is gone", () => {
      const { network, batch } = makeDeep();
      const work = network.evaluateInSlices(batch);
      expect(work.next().done).toBe(false);
      network.setParameters(network.getParameters());
      expect(() => work.next()).toThrow(UnsupportedError);
      const stepped = network.evaluateInSlices(batch);
      stepped.next();
      runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: 0.9 })).step(randomBatch(DEEP, 4));
      expect(() => stepped.next()).toThrow(/parameters were changed/);
      const gone = network.activationsInSlices(batch, 1);
      gone.next();
      network.dispose();
      expect(() => gone.next()).toThrow(/disposed/);
    });

    it("refuses what it cannot take when called, and names the batch as it was called", () => {
      const { network, batch } = makeDeep();
      expect(() => network.evaluateInSlices({ ...batch, cases: 1499 }, "held")).toThrow(/^held\.inputs\.length is/);
      const inputs = batch.inputs.slice();
      inputs[700_001] = NaN;
      expect(() => [...network.evaluateInSlices({ ...batch, inputs }, "held")]).toThrow(/^held\.inputs\[700001\] is NaN/);
      const targets = batch.targets.slice();
      targets[4] = 2;
      expect(() => [...network.evaluateInSlices({ ...batch, targets }, "held")]).toThrow(/^held\.targets\[4\] is 2/);
      network.dispose();
    });
  });
});

describe("what is counted", () => {
  it("is wrong where an output is NaN", () => {
    for (const [units, output] of [
      [3, "softmax"],
      [1, "logistic"],
    ] as const) {
      for (let at = 0; at < units; at++) {
        const mistakes = ZeroOne.of(shape(1, 1, units, output))!;
        const [row, target] = [Float32Array.of(0.8, 0.1, 0.1), Float32Array.of(1, 0, 0)];
        mistakes.add(row, 0, target, 0, 1);
        expect(mistakes.error).toBe(0);
        row[at] = NaN;
        mistakes.add(row, 0, target, 0, 1);
        expect(mistakes.error).toBe(0.5);
      }
    }
  });

  it("is 0 where nothing is scored", () => {
    expect(ZeroOne.of(shape(1, 1, 2, "softmax"))!.error).toBe(0);
  });
});
