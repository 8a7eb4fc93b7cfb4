/** Module worker of team.test.ts: answers each request by its id, since teams live in workers and tests on the page. */
import { createRuntime, type KernelVariant, type RuntimeOptions, WorkerLostError } from "heavyball";
import { makePair, ODD_AUTOENCODER, randomBatch } from "../support/networks.js";
import { runTeam, type TeamReport } from "../support/teamJobs.js";

export interface Requests {
  /** Runs the jobs of tests/support/teamJobs.ts. */
  runTeam(threads: number, kernels: KernelVariant): TeamReport;
  /** Threads, reason and loss of a runtime whose helpers come from `source`. */
  useWorkers(
    source: "default" | "address" | "url" | "function" | "missing",
    threads?: number,
  ): { threads: number; reason: string; loss: number };
  /** Terminates a helper and uses the runtime until that shows. */
  loseHelper(): { lost: boolean; seconds: number; message: string };
  /** Seconds that making and ending `count` runtimes took. */
  makeAndDispose(count: number, threads: number): number;
}

const workerFile = new URL("../../dist/web/teamWorker.js", import.meta.url);
const startWorker = (): Worker => new Worker(new URL("../../dist/web/teamWorker.js", import.meta.url), { type: "module" });

const sources: Record<Parameters<Requests["useWorkers"]>[0], RuntimeOptions["worker"]> = {
  default: undefined,
  address: workerFile.href,
  url: workerFile,
  function: startWorker,
  missing: new URL("no-such-worker.js", import.meta.url),
};

const answers: { [K in keyof Requests]: (...given: Parameters<Requests[K]>) => Promise<ReturnType<Requests[K]>> } = {
  runTeam,
  async useWorkers(source, threads) {
    const runtime = await createRuntime({ threads, worker: sources[source], kernels: "simd" });
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const { loss } = network.evaluate(randomBatch(ODD_AUTOENCODER, 60));
    await runtime.dispose();
    return { threads: runtime.threads, reason: runtime.threadsReason, loss };
  },
  async loseHelper() {
    const helpers: Worker[] = [];
    const worker = (): Worker => {
      const helper = startWorker();
      helpers.push(helper);
      return helper;
    };
    const runtime = await createRuntime({ threads: 3, worker });
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const batch = randomBatch(ODD_AUTOENCODER, 60);
    network.evaluate(batch);
    helpers[1].terminate();
    const started = performance.now();
    let error: unknown;
    while (error === undefined && performance.now() - started < 60_000) {
      try {
        network.evaluate(batch);
      } catch (thrown) {
        error = thrown;
      }
      // Chromium carries a termination out only once the worker that asked for it is back at its event loop.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const seconds = (performance.now() - started) / 1000;
    await runtime.dispose();
    return { lost: error instanceof WorkerLostError, seconds, message: String(error) };
  },
  async makeAndDispose(count, threads) {
    const started = performance.now();
    for (let i = 0; i < count; i++) {
      const runtime = await createRuntime({ threads });
      makePair(runtime, ODD_AUTOENCODER).network.evaluate(randomBatch(ODD_AUTOENCODER, 4));
      await runtime.dispose();
    }
    return (performance.now() - started) / 1000;
  },
};

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ id: number; name: keyof Requests; given: never[] }>) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data: { id, name, given } }) => {
  (answers[name] as (...given: never[]) => Promise<unknown>)(...given).then(
    (result) => scope.postMessage({ id, result }),
    (error: unknown) => scope.postMessage({ id, error: String(error) }),
  );
};
