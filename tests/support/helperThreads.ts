import { syncBuiltinESMExports } from "node:module";
import workerThreads, { type Worker } from "node:worker_threads";

/** The class itself: the import by name follows whoever patches the module. */
export const NodeWorker = workerThreads.Worker;

/** Makes a Worker in place of the product's. */
export type MakeWorker = (file: string | URL, options?: ConstructorParameters<typeof NodeWorker>[1]) => Worker;

/** The helper threads that `run` started: the product keeps them to itself. `make` may put others in their place. */
export async function watchingHelpers<T>(run: (helpers: readonly Worker[]) => Promise<T>, make?: MakeWorker): Promise<T> {
  const helpers: Worker[] = [];
  const Patched = function (file: string | URL, options?: ConstructorParameters<typeof NodeWorker>[1]) {
    const worker = make ? make(file, options) : new NodeWorker(file, options);
    helpers.push(worker);
    return worker;
  };
  workerThreads.Worker = Patched as unknown as typeof NodeWorker;
  syncBuiltinESMExports();
  try {
    return await run(helpers);
  } finally {
    workerThreads.Worker = NodeWorker;
    syncBuiltinESMExports();
  }
}

/** Resolves to the exit code of a thread. */
export function ended(helper: Worker): Promise<number> {
  return new Promise((resolve) => helper.once("exit", resolve));
}

/** Whether a thread has ended. */
export function isGone(helper: Worker): boolean {
  return helper.threadId === -1;
}
