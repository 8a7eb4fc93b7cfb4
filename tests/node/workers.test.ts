import { fileURLToPath, pathToFileURL } from "node:url";
import type { Worker } from "node:worker_threads";
import { createRuntime, InvalidOptionError, nesterov, type Runtime, UnsupportedError, WorkerLostError } from "heavyball";
import { describe, expect, it } from "vitest";
import { ARRIVED, CLOSED, EPOCH, PATIENCE, POISON } from "#internal/abi/control";
import { PROGRAM_ROOFLINE } from "#internal/abi/programs";
import { poison } from "#internal/runtime/teamMember";
import { ended, isGone, type MakeWorker, NodeWorker, watchingHelpers } from "../support/helperThreads.js";
import { makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";

/** Words of a team's control block that no product code writes from outside (assembly/team/control.ts). */
const PROGRAM_WORD = 20;
const ARGUMENTS_WORD = 24;

const batch = randomBatch(ODD_AUTOENCODER, 60);
const helperFile = fileURLToPath(new URL("../../dist/node/teamWorker.js", import.meta.url));

/** The control block's word. */
function word(runtime: Runtime, offset: number): number {
  return (runtime.use().control + offset) >>> 2;
}

/** Tenths of a second without a sign of life that a member is given; the product gives 50. */
function setPatience(runtime: Runtime, tenths: number): void {
  runtime.memory.i32[word(runtime, PATIENCE)] = tenths;
}

/** Lets the events that have come be told. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A team of two whose helper behaves as tests/support/slowMember.mjs says, with a network and its loss from a team of one. */
async function withMember(
  behavior: Record<string, unknown>,
  patience: number,
  use: (team: { runtime: Runtime; member: Worker; evaluate: () => number; loss: number }) => Promise<void> | void,
) {
  const alone = await createRuntime({ threads: 1 });
  const { loss } = makePair(alone, ODD_AUTOENCODER).network.evaluate(batch);
  await alone.dispose();
  let member!: Worker;
  const worker = () => (member = new NodeWorker(new URL("../support/slowMember.mjs", import.meta.url), { workerData: behavior }));
  const runtime = await createRuntime({ threads: 2, worker });
  // Making the network runs no program: setting parameters only marks them, so the first program is the evaluation's.
  const { network } = makePair(runtime, ODD_AUTOENCODER);
  setPatience(runtime, patience);
  await use({ runtime, member, evaluate: () => network.evaluate(batch).loss, loss });
  await runtime.dispose();
  expect(isGone(member)).toBe(true);
}

describe("a helper thread that is terminated while it waits for work", () => {
  it("surfaces at the next use, and at every one after it", () =>
    watchingHelpers(async (helpers) => {
      const runtime = await createRuntime({ threads: 3 });
      const { network } = makePair(runtime, ODD_AUTOENCODER);
      const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.1, momentum: 0.9 }));
      optimizer.step(batch);
      const parameters = network.getParameters();
      await helpers[1].terminate();
      await turn();
      for (const use of [
        () => optimizer.step(batch),
        () => network.evaluate(batch),
        () => network.gradient(batch),
        () => network.predict(batch),
      ]) {
        expect(use).toThrow(WorkerLostError);
        expect(use).toThrow(/a helper thread was lost: member 2 ended \(exit code 1\); dispose of this runtime and create another/);
      }
      // The parameters can still be saved.
      expect(sameBits(network.getParameters(), parameters)).toBe(true);
      expect(optimizer.getState().update).toBe(1);
      await runtime.dispose();
      expect(helpers.every(isGone)).toBe(true);
    }));

  it("surfaces even where no event can be told, since the caller never comes back to its event loop", () =>
    watchingHelpers(async (helpers) => {
      const runtime = await createRuntime({ threads: 3 });
      const { network } = makePair(runtime, ODD_AUTOENCODER);
      network.evaluate(batch);
      setPatience(runtime, 0);
      void helpers[0].terminate();
      expect(() => {
        for (;;) network.evaluate(batch);
      }).toThrow(/a helper thread was lost: it stopped answering in the middle of a computation/);
      await runtime.dispose();
      expect(helpers.every(isGone)).toBe(true);
    }));
});

describe("a helper thread lost in the middle of a computation", () => {
  it.each([
    ["dies", "it stopped answering in the middle of a computation"],
    ["throws", "it stopped answering in the middle of a computation"],
  ])("surfaces: one that %s", (behavior, why) =>
    withMember({ behavior }, 0, ({ evaluate, runtime }) => {
      for (let i = 0; i < 3; i++) expect(evaluate).toThrow(`a helper thread was lost: ${why}; dispose of this runtime and create another`);
      expect(runtime.memory.i32[word(runtime, POISON)]).toBe(1);
    }),
  );

  it("leaves a place for another runtime", async () => {
    await withMember({ behavior: "dies" }, 0, ({ evaluate }) => expect(evaluate).toThrow(WorkerLostError));
    const runtime = await createRuntime({ threads: 2 });
    expect(makePair(runtime, ODD_AUTOENCODER).network.evaluate(batch).loss).toBeGreaterThan(0);
    await runtime.dispose();
  });
});

describe("a busy helper", () => {
  // Each waking of the caller counts as one of the sleeps that its patience allows; the limits leave minutes for what the machine does
  // besides.
  it.each([
    { patience: 600, rounds: 10, silences: 500 },
    { patience: 1, rounds: 200, silences: 1 },
  ])("that beats is never lost, however long its share takes: %j", ({ patience, rounds, silences }) =>
    withMember({ behavior: "beats", rounds, silences }, patience, ({ runtime, evaluate, loss }) => {
      expect(evaluate()).toBe(loss);
      expect(runtime.memory.i32[word(runtime, POISON)]).toBe(0);
    }),
  );

  it("that falls silent is lost after as many sleeps as it is given, whatever it did before", () =>
    withMember({ behavior: "falls" }, 600, async ({ member, evaluate }) => {
      const told = new Promise<{ wakings: number }>((resolve) =>
        member.on("message", (message: { wakings: number } | string) => typeof message !== "string" && resolve(message)),
      );
      expect(evaluate).toThrow(WorkerLostError);
      const { wakings } = await told;
      // Sleeps that end by themselves count too: fewer wakings are needed where the machine was slow.
      expect(wakings).toBeLessThanOrEqual(603);
      expect(wakings).toBeGreaterThan(300);
    }));
});

describe("helpers of a poisoned team", () => {
  it("leave when they wait for work", () =>
    watchingHelpers(async (helpers) => {
      const runtime = await createRuntime({ threads: 3 });
      makePair(runtime, ODD_AUTOENCODER).network.evaluate(batch);
      const codes = Promise.all(helpers.map(ended));
      poison(runtime.memory.memory, runtime.use().control);
      expect(await codes).toEqual([0, 0]);
      expect(runtime.memory.i32[word(runtime, CLOSED)]).toBe(0);
      await runtime.dispose();
    }));

  it("leave when they wait for the others", () =>
    watchingHelpers(async (helpers) => {
      const runtime = await createRuntime({ threads: 3 });
      const args = runtime.memory.allocate(64, "test");
      const words = runtime.memory.i32;
      words[args >>> 2] = 1;
      setPatience(runtime, 2 ** 30);
      // A program begins in which the caller never takes part.
      words[word(runtime, PROGRAM_WORD)] = PROGRAM_ROOFLINE;
      words[word(runtime, ARGUMENTS_WORD)] = args;
      Atomics.add(words, word(runtime, EPOCH), 1);
      Atomics.notify(words, word(runtime, EPOCH));
      while (Atomics.load(words, word(runtime, ARRIVED)) < 2) await turn();
      const codes = Promise.all(helpers.map(ended));
      poison(runtime.memory.memory, runtime.use().control);
      expect(await codes).toEqual([0, 0]);
      await runtime.dispose();
    }));
});

describe("dispose", () => {
  it("ends every helper before it resolves", () =>
    watchingHelpers(async (helpers) => {
      const runtime = await createRuntime({ threads: 4 });
      const codes = Promise.all(helpers.map(ended));
      await runtime.dispose();
      expect(helpers.map(isGone)).toEqual([true, true, true]);
      expect(await codes).toEqual([0, 0, 0]);
    }));

  it("works from within a use that failed", async () => {
    const runtime = await createRuntime({ threads: 2 });
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    expect(() => network.evaluate({ inputs: new Float32Array(13).fill(NaN), cases: 1 })).toThrow();
    await runtime.dispose();
  });
});

describe("helpers that cannot start", () => {
  /** Ways in which the second of two fails. */
  const failures: Record<string, MakeWorker> = {
    "a file that throws": (_file, options) => new NodeWorker('throw new Error("no room")', { ...options, eval: true }),
    "a file that ends at once": (_file, options) => new NodeWorker("", { ...options, eval: true }),
    "a file that is not there": (_file, options) => new NodeWorker("/no/such/file.js", options),
    "an engine that makes no thread": () => {
      throw new Error("no room");
    },
    "a thread that runs out of memory": (_file, options) =>
      new NodeWorker("const kept = []; for (;;) kept.push(new Array(100_000).fill(1));", {
        ...options,
        eval: true,
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      }),
  };

  /** Runs with a second helper that fails. */
  const failing = <T>(failure: string, run: (helpers: readonly Worker[]) => Promise<T>): Promise<T> => {
    let started = 0;
    return watchingHelpers(run, (file, options) => (++started === 2 ? failures[failure](file, options) : new NodeWorker(file, options)));
  };

  it.each(Object.keys(failures))("are a typed error where threads were asked for, and none is left behind: %s", (failure) =>
    failing(failure, async (helpers) => {
      const error: unknown = await createRuntime({ threads: 3 }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UnsupportedError);
      expect((error as Error).message).toMatch(
        /^a helper thread could not start: .+; pass createRuntime\(\{ worker \}\) the path of heavyball\/worker, .*or use threads: 1$/,
      );
      await Promise.all(helpers.map((helper) => isGone(helper) || ended(helper)));
    }),
  );

  it("are named by their own error", () =>
    failing("a file that throws", async () => {
      await expect(createRuntime({ threads: 3 })).rejects.toThrow("a helper thread could not start: Error: no room; ");
    }));

  it("leave one thread and a reason where nobody asked for threads", () =>
    watchingHelpers(
      async (helpers) => {
        const runtime = await createRuntime();
        // A machine of one core starts none.
        if (helpers.length > 0)
          expect(runtime.threadsReason).toMatch(
            /^one thread: a helper thread could not start \(Error: no room\); for several, pass createRuntime/,
          );
        expect(runtime.threads).toBe(1);
        expect(makePair(runtime, ODD_AUTOENCODER).network.evaluate(batch).loss).toBeGreaterThan(0);
        await runtime.dispose();
        await Promise.all(helpers.map((helper) => isGone(helper) || ended(helper)));
      },
      () => new NodeWorker('throw new Error("no room")', { eval: true }),
    ));
});

describe("createRuntime({ worker })", () => {
  /** A Worker of node:worker_threads as one of the web's would look. */
  const likeTheWebs = () => {
    const worker = new NodeWorker(helperFile);
    return {
      postMessage: (message: unknown) => worker.postMessage(message),
      terminate: () => void worker.terminate(),
      addEventListener: (event: string, listen: (event: { data?: unknown; message?: string }) => void) =>
        worker.on(event, (value: unknown) => listen(event === "message" ? { data: value } : { message: String(value) })),
      unref: () => worker.unref(),
      ref: () => worker.ref(),
    };
  };

  it.each([
    ["a path", helperFile],
    ["a relative path", helperFile.slice(process.cwd().length + 1)],
    ["an address", pathToFileURL(helperFile).href],
    ["a URL", pathToFileURL(helperFile)],
    ["a function that makes a Worker of Node's", () => new NodeWorker(helperFile)],
    ["the package's own entry", () => new NodeWorker(new URL(import.meta.resolve("heavyball/worker")))],
  ])("takes helpers from %s", (_what, worker) =>
    watchingHelpers(async () => {
      const runtime = await createRuntime({ threads: 2, worker, kernels: "simd" });
      const alone = await createRuntime({ threads: 1, kernels: "simd" });
      const [two, one] = [runtime, alone].map((made) => makePair(made, ODD_AUTOENCODER).network.evaluate(batch).loss);
      expect([runtime.threads, runtime.threadsReason, two]).toEqual([2, "2 asked for", one]);
      await Promise.all([runtime.dispose(), alone.dispose()]);
    }),
  );

  it("takes Workers of the web's kind", async () => {
    const runtime = await createRuntime({ threads: 2, worker: likeTheWebs });
    expect(makePair(runtime, ODD_AUTOENCODER).network.evaluate(batch).loss).toBeGreaterThan(0);
    await runtime.dispose();
  });

  it.each([
    ["a path where nothing is", "/no/such/file.js"],
    ["an address of no file", "https://example.org/worker.js"],
    [
      "a function that throws",
      () => {
        throw new Error("not today");
      },
    ],
    ["a worker that ends without joining", () => new NodeWorker("", { eval: true })],
    ["a worker that throws", () => new NodeWorker('throw new Error("not today")', { eval: true })],
  ])("says what is wrong with %s", async (_what, worker) => {
    await expect(createRuntime({ threads: 2, worker })).rejects.toThrow(/^a helper thread could not start: /);
    const runtime = await createRuntime({ worker });
    expect(runtime.threads).toBe(1);
    await runtime.dispose();
  });

  it.each([undefined, 3, {}, Promise.resolve()])("refuses a function that makes no Worker: %s", async (made) => {
    const failure: unknown = await createRuntime({ threads: 2, worker: () => made as Worker }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidOptionError);
    expect(failure).toMatchObject({ option: "worker()" });
  });
});
