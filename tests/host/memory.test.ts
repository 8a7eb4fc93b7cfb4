import * as fc from "fast-check";
import {
  autoencoder,
  createRuntime,
  feedForward,
  hessianFree,
  nesterov,
  OutOfMemoryError,
  type Runtime,
  recurrent,
  sparse,
} from "heavyball";
import { afterEach, describe, expect, it } from "vitest";
import { Arena, KernelMemory } from "#internal/runtime/memory";
import { PublicCurvature } from "../support/curvature.js";
import { makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";
import { makeRecurrentPair, randomSequences, shape } from "../support/sequences.js";

const GIB = 2 ** 30;

describe.each([
  ["private", false],
  ["shared", true],
] as const)("a %s memory", (_kind, shared) => {
  it("gives out zeroed ranges, aligned to 64 bytes, none overlapping another, whatever is freed in between", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.record({ allocate: fc.integer({ min: 0, max: 300_000 }) }), fc.record({ release: fc.nat() })), {
          maxLength: 60,
        }),
        (actions) => {
          const memory = new KernelMemory(shared);
          const held: { start: number; bytes: number }[] = [];
          for (const action of actions) {
            if ("release" in action) {
              const range = held.splice(action.release % Math.max(1, held.length), 1)[0];
              if (range) memory.release(range.start, range.bytes);
              continue;
            }
            const bytes = action.allocate;
            const start = memory.allocate(bytes, "test");
            expect(start % 64).toBe(0);
            expect(start).toBeGreaterThan(0);
            const words = memory.i32.subarray(start / 4, Math.ceil((start + bytes) / 4));
            expect(words.every((word) => word === 0)).toBe(true);
            words.fill(-1);
            for (const other of held) expect(start + bytes <= other.start || other.start + other.bytes <= start).toBe(true);
            held.push({ start, bytes });
          }
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it("keeps its views valid and its contents when it grows", () => {
    const memory = new KernelMemory(shared);
    const start = memory.allocate(8, "test");
    memory.f64[start / 8] = Math.PI;
    const before = memory.f64.length;
    memory.allocate(64 * 2 ** 20, "test");
    expect(memory.f64.length).toBeGreaterThan(before);
    expect(memory.f64[start / 8]).toBe(Math.PI);
    expect(memory.i32.buffer).toBe(memory.memory.buffer);
  });

  it("gives back to anyone what was freed, to something larger too", () => {
    const memory = new KernelMemory(shared);
    const sizes = [10 * 2 ** 20, 20 * 2 ** 20, 40 * 2 ** 20, 80 * 2 ** 20];
    for (const size of sizes) {
      const start = memory.allocate(size, "test");
      memory.i32.fill(7, start / 4, (start + size) / 4);
      memory.release(start, size);
    }
    expect(memory.memory.buffer.byteLength).toBeLessThan(81.1 * 2 ** 20);
    const start = memory.allocate(80 * 2 ** 20, "test");
    expect(memory.i32.subarray(start / 4, start / 4 + 20 * 2 ** 20).every((word) => word === 0)).toBe(true);
  });

  it("refuses what 32 bits cannot address, and is as it was afterward", () => {
    const memory = new KernelMemory(shared);
    const first = memory.allocate(100, "test");
    for (const bytes of [4 * GIB, 4 * GIB - 64, 1e15, Infinity]) {
      expect(() => memory.allocate(bytes, "the moon")).toThrow(OutOfMemoryError);
    }
    expect(memory.allocate(100, "test")).toBe(first + 128);
  });
});

describe("an arena", () => {
  it("frees all it gave out, once", () => {
    const memory = new KernelMemory(false);
    const arena = new Arena(memory);
    const first = arena.allocate(1000, "test");
    arena.allocate(1000, "test");
    arena.release();
    arena.release();
    expect(memory.allocate(2048, "test")).toBe(first);
    expect(memory.allocate(64, "test")).toBeGreaterThanOrEqual(first + 2048);
  });
});

describe("a runtime's memory", () => {
  let runtime: Runtime;
  afterEach(() => runtime.dispose());

  it("serves the next network once one is disposed of, and the next has nothing of it left", async () => {
    runtime = await createRuntime({ threads: 1 });
    const batch = randomBatch(ODD_AUTOENCODER, 300);
    const use = () => {
      const { network } = makePair(runtime, ODD_AUTOENCODER, 5);
      const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
      for (let t = 0; t < 3; t++) optimizer.step(batch);
      network.gradient(batch);
      const parameters = network.getParameters();
      optimizer.dispose();
      network.dispose();
      return parameters;
    };
    const first = use();
    const bytes = runtime.memory.memory.buffer.byteLength;
    for (let i = 0; i < 20; i++) expect(sameBits(use(), first)).toBe(true);
    expect(runtime.memory.memory.buffer.byteLength).toBe(bytes);
    const network = runtime.network(ODD_AUTOENCODER);
    expect(network.getParameters().every((value) => value === 0)).toBe(true);
  });

  it("is used above 2 GiB as it is below", async () => {
    const train = () => {
      const { network } = makePair(runtime, ODD_AUTOENCODER, 5);
      const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
      const losses = [1, 300, 700].map((cases) => optimizer.step(randomBatch(ODD_AUTOENCODER, cases)).loss);
      const { loss, squaredError } = network.evaluate(randomBatch(ODD_AUTOENCODER, 40));
      const { gradient } = network.gradient(randomBatch(ODD_AUTOENCODER, 9));
      const parameters = network.getParameters();
      optimizer.dispose();
      network.dispose();
      return { numbers: [...losses, loss, squaredError], gradient, parameters };
    };
    runtime = await createRuntime({ threads: 1 });
    const low = train();
    await runtime.dispose();

    // Addresses from here on are negative as 32-bit integers. Nothing touches these pages, so they cost nothing.
    runtime = await createRuntime({ threads: 1 });
    runtime.memory.allocate(2.2 * GIB, "what lies below");
    // The second time everything comes from ranges that were freed.
    for (const high of [train(), train()]) {
      expect(high.numbers).toEqual(low.numbers);
      expect(sameBits(high.gradient, low.gradient)).toBe(true);
      expect(sameBits(high.parameters, low.parameters)).toBe(true);
    }
  });

  it("refuses networks, optimizers and batches that do not fit, and goes on working", async () => {
    runtime = await createRuntime({ threads: 1 });
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const batch = randomBatch(ODD_AUTOENCODER, 10);
    optimizer.step(batch);
    const parameters = network.getParameters();

    const tooLarge = feedForward({ sizes: [40_000, 40_000] });
    expect(() => runtime.network(tooLarge)).toThrow(OutOfMemoryError);
    const error = (() => {
      try {
        runtime.network(tooLarge);
      } catch (thrown) {
        return thrown as OutOfMemoryError;
      }
      return undefined;
    })();
    expect(error!.bytesNeeded).toBeGreaterThan(6.4e9);
    expect(error!.bytesAvailable).toBeGreaterThan(0);
    expect(error!.bytesAvailable).toBeLessThan(4 * GIB);
    expect(error!.message).toMatch(/parameters needs \d+ bytes and \d+ are available; use smaller layers/);

    // What is left is too little for the batch's rows, or for a velocity.
    const hog = new Arena(runtime.memory);
    hog.allocate(4 * GIB - runtime.memory.memory.buffer.byteLength, "what is left");
    const wide = { inputs: new Float32Array(13 * 20_000).fill(0.5), cases: 20_000 };
    expect(() => optimizer.step(wide)).toThrow(OutOfMemoryError);
    expect(() => network.evaluate(wide)).toThrow(OutOfMemoryError);
    expect(() => runtime.network(feedForward({ sizes: [1000, 1000] }))).toThrow(OutOfMemoryError);
    expect(optimizer.updates).toBe(1);
    expect(sameBits(network.getParameters(), parameters)).toBe(true);
    hog.release();

    const { network: twin } = makePair(runtime, ODD_AUTOENCODER);
    const other = runtime.optimizer(twin, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    for (let t = 0; t < 3; t++) other.step(batch);
    for (let t = 1; t < 3; t++) optimizer.step(batch);
    expect(sameBits(network.getParameters(), twin.getParameters())).toBe(true);
  });
});

describe("an estimate of the memory a network will take", () => {
  it.each([
    ["a small network and small batches", ODD_AUTOENCODER, 20, 1],
    ["several blocks of cases", ODD_AUTOENCODER, 700, 1],
    ["several chunks of cases", feedForward({ sizes: [3, 9001, 2] }), 600, 1],
    ["the paper's CURVES autoencoder", autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }), 200, 2],
  ] as const)("comes near the truth: %s", async (_name, description, cases, optimizers) => {
    const runtime = await createRuntime({ threads: 1 });
    const estimate = runtime.estimateMemory(description, { cases, optimizers });
    const before = runtime.memory.allocate(64, "test");
    const network = runtime.network(description);
    // The largest batch first, so that its buffers are the only ones.
    const batch = randomBatch(description, cases);
    const made = Array.from({ length: optimizers }, () => runtime.optimizer(network, nesterov({ learningRate: 1e-3, momentum: 0.9 })));
    for (const optimizer of made) optimizer.step(batch);
    const taken = runtime.memory.allocate(64 * 2 ** 20, "something too large for any hole") - before;
    expect(estimate.parameters).toBe(network.parameterCount);
    expect(estimate.totalBytes).toBe(estimate.networkBytes + estimate.optimizerBytes + estimate.batchBytes);
    expect(estimate.curvatureBytes).toBe(0);
    expect(taken / estimate.totalBytes).toBeGreaterThan(0.9);
    expect(taken / estimate.totalBytes).toBeLessThan(1.1);
    await runtime.dispose();
  });

  it.each([
    ["a small network", ODD_AUTOENCODER, 700],
    ["several chunks of cases", feedForward({ sizes: [3, 9001, 2] }), 600],
  ] as const)("counts what Hessian-free keeps: %s", async (_name, description, cases) => {
    const runtime = await createRuntime({ threads: 1 });
    const estimate = runtime.estimateMemory(description, { cases, optimizers: 0, curvatureCases: cases });
    const before = runtime.memory.allocate(64, "test");
    const network = runtime.network(description);
    network.initialize(sparse({ seed: 1 }));
    runtime.optimizer(network, hessianFree({})).step(randomBatch(description, cases));
    const taken = runtime.memory.allocate(64 * 2 ** 20, "something too large for any hole") - before;
    expect(estimate.totalBytes).toBe(estimate.networkBytes + estimate.optimizerBytes + estimate.batchBytes + estimate.curvatureBytes);
    expect(taken / estimate.totalBytes).toBeGreaterThan(0.9);
    expect(taken / estimate.totalBytes).toBeLessThan(1.1);
    await runtime.dispose();
  });

  it("counts what curvature through time keeps", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const description = shape(2, 100, 1);
    const [cases, steps] = [600, 30];
    const { curvatureBytes } = runtime.estimateMemory(description, { cases: 1, steps, curvatureCases: cases });
    const { network } = makeRecurrentPair(runtime, description);
    const staged = new PublicCurvature(network);
    const before = runtime.memory.allocate(64, "test");
    staged.linearize(randomSequences(description, cases, steps));
    const taken = runtime.memory.allocate(64 * 2 ** 20, "something too large for any hole") - before;
    expect(staged.curvature.chunks).toBeGreaterThan(1);
    expect(taken / curvatureBytes).toBeGreaterThan(0.9);
    expect(taken / curvatureBytes).toBeLessThan(1.1);
    await runtime.dispose();
  });

  it("is made before anything is, and for what could never be", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const bytes = runtime.memory.memory.buffer.byteLength;
    expect(runtime.estimateMemory(feedForward({ sizes: [40_000, 40_000] }), { cases: 1 }).networkBytes).toBeGreaterThan(12.8e9);
    expect(runtime.memory.memory.buffer.byteLength).toBe(bytes);
    for (const [use, option] of [
      [{}, "use.cases"],
      [{ cases: 0 }, "use.cases"],
      [{ cases: 1, optimizers: -1 }, "use.optimizers"],
      [{ cases: 1, curvatureCases: 0.5 }, "use.curvatureCases"],
      [{ cases: 1, optimizer: 1 }, "use.optimizer"],
      [null, "use"],
    ] as const) {
      expect(() => runtime.estimateMemory(ODD_AUTOENCODER, use as unknown as { cases: number })).toThrow(new RegExp(`^${option} is `));
    }
    await runtime.dispose();
  });
});

describe("an update", () => {
  /** Counts the typed arrays and buffers made while `run` runs. */
  function countArrays(run: () => void): number {
    const names = ["Float32Array", "Float64Array", "Int32Array", "Uint32Array", "Uint8Array", "DataView", "ArrayBuffer"] as const;
    const scope = globalThis as unknown as Record<string, new (...given: never[]) => object>;
    const originals = names.map((name) => scope[name]);
    const prototype = Object.getPrototypeOf(Float32Array.prototype) as Record<string, unknown>;
    const { subarray, slice, map } = prototype;
    let count = 0;
    const counted = (method: unknown) =>
      function (this: unknown, ...given: unknown[]) {
        count++;
        return (method as (...given: unknown[]) => unknown).apply(this, given);
      };
    try {
      names.forEach((name, i) => {
        scope[name] = new Proxy(originals[i], {
          construct: (target, given, made) => (count++, Reflect.construct(target, given, made) as object),
        });
      });
      Object.assign(prototype, { subarray: counted(subarray), slice: counted(slice), map: counted(map) });
      run();
    } finally {
      names.forEach((name, i) => (scope[name] = originals[i]));
      Object.assign(prototype, { subarray, slice, map });
    }
    return count;
  }

  it("creates no typed array", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const network = runtime.network(ODD_AUTOENCODER);
    network.initialize(sparse({ seed: 1 }));
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const batch = randomBatch(ODD_AUTOENCODER, 20);
    optimizer.step(batch);
    expect(countArrays(() => network.getParameters())).toBeGreaterThan(0);
    expect(
      countArrays(() => {
        for (let t = 0; t < 100; t++) optimizer.step(batch);
      }),
    ).toBe(0);
    await runtime.dispose();
  });
});

describe("what cannot be had is refused before any of it is taken", () => {
  const GRADIENT = { inputs: 1, hidden: 2000, outputs: 1 };

  it.each<[string, (runtime: Runtime) => unknown]>([
    ["a recurrent network", (runtime) => runtime.network(recurrent({ inputs: 1, hidden: 25_000, outputs: 1 }))],
    ["a feed-forward network", (runtime) => runtime.network(feedForward({ sizes: [30_000, 30_000, 4] }))],
    ["a network whose parameters alone would fit", (runtime) => runtime.network(feedForward({ sizes: [2, 22_000, 22_000] }))],
  ])("%s", async (_name, make) => {
    const runtime = await createRuntime({ threads: 1 });
    const before = runtime.memory.memory.buffer.byteLength;
    for (let again = 0; again < 2; again++) {
      expect(() => make(runtime)).toThrow(OutOfMemoryError);
      expect(runtime.memory.memory.buffer.byteLength).toBe(before);
    }
    expect(runtime.network(feedForward({ sizes: [2, 2] })).parameterCount).toBe(6);
    await runtime.dispose();
  });

  it("a batch, the vectors and the workspaces of Hessian-free", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const network = runtime.network(recurrent(GRADIENT));
    const steps = 200_000;
    const batch = { inputs: new Float32Array(steps), targets: new Float32Array(steps), cases: 1, steps };
    const before = runtime.memory.memory.buffer.byteLength;
    const uses: (() => unknown)[] = [
      () => network.gradient(batch),
      () => network.gaussNewtonProduct(network.getParameters(), batch),
      () => new PublicCurvature(network).linearize(batch),
    ];
    for (const use of uses) expect(use).toThrow(OutOfMemoryError);
    // The vectors of products and the descriptions of batches are small beside what was asked for.
    expect(runtime.memory.memory.buffer.byteLength - before).toBeLessThan(10 * network.blockBytes);
    const wide = runtime.network(feedForward({ sizes: [2, 10_500, 10_500, 1] }));
    const grown = runtime.memory.memory.buffer.byteLength;
    expect(() => runtime.optimizer(wide, hessianFree())).toThrow(OutOfMemoryError);
    expect(runtime.memory.memory.buffer.byteLength).toBe(grown);
    await runtime.dispose();
  });

  it("room for parts is there for all of them or for none", () => {
    const memory = new KernelMemory(false);
    memory.ensure(1000, "test");
    const before = memory.memory.buffer.byteLength;
    expect(() => memory.ensure(5 * GIB, "test")).toThrow(OutOfMemoryError);
    expect(memory.memory.buffer.byteLength).toBe(before);
    memory.ensure(100 * 2 ** 20, "test");
    const grown = memory.memory.buffer.byteLength;
    expect(grown).toBeGreaterThan(100 * 2 ** 20);
    const parts = Array.from({ length: 10 }, () => memory.allocate(10 * 2 ** 20, "test"));
    expect(memory.memory.buffer.byteLength).toBe(grown);
    // What was freed counts: nothing grows for what a hole holds.
    for (const part of parts) memory.release(part, 10 * 2 ** 20);
    memory.ensure(100 * 2 ** 20, "test");
    expect(memory.memory.buffer.byteLength).toBe(grown);
  });
});
