import {
  createRuntime,
  DisposedError,
  FormatError,
  HeavyballError,
  InvalidOptionError,
  nesterov,
  type Runtime,
  type RuntimeOptions,
  saveModel,
  sparse,
  UnsupportedError,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { embeddedBytes } from "#internal/runtime/embeddedKernels";
import { layoutOfKernels } from "#internal/runtime/kernels";
import { KernelMemory } from "#internal/runtime/memory";
import { instantiateKernels, suppliedKernels } from "#internal/runtime/module";
import { patchMemoryImport } from "#internal/runtime/patchMemoryImport";
import { makePair, ODD_AUTOENCODER, randomBatch } from "../support/networks.js";
import { onPage, teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

const best = variants.at(-1)!;

/** What a few updates come to: the same for every way of making a runtime with the same kernels. */
function train(runtime: Runtime): number {
  const network = runtime.network(ODD_AUTOENCODER);
  network.initialize(sparse({ seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
  for (let t = 0; t < 5; t++) optimizer.step(randomBatch(ODD_AUTOENCODER, 50, t));
  return network.evaluate(randomBatch(ODD_AUTOENCODER, 70)).loss;
}

async function trainOn(options: RuntimeOptions): Promise<number> {
  const runtime = await createRuntime(options);
  try {
    return train(runtime);
  } finally {
    await runtime.dispose();
  }
}

async function failure(promise: Promise<unknown>): Promise<HeavyballError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HeavyballError);
  return error as HeavyballError;
}

describe("createRuntime", () => {
  it("says what is in use and why", async () => {
    const runtime = await createRuntime();
    expect(runtime.kernels).toBe(best);
    expect(runtime.threads).toBeGreaterThanOrEqual(1);
    expect(runtime.threadsReason).toMatch(onPage ? /main thread/ : /core/);
    if (onPage) expect(runtime.threads).toBe(1);
    expect(train(runtime)).toBeGreaterThan(0);
    await runtime.dispose();
  });

  it.each([1, 2, 3])("runs on %i threads where a thread may wait", async (threads) => {
    if (onPage && threads > 1) {
      const error = await failure(createRuntime({ threads, kernels: "simd" }));
      expect([error.code, error.message]).toEqual([
        "UNSUPPORTED",
        `threads is ${threads}, and there can be 1 here: a page's main thread must not wait; create the runtime in a Worker to use ` +
          "several threads; leave threads out, or use threads: 1",
      ]);
      return;
    }
    const runtime = await createRuntime({ threads, kernels: "simd" });
    expect([runtime.threads, runtime.threadsReason]).toEqual([threads, `${threads} asked for`]);
    const loss = train(runtime);
    await runtime.dispose();
    expect(loss).toBe(await trainOn({ threads: 1, kernels: "simd" }));
  });

  it.each(variants)("runs the %s kernels when asked to", async (kernels) => {
    const runtime = await createRuntime({ threads: 1, kernels });
    expect(runtime.kernels).toBe(kernels);
    expect(runtime.layout.variant).toBe(kernels);
    await runtime.dispose();
  });

  it("takes the relaxed kernels by itself where there are any, and says so where there are none", async () => {
    expect(await trainOn({ threads: 1, kernels: "auto" })).toBe(await trainOn({ threads: 1, kernels: best }));
    if (best === "simd")
      expect(await failure(createRuntime({ kernels: "relaxed" }))).toMatchObject({
        code: "UNSUPPORTED",
        message: expect.stringContaining('use kernels: "simd" or a newer engine') as string,
      });
  });

  it.each([1, 2])("takes a binary of the caller's as bytes, as a module or from a URL (%i threads)", async (threads) => {
    const bytes = embeddedBytes("simd");
    const wanted = await trainOn({ threads: 1, kernels: "simd" });
    const padded = new Uint8Array(bytes.length + 9);
    padded.set(bytes, 5);
    const url = `data:application/wasm;base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
    const sources = [
      bytes,
      bytes.buffer,
      new DataView(bytes.buffer),
      padded.subarray(5, 5 + bytes.length),
      patchMemoryImport(bytes, false),
      await WebAssembly.compile(bytes),
      url,
      new URL(url),
    ];
    for (const wasm of sources) {
      expect(await trainOn({ threads: teamOf(threads), wasm })).toBe(wanted);
      expect(await trainOn({ threads: teamOf(threads), wasm, kernels: "simd" })).toBe(wanted);
    }
  });

  it("does not touch the caller's bytes", async () => {
    const bytes = embeddedBytes("simd");
    const copy = bytes.slice();
    await trainOn({ threads: 1, wasm: bytes });
    expect(bytes).toEqual(copy);
  });

  it("says which kernels a supplied binary holds", async () => {
    const wasm = embeddedBytes(best);
    // Where this file is run with wide bytes in the place of relaxed's, they have to be asked for.
    const { binary } = layoutOfKernels(instantiateKernels(await suppliedKernels(wasm, false), new KernelMemory(false).memory));
    const asked = binary === "wide" ? ({ kernels: "wide" } as const) : {};
    const runtime = await createRuntime({ threads: 1, wasm, ...asked });
    expect(runtime.kernels).toBe(best);
    await runtime.dispose();
    const other = best === "simd" ? "relaxed" : "simd";
    expect(await failure(createRuntime({ wasm, kernels: other }))).toMatchObject({
      code: "INVALID_OPTION",
      option: "kernels",
      value: other,
    });
  });

  it.each([
    [{ threads: 0 }, "threads", "a whole number from 1 to 64"],
    [{ threads: -1 }, "threads", "from 1 to 64"],
    [{ threads: 65 }, "threads", "from 1 to 64"],
    [{ threads: 1.5 }, "threads", "a whole number"],
    [{ threads: NaN }, "threads", "a whole number"],
    [{ threads: "2" }, "threads", "a whole number"],
    [{ threads: null }, "threads", "a whole number"],
    [{ kernels: "fast" }, "kernels", '"auto", "simd", "relaxed", "wide"'],
    [{ kernels: null }, "kernels", '"auto", "simd", "relaxed", "wide"'],
    [{ kernels: 1 }, "kernels", '"auto", "simd", "relaxed", "wide"'],
    [{ worker: 3 }, "worker", "a URL or a function"],
    [{ worker: null }, "worker", "a URL or a function"],
    [{ wasm: 3 }, "wasm", "the bytes"],
    [{ wasm: null }, "wasm", "the bytes"],
    [{ wasm: {} }, "wasm", "the bytes"],
    [{ thread: 2 }, "createRuntime.thread", "threads, kernels, wasm, worker"],
    [null, "options", "an object"],
    ["fast", "options", "an object"],
    [[], "options", "an object"],
  ])("refuses %j", async (options, option, allowed) => {
    const error = await failure(createRuntime(options as RuntimeOptions));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ code: "INVALID_OPTION", option });
    expect(error.message).toContain(allowed);
  });

  /** A module of the given sections, each [id, ...body]. */
  const binary = (...sections: number[][]) =>
    Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, ...sections.flatMap(([id, ...body]) => [id, body.length, ...body])]);
  const name = (text: string) => [text.length, ...text].map((part) => (typeof part === "number" ? part : part.charCodeAt(0)));
  const importMemory = [2, 1, ...name("env"), ...name("memory"), 2, 1, 16, 0x80, 0x80, 4];
  const importTable = [2, 1, ...name("env"), ...name("table"), 1, 0x70, 0, 1];

  it.each([
    ["nothing", new Uint8Array(0), FormatError, /at byte 0, expected the magic number/],
    ["text", new TextEncoder().encode("<!doctype html><title>404</title>"), FormatError, /the magic number of a WebAssembly module/],
    ["a module without sections", binary(), FormatError, /at byte 8, expected an imported memory/],
    ["a module cut short in its import", binary(importMemory).slice(0, 20), FormatError, /expected more bytes/],
    ["a module that imports something else", binary(importTable), FormatError, /imports of functions and memory only/],
    ["a module of somebody else's", binary(importMemory), UnsupportedError, /not a heavyball binary/],
    ["a section that never ends", binary(importMemory, [1, 200]), UnsupportedError, /cannot run the WebAssembly module/],
  ] as const)("refuses %s for a binary", async (_what, wasm, kind, message) => {
    const error = await failure(createRuntime({ wasm: new Uint8Array(wasm) }));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
  });

  it("refuses a binary cut short anywhere", async () => {
    const bytes = embeddedBytes("simd");
    for (let length = 0; length < bytes.length; length += 997) await failure(createRuntime({ wasm: bytes.slice(0, length) }));
  });

  it.each(["no such address", "data:text/plain,hello", new URL("data:,")])("refuses the URL %s", async (wasm) => {
    expect((await failure(createRuntime({ wasm }))).message).toMatch(/pass (its|the) bytes|the magic number/);
  });

  describe("meets an engine that", () => {
    /** Runs with a function of the engine's replaced. */
    async function replaced<T>(
      name: "Memory" | "compile" | "Instance" | "Module",
      by: (original: never) => unknown,
      run: () => Promise<T>,
    ): Promise<T> {
      const scope = WebAssembly as unknown as Record<string, unknown>;
      const original = scope[name];
      scope[name] = by(original as never);
      try {
        return await run();
      } finally {
        scope[name] = original;
      }
    }
    const throws = (error: Error) =>
      function () {
        throw error;
      };
    const compiling = async (error: Error): Promise<HeavyballError> => {
      const wasm = embeddedBytes("simd");
      return replaced(
        "compile",
        () => throws(error),
        () => failure(createRuntime({ threads: 1, wasm })),
      );
    };

    it("has no room for a memory: OutOfMemoryError", async () => {
      const error = await replaced(
        "Memory",
        () => throws(new RangeError("could not allocate memory")),
        () => failure(createRuntime({ threads: 1 })),
      );
      expect(error).toMatchObject({ code: "OUT_OF_MEMORY", bytesNeeded: 2 ** 20, bytesAvailable: undefined });
      expect(error.message).toMatch(
        /^a WebAssembly memory needs 1048576 bytes, more than this engine gives; dispose of runtimes.*ulimit -v/,
      );
    });

    it("reserves less than 4 GiB: a smaller memory, which is refused what it cannot have", async () => {
      const limit = 2048;
      type Kind = new (descriptor: { maximum: number }) => WebAssembly.Memory;
      const runtime = await replaced(
        "Memory",
        (original: Kind) =>
          class extends original {
            constructor(descriptor: { maximum: number }) {
              if (descriptor.maximum > limit) throw new RangeError("could not allocate memory");
              super(descriptor);
            }
          },
        () => createRuntime({ threads: 1 }),
      );
      expect(train(runtime)).toBeGreaterThan(0);
      const before = runtime.memory.memory.buffer.byteLength;
      expect(() => runtime.memory.allocate(limit * 65_536, "the moon")).toThrow(
        /^the moon needs 134217728 bytes and 1[23]\d{7} are available/,
      );
      expect(runtime.memory.memory.buffer.byteLength).toBe(before);
      await runtime.dispose();
    });

    it("shares no memory: one thread and the reason, or an error where threads were asked for", async () => {
      type Kind = new (descriptor: { shared?: boolean }) => WebAssembly.Memory;
      const refuse = (original: Kind) =>
        class extends original {
          constructor(descriptor: { shared?: boolean }) {
            if (descriptor.shared) throw new TypeError("no sharing here");
            super(descriptor);
          }
        };
      await replaced("Memory", refuse, async () => {
        const runtime = await createRuntime();
        expect(runtime.threads).toBe(1);
        expect(runtime.threadsReason).toMatch(onPage ? /main thread/ : /no sharing here|^this machine offers 1 core$/);
        expect(train(runtime)).toBeGreaterThan(0);
        await runtime.dispose();
        if (!onPage)
          expect(await failure(createRuntime({ threads: 2 }))).toMatchObject({
            code: "UNSUPPORTED",
            message: expect.stringMatching(/no sharing here; use threads: 1/) as string,
          });
      });
    });

    it("may not compile: UnsupportedError that names the policy and the way around it", async () => {
      const error = await compiling(new WebAssembly.CompileError("Wasm code generation disallowed by embedder"));
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error.message).toMatch(
        /could not be compiled: Wasm code generation disallowed by embedder; .*'wasm-unsafe-eval'.*WebAssembly\.Module as `wasm`/,
      );
    });

    it("has no room for code: OutOfMemoryError, and the next runtime is made", async () => {
      expect(await compiling(new RangeError("Out of memory"))).toMatchObject({ code: "OUT_OF_MEMORY" });
      expect(await trainOn({ threads: 1, kernels: "simd" })).toBeGreaterThan(0);
    });

    it("has no room for an instance: OutOfMemoryError", async () => {
      const error = await replaced(
        "Instance",
        () =>
          class {
            constructor() {
              throw new RangeError("Out of memory");
            }
          },
        () => failure(createRuntime({ threads: 1 })),
      );
      expect(error).toMatchObject({ code: "OUT_OF_MEMORY" });
    });

    it("has no WebAssembly: UnsupportedError", async () => {
      const scope = globalThis as { WebAssembly?: unknown };
      const original = scope.WebAssembly;
      delete scope.WebAssembly;
      try {
        expect(await failure(createRuntime())).toMatchObject({
          code: "UNSUPPORTED",
          message: expect.stringMatching(/no WebAssembly; start Node without --jitless/) as string,
        });
      } finally {
        Object.defineProperty(scope, "WebAssembly", { value: original, configurable: true, writable: true, enumerable: false });
      }
    });
  });

  it("makes and ends 1,000 runtimes", async () => {
    const bytes: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const runtime = await createRuntime({ threads: 1 });
      if (i % 100 === 0) bytes.push(train(runtime));
      await runtime.dispose();
    }
    expect(new Set(bytes).size).toBe(1);
  });

  it("makes runtimes side by side that know nothing of each other", async () => {
    const runtimes = await Promise.all(Array.from({ length: 4 }, () => createRuntime({ threads: teamOf(2) })));
    const losses = runtimes.map(train);
    await runtimes[0].dispose();
    expect(new Set([...losses, train(runtimes[1])]).size).toBe(1);
    await Promise.all(runtimes.map((runtime) => runtime.dispose()));
  });
});

describe("dispose", () => {
  it.each([1, 2])("may be called twice, and ends everything made by the runtime (%i threads)", async (threads) => {
    const runtime = await createRuntime({ threads: teamOf(threads) });
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const batch = randomBatch(ODD_AUTOENCODER, 3);
    const parameters = network.getParameters();
    const state = optimizer.getState();
    const first = runtime.dispose();
    await Promise.all([first, runtime.dispose()]);
    await runtime.dispose();

    const uses: Record<string, () => unknown> = {
      network: () => runtime.network(ODD_AUTOENCODER),
      optimizer: () => runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 })),
      initialize: () => network.initialize(sparse()),
      getParameters: () => network.getParameters(),
      setParameters: () => network.setParameters(parameters),
      copyParametersFrom: () => network.copyParametersFrom(network),
      predict: () => network.predict(batch),
      activations: () => network.activations(batch, 1),
      evaluate: () => network.evaluate(batch),
      gradient: () => network.gradient(batch),
      saveModel: () => saveModel(network),
      step: () => optimizer.step(batch),
      getVelocity: () => optimizer.getVelocity(),
      getState: () => optimizer.getState(),
      setState: () => optimizer.setState(state),
      reset: () => optimizer.reset(),
    };
    for (const [use, call] of Object.entries(uses)) expect(call, use).toThrow(DisposedError);
    network.dispose();
    optimizer.dispose();
    // What needs no memory still answers.
    expect(network.description).toEqual(ODD_AUTOENCODER);
    expect(network.layout.length).toBe(12);
    expect(network.parameterCount).toBe(parameters.length);
    expect(optimizer.updates).toBe(0);
  });

  it("of a network or an optimizer leaves the others alone", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const { network } = makePair(runtime, ODD_AUTOENCODER, 1);
    const { network: other } = makePair(runtime, ODD_AUTOENCODER, 2);
    const batch = randomBatch(ODD_AUTOENCODER, 3);
    const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const doomed = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
    const wanted = other.evaluate(batch);
    doomed.step(batch);
    doomed.dispose();
    doomed.dispose();
    expect(() => doomed.step(batch)).toThrow(/the optimizer has been disposed of; create another/);
    optimizer.step(batch);
    network.dispose();
    network.dispose();
    expect(() => network.evaluate(batch)).toThrow(/the network has been disposed of; create another/);
    expect(() => optimizer.step(batch)).toThrow(DisposedError);
    expect(() => optimizer.getState()).toThrow(DisposedError);
    expect(() => runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }))).toThrow(DisposedError);
    expect(() => other.copyParametersFrom(network)).toThrow(DisposedError);
    optimizer.dispose();
    expect(other.evaluate(batch)).toEqual(wanted);
    await runtime.dispose();
  });
});
