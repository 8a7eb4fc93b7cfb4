import {
  addition,
  type Batch,
  createRuntime,
  echoState,
  memory5,
  memory20,
  multiplication,
  nesterov,
  recurrent,
  type SequenceTask,
  schedules,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { echoStateValues } from "#internal/initialize/echoStateValues";
import { sha256 } from "../support/teamJobs.js";

/**
 * Digests of what must be the same on every engine and machine; these tests run in Node and in Chromium. Whoever changes one on purpose
 * raises the numerics version.
 */
const EXPECTED = {
  addition: "7e8d5e3fd9dec1dba43b3dc07931c01a4d0fd1c034d4c41dcc3afa3f7d7253f5",
  multiplication: "11561478da099446fb82a67b6185bb4009a76fb95a8353d5fa699b164f98cd27",
  memory5: "7b89afcfa8697cdc498e353e150664c18658486638ac52d096abaffb0a9bf603",
  memory20: "b7725eddbf6ba3f0cf9286b63063df4726555ecceda44543bb9d51c1f754a1ec",
  learned: "89f6bc06f6d8570c14215725ccbc945e062df8b113713c68b7ad1ce9a06a84fd",
  start: "d9742df7048d7c7a2c1959ac63c0aea4ab1d16911576e5cda979f88476fa2bdb",
  training: "ba93aa7aa5d0d998b03a348fa86d619c24f04dfd5c65a55bd1190d5a8bcd53de",
};

async function digestOf(task: SequenceTask): Promise<string> {
  const arrays = ({ inputs, targets, mask }: Batch) => [inputs, targets!, mask!];
  return sha256(
    ...arrays(task.batch(1, 3, 20)),
    ...arrays(task.testBatch(7, 9)),
    Float64Array.from(task.outputBiases),
    Float64Array.of(task.biasesOnly.loss, task.biasesOnly.zeroOne),
  );
}

describe("the bits of recurrent networks are the same everywhere", () => {
  it.each([
    ["addition", addition()],
    ["multiplication", multiplication()],
    ["memory5", memory5()],
    ["memory20", memory20({ scored: "all" })],
    ["learned", addition({ length: 30, target: "sum", flags: false, centered: false, initialHidden: "learned" })],
  ] as const)("sequences and biases of %s", async (name, task) => {
    expect(await digestOf(task)).toBe(EXPECTED[name]);
  });

  it("the echo-state starting point", async () => {
    expect(
      await sha256(echoStateValues(echoState({ inputScale: 0.001, outputBiases: [0.5] }), { inputs: 2, hidden: 100, outputs: 1 }, 1)),
    ).toBe(EXPECTED.start);
  });

  it("30 Nesterov updates on the simd kernels, and the outputs after them", async () => {
    const task = memory5({ length: 40 });
    const runtime = await createRuntime({ kernels: "simd" });
    const network = runtime.network(
      recurrent({ inputs: task.inputs, hidden: 100, outputs: task.outputs, output: task.output, loss: task.loss }),
    );
    network.initialize(echoState({ inputScale: task.inputScale, outputBiases: task.outputBiases, seed: 1 }));
    const optimizer = runtime.optimizer(
      network,
      nesterov({ learningRate: 1e-3, momentum: schedules.piecewise({ values: [0.9, 0.995], at: [10] }) }),
    );
    const losses = Float64Array.from({ length: 30 }, (_, update) => optimizer.step(task.batch(1, update, 100)).loss);
    const bits = await sha256(network.getParameters(), optimizer.getVelocity(), losses, network.predict(task.testBatch(1, 50)));
    await runtime.dispose();
    expect(losses[29]).toBeLessThan(losses[0]);
    expect(bits).toBe(EXPECTED.training);
  });
});
