import type { Worker } from "bullmq";
import { Interest } from "./interest.js";
import { prefix } from "./keys.js";
import type { Packages } from "./packages.js";
import { tellSweeps, wantedNow } from "./presence.js";
import { QueueError } from "./queueError.js";
import type { Server } from "./server.js";
import { Shelf } from "./shelf.js";
import { type Abilities, obstacle, queueNameOf, type Wants } from "./wants.js";

/** A queue that a worker takes trials from. */
export interface OfferedQueue {
  readonly name: string;
  readonly wants: Wants;
  readonly worker: Worker;
  readonly shelf: Shelf;
  readonly interest: Interest;
  /** Tells its sweeps something of this worker: what follows its name. */
  tell(what: string): Promise<void>;
}

/** What the server's sweeps offer a worker: of their queues those that it suits, each looked at once. */
export class Offers {
  private readonly known = new Map<string, OfferedQueue | "refused">();
  private present: readonly OfferedQueue[] = [];
  private first = true;
  private turn = 0;

  constructor(
    private readonly packages: Packages,
    private readonly server: Server,
    private readonly abilities: Abilities,
    private readonly worker: { readonly name: string; readonly lostAfter: number; readonly onTrouble: (sentence: string) => void },
  ) {}

  /** Looks what there is. Throws QueueError where, the first time, there are sweeps and this worker is for none of them. */
  async look(): Promise<void> {
    const wanted = await wantedNow(this.server);
    const refusals: string[] = [];
    const present: OfferedQueue[] = [];
    for (const wants of wanted) {
      const name = queueNameOf(wants);
      const known = this.known.get(name);
      if (known === undefined) {
        const why = await obstacle(wants, this.abilities);
        this.known.set(name, why === undefined ? this.join(name, wants) : "refused");
        if (why !== undefined) refusals.push(await this.refuse(wants, why));
      }
      const queue = this.known.get(name)!;
      if (queue !== "refused") present.push(queue);
    }
    this.present = present;
    const isRefused = this.first && wanted.length > 0 && present.length === 0;
    this.first = false;
    if (isRefused) throw new QueueError("refused", refusals.join("\n"));
    for (const sentence of refusals) this.worker.onTrouble(sentence);
  }

  /** The queues, another first each time. */
  inTurn(): OfferedQueue[] {
    const { present } = this;
    const from = this.turn++ % Math.max(1, present.length);
    return [...present.slice(from), ...present.slice(0, from)];
  }

  async close(): Promise<void> {
    for (const queue of this.known.values()) if (queue !== "refused") await queue.worker.close(true);
  }

  private async refuse(wants: Wants, why: string): Promise<string> {
    // Whether or not they hear it, this worker is not for them.
    await this.tell(wants, `takes no trial of this sweep: ${why}`).catch(() => {});
    return `a sweep on ${this.server.place} is not for this worker: ${why}`;
  }

  private tell(wants: Wants, what: string): Promise<void> {
    return tellSweeps(this.server, wants, `the worker ${this.worker.name} ${what}`);
  }

  private join(name: string, wants: Wants): OfferedQueue {
    const { lostAfter } = this.worker;
    const worker = new this.packages.Worker(name, null, {
      connection: this.server.client,
      prefix,
      skipVersionCheck: true,
      name: this.worker.name,
      autorun: false,
      lockDuration: lostAfter,
      stalledInterval: Math.ceil(lostAfter / 2),
      // A trial whose workers are lost again and again is given up by the worker that takes it next.
      maxStalledCount: 1_000_000_000,
    });
    // The server tells its troubles itself.
    worker.on("error", () => {});
    void worker.startStalledCheckTimer();
    const tell = (what: string): Promise<void> => this.tell(wants, what);
    return { name, wants, worker, shelf: new Shelf(this.server, name), interest: new Interest(this.server, name), tell };
  }
}
