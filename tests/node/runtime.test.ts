import { createRuntime } from "heavyball";
import { describe, expect, it } from "vitest";
import { runModule } from "../support/childProcess.js";

/** Source of a child process: a runtime on `threads` threads that has made one update. */
const oneUpdate = (threads: number) => `
  import { autoencoder, createRuntime, nesterov, sparse } from "heavyball";
  async function make() {
    const runtime = await createRuntime({ threads: ${threads} });
    const network = runtime.network(autoencoder({ encoder: [12, 7, 3] }));
    network.initialize(sparse({ seed: 1 }));
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const batch = { inputs: new Float32Array(12 * 20).fill(0.5), cases: 20 };
    optimizer.step(batch);
    return { runtime, network, optimizer, batch };
  }
`;

describe("a process", () => {
  it.each([1, 2, 4])("ends by itself when a runtime of %i threads is forgotten", async (threads) => {
    const { code, output, errors } = await runModule(
      `${oneUpdate(threads)} const { runtime } = await make(); console.log(runtime.threads);`,
    );
    expect(errors).toBe("");
    expect(code).toBe(0);
    expect(output).toBe(String(threads));
  });

  it("waits for a runtime that it disposes of", async () => {
    const { code, output, errors } = await runModule(
      `${oneUpdate(3)} const { runtime } = await make(); await runtime.dispose(); console.log("gone");`,
    );
    expect(errors).toBe("");
    expect([code, output]).toEqual([0, "gone"]);
  });

  it("ends when it calls process.exit in the middle of things", async () => {
    const { code } = await runModule(
      `${oneUpdate(3)} const { optimizer, batch } = await make(); setTimeout(() => process.exit(3), 100); setInterval(() => ` +
        "optimizer.step(batch), 0);",
    );
    expect(code).toBe(3);
  });
});

describe("a runtime that nobody holds any more", () => {
  it("has its helper threads end", async () => {
    const { code, output, errors } = await runModule(
      `${oneUpdate(3)}
      import workerThreads from "node:worker_threads";
      import { syncBuiltinESMExports } from "node:module";
      let ended = 0;
      const { Worker } = workerThreads;
      workerThreads.Worker = class extends Worker { constructor(...given) { super(...given); this.once("exit", () => ended++); } };
      syncBuiltinESMExports();
      await make();
      for (let i = 0; i < 100 && ended < 2; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      console.log(ended);`,
      { flags: ["--expose-gc"] },
    );
    expect(errors).toBe("");
    expect([code, output]).toEqual([0, "2"]);
  });

  it("gives its memory back, and so does one that was disposed of and is still held", async () => {
    const { code, output, errors } = await runModule(
      `${oneUpdate(2)}
      const watch = ({ runtime }) => new WeakRef(runtime.memory.memory);
      const disposed = await make();
      const first = watch(disposed);
      const second = watch(await make());
      await disposed.runtime.dispose();
      // Looking at a WeakRef keeps what it holds until the job ends, so the collection comes first in each.
      for (let i = 0, held = true; i < 100 && held; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        gc();
        held = first.deref() !== undefined || second.deref() !== undefined;
      }
      console.log(first.deref() === undefined, second.deref() === undefined, disposed.runtime.threads, disposed.network.parameterCount);`,
      { flags: ["--expose-gc"] },
    );
    expect(errors).toBe("");
    expect([code, output]).toEqual([0, "true true 2 239"]);
  });
});

describe("making and ending runtimes", () => {
  /** 1,000 runtimes of one thread are made in tests/host/runtime.test.ts. */
  it("of two threads, 200 times over, leaves nothing behind", async () => {
    const { code, output, errors } = await runModule(
      `${oneUpdate(2)}
      const rounds = async (count) => {
        for (let i = 0; i < count; i++) await (await make()).runtime.dispose();
        gc();
        await new Promise((resolve) => setTimeout(resolve, 200));
        gc();
        const { rss, heapUsed } = process.memoryUsage();
        return { rss, heapUsed };
      };
      const before = await rounds(50);
      const after = await rounds(150);
      const left = process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Timeout/.test(name));
      console.log(JSON.stringify([after.heapUsed - before.heapUsed, after.rss - before.rss, left.length]));`,
      { flags: ["--expose-gc"], milliseconds: 170_000 },
    );
    expect(errors).toBe("");
    expect(code).toBe(0);
    const [heap, resident, resources] = JSON.parse(output) as [number, number, number];
    expect(heap).toBeLessThan(2 ** 20);
    // A leaked thread would hold some megabytes, a leaked memory one and a half.
    expect(resident).toBeLessThan(100 * 2 ** 20);
    expect(resources).toBe(0);
  });
});

describe("10,000 updates", () => {
  it("leave the heap as it was", async () => {
    const { code, output, errors } = await runModule(
      `${oneUpdate(1)}
      const { optimizer, batch } = await make();
      const used = () => { gc(); gc(); return process.memoryUsage(); };
      for (let i = 0; i < 10_000; i++) optimizer.step(batch);
      const before = used();
      for (let i = 0; i < 10_000; i++) optimizer.step(batch);
      const after = used();
      const outside = ({ external, arrayBuffers }) => external + arrayBuffers;
      console.log(JSON.stringify([after.heapUsed - before.heapUsed, outside(after) - outside(before), optimizer.updates]));`,
      { flags: ["--expose-gc"] },
    );
    expect(errors).toBe("");
    expect(code).toBe(0);
    const [heap, external, updates] = JSON.parse(output) as [number, number, number];
    expect(updates).toBe(20_001);
    // Ten bytes an update would already be 100,000.
    expect(heap).toBeLessThan(50_000);
    expect(external).toBeLessThan(10_000);
  });
});

it("Node's main thread may wait, and gets a thread for every core", async () => {
  const runtime = await createRuntime();
  expect(runtime.threadsReason).toBe(`this machine offers ${runtime.threads} core${runtime.threads === 1 ? "" : "s"}`);
  await runtime.dispose();
});
