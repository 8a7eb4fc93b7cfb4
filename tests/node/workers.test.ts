import { syncBuiltinESMExports } from "node:module";
import workerThreads, { Worker } from "node:worker_threads";
import { type Runtime, WorkerLostError, createRuntime, feedForward, nesterov } from "heavyball";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CONTROL } from "#internal/runtime/control";
import { ODD_AUTOENCODER, makePair, randomBatch, sameBits } from "../support/networks.js";

/** The helper threads started since the last test began: the product keeps them to itself. */
const helpers: Worker[] = [];

beforeAll(() => {
  workerThreads.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      helpers.push(this);
    }
  };
  syncBuiltinESMExports();
});
afterAll(() => {
  workerThreads.Worker = Worker;
  syncBuiltinESMExports();
});

/** More uses than any that can still be made beside a helper whose end is under way. */
const MANY = 1_000_000;

/** Shortens the team's patience from fifty tenths of a second without a sign of life to two. */
function loseSoon(runtime: Runtime): void {
  runtime.memory.i32[(runtime.use().control + CONTROL.patience) >>> 2] = 2;
}

describe("a helper thread that is terminated", () => {
  let runtime: Runtime;
  beforeEach(async () => {
    helpers.length = 0;
    runtime = await createRuntime({ threads: 3 });
    expect(helpers.length).toBe(2);
  });
  // What is left of the team must end promptly too.
  afterEach(() => runtime.dispose());

  const make = () => {
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    return { network, optimizer: runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 })), batch: randomBatch(ODD_AUTOENCODER, 60) };
  };

  it("while it waits for work surfaces at the next use, and at every one after it", async () => {
    const { network, optimizer, batch } = make();
    optimizer.step(batch);
    const parameters = network.getParameters();
    await helpers[1]!.terminate();
    // Its end is told to this thread by an event of its own, which comes with the one that was waited for or after it.
    await new Promise((resolve) => setImmediate(resolve));
    for (const use of [() => optimizer.step(batch), () => network.evaluate(batch), () => network.gradient(batch), () => network.predict(batch)]) {
      expect(use).toThrow(WorkerLostError);
      expect(use).toThrow(/a helper thread was lost: member 2 ended \(exit code 1\); dispose of this runtime and create another/);
    }
    // The parameters can still be saved.
    expect(sameBits(network.getParameters(), parameters)).toBe(true);
    expect(optimizer.getState().update).toBe(1);
  });

  it("before its end can be told to the caller surfaces in a bounded wait", () => {
    const { optimizer, batch } = make();
    optimizer.step(batch);
    // No event reaches this thread until it returns: only the bounded waits inside WebAssembly can notice.
    loseSoon(runtime);
    void helpers[0]!.terminate();
    expect(() => {
      for (let step = 0; step < MANY; step++) optimizer.step(batch);
    }).toThrow(WorkerLostError);
  });

  it("in the middle of a computation surfaces in a bounded wait", () => {
    const network = runtime.network(feedForward({ sizes: [600, 800, 600] }));
    network.setParameters(new Float32Array(network.parameterCount).fill(1e-3));
    const batch = { inputs: new Float32Array(600 * 6000).fill(0.5), targets: new Float32Array(600 * 6000), cases: 6000 };
    network.evaluate({ ...batch, inputs: batch.inputs.subarray(0, 600), targets: batch.targets.subarray(0, 600), cases: 1 });
    loseSoon(runtime);
    void helpers[1]!.terminate();
    expect(() => {
      for (let use = 0; use < MANY; use++) network.gradient(batch);
    }).toThrow(/a helper thread was lost: it stopped answering in the middle of a computation/);
  });
});

describe("a runtime that lost a helper", () => {
  it("can be replaced by another", async () => {
    helpers.length = 0;
    const lost = await createRuntime({ threads: 2 });
    await helpers[0]!.terminate();
    await lost.dispose();
    const runtime = await createRuntime({ threads: 2 });
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    expect(network.evaluate(randomBatch(ODD_AUTOENCODER, 60)).loss).toBeGreaterThan(0);
    await runtime.dispose();
  });
});

describe("dispose", () => {
  it("ends every helper before it resolves", async () => {
    helpers.length = 0;
    const runtime = await createRuntime({ threads: 4 });
    const ended = helpers.map((helper) => new Promise((resolve) => helper.once("exit", resolve)));
    await runtime.dispose();
    expect(await Promise.all(ended)).toEqual([0, 0, 0]);
  });

  it("works from within a use that failed", async () => {
    const runtime = await createRuntime({ threads: 2 });
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    expect(() => network.evaluate({ inputs: new Float32Array(13).fill(NaN), cases: 1 })).toThrow();
    await runtime.dispose();
  });
});

describe("helpers that cannot start", () => {
  it("are a typed error, and none is left behind", async () => {
    helpers.length = 0;
    const Patched = workerThreads.Worker;
    let started = 0;
    workerThreads.Worker = class extends Patched {
      constructor(file: string | URL, options?: ConstructorParameters<typeof Worker>[1]) {
        // The second helper runs a file that throws at once.
        if (++started === 2) super('throw new Error("no room")', { ...options, eval: true });
        else super(file, options);
      }
    };
    syncBuiltinESMExports();
    try {
      await expect(createRuntime({ threads: 3 })).rejects.toThrow(/a helper thread could not start: Error: no room; use threads: 1/);
      await Promise.all(helpers.map((helper) => (helper.threadId === -1 ? undefined : new Promise((resolve) => helper.once("exit", resolve)))));
    } finally {
      workerThreads.Worker = Patched;
      syncBuiltinESMExports();
    }
  });
});
