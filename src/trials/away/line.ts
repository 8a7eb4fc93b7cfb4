import { packError, unpackError } from "./errors.js";

/** What a thread says and hears: a Worker, seen from outside or from inside. */
export interface Port {
  /** Throws for what cannot be cloned. */
  post(message: unknown): void;
  /** Called with every message from now on. */
  listen(hear: (message: unknown) => void): void;
}

type Message =
  | { readonly kind: "call"; readonly id: number; readonly name: string; readonly given: readonly unknown[] }
  | { readonly kind: "returned"; readonly id: number; readonly value: unknown }
  /** `home`: the call that the other side had answered with this very error. */
  | { readonly kind: "thrown"; readonly id: number; readonly error: unknown; readonly home?: number };

/** How many errors each side keeps of those that it has answered with. */
const KEPT = 100;

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * One end of a line between two threads. Each side calls functions that the other one has, by name, and gets a promise of what they return
 * or of the error that they throw, its class kept; an error that comes back to the side where it was thrown is the very same again.
 */
export class Line {
  private readonly pending = new Map<number, Pending>();
  private next = 0;
  /** What this side has answered calls with, by their ids. */
  private readonly thrown = new Map<number, unknown>();
  /** The calls that were answered with errors of the other side. */
  private readonly homes = new WeakMap<Error, number>();
  private broken: Error | undefined;

  /** `answer` is called for what the other side calls. */
  constructor(
    private readonly port: Port,
    answer: (name: string, given: readonly unknown[]) => unknown,
  ) {
    port.listen((heard) => {
      // What was under way when the line broke comes too late: nobody would take the answer.
      if (this.broken !== undefined) return;
      const message = heard as Message;
      if (message.kind === "call") void this.answer(message.id, () => answer(message.name, message.given));
      else {
        const asked = this.pending.get(message.id);
        this.pending.delete(message.id);
        if (message.kind === "returned") asked?.resolve(message.value);
        else asked?.reject(this.received(message));
      }
    });
  }

  /** Rejects with what the function throws, with a DataCloneError for what cannot be sent, or with what broke the line. */
  call(name: string, ...given: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.broken !== undefined) {
        reject(this.broken);
        return;
      }
      const id = this.next++;
      this.port.post({ kind: "call", id, name, given } satisfies Message);
      this.pending.set(id, { resolve, reject });
    });
  }

  /** No answer will come any more: everything that is waited for is rejected, and nothing is done for the other side. */
  break(error: Error): void {
    if (this.broken !== undefined) return;
    this.broken = error;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }

  private async answer(id: number, work: () => unknown): Promise<void> {
    let message: Message;
    try {
      message = { kind: "returned", id, value: await work() };
    } catch (error) {
      message = this.refused(id, error);
    }
    try {
      this.port.post(message);
    } catch (error) {
      // A value that cannot be cloned is the caller's failure, who would wait for ever.
      this.port.post(this.refused(id, error));
    }
  }

  private refused(id: number, error: unknown): Message {
    const home = error instanceof Error ? this.homes.get(error) : undefined;
    this.thrown.set(id, error);
    const [oldest] = this.thrown.keys();
    if (this.thrown.size > KEPT) this.thrown.delete(oldest);
    return { kind: "thrown", id, error: packError(error), ...(home !== undefined && { home }) };
  }

  private received({ id, error: packed, home }: Message & { readonly kind: "thrown" }): unknown {
    if (home !== undefined && this.thrown.has(home)) return this.thrown.get(home);
    const error = unpackError(packed);
    this.homes.set(error, id);
    return error;
  }
}
