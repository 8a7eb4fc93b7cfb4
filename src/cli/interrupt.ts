/** npm passes a Ctrl-C on to a process that the terminal has already told: signals this close together, in milliseconds, are one. */
const sameSignal = 500;

/**
 * Ctrl-C and the polite kill: the first one is noted, so that work under way can stop between two updates and leave what it has; a second
 * one ends the process at once. Exit codes are those a shell expects, 128 + the signal: 130 and 143.
 */
export class Interrupt {
  /** The exit code to end with, once a signal has come. */
  exitCode: number | undefined;
  private readonly listeners: [NodeJS.Signals, () => void][] = [];

  /** `beforeExit` runs before a second signal ends the process, e.g. to show the cursor again. */
  constructor(beforeExit: () => void = () => {}) {
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      let first = -Infinity;
      const listener = (): void => {
        const now = performance.now();
        if (this.exitCode !== undefined && now - first >= sameSignal) {
          beforeExit();
          process.exit(code);
        }
        if (this.exitCode === undefined) first = now;
        this.exitCode = code;
      };
      process.on(signal, listener);
      this.listeners.push([signal, listener]);
    }
  }

  get happened(): boolean {
    return this.exitCode !== undefined;
  }

  /** Waits until what may come as the echo of a first signal has come. */
  async settle(): Promise<void> {
    if (this.happened) await new Promise((resolve) => setTimeout(resolve, sameSignal));
  }

  /** Stops listening: signals do again what they do by default. */
  dispose(): void {
    for (const [signal, listener] of this.listeners) process.off(signal, listener);
  }
}
