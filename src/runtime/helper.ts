import { awaitStart, type EitherWorker, hearFailures, hearMessages } from "./eitherWorker.js";
import type { Helper, HelperStart } from "./platform.js";

/**
 * Why a helper could not be had, and what would help: an error for whoever asked for threads, a reason for everybody else (loadEngine.ts).
 */
export class HelperFailure {
  readonly why: string;
  readonly remedy: string;
  constructor(why: string, remedy: string) {
    this.why = why;
    this.remedy = remedy;
  }
}

/** Has a worker join a team. Rejects with HelperFailure, the worker ended, when it fails, ends or stays silent. */
export function joinedHelper(worker: EitherWorker, start: HelperStart, remedy: string): Promise<Helper> {
  return new Promise<Helper>((resolve, reject) => {
    let failure: string | undefined;
    let finish!: (reason: string) => void;
    const ended = new Promise<string>((done) => (finish = done));
    const fail = (reason: string): void => {
      hasStarted();
      failure ??= reason;
      reject(new HelperFailure(failure, remedy));
      worker.terminate();
      // One of the web's is gone when it is told to go.
      if (!worker.on) finish(failure);
    };
    const hasStarted = awaitStart(fail, "join the team");
    hearMessages(worker, (message) => {
      // Of its end a Worker of Node's tells by itself, when it has really come.
      if (message === "left" && !worker.on) finish("left the team");
      if (message !== "ready") return;
      hasStarted();
      // A team must never keep a process alive: neither a forgotten one nor one that waits for work.
      worker.unref?.();
      const terminate = (): void => {
        worker.terminate();
        if (!worker.on) finish("terminated");
      };
      resolve({ ended, awaitEnd: () => void worker.ref?.(), terminate });
    });
    hearFailures(worker, fail);
    worker.on?.("exit", () => finish(failure!));
    try {
      worker.postMessage(start);
    } catch (error) {
      fail(String(error));
    }
  });
}
