import { type ChildProcess, fork } from "node:child_process";
import { setMaxListeners } from "node:events";
import { fileURLToPath } from "node:url";
import type { DigestOrder, FromProcess, Meanwhile, OrderEnd, TrialOrder } from "./trialMessages.js";

/** What came of an order: the last message, or how the process died under it. */
export type ChildOutcome = OrderEnd | { readonly kind: "died"; readonly how: string };

/** Milliseconds that a process without work has to end by itself. */
const patience = 10_000;

/** Flags of this process that another file cannot be started with, or that would collide. */
const notInherited = /^(--input-type|--inspect|--debug|--eval|--print|-e$|-p$|-pe$|--test)/;

/** A process that runs trials (trialProcess.ts), one at a time. */
export class TrialChild {
  private readonly process: ChildProcess;
  private readonly gone: Promise<string>;
  private errors = "";

  constructor() {
    const file = fileURLToPath(new URL("./trialProcess.js", import.meta.url));
    const execArgv = process.execArgv.filter((flag) => !notInherited.test(flag));
    this.process = fork(file, [], { execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.process.stderr!.setEncoding("utf8").on("data", (text: string) => (this.errors = (this.errors + text).slice(-2000)));
    this.gone = new Promise((resolve) => {
      this.process.once("error", (error) => resolve(error.message));
      this.process.once("exit", (code, signal) => resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`));
    });
    // A message to a process that has just died is lost, as it is.
    this.process.on("error", () => {});
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Carries out an order; `onMessage` gets what is told on the way. An abort stops a trial with a checkpoint. */
  async ask(order: TrialOrder | DigestOrder, signal: AbortSignal, onMessage: (message: Meanwhile) => void): Promise<ChildOutcome> {
    const child = this.process;
    const stop = (): void => void child.send({ kind: "stop" }, () => {});
    let listen: ((message: FromProcess) => void) | undefined;
    const ended = new Promise<ChildOutcome>((resolve) => {
      listen = (message) => {
        if (message.kind === "ended" || message.kind === "digest" || message.kind === "failed") resolve(message);
        else onMessage(message);
      };
      child.on("message", listen);
    });
    const died = this.gone.then((how): ChildOutcome => ({ kind: "died", how: `${how}${this.lastWords}` }));
    try {
      child.send(order, () => {});
      if (signal.aborted) stop();
      // Many trials may have one signal; Node takes more than ten for a mistake, and says so.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", stop);
      return await Promise.race([ended, died]);
    } finally {
      signal.removeEventListener("abort", stop);
      child.off("message", listen!);
    }
  }

  /** Lets a process without work end. */
  async close(): Promise<void> {
    if (this.process.connected) this.process.disconnect();
    const timer = setTimeout(() => this.process.kill("SIGKILL"), patience);
    await this.gone;
    clearTimeout(timer);
  }

  /** The last line of its standard error, if it wrote any. */
  private get lastWords(): string {
    const line = this.errors.trim().split("\n").at(-1) ?? "";
    return line === "" ? "" : ` (${line.slice(0, 200)})`;
  }
}
