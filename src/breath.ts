/** What the hosts have for this, each in its way: Node the first, browsers the second. */
interface Turns {
  setImmediate?(callback: () => void): unknown;
  MessageChannel?: new () => { readonly port1: Port; readonly port2: Port };
  setTimeout(callback: () => void, milliseconds: number): unknown;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Milliseconds of work after which the host gets its turn: short of two frames of a page, an update of tens of milliseconds included. */
const milliseconds = 30;

/** Resolves after the host has had a turn of its event loop: for signals, timers, messages, a page's frames. */
export function hostTurn(): Promise<void> {
  const { setImmediate, MessageChannel, setTimeout } = globalThis as unknown as Turns;
  return new Promise((resolve) => {
    if (setImmediate !== undefined) setImmediate(resolve);
    else if (MessageChannel === undefined) setTimeout(resolve, 0);
    else {
      // Nested timers wait for at least 4 ms in browsers; messages do not.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }
  });
}

/** Long work that lets its host live: between two parts of it, `if (breath.isDue) await breath.take()`. */
export class Breath {
  private taken = performance.now();

  /** Whether the last one is long enough ago. */
  get isDue(): boolean {
    return performance.now() - this.taken >= milliseconds;
  }

  async take(): Promise<void> {
    await hostTurn();
    this.taken = performance.now();
  }
}
