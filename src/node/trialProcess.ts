/**
 * The file that the processes of `localExecutor` run: one trial after another, as the parent orders them. A process whose parent is gone
 * stops its trial with a checkpoint and ends.
 */
import { createRuntime, type Runtime } from "../createRuntime.js";
import type { KernelChoice } from "../runtime/kernels.js";
import { failureOf } from "../sweeps/failureOf.js";
import { SweepData } from "../sweeps/sweepData.js";
import { dataDigest } from "../trials/dataDigest.js";
import type { TrialEnd } from "../trials/record.js";
import { runTrial } from "../trials/runTrial.js";
import { StoreError } from "../trials/store.js";
import { dataFiles } from "./dataFiles.js";
import { fileStore } from "./fileStore.js";
import { LockedError } from "./runLock.js";
import type { DigestOrder, FromProcess, OrderEnd, ToProcess, TrialOrder } from "./trialMessages.js";

/** Milliseconds between two messages about progress. */
const interval = 100;
/** Milliseconds for which a run that another process writes is waited for: one whose parent was killed ends at its next breath. */
const patience = 60_000;
/** The same for a lock that says no process, which may just be being written where there are no hard links. */
const patienceWithNobody = 1_000;

let kept: { readonly kernels: KernelChoice; readonly threads: number; readonly runtime: Runtime } | undefined;
let data: { readonly path: string; readonly kept: SweepData } | undefined;
let controller: AbortController | undefined;
let isLeaving = false;

process.on("message", (message: ToProcess) => {
  if (message.kind === "stop") controller?.abort();
  else void work(message);
});
process.on("disconnect", leave);
process.on("SIGTERM", leave);
// Ctrl-C goes to all processes of a terminal; the parent hears it too, and says what is to be done.
process.on("SIGINT", () => {});

/** Ends the process when its trial, if there is one, has been stopped. */
function leave(): void {
  isLeaving = true;
  if (controller === undefined) process.exit(0);
  controller.abort();
}

async function work(order: TrialOrder | DigestOrder): Promise<void> {
  controller = new AbortController();
  const message = await outcomeOf(order, controller.signal);
  // Before it is told: the next order may come before this one's message is known to be on its way.
  controller = undefined;
  await tell(message);
  if (isLeaving) process.exit(0);
}

async function outcomeOf(order: TrialOrder | DigestOrder, signal: AbortSignal): Promise<OrderEnd> {
  try {
    if (order.kind === "digest") return { kind: "digest", digest: await dataDigest(order.spec, await dataOf(order)) };
    return { kind: "ended", end: await run(order, signal) };
  } catch (error) {
    // After an error such as memory that cannot be had the next trial begins with a runtime of its own.
    await release();
    return { kind: "failed", failure: failureOf(error) };
  }
}

async function release(): Promise<void> {
  await kept?.runtime.dispose().catch(() => {});
  kept = undefined;
}

/** The runtime of the trial before, where it suits. */
async function runtimeOf({ kernels, threads }: TrialOrder): Promise<Runtime> {
  if (kept?.kernels !== kernels || kept.threads !== threads) {
    await release();
    kept = { kernels, threads, runtime: await createRuntime({ kernels, threads }) };
    if (kernels === "wide" && !kept.runtime.wide) await tell({ kind: "trouble", sentence: kept.runtime.kernelsReason });
  }
  return kept.runtime;
}

async function dataOf({ spec, data: path }: TrialOrder | DigestOrder): Promise<unknown> {
  if (path !== undefined && data?.path !== path) data = { path, kept: new SweepData(dataFiles(path)) };
  return data?.kept.of(spec.task);
}

async function run(order: TrialOrder, signal: AbortSignal): Promise<TrialEnd> {
  const { spec, directory, checkpointSeconds } = order;
  const options = {
    runtime: await runtimeOf(order),
    store: fileStore(directory),
    resume: true,
    // What somebody has changed by hand is not the trial of its key.
    events: [],
    checkpointSeconds,
    signal,
    data: await dataOf(order),
    ...callbacks(),
  };
  const begun = performance.now();
  for (;;) {
    try {
      return (await runTrial(spec, options)).end;
    } catch (error) {
      const mayPass = error instanceof StoreError && error.trouble === "busy" && performance.now() - begun < patienceFor(error.cause);
      if (!mayPass) throw error;
      if (signal.aborted) return { code: "stopped", message: "stopped while another process wrote its run" };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function patienceFor(locked: unknown): number {
  return locked instanceof LockedError && locked.holder === undefined ? patienceWithNobody : patience;
}

function callbacks() {
  let told = -Infinity;
  return {
    onStart: ({ from }: { readonly from: number }) => void tell({ kind: "started", from }),
    onCheckpoint: ({ update }: { readonly update: number }) => void tell({ kind: "checkpoint", update }),
    onTrouble: (sentence: string) => void tell({ kind: "trouble", sentence }),
    onProgress(progress: Extract<FromProcess, { kind: "progress" }>["progress"]) {
      const now = performance.now();
      if (now - told < interval) return;
      told = now;
      void tell({ kind: "progress", progress });
    },
  };
}

/** Resolves when the message is on its way; where nobody hears any more there is nobody to tell. */
function tell(message: FromProcess): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
