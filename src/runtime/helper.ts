import { InvalidOptionError } from "../errors.js";
import type { Helper, HelperStart, HelperWorker } from "./platform.js";

/** How long a worker has to join its team: one whose file is not heavyball's never would. It only ends a wait. */
const STARTING_MILLISECONDS = 30_000;

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

/** What the two kinds of Worker have of their own. */
interface EitherWorker extends HelperWorker {
  /** node:worker_threads. */
  on?(event: string, listen: (value: unknown) => void): unknown;
  /** The web's. */
  addEventListener?(event: string, listen: (event: { readonly data?: unknown; readonly message?: string }) => void): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** What a function of the caller's made. Throws InvalidOptionError for anything but a Worker. */
export function checkWorker(made: unknown): HelperWorker {
  const worker = made as Partial<EitherWorker> | null | undefined;
  const isWorker = typeof worker?.postMessage === "function" && typeof worker.terminate === "function";
  if (isWorker && (typeof worker.on === "function" || typeof worker.addEventListener === "function")) return worker as HelperWorker;
  throw new InvalidOptionError("worker()", made, "a Worker of the web's or of node:worker_threads");
}

/**
 * Has a worker join a team. Rejects with HelperFailure, the worker ended, when it fails, ends or stays silent. No event of it goes unheard,
 * then or later: an error that nobody listens to would end the process.
 */
export function joinedHelper(given: HelperWorker, start: HelperStart, remedy: string): Promise<Helper> {
  const worker = given as EitherWorker;
  return new Promise<Helper>((resolve, reject) => {
    let failure: string | undefined;
    let finish!: (reason: string) => void;
    const ended = new Promise<string>((done) => (finish = done));
    const fail = (reason: string): void => {
      clearTimeout(impatience);
      failure ??= reason;
      reject(new HelperFailure(failure, remedy));
      worker.terminate();
      // One of the web's is gone when it is told to go.
      if (!worker.on) finish(failure);
    };
    const impatience = setTimeout(() => fail("its file was loaded but it did not join the team"), STARTING_MILLISECONDS);
    const hear = (message: unknown): void => {
      // Of its end a Worker of Node's tells by itself, when it has really come.
      if (message === "left" && !worker.on) finish("left the team");
      if (message !== "ready") return;
      clearTimeout(impatience);
      // A team must never keep a process alive: neither a forgotten one nor one that waits for work.
      worker.unref?.();
      const terminate = (): void => {
        worker.terminate();
        if (!worker.on) finish("terminated");
      };
      resolve({ ended, awaitEnd: () => void worker.ref?.(), terminate });
    };
    if (worker.on) {
      worker.on("message", hear);
      worker.on("error", (error) => fail(String(error)));
      worker.on("messageerror", (error) => fail(String(error)));
      worker.on("exit", (code) => {
        fail(`exit code ${String(code)}`);
        finish(failure!);
      });
    } else {
      worker.addEventListener!("message", ({ data }) => hear(data));
      worker.addEventListener!("error", ({ message }) => fail(message ?? "the worker file could not be loaded"));
      worker.addEventListener!("messageerror", () => fail("it could not read what it was sent"));
    }
    try {
      worker.postMessage(start);
    } catch (error) {
      fail(String(error));
    }
  });
}
