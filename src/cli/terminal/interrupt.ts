import { onOutputFailure, outputFailed } from "./output.js";

/** npm passes a Ctrl-C on to a process that the terminal has already told: signals this close together, in milliseconds, are one. */
const sameSignal = 500;

/**
 * Ctrl-C, the polite kill, and standard output that nobody reads or that is full: the first one is noted, so that work under way can stop
 * between two updates and leave what it has; a second signal ends the process at once. Exit codes are those a shell expects, 128 + the
 * signal: 130, 143 and 141; 1 for a full disk.
 */
export class Interrupt {
  /** The exit code to end with, once there is a reason to. */
  exitCode: number | undefined;
  private readonly controller = new AbortController();
  private signaled = false;
  private readonly listeners: [NodeJS.Signals, () => void][] = [];
  private readonly stopWatching: () => void;

  /** `beforeExit` runs before a second signal ends the process, e.g. to show the cursor again. */
  constructor(public beforeExit: () => void = () => {}) {
    this.stop(outputFailed());
    this.stopWatching = onOutputFailure(() => this.stop(outputFailed()));
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      let first = -Infinity;
      const listener = (): void => {
        const now = performance.now();
        if (this.signaled && now - first >= sameSignal) {
          this.beforeExit();
          process.exit(code);
        }
        if (!this.signaled) first = now;
        this.signaled = true;
        this.stop(code);
      };
      process.on(signal, listener);
      this.listeners.push([signal, listener]);
    }
  }

  get happened(): boolean {
    return this.exitCode !== undefined;
  }

  /** The same for the library: aborted once there is a reason to end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  private stop(code: number | undefined): void {
    if (code === undefined) return;
    this.exitCode ??= code;
    this.controller.abort();
  }

  /** Waits until what may come as the echo of a first signal has come. */
  async settle(): Promise<void> {
    if (this.signaled) await new Promise((resolve) => setTimeout(resolve, sameSignal));
  }

  /** Stops listening: signals do again what they do by default. */
  dispose(): void {
    this.stopWatching();
    for (const [signal, listener] of this.listeners) process.off(signal, listener);
  }
}
